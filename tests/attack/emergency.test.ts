import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Answer } from "../client.ts";
import { lettersTo } from "../mail-ground.ts";
import { proves } from "../proves.ts";
import { at, keyOf, type Staff, supportGround, type SupportGround } from "../support-ground.ts";
import { less, mattersOn } from "./take-away.ts";

// Coming in without the organization's consent takes two operators, is to read for an hour, and is told to the owners at once. It is off
// unless the installation allows it, and the organization may refuse it for good.

proves("IAM-13", "AUD-7");

let ground: SupportGround;

beforeAll(async () => {
  ground = await supportGround();
});
afterAll(() => ground.server.stop());
beforeEach(async () => {
  const { ops, superuser, acme } = ground;
  await ops.query("select kernel.allow_emergencies(false)");
  await ops.query("select kernel.allow_emergencies(true)");
  await superuser.query("delete from kernel.emergency_refusal");
  // As if a day had gone by: three a day are the most.
  await superuser.query(
    "update kernel.support_grant set asked_at = asked_at - interval '1 day' where tenant_id = $1",
    [acme.id],
  );
});

const matters = mattersOn(() => ground.superuser);
const body = { organization: "acme", reason: "Records are being lost", reference: "INC-1" };
const ask = (staff: Staff, more: object = {}): Promise<Answer> =>
  staff.browser.post("/auth/support/emergencies", { ...body, ...more });
const confirm = (staff: Staff, id: string): Promise<Answer> =>
  staff.browser.post(`/auth/support/emergencies/${id}/confirm`);
