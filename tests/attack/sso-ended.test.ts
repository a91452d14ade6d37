import type { Client as Database } from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import { boundAs, enter } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { testServer, type TestServer } from "../server.ts";
import type { Org } from "../sso-world.ts";

// The end of a connection of single sign-on that has made hundreds: their access is gone when there is an answer, in a few transactions of a few
// statements each, and what is interrupted goes on.

proves("IAM-7", "IAM-13");

const howMany = 450;
const needs = ["security.change", "member.change"];
let server: TestServer;
let acme: Org;
let db: Database;
let connection = "";

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  db = await server.database.connectAsSuperuser();
});
afterAll(() => server.stop());
beforeEach(async () => {
  connection = await made();
  await db.query(people, [acme.id, connection, howMany]);
  await db.query("update kernel.credential set proved_at = now() where digest = $1", [
    sha256(sha256(acme.owner.token)),
  ]);
});

/** An enabled connection of acme. */
async function made(): Promise<string> {
  const { json } = await acme.browser.post("/o/acme/v1/sso-connections", { kind: "oidc", name: "Theirs" });
  await db.query("update kernel.sso_connection set state = 'enabled' where id = $1", [json.id]);
  return String(json.id);
}

/** Whom it has made members, each with a session of theirs, one that it opened, and a key. */
const people = `
  with people as (
    insert into kernel.person (email, name) select n || '@' || $2 || '.example', 'Somebody' from generate_series(1, $3) n returning id),
  members as (
    insert into kernel.membership (tenant_id, person_id, roles, permissions)
    select $1, p.id, '{member}', kernel.permissions_of($1, '{member}') from people p returning *),
  known as (
    insert into kernel.sso_identity (connection_id, issuer, subject, tenant_id, person_id, member_id, provisioned)
    select $2::uuid, 'https://provider.example', m.person_id::text, m.tenant_id, m.person_id, m.id, true from members m),
  sessions as (
    insert into kernel.credential (kind, digest, person_id, sso_tenant_id, expires_at)
    select 'session', sha256(kernel.random_block()), m.person_id, vouched.by, now() + interval '1 hour'
      from members m cross join lateral (values (null::uuid), (m.tenant_id)) vouched (by))
  insert into kernel.credential (kind, class, digest, person_id, tenant_id)
  select 'key', 'personal', sha256(kernel.random_block()), m.person_id, m.tenant_id from members m`;

const end = (offBoard = true) =>
  acme.browser.post(`/o/acme/v1/sso-connections/${connection}/end`, { offBoard });

/** How many of its people have what, and how many ends of memberships the trail tells of. */
async function left(): Promise<object> {
  const { rows } = await db.query(
    `select (select count(*)::integer from kernel.sso_identity i join kernel.membership m on m.id = i.member_id where i.connection_id = $1 and m.ended_at is null) as members,
            (select count(*)::integer from kernel.sso_identity i join kernel.credential c on c.person_id = i.person_id
              where i.connection_id = $1 and c.ended_at is null and (c.kind = 'key' or c.sso_tenant_id is not null)) as credentials,
            (select count(distinct e.resource_id)::integer from kernel.sso_identity i join kernel.audit_event e on e.resource_id = i.member_id
              where i.connection_id = $1 and e.action = 'end' and e.actor_email = $2 and e.after ->> 'why' = 'single sign-on lapsed') as told,
            (select state || case when ended_at is null then '' else ', ended' end from kernel.sso_connection where id = $1) as connection`,
    [connection, acme.owner.email],
  );
  return rows[0];
}
const nothing = { members: 0, credentials: 0, told: howMany, connection: "disabled, ended" };

test("ends the access of all whom it made before the answer", async () => {
  const answer = await end();
  expect([answer.status, answer.json]).toEqual([200, { offBoarded: howMany }]);
  expect(await left()).toEqual(nothing);
});

