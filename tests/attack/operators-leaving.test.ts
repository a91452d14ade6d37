import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newToken } from "../../server/foundation/ids/index.ts";
import { proves } from "../proves.ts";
import { connectDirectory, type Directory, userNamed } from "../scim-ground.ts";
import { at, type Staff, supportGround, type SupportGround } from "../support-ground.ts";
import { less, mattersOn } from "./take-away.ts";

// Whoever leaves the platform's own organization is none of its staff any more, however they left, and all that they were let into by it ends with it.

proves("IAM-13", "IAM-16");

let ground: SupportGround;
let directory: Directory;

beforeAll(async () => {
  ground = await supportGround();
  directory = await connectDirectory(ground.server, ground.platform);
  await ground.ops.query("select kernel.allow_emergencies(true)");
});
afterAll(() => ground.server.stop());

const matters = mattersOn(() => ground.superuser);
const platform = (path: string): string => `/o/platform/v1${path}`;
const rows = async (text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
  (await ground.superuser.query(text, values)).rows;

type Working = Staff & { readonly grant: string; readonly asked: string };

/** One who may remove themselves, is inside acme, and waits for another organization. */
async function working(): Promise<Working> {
  const person = await ground.server.person(ground.platform, "admin");
  await ground.ops.query("select kernel.add_operator($1)", [person.email]);
  await ground.provedByFactor(person.token, 0);
  const { id } = await ground.granted(person.email);
  const slug = `waits-${Date.now().toString(36)}${newToken()
    .replaceAll(/[^a-z0-9]/g, "")
    .slice(0, 4)}`;
  await ground.server.organization(slug);
  const { status, json } = await person.browser.post("/auth/support/emergencies", {
    organization: slug,
    reason: "Records are being lost",
    reference: "INC-1",
  });
  expect([status, json.type]).toEqual([201, undefined]);
  expect(await ground.looks(person.browser)).toEqual([200, ""]);
  return { ...person, grant: id, asked: json.id };
}

const linked = async ({ email }: Staff): Promise<string> => {
  const { json } = await directory.post("/Users", {
    ...userNamed(email, "platform"),
    userName: email,
    emails: [{ value: email, primary: true }],
  });
  return `/Users/${json.id}`;
};
/** A connection that has made them a member ends, and its people with it. */
async function lapse(staff: Staff): Promise<number> {
  const { browser, id } = ground.platform;
  const made = await browser.post(platform("/sso-connections"), { kind: "oidc", name: "Staff" });
  await ground.superuser.query(
    `insert into kernel.sso_identity (connection_id, issuer, subject, tenant_id, person_id, member_id, provisioned)
     values ($1, 'https://provider.example', $3::uuid::text, $2, $3::uuid, $4, true)`,
    [made.json.id, id, staff.personId, staff.memberId],
  );
  const ended = await browser.post(platform(`/sso-connections/${made.json.id}/end`), { offBoard: true });
  expect(ended.json).toEqual({ offBoarded: 1 });
  return ended.status;
}

const ways: Readonly<Record<string, (staff: Staff) => Promise<number>>> = {
  "an owner removes them": async ({ memberId }) =>
    (await ground.platform.browser.delete(platform(`/members/${memberId}`))).status,
  "they leave by their own hand": async ({ browser, memberId }) =>
    (await browser.delete(platform(`/members/${memberId}`))).status,
  "their directory deactivates them": async (staff) =>
    (await directory.patch(await linked(staff), [{ op: "replace", path: "active", value: false }])).status,
  "their directory deletes them": async (staff) => (await directory.delete(await linked(staff))).status,
  "their single sign-on lapses": lapse,
};

/** What of the staff they still are. */
async function left(staff: Working): Promise<object> {
  const grants = await rows(
    "select id, ended_why from kernel.support_grant where person_id = $1 and ended_at is null",
    [staff.personId],
  );
  const operators = await rows("select email from kernel.operators() where email = $1", [staff.email]);
  const memberships = await rows(
    "select id from kernel.membership where person_id = $1 and until is not null and ended_at is null",
    [staff.personId],
  );
  return {
    operator: operators.length,
    grants: grants.length,
    memberships: memberships.length,
    looks: (await ground.looks(staff.browser))[0],
    asks: (await staff.browser.post("/auth/support", { organization: "acme", reason: "More", hours: 1 }))
      .status,
  };
}
const nothing = { operator: 0, grants: 0, memberships: 0, looks: 404, asks: 404 };

describe("being one of the staff ends when", () => {
  test.each(Object.entries(ways))("%s", async (_name, leave) => {
    const staff = await working();
    expect(await leave(staff)).toBeLessThan(300);
    expect(await left(staff)).toEqual(nothing);
    const trail = await rows(
      "select tenant_id, actor_email, resource_type, after from kernel.audit_event where action = 'end' and resource_id = any ($1) order by id",
      [[staff.memberId, staff.grant, staff.asked]],
    );
    const why = { why: "the operator left" };
    expect(trail.filter(({ resource_type: type }) => type !== "member")).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          tenant_id: ground.platform.id,
          resource_type: "operator",
          actor_email: "system",
        }),
        expect.objectContaining({ tenant_id: ground.acme.id, resource_type: "support", after: why }),
      ]),
    );
    // Whoever left is no person of acme's: its trail does not say who removed them.
    expect(JSON.stringify(trail.filter(({ tenant_id: tenant }) => tenant === ground.acme.id))).not.toContain(
      ground.platform.owner.email,
    );
  });

  test("a program of theirs is out with them, and coming back makes nobody an operator again", async () => {
    const staff = await working();
    const { json } = await staff.browser.post("/auth/tokens", { organization: "acme" });
    const program = ground.server.bearer(json.accessToken);
    expect(await ground.looks(program)).toEqual([200, ""]);
    await ground.platform.browser.delete(platform(`/members/${staff.memberId}`));
    expect((await ground.looks(program))[0]).not.toBe(200);
    await ground.superuser.query(
      "update kernel.membership set ended_at = null where person_id = $1 and tenant_id = $2",
      [staff.personId, ground.platform.id],
    );
    expect((await staff.browser.get(platform("/contacts"))).status).toBe(200);
    expect(await left(staff)).toEqual(nothing);
    await ground.acme.browser.post(at("/support-grants"), { operator: staff.email, reason: "x", hours: 1 });
    expect((await ground.looks(staff.browser))[0]).toBe(404);
  });

  test("not with another organization that they belong to as well, nor with a grant that ends", async () => {
    const staff = await working();
    const other = await ground.server.organization(`other-${Date.now().toString(36)}`);
    const { rows: joined } = await ground.superuser.query(
      "insert into kernel.membership (tenant_id, person_id, roles, permissions) values ($1, $2, '{viewer}', '{}') returning id",
      [other.id, staff.personId],
    );
    await other.browser.delete(`/o/${other.slug}/v1/members/${joined[0].id}`);
    expect((await ground.acme.browser.delete(at(`/support-grants/${staff.grant}`))).status).toBe(204);
    expect(await left(staff)).toMatchObject({ operator: 1, asks: 201 });
  });
});