const rows = async (text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
  (await ground.superuser.query(text, values)).rows;

async function two(): Promise<[Staff, Staff]> {
  return [await ground.operator(), await ground.operator()];
}

/** Both have said yes. */
async function broken(): Promise<{ first: Staff; second: Staff; id: string }> {
  const [first, second] = await two();
  const { status, json } = await ask(first);
  expect([status, json.type]).toEqual([201, undefined]);
  expect((await confirm(second, json.id)).status).toBe(204);
  return { first, second, id: json.id };
}

describe("an emergency", () => {
  test("is asked for by one, confirmed by another, to read for an hour, and stands in both logs", async () => {
    const [first, second] = await two();
    const { json } = await ask(first);
    expect(await ground.looks(first.browser)).toEqual([404, "not-found"]);
    const waiting = (await second.browser.get("/auth/support")).json.emergencies;
    expect(waiting).toEqual([{ id: json.id, operator: first.email, askedAt: expect.any(String), ...body }]);
    expect((await first.browser.get("/auth/support")).json).toMatchObject({
      emergencyAllowed: true,
      emergencies: [],
      grants: [{ id: json.id, state: "asked", emergency: true, askedAt: expect.any(String) }],
    });
    // Whether emergencies are allowed is the staff's to know.
    expect((await ground.acme.browser.get("/auth/support")).json).toEqual({
      operator: false,
      emergencyAllowed: false,
      lendable: [],
      lentByDefault: [],
      grants: [],
      emergencies: [],
    });
    expect((await confirm(second, json.id)).status).toBe(204);
    expect(await ground.looks(first.browser)).toEqual([200, ""]);
    expect(await ground.looks(second.browser)).toEqual([404, "not-found"]);
    const me = (await first.browser.get("/auth/me")).json.organizations;
    expect(me.find(({ slug }: { slug: string }) => slug === "acme")).toMatchObject({
      roles: ["support"],
      permissions: expect.not.arrayContaining(["audit.read"]),
      support: { grant: json.id, reason: body.reason, emergency: true },
    });
    const shown = (await ground.acme.browser.get(at("/support-grants?state=live&emergency=true"))).json.items;
    const others = (await ground.acme.browser.get(at("/support-grants?emergency=false"))).json.items;
    expect(others.filter(({ emergency }: { emergency: boolean }) => emergency)).toEqual([]);
    expect(shown[0]).toMatchObject({ id: json.id, emergency: true, hours: 1, operatorEmail: first.email });
    const left = (Date.parse(shown[0].until) - Date.now()) / 60_000;
    expect([left > 58, left <= 60]).toEqual([true, true]);
    const trail = await ground.acme.browser.get(at(`/audit-events?resourceId=${json.id}`));
    expect(
      trail.json.items.map(({ action, actorEmail, severity }: Record<string, string>) => [
        action,
        actorEmail,
        severity,
      ]),
    ).toEqual([
      ["enter", `${first.email} (support ${json.id})`, "critical"],
      ["confirm-emergency", `${second.email} (support ${json.id})`, "critical"],
      ["ask-emergency", `${first.email} (support ${json.id})`, "critical"],
    ]);
    const [log] = (await ground.ops.query("select items from kernel.emergencies()")).rows;
    expect(log.items[0]).toMatchObject({
      id: json.id,
      organization: "acme",
      operator: first.email,
      confirmedBy: second.email,
      firstUsedAt: expect.any(String),
    });
  });

  test("is told to the owners when it is asked for, given and used, and to nobody else of them", async () => {
    const { first, second, id } = await broken();
    await ground.looks(first.browser);
    const told = await rows(
      "select kind, person_id, mail_to, details ->> 'confirmedBy' as by from kernel.notice where details ->> 'grant' = $1 order by id",
      [id],
    );
    const { personId: person_id, email: mail_to } = ground.acme.owner;
    expect(told).toEqual([
      { kind: "emergency-asked", person_id, mail_to, by: null },
      { kind: "emergency-granted", person_id, mail_to, by: second.email },
      { kind: "support-used", person_id, mail_to, by: second.email },
    ]);
    expect(await lettersTo(ground.server.database, "nobody@nowhere.example")).toEqual([]);
  });

  test("reads, and does nothing else: no change, export, trail, key, role, member, factor, sign-in or grant", async () => {
    const { first } = await broken();
    const { browser } = first;
    const made = (await ground.acme.browser.get(at("/contacts"))).json.items[0];
    const member = ground.acme.owner.memberId;
    const directory = { name: "Mine", defaultRole: null, roleMapping: {}, domains: [] };
    const tries: readonly (readonly [string, () => Promise<Answer>])[] = [
      ["create", () => browser.post(at("/contacts"), { firstName: "X" })],
      [
        "change",
        () => browser.patch(at(`/contacts/${made.id}`), { doNotCall: false }, { version: made.version }),
      ],
      ["export", () => browser.get(at("/contacts/export.csv"))],
      ["trail", () => browser.get(at("/audit-events"))],
      ["outbox", () => browser.get(at("/outbox"))],
      ["key", () => browser.post(at("/keys"), { name: "Mine" })],
      ["role", () => browser.post(at("/roles"), { label: "Mine", permissions: ["contact.read"] })],
      ["member", () => browser.patch(at(`/members/${member}`), { roles: ["viewer"] })],
      ["invite", () => browser.post(at("/invitations"), { email: "x@y.example", roles: ["viewer"] })],
      ["factors", () => browser.post(at(`/members/${member}/reset-factors`))],
      ["policy", () => browser.patch(at("/security"), { mfaRoles: null }, { version: 1 })],
      ["networks", () => browser.get(at("/security"))],
      ["provider", () => browser.post(at("/sso-connections"), { kind: "oidc", name: "Mine" })],
      ["directory", () => browser.post(at("/scim-connections"), directory)],
      ["grant", () => browser.post(at("/support-grants"), { operator: first.email, reason: "x", hours: 24 })],
      ["grants", () => browser.get(at("/support-grants"))],
      ["refusal", () => browser.patch(at("/support-policy"), { emergencyRefused: false })],
      ["organization", () => browser.patch(at("/organization"), { name: "Mine" }, { version: 1 })],
      ["account", () => browser.post(at("/service-accounts"), { name: "Mine", roles: ["viewer"] })],
    ];
    const answers: unknown[] = [];
    for (const [what, attempt] of tries) answers.push([what, ...keyOf(await attempt())]);
    expect(answers).toEqual(tries.map(([what]) => [what, 403, "not-allowed"]));
    // What a program of theirs may is the same, and ends with it.
    const pair = await browser.post("/auth/tokens", { organization: "acme" });
    const program = ground.server.bearer(pair.json.accessToken);
    expect(keyOf(await program.get(at("/contacts/export.csv")))).toEqual([403, "not-allowed"]);
    expect(await ground.looks(program)).toEqual([200, ""]);
    await ground.acme.browser.patch(at("/support-policy"), { emergencyRefused: true });
    expect(await ground.looks(program)).toEqual([401, "not-signed-in"]);
  });

  test("is confirmed by nobody but another operator who has just shown a second factor", async () => {
    const [first, second] = await two();
    const { json } = await ask(first);
    expect(keyOf(await confirm(first, json.id))).toEqual([409, "wrong-state"]);
    const outsider = await ground.server.person(ground.platform, "owner");
    await ground.provedByFactor(outsider.token, 0);
    expect(keyOf(await confirm(outsider, json.id))).toEqual([404, "not-found"]);
    expect((await outsider.browser.get("/auth/support")).json.emergencies).toEqual([]);
    expect(keyOf(await confirm(await ground.operator(false), json.id))).toEqual([
      403,
      "second-factor-needed",
    ]);
    await ground.provedByFactor(second.token, 11);
    expect(keyOf(await confirm(second, json.id))).toEqual([403, "fresh-proof-needed"]);
    // The same person in another browser is the same person.
    const again = { ...first, browser: ground.server.browserOf(first.token) };
    expect(keyOf(await confirm(again, json.id))).toEqual([409, "wrong-state"]);
    expect(await ground.looks(first.browser)).toEqual([404, "not-found"]);
  });

  test("is confirmed once: fifty at the same time make one, and a confirmation is good for nothing after its end", async () => {
    const [first, second] = await two();
    const third = await ground.operator();
    const { json } = await ask(first);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, number) => confirm(number % 2 === 0 ? second : third, json.id)),
    );
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(49);
    expect(await ground.looks(first.browser)).toEqual([200, ""]);
    expect((await ground.acme.browser.delete(at(`/support-grants/${json.id}`))).status).toBe(204);
    expect(await ground.looks(first.browser)).toEqual([404, "not-found"]);
    for (const staff of [second, third, first])
      expect(keyOf(await confirm(staff, json.id))).toEqual([409, "wrong-state"]);
    expect(await ground.looks(first.browser)).toEqual([404, "not-found"]);
  });

  test("waits for half an hour, and ends after one, with no job having run", async () => {
    const [first, second] = await two();
    const { json } = await ask(first);
    await rows("update kernel.support_grant set asked_at = asked_at - interval '31 min' where id = $1", [
      json.id,
    ]);
    expect((await second.browser.get("/auth/support")).json.emergencies).toEqual([]);
    expect(keyOf(await confirm(second, json.id))).toEqual([409, "wrong-state"]);
    // Nobody refused it, and the job that tidies up does not say so.
    const shown = async (): Promise<unknown> =>
      (await ground.acme.browser.get(at("/support-grants?emergency=true&limit=1"))).json.items[0];
    expect(await shown()).toMatchObject({ id: json.id, state: "lapsed", endedAt: null });
    await rows("select kernel.end_lapsed_support()");
    expect(await shown()).toMatchObject({ id: json.id, state: "lapsed", endedAt: expect.any(String) });
    const { first: inside, id } = await broken();
    expect(await ground.looks(inside.browser)).toEqual([200, ""]);
    await rows(
      "update kernel.support_grant set until = clock_timestamp(), given_at = given_at - interval '1 hour' where id = $1",
      [id],
    );
    await rows(
      "update kernel.membership set until = clock_timestamp() where person_id = $1 and until is not null",
      [inside.personId],
    );
    expect(await ground.looks(inside.browser)).toEqual([404, "not-found"]);
    expect(keyOf(await confirm(second, id))).toEqual([409, "wrong-state"]);
  });

  test("that the organization gives itself is a grant like any other; one that it refuses is over", async () => {
    const [first, second] = await two();
    const { json } = await ask(first);
    const given = await ground.acme.browser.post(at(`/support-grants/${json.id}/approve`), { hours: 4 });
    expect(given.json).toMatchObject({ state: "live", emergency: false, hours: 4 });
    expect(keyOf(await confirm(second, json.id))).toEqual([404, "not-found"]);
    await ground.acme.browser.delete(at(`/support-grants/${json.id}`));
    const again = await ask(first);
    expect((await ground.acme.browser.delete(at(`/support-grants/${again.json.id}`))).status).toBe(204);
    expect(keyOf(await confirm(second, again.json.id))).toEqual([409, "wrong-state"]);
  });

  test("wants a reason and a case, is asked for one at a time, and three times a day at most", async () => {
    const [first, second] = await two();
    expect((await ask(first, { reason: " " })).status).toBe(422);
    expect(
      (await first.browser.post("/auth/support/emergencies", { organization: "acme", reason: "x" })).status,
    ).toBe(422);
    for (let count = 0; count < 3; count += 1) {
      const { json } = await ask(first);
      expect(keyOf(await ask(second))).toEqual([409, "wrong-state"]);
      expect((await first.browser.delete(`/auth/support/${json.id}`)).status).toBe(204);
    }
    expect(keyOf(await ask(second))).toEqual([409, "wrong-state"]);
  });

  test("is nobody's who is no operator, who has no fresh second factor, or who belongs there", async () => {
    const [first] = await two();
    const outsider = await ground.server.person(ground.platform, "owner");
    await ground.provedByFactor(outsider.token, 0);
    const texts = await Promise.all(
      ["acme", "no-such-organization"].map(async (organization) =>
        (await ask(outsider, { organization })).text.replace(/urn:request:[0-9a-f-]{36}/, ""),
      ),
    );
    expect(texts[0]).toBe(texts[1]);
    expect(keyOf(await ask(await ground.operator(false)))).toEqual([403, "second-factor-needed"]);
    await ground.provedByFactor(first.token, 11);
    expect(keyOf(await ask(first))).toEqual([403, "fresh-proof-needed"]);
    const member = await ground.server.person(ground.acme, "viewer");
    await ground.ops.query("select kernel.add_operator($1)", [member.email]);
    await ground.provedByFactor(member.token, 0);
    expect(keyOf(await ask(member))).toEqual([409, "already-exists"]);
    const { id, second } = await broken();
    await ground.ops.query("select kernel.remove_operator($1)", [second.email]);
    expect(keyOf(await confirm(second, id))).toEqual([404, "not-found"]);
  });
});

