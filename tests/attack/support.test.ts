import type { Client as Database } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../../server/foundation/ids/index.ts";
import type { Answer, Client } from "../client.ts";
import { boundAs, enter, type Member } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { testServer, type TestServer } from "../server.ts";
import { codeOf, outcome, valueOf } from "./attack-ground.ts";
import { clientsCount, many, race } from "./race.ts";
import { less, mattersOn } from "./take-away.ts";

// The platform's staff reach an organization by its grant and in no other way: while it lives, for what it names, in its trail.

proves("IAM-13", "IAM-16", "AUD-7");

let server: TestServer;
let acme: Awaited<ReturnType<TestServer["organization"]>>;
let platform: Awaited<ReturnType<TestServer["organization"]>>;
let superuser: Database;
let ops: Database;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  platform = await server.organization("platform");
  superuser = await server.database.connectAsSuperuser();
  ops = await server.database.connectAs("ops");
  await acme.browser.post(at("/contacts"), { firstName: "Ada" });
});
afterAll(() => server.stop());

const matters = mattersOn(() => superuser);
const at = (path: string): string => `/o/acme/v1${path}`;
const keyOf = ({ status, json }: Answer): [number, string] => [
  status,
  String(json?.type ?? "").replace(/^.*\//, ""),
];
const why = { reason: "The import of Monday", hours: 4, reference: "CASE-7" };

type Staff = Member & { readonly browser: Client };

/** Somebody of the platform's staff, with a second factor behind the session. */
async function operator(secondFactor = true): Promise<Staff> {
  const person = await server.person(platform, "viewer");
  await ops.query("select kernel.add_operator($1)", [person.email]);
  if (secondFactor) {
    await superuser.query("update kernel.credential set second_factor_at = now() where digest = $1", [
      sha256(sha256(person.token)),
    ]);
  }
  return person;
}

async function granted(
  staff: Member,
  more: object = {},
  by: Client = acme.browser,
): Promise<{ id: string; until: string }> {
  const { status, json } = await by.post(at("/support-grants"), { operator: staff.email, ...why, ...more });
  expect([status, json.type]).toEqual([201, undefined]);
  return json;
}

async function inside(more: object = {}): Promise<Staff & { grant: { id: string; until: string } }> {
  const staff = await operator();
  return { ...staff, grant: await granted(staff, more) };
}

const seeing = async (staff: Staff): Promise<number> => (await staff.browser.get(at("/contacts"))).status;
const endLess = (grant: { id: string }): Promise<Answer> =>
  acme.browser.delete(at(`/support-grants/${grant.id}`));

const kinds = ["account", "contact", "import", "own_field"];
const lentByDefault = ["organization.read", "member.read", "role.read", ...kinds.map((of) => `${of}.read`)];
const ofRecords = kinds.flatMap((of) => ["archive", "change", "create", "read"].map((act) => `${of}.${act}`));
/** All that a grant may name, as screens offer it. */
const lendable = ["organization.read", "member.read", "role.read", "audit.read", ...ofRecords];

describe("an operator", () => {
  test("is nobody in an organization that has granted nothing", async () => {
    const staff = await operator();
    expect(await seeing(staff)).toBe(404);
    expect((await staff.browser.get("/auth/me")).json.organizations).toHaveLength(1);
    expect((await staff.browser.get("/auth/support")).json).toEqual({
      operator: true,
      emergencyAllowed: false,
      lendable,
      lentByDefault,
      grants: [],
      emergencies: [],
    });
    expect((await acme.browser.get(at("/support-policy"))).json).toMatchObject({ lendable, lentByDefault });
  });

  test("asks, is let in to read, is seen in the trail under both names, and is out when it is ended", async () => {
    const staff = await operator();
    const asked = await staff.browser.post("/auth/support", { organization: "acme", ...why });
    expect(asked.status).toBe(201);
    expect(await seeing(staff)).toBe(404);
    const list = await acme.browser.get(at("/support-grants?state=asked"));
    expect(list.json.items[0]).toMatchObject({
      id: asked.json.id,
      operatorEmail: staff.email,
      operatorName: "Somebody",
      ...why,
    });
    const given = await acme.browser.post(at(`/support-grants/${asked.json.id}/approve`), { hours: 1 });
    expect(given.json).toMatchObject({
      state: "live",
      hours: 1,
      givenBy: expect.any(String),
      firstUsedAt: null,
    });
    expect(await seeing(staff)).toBe(200);
    const me = (await staff.browser.get("/auth/me")).json.organizations;
    expect(me.find(({ slug }: { slug: string }) => slug === "acme")).toMatchObject({
      roles: ["support"],
      support: { grant: asked.json.id, until: expect.any(String), reason: why.reason },
    });
    expect(me.find(({ slug }: { slug: string }) => slug === "platform").support).toBeNull();
    const again = await acme.browser.post(at(`/support-grants/${asked.json.id}/approve`), {});
    expect(again.status).toBe(409);
    expect((await endLess(asked.json)).status).toBe(204);
    expect(await seeing(staff)).toBe(404);
    expect((await staff.browser.get("/auth/me")).json.organizations).toHaveLength(1);
    const trail = await acme.browser.get(at(`/audit-events?resourceId=${asked.json.id}`));
    const label = `${staff.email} (support ${asked.json.id})`;
    expect(
      trail.json.items.map(({ action, actorEmail, severity }: Record<string, string>) => [
        action,
        actorEmail,
        severity,
      ]),
    ).toEqual([
      ["end", acme.owner.email, "warning"],
      ["enter", label, "critical"],
      ["grant", acme.owner.email, "critical"],
      ["ask", label, "warning"],
    ]);
    const past = await acme.browser.get(at("/support-grants?state=past"));
    expect(past.json.items[0]).toMatchObject({
      state: "ended",
      endedWhy: "revoked",
      firstUsedAt: expect.any(String),
    });
  });

  test("writes what the grant names, and each row of the trail bears the grant", async () => {
    const staff = await inside({
      permissions: ["contact.read", "contact.create", "own_field.read", "account.read"],
    });
    const made = await staff.browser.post(at("/contacts"), { firstName: "Made by support" });
    expect(made.status).toBe(201);
    const { rows } = await superuser.query(
      "select actor_email, actor_id from kernel.audit_event where resource_id = $1",
      [made.json.id],
    );
    expect(rows).toEqual([
      { actor_email: `${staff.email} (support ${staff.grant.id})`, actor_id: staff.personId },
    ]);
    const refused = await staff.browser.patch(
      at(`/contacts/${made.json.id}`),
      { title: "X" },
      { version: 1 },
    );
    expect(keyOf(refused)).toEqual([403, "not-allowed"]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const noted = await superuser.query(
      "select actor_email from kernel.audit_event where action = 'refused' and actor_id = $1",
      [staff.personId],
    );
    expect(noted.rows[0]?.actor_email).toContain("(support ");
  });

  test("never gets at keys, roles, members, sign-in, other grants, mail, exports or erasure", async () => {
    const staff = await operator();
    const { rows } = await superuser.query<{ key: string }>("select key from kernel.permission order by key");
    const lent: string[] = [];
    for (const { key } of rows) {
      const { status, json } = await acme.browser.post(at("/support-grants"), {
        operator: staff.email,
        ...why,
        permissions: [key],
      });
      if (status === 201) lent.push(key);
      if (status === 201) await endLess(json);
      else expect([key, status]).toEqual([key, 422]);
    }
    expect(lent.toSorted()).toEqual(lendable.toSorted());
  });

  test("is let in by nobody for more than they hold, nor for longer than a day", async () => {
    const staff = await operator();
    const role = await acme.browser.post(at("/roles"), {
      label: "Grants only",
      permissions: ["support.grant", "support.read", "contact.read"],
    });
    const person = await server.person(acme, "viewer");
    await acme.browser.patch(at(`/members/${person.memberId}`), { roles: [role.json.name] });
    const body = { operator: staff.email, ...why };
    expect((await person.browser.post(at("/support-grants"), body)).status).toBe(403);
    const own = await person.browser.post(at("/support-grants"), { ...body, permissions: ["contact.read"] });
    expect(own.status).toBe(201);
    await endLess(own.json);
    expect((await acme.browser.post(at("/support-grants"), { ...body, hours: 25 })).status).toBe(422);
    expect((await acme.browser.post(at("/support-grants"), { ...body, reason: " " })).status).toBe(422);
  });

  test("without a second factor comes in nowhere, nor asks", async () => {
    const staff = await operator(false);
    await granted(staff);
    expect(keyOf(await staff.browser.get(at("/contacts")))).toEqual([403, "second-factor-needed"]);
    const asked = await staff.browser.post("/auth/support", { organization: "acme", ...why });
    expect(keyOf(asked)).toEqual([403, "second-factor-needed"]);
  });

  test("keeps to the organization's networks, and is no member to be given roles or removed as one", async () => {
    const staff = await inside();
    const memberId = (await staff.browser.get("/auth/me")).json.organizations.find(
      ({ slug }: { slug: string }) => slug === "acme",
    ).memberId;
    expect((await acme.browser.patch(at(`/members/${memberId}`), { roles: ["admin"] })).status).toBe(404);
    expect((await acme.browser.delete(at(`/members/${memberId}`))).status).toBe(404);
    expect((await acme.browser.get(at("/members?limit=200&state=all"))).text).not.toContain(memberId);
    await superuser.query("update kernel.tenant set networks = '{10.0.0.0/8}' where slug = 'acme'");
    const outside = keyOf(await staff.browser.get(at("/contacts")));
    await superuser.query(
      "update kernel.tenant set networks = null, sso_enforced = true where slug = 'acme'",
    );
    const bySso = await seeing(staff);
    await superuser.query("update kernel.tenant set sso_enforced = false where slug = 'acme'");
    expect([outside, bySso]).toEqual([[403, "address-not-allowed"], 200]);
  });

  test("who is no operator any more is out at once, everywhere", async () => {
    const staff = await inside();
    expect(await seeing(staff)).toBe(200);
    await ops.query("select kernel.remove_operator($1)", [staff.email]);
    expect(await seeing(staff)).toBe(404);
    expect((await staff.browser.get("/auth/support")).json).toEqual({
      operator: false,
      emergencyAllowed: false,
      lendable: [],
      lentByDefault: [],
      grants: [],
      emergencies: [],
    });
    expect((await granted(staff)).until).toEqual(expect.any(String));
    expect(await seeing(staff)).toBe(404);
  });

  test("gives a grant back, and may be let in anew", async () => {
    const staff = await inside();
    expect(await seeing(staff)).toBe(200);
    expect((await staff.browser.delete(`/auth/support/${staff.grant.id}`)).status).toBe(204);
    expect(await seeing(staff)).toBe(404);
    await granted(staff);
    expect(await seeing(staff)).toBe(200);
  });

  test("invited as a member afterwards is one, with nothing left of the grant", async () => {
    const staff = await inside();
    await endLess(staff.grant);
    await superuser.query(
      "update kernel.membership set roles = '{viewer}', ended_at = null where person_id = $1 and roles = '{support}'",
      [staff.personId],
    );
    const { rows } = await superuser.query(
      "select m.until, m.permissions = kernel.permissions_of(m.tenant_id, '{viewer}') as viewer from kernel.membership m where m.person_id = $1 and m.tenant_id = $2",
      [staff.personId, acme.id],
    );
    expect(rows).toEqual([{ until: null, viewer: true }]);
  });
});

describe("nobody learns who belongs to the platform's staff", () => {
  test("by granting: an address that nobody has answers alike, and lets nobody in", async () => {
    const outsider = await server.person(await server.organization("elsewhere"), "owner");
    const staff = await operator();
    const answers: string[] = [];
    for (const address of [staff.email, outsider.email, "nobody@nowhere.example"]) {
      const { status, json } = await acme.browser.post(at("/support-grants"), { operator: address, ...why });
      const { id, operatorEmail, until, givenAt, ...rest } = json;
      answers.push(JSON.stringify([status, Object.keys(json), rest]));
      expect([id, operatorEmail, until, givenAt].every((value) => typeof value === "string")).toBe(true);
      const twice = await acme.browser.post(at("/support-grants"), { operator: address, ...why });
      expect(keyOf(twice)).toEqual([409, "wrong-state"]);
    }
    expect(new Set(answers).size).toBe(1);
    expect(await seeing({ ...outsider })).toBe(404);
  });

  test("by asking: who is no operator is told the same of every organization", async () => {
    const outsider = await server.person(platform, "admin");
    const texts = await Promise.all(
      ["acme", "no-such-organization"].map(async (organization) => {
        const { status, text } = await outsider.browser.post("/auth/support", { organization, ...why });
        return [status, text.replace(/urn:request:[0-9a-f-]{36}/, "")];
      }),
    );
    expect(texts[0]).toEqual(texts[1]);
    expect(texts[0]?.[0]).toBe(404);
  });
});

describe("the end of a grant", () => {
  test("holds at once for 64 clients that are in the middle of using it", async () => {
    const staff = await inside();
    const { after, before } = await race(
      many(() => server.browserOf(staff.token)),
      at("/contacts"),
      async () => (await endLess(staff.grant)).status,
    );
    expect(before).toBeGreaterThan(clientsCount);
    expect([...after.keys()]).toEqual([404]);
    expect((await staff.browser.get("/auth/me")).status).toBe(200);
  });

  test("by the clock holds at once for 64 clients, with no job having run", async () => {
    const staff = await inside();
    const { after, before } = await race(
      many(() => server.browserOf(staff.token)),
      at("/contacts"),
      async () => {
        await lapse(staff);
        return 200;
      },
    );
    expect(before).toBeGreaterThan(clientsCount);
    expect([...after.keys()]).toEqual([404]);
    const worker = await server.database.connectAs("worker");
    await worker.query("select kernel.schedule_jobs()");
    const { json } = await acme.browser.get(at("/support-grants?state=past"));
    expect(json.items[0]).toMatchObject({ id: staff.grant.id, state: "lapsed", endedWhy: "lapsed" });
  });

  test("two grants to one operator at the same time make one", async () => {
    const staff = await operator();
    const admins = await Promise.all([server.person(acme, "admin"), server.person(acme, "admin")]);
    const answers = await Promise.all(
      admins.map(({ browser }) => browser.post(at("/support-grants"), { operator: staff.email, ...why })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
  });
});

/** Its time is over, as if hours had gone by. */
async function lapse(staff: Member): Promise<void> {
  await superuser.query(
    "update kernel.support_grant set until = clock_timestamp(), given_at = given_at - interval '5 hours' where person_id = $1 and ended_at is null",
    [staff.personId],
  );
  await superuser.query(
    "update kernel.membership set until = clock_timestamp() where person_id = $1 and until is not null",
    [staff.personId],
  );
}

const supportEnters = "kernel.support_enters(uuid,uuid,uuid,uuid,inet,text,text)";
const stillStaff = "join kernel.operator o on o.person_id = g.person_id and o.ended_at is null";
const enterOtherwise =
  "kernel.enter_otherwise(boolean,boolean,text[],text[],text[],uuid,uuid,uuid,uuid,uuid,inet,text,text)";

/** As the server does before it enters for one of the staff. */
async function writeLook(api: Database, { token }: Member, needs: readonly string[]): Promise<void> {
  await api.query("select kernel.write_look($1, 'acme', $2, null, null, 'a test', null)", [
    sha256(token),
    needs,
  ]);
}

async function run(staff: Member, needs: readonly string[], text: string): Promise<string> {
  const api = await server.database.connectAs("api");
  try {
    await writeLook(api, staff, needs);
    return await boundAs(api, { token: staff.token, slug: "acme", needs }, () => outcome(api, text));
  } catch (error) {
    return codeOf(error);
  } finally {
    await api.end();
  }
}
const contacts = "select from app.contact where first_name = 'Ada'";
const reads = (staff: Member): Promise<string> => run(staff, ["contact.read"], contacts);

matters(
  "support-lapse",
  "the look at a grant's end when somebody enters",
  ["RF404", "1 row"],
  async () => {
    const staff = await inside();
    await superuser.query(
      "update kernel.membership set until = clock_timestamp() where person_id = $1 and until is not null",
      [staff.personId],
    );
    // In a moment, so that the binding that is made does not outlive it.
    const seen = await reads(staff);
    return seen === "42501" ? "1 row" : seen;
  },
  less(enterOtherwise, ["or lent <= clock_timestamp()", ""]),
);

matters(
  "support-grant",
  "the demand for a live grant beside the membership",
  ["RF404", "1 row"],
  async () => {
    const staff = await inside();
    await superuser.query("update kernel.support_grant set ended_at = now() where id = $1", [staff.grant.id]);
    return reads(staff);
  },
  less(supportEnters, ["if lent.id is null then", "if false then"]),
);

matters(
  "support-open",
  "the look at a grant's end in each statement of a transaction that is open",
  ["42501", "1 row"],
  async () => {
    const staff = await inside();
    const api = await server.database.connectAs("api");
    await writeLook(api, staff, ["contact.read"]);
    await api.query("begin");
    await enter(api, staff.token, "acme", ["contact.read"]);
    await lapse(staff);
    const seen = await outcome(api, contacts);
    await api.query("rollback");
    return seen;
  },
  less("kernel.verified()", ["and coalesce(m.until > clock_timestamp(), true)", ""]),
);

matters(
  "support-pass",
  "the refusal to make passes for the platform's staff",
  ["none", "a pass"],
  async () => {
    const staff = await inside();
    const api = await server.database.connectAs("api");
    await writeLook(api, staff, ["contact.read"]);
    await api.query("begin");
    await enter(api, staff.token, "acme", ["contact.read"]);
    const pass = await valueOf(api, "select pass from kernel.mint_pass()");
    await api.query("rollback");
    return pass === null ? "none" : "a pass";
  },
  less("kernel.mint_pass()", ["m.ended_at, m.until) = 4", "m.ended_at) = 3"]),
);

matters(
  "support-factor",
  "the demand for an operator's second factor",
  ["RF403", "1 row"],
  async () => {
    const staff = await operator(false);
    await granted(staff);
    return reads(staff);
  },
  async (db) => {
    // The body is parsed when it is made, and printed by each version in its own way.
    const whole = String(
      await valueOf(db, "select pg_get_functiondef('kernel.gate(uuid,uuid,uuid,inet,text[])'::regprocedure)"),
    );
    const lacking = whole.replace("(m.until IS NOT NULL) AND (s.second_factor_at IS NULL)", "false");
    expect(lacking).not.toBe(whole);
    await db.query(lacking);
    return () => db.query(whole);
  },
);

matters(
  "support-scope",
  "the ceiling on what a grant names",
  ["403", "201"],
  async () => {
    const staff = await operator();
    const role = await acme.browser.post(at("/roles"), {
      label: `Grants ${staff.personId}`,
      permissions: ["support.grant", "support.read"],
    });
    const person = await server.person(acme, "viewer");
    await acme.browser.patch(at(`/members/${person.memberId}`), { roles: [role.json.name] });
    return String(
      (await person.browser.post(at("/support-grants"), { operator: staff.email, ...why })).status,
    );
  },
  less("kernel.open_support(uuid,uuid,text[],integer)", [
    "if not kernel.covers(kernel.held(), scope) then",
    "if false then",
  ]),
);

matters(
  "support-lendable",
  "the list of what is lent",
  ["422", "201"],
  async () => {
    const staff = await operator();
    const body = { operator: staff.email, ...why, permissions: ["key.create", "member.change"] };
    return String((await acme.browser.post(at("/support-grants"), body)).status);
  },
  less("kernel.open_support(uuid,uuid,text[],integer)", [
    "if not kernel.lendable(scope) then",
    "if false then",
  ]),
);

matters(
  "support-staff",
  "the demand that whoever is let in belongs to the staff",
  ["404", "200"],
  async () => {
    const person = await server.person(platform, "viewer");
    await superuser.query("update kernel.credential set second_factor_at = now() where digest = $1", [
      sha256(sha256(person.token)),
    ]);
    await granted(person);
    return String(await seeing(person));
  },
  async (db) => {
    const text = (
      asks: string,
    ): string => `create or replace function kernel.operator_of(address text) returns uuid language sql stable security definer
set search_path = pg_catalog, pg_temp begin atomic select p.id from kernel.person p where lower(p.email) collate "C" = lower(address) collate "C" and p.ended_at is null and ${asks}; end`;
    const whole = String(
      await valueOf(db, "select pg_get_functiondef('kernel.operator_of(text)'::regprocedure)"),
    );
    await db.query(text("true"));
    const restore = await less("kernel.open_support(uuid,uuid,text[],integer)", [
      "if found then",
      "if given.person_id is not null then",
    ])(db);
    const admitted = await less(supportEnters, [stillStaff, ""])(db);
    return async () => {
      await admitted();
      await restore();
      await db.query(whole);
    };
  },
);

matters(
  "support-dismissed",
  "the look at whether who comes in still belongs to the staff, whatever became of the grant",
  ["RF404", "1 row"],
  async () => {
    const staff = await inside();
    // As when somebody is let go at the very moment in which an organization gives a grant.
    await superuser.query("update kernel.operator set ended_at = now() where person_id = $1", [
      staff.personId,
    ]);
    return reads(staff);
  },
  less(supportEnters, [stillStaff, ""]),
);

matters(
  "support-confined",
  "the refusal of a session that the organization's own provider has vouched for",
  ["RF403", "1 row"],
  async () => {
    const staff = await inside();
    await superuser.query("update kernel.credential set sso_tenant_id = $2 where digest = $1", [
      sha256(sha256(staff.token)),
      acme.id,
    ]);
    return reads(staff);
  },
  async (db) => {
    const whole = String(
      await valueOf(db, "select pg_get_functiondef('kernel.gate(uuid,uuid,uuid,inet,text[])'::regprocedure)"),
    );
    const lacking = whole.replace("(m.until IS NOT NULL) AND (s.sso_tenant_id IS NOT NULL)", "false");
    expect(lacking).not.toBe(whole);
    await db.query(lacking);
    return () => db.query(whole);
  },
);
