import { afterAll, beforeAll, expect, test } from "vitest";
import type { HostileProvider } from "../hostile-provider.ts";
import { hostileWorld } from "../hostile-world.ts";
import { proves } from "../proves.ts";
import { cameIn, type Org, type SsoWorld } from "../sso-world.ts";

// What single sign-on does to members stands in the organization's trail: by whose sign-in, and by which connection.

proves("IAM-7");

let world: SsoWorld;
let provider: HostileProvider;
let acme: Org;
let connection: string;

beforeAll(async () => {
  ({ world, provider, acme, connection } = await hostileWorld({
    defaultRoles: ["viewer"],
    roleMap: [
      { group: "sales", roles: ["member"] },
      { group: "leads", roles: ["manager"] },
    ],
    followsGroups: true,
  }));
});
afterAll(() => world.stop());

interface Row {
  readonly [field: string]: unknown;
}
async function trailOf(email: string): Promise<Row[]> {
  const { rows } = await world.db.query<Row>(
    `select e.action, e.severity, e.actor_email, e.request_id is not null as asked, host(e.ip) as ip, e.device, e.before, e.after
       from kernel.audit_event e join kernel.membership m on m.tenant_id = e.tenant_id and m.id = e.resource_id
       join kernel.person p on p.id = m.person_id
      where e.tenant_id = $1 and e.resource_type = 'member' and p.email = $2 order by e.id`,
    [acme.id, email],
  );
  return rows;
}
async function enter(claims: Record<string, unknown>): Promise<boolean> {
  provider.person = { email_verified: true, ...claims };
  const browser = world.server.stranger();
  const location = await world.begin(browser, connection);
  return cameIn(await world.arrive(browser, connection, provider.authorize(location)));
}

test("a member whom it makes, and roles that it changes, each with the connection and the groups", async () => {
  const grace = { sub: "grace", email: "grace@corp.example" };
  expect(await enter({ ...grace, groups: ["sales", "knitting"] })).toBe(true);
  const by = { connection, connectionName: "Our provider" };
  const hands = { actor_email: "grace@corp.example", asked: true, ip: expect.any(String) };
  const joined = {
    ...hands,
    action: "join",
    severity: "notice",
    before: null,
    after: {
      roles: ["member", "viewer"],
      groups: ["sales"],
      email: "grace@corp.example",
      subject: "grace",
      newPerson: true,
      ...by,
    },
  };
  expect(await trailOf("grace@corp.example")).toEqual([expect.objectContaining(joined)]);
  // The same groups again change nothing, and so write nothing.
  expect(await enter({ ...grace, groups: ["sales"] })).toBe(true);
  expect(await trailOf("grace@corp.example")).toHaveLength(1);
  expect(await enter({ ...grace, groups: ["leads"] })).toBe(true);
  const changed = {
    ...hands,
    action: "change",
    severity: "warning",
    before: { roles: ["member", "viewer"] },
    after: { roles: ["manager", "viewer"], groups: ["leads"], ...by },
  };
  expect((await trailOf("grace@corp.example")).slice(1)).toEqual([expect.objectContaining(changed)]);
});

test("somebody who has an account already is written down as no new person", async () => {
  const other = await world.server.organization("elsewhere");
  const known = await world.server.person(other, "member");
  await world.db.query(
    "update kernel.person set email = 'known@corp.example', email_proved_at = now() where id = $1",
    [known.personId],
  );
  expect(await enter({ sub: "known", email: "known@corp.example" })).toBe(true);
  const [row] = await trailOf("known@corp.example");
  expect(row).toMatchObject({ action: "join", after: { newPerson: false, roles: ["viewer"] } });
  // Nor does the other organization hear of it.
  const { rows } = await world.db.query(
    "select count(*)::integer as count from kernel.audit_event where tenant_id = $1 and after ? 'connection' and actor_id = $2",
    [other.id, known.personId],
  );
  expect(rows).toEqual([{ count: 0 }]);
});

test("whom it refuses, it neither makes nor changes", async () => {
  const before = await world.db.query(
    "select count(*)::integer as count from kernel.audit_event where action = 'join'",
  );
  expect(await enter({ sub: "stranger", email: "stranger@elsewhere.example" })).toBe(false);
  const after = await world.db.query(
    "select count(*)::integer as count from kernel.audit_event where action = 'join'",
  );
  expect(after.rows).toEqual(before.rows);
});