describe("emergency access", () => {
  test("is off until the installation allows it, and ends when it is forbidden", async () => {
    const fresh = await ground.server.database.connectAsSuperuser();
    const { rows: byDefault } = await fresh.query(
      "select column_default from information_schema.columns where table_schema = 'kernel' and column_name = 'emergency_support'",
    );
    expect(byDefault).toEqual([{ column_default: "false" }]);
    const { first, second } = await broken();
    const waiting = await ask(second, { reference: "INC-2" });
    expect(await ground.looks(first.browser)).toEqual([200, ""]);
    const ended = await ground.ops.query("select kernel.allow_emergencies(false) as ended");
    expect(ended.rows).toEqual([{ ended: 2 }]);
    expect(await ground.looks(first.browser)).toEqual([404, "not-found"]);
    expect(keyOf(await confirm(first, waiting.json.id))).toEqual([409, "wrong-state"]);
    const answer = await ask(first);
    expect([...keyOf(answer), answer.json.detail]).toEqual([
      409,
      "wrong-state",
      "emergency access is not switched on in this installation",
    ]);
    expect((await ground.acme.browser.get(at("/support-policy"))).json).toMatchObject({
      emergencyRefused: false,
      emergencyPossible: false,
    });
  });

  test("that an organization refuses ends at once, comes back by its own word only, and is in its trail", async () => {
    const { first, second } = await broken();
    expect(await ground.looks(first.browser)).toEqual([200, ""]);
    const refuse = (emergencyRefused: boolean): Promise<Answer> =>
      ground.acme.browser.patch(at("/support-policy"), { emergencyRefused });
    expect((await refuse(true)).json).toEqual({ emergencyRefused: true, emergencyPossible: false });
    expect(await ground.looks(first.browser)).toEqual([404, "not-found"]);
    await ground.ops.query("select kernel.allow_emergencies(true)");
    expect([...keyOf(await ask(second)), (await ask(second)).json.detail]).toEqual([
      409,
      "wrong-state",
      "this organization has refused emergency access",
    ]);
    // A grant of the organization's own is another matter.
    const grant = await ground.granted(first.email);
    expect(await ground.looks(first.browser)).toEqual([200, ""]);
    await ground.acme.browser.delete(at(`/support-grants/${grant.id}`));
    expect((await refuse(false)).json).toEqual({ emergencyRefused: false, emergencyPossible: true });
    const { json } = await ground.acme.browser.get(at("/audit-events?resourceType=support-policy&limit=2"));
    expect(json.items.map(({ severity, after }: Record<string, unknown>) => [severity, after])).toEqual([
      ["critical", { emergencyRefused: false }],
      ["critical", { emergencyRefused: true }],
    ]);
    const manager = await ground.server.person(ground.acme, "manager");
    expect(keyOf(await manager.browser.get(at("/support-policy")))).toEqual([403, "not-allowed"]);
    expect(keyOf(await manager.browser.patch(at("/support-policy"), { emergencyRefused: true }))).toEqual([
      403,
      "not-allowed",
    ]);
  });
});