test("in a few statements each time, however many leave", async () => {
  await db.query("begin");
  await db.query("set local track_functions = 'all'");
  await enter(db, acme.owner.token, "acme", needs);
  await db.query("select from kernel.end_sso_connection($1, true)", [connection]);
  const { rows } = await db.query(
    "select funcname, calls::integer from pg_stat_xact_user_functions where schemaname = 'kernel' and funcname in ('off_board_all', 'end_credentials', 'bound_member') order by 1",
  );
  await db.query("rollback");
  expect(rows).toEqual([
    { funcname: "bound_member", calls: 1 },
    { funcname: "end_credentials", calls: 1 },
    { funcname: "off_board_all", calls: 1 },
  ]);
});

test("also when it was interrupted after the first transaction: nobody comes by it, and its next end goes on", async () => {
  const api = await server.database.connectAs("api");
  const acting = { token: acme.owner.token, slug: "acme", needs };
  await boundAs(api, acting, () =>
    api.query("select from kernel.end_sso_connection($1, true)", [connection]),
  );
  const some = howMany - 200;
  expect(await left()).toEqual({ members: some, credentials: 2 * some, told: 200, connection: "disabled" });
  const begin = () =>
    server.stranger().get(`/auth/sso/${connection}`, { headers: { "sec-fetch-site": "none" } });
  expect((await begin()).headers["location"]).not.toMatch(/provider/);
  expect((await end()).json).toEqual({ offBoarded: some });
  expect(await left()).toEqual(nothing);
});

test("leaves owners, whoever ends it, who was a member before, and who comes by another connection", async () => {
  const other = await made();
  const { rows } = await db.query(
    "select member_id, person_id from kernel.sso_identity where connection_id = $1 order by member_id limit 4",
    [connection],
  );
  const [owner, before, elsewhere, switchedOff] = rows;
  await db.query("update kernel.membership set roles = '{owner}' where id = $1", [owner.member_id]);
  await db.query("update kernel.sso_identity set provisioned = false where member_id = $1", [
    before.member_id,
  ]);
  const also = (through: string, who: { member_id: string; person_id: string }) =>
    db.query(
      `insert into kernel.sso_identity (connection_id, issuer, subject, tenant_id, person_id, member_id)
       values ($1, 'https://provider.example', $2, $3, $4, $5)`,
      [through, uuidv7(), acme.id, who.person_id, who.member_id],
    );
  await also(other, elsewhere);
  const off = await made();
  await db.query("update kernel.sso_connection set state = 'disabled' where id = $1", [off]);
  await also(off, switchedOff);
  await also(connection, { member_id: acme.owner.memberId, person_id: acme.owner.personId });
  expect((await end()).json).toEqual({ offBoarded: howMany - 3 });
  const live = await db.query(
    "select m.id from kernel.membership m join kernel.sso_identity i on i.member_id = m.id where i.connection_id = $1 and m.ended_at is null order by m.id",
    [connection],
  );
  expect(live.rows.map(({ id }) => id)).toEqual(
    [owner.member_id, before.member_id, elsewhere.member_id, acme.owner.memberId].toSorted(),
  );
});

test("whoever may not take one of them out takes out nobody", async () => {
  const admin = await server.person(acme, "admin");
  await db.query("update kernel.sso_connection set answers = $2 where id = $1", [connection, admin.memberId]);
  // The very last of them, whom the first transaction would not reach.
  await db.query(
    `update kernel.membership set permissions = '{made.up}', roles = '{beyond}'
      where id = (select member_id from kernel.sso_identity where connection_id = $1 order by member_id desc limit 1)`,
    [connection],
  );
  await db.query(
    `insert into kernel.custom_role (tenant_id, key, name, permissions) values ($1, 'beyond', 'Beyond', '{made.up}') on conflict do nothing`,
    [acme.id],
  );
  const refused = await admin.browser.post(`/o/acme/v1/sso-connections/${connection}/end`, {
    offBoard: true,
  });
  expect(refused.status).toBe(403);
  expect(await left()).toEqual({
    members: howMany,
    credentials: 2 * howMany,
    told: 0,
    connection: "enabled",
  });
});