describe("an operator", () => {
  const add = (email: string, organization: string | null = null): Promise<string> =>
    ground.ops.query("select kernel.add_operator($1, $2)", [email, organization]).then(
      () => "added",
      ({ message }: Error) => message,
    );

  test("is somebody's member, and of several organizations the named one", async () => {
    const staff = await ground.server.person(ground.platform, "viewer");
    const other = await ground.server.organization(`second-${Date.now().toString(36)}`);
    await ground.superuser.query(
      "insert into kernel.membership (tenant_id, person_id, roles, permissions) values ($1, $2, '{viewer}', '{}')",
      [other.id, staff.personId],
    );
    expect(await add(staff.email)).toContain("several");
    expect(await add(staff.email, "acme")).toContain("must be a member");
    expect(await add(staff.email, "platform")).toBe("added");
    expect(await rows("select organization from kernel.operators() where email = $1", [staff.email])).toEqual(
      [{ organization: "platform" }],
    );
    await ground.platform.browser.delete(platform(`/members/${staff.memberId}`));
    expect(await rows("select from kernel.operators() where email = $1", [staff.email])).toEqual([]);
  });

  test("is nobody who belongs to no organization, or is in one by a grant only", async () => {
    const staff = await working();
    await ground.platform.browser.delete(platform(`/members/${staff.memberId}`));
    expect(await add(staff.email)).toContain("must be a member");
    await ground.superuser.query(
      "update kernel.membership set ended_at = null, until = now() + interval '1 hour', roles = '{support}' where person_id = $1 and tenant_id = $2",
      [staff.personId, ground.acme.id],
    );
    expect(await add(staff.email)).toContain("must be a member");
    expect(await add(staff.email, "acme")).toContain("must be a member");
  });
});

matters(
  "operators-leave",
  "the end of being an operator with the membership",
  ["none of the staff", "an operator"],
  async () => {
    const staff = await working();
    await ground.platform.browser.delete(platform(`/members/${staff.memberId}`));
    return (await ground.looks(staff.browser))[0] === 404 ? "none of the staff" : "an operator";
  },
  less("kernel.end_operators(uuid,uuid[],text)", ["and o.ended_at is null returning", "and false returning"]),
);

/** Runs this while somebody is leaving in a transaction that is open, and commits that afterwards. */
async function whileLeaving(staff: Staff, act: () => Promise<string>): Promise<string> {
  const leaving = await ground.server.database.connectAsSuperuser();
  await leaving.query("begin");
  await leaving.query("select kernel.off_board($1, $2, 'a test')", [ground.platform.id, staff.memberId]);
  const acted = act();
  await new Promise((resolve) => setTimeout(resolve, 200));
  await leaving.query("commit");
  await leaving.end();
  return acted;
}

matters(
  "operators-made",
  "the lock under which somebody is named one of the staff",
  ["refused", "an operator"],
  async () => {
    const staff = await ground.server.person(ground.platform, "viewer");
    const added = () =>
      ground.ops.query("select kernel.add_operator($1)", [staff.email]).then(
        () => "an operator",
        () => "refused",
      );
    return whileLeaving(staff, added);
  },
  less("kernel.add_operator(text,text)", ["limit 1 for share of m", "limit 1"]),
);

matters(
  "operators-let-in",
  "the lock under which an organization lets one of the staff in",
  ["nobody is in", "somebody is in"],
  async () => {
    const staff = await ground.operator();
    const granted = async () => {
      await ground.granted(staff.email);
      return "granted";
    };
    expect(await whileLeaving(staff, granted)).toBe("granted");
    const lent = await rows(
      "select from kernel.membership where person_id = $1 and until is not null and ended_at is null",
      [staff.personId],
    );
    return lent.length === 0 ? "nobody is in" : "somebody is in";
  },
  less("kernel.open_support(uuid,uuid,text[],integer)", [
    "o.ended_at is null for share",
    "o.ended_at is null",
  ]),
);