const asked = async (): Promise<string> => {
  const [first, second] = await two();
  const { status, json } = await ask(first);
  return status === 201 ? String((await confirm(second, json.id)).status) : String(status);
};

matters(
  "emergency-four-eyes",
  "the demand that somebody else confirms an emergency",
  // Without it, the table's check is left.
  ["409", "422"],
  async () => {
    await rows("update kernel.support_grant set ended_at = now() where emergency and given_at is null");
    const first = await ground.operator();
    const { json } = await ask(first);
    return String((await confirm(first, json.id)).status);
  },
  less("kernel.confirm_emergency(bytea,uuid,uuid,inet,text)", [
    "g.id = grant_id and g.person_id = session.person_id)",
    "false)",
  ]),
);

matters(
  "emergency-off",
  "the installation's switch",
  ["409", "204"],
  async () => {
    await ground.ops.query("select kernel.allow_emergencies(false)");
    return asked();
  },
  less("kernel.demand_emergency(uuid)", [
    "if not (select i.emergency_support from kernel.installation i) then",
    "if false then",
  ]),
);

matters(
  "emergency-refusal",
  "the organization's refusal",
  ["409", "204"],
  async () => {
    await rows("insert into kernel.emergency_refusal (tenant_id) values ($1) on conflict do nothing", [
      ground.acme.id,
    ]);
    return asked();
  },
  less("kernel.demand_emergency(uuid)", ["where r.tenant_id = demand_emergency.tenant)", "where false)"]),
);

matters(
  "emergency-once",
  "that an emergency is confirmed once and while it waits",
  ["409", "204"],
  async () => {
    const { first, id } = await broken();
    await ground.acme.browser.delete(at(`/support-grants/${id}`));
    expect((await ground.looks(first.browser))[0]).toBe(404);
    return String((await confirm(await ground.operator(), id)).status);
  },
  less("kernel.confirm_emergency(bytea,uuid,uuid,inet,text)", [
    "and g.given_at is null and g.ended_at is null",
    "",
  ]),
);
