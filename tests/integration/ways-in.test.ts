import type { Client as Database } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newToken, sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import type { Member, Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { testServer, type TestServer } from "../server.ts";

// Whether somebody may come in beside single sign-on is one question, for passwords, for links, and for how long a password must be.

proves("IAM-7", "IAM-17");

let server: TestServer;
let db: Database;
let auth: Database;
let demands: Organization;
let asksNothing: Organization;

beforeAll(async () => {
  server = await testServer();
  db = await server.database.connectAsSuperuser();
  auth = await server.database.connectAs("auth");
  demands = await server.organization("demands");
  asksNothing = await server.organization("asks-nothing");
});
afterAll(() => server.stop());

const change = (member: Member, set: string) =>
  db.query(`update kernel.membership set ${set} where id = $1`, [member.memberId]);
const alsoIn = (organization: Organization, member: Member, roles: string, more = "null") =>
  db.query(
    `insert into kernel.membership (tenant_id, person_id, roles, permissions, until)
     values ($1, $2, $3, '{}', ${more})`,
    [organization.id, member.personId, roles],
  );

const demand = (wanted: boolean) =>
  db.query("update kernel.tenant set sso_enforced = $2 where id = $1", [demands.id, wanted]);

async function seen(member: Member): Promise<{ password: unknown; link: boolean; covered: unknown }> {
  await demand(true);
  await db.query("update kernel.person set verifier = $2, email_proved_at = now() where id = $1", [
    member.personId,
    sha256(member.derived),
  ]);
  const signedIn = await auth.query(
    "select kernel.sign_in($1, $2, $3, $4, null, 'x', null, null) as judged",
    [member.email, member.derived, sha256(newToken()), uuidv7()],
  );
  expect((await server.stranger().post("/auth/password-reset", { email: member.email })).status).toBe(202);
  await db.query("select kernel.grant_wishes()");
  const asked = await db.query(
    `select (select count(*)::integer from kernel.ticket where person_id = $1 and purpose = 'password-reset') as links,
            kernel.password_context($1) -> 'covered' as covered`,
    [member.personId],
  );
  await demand(false);
  return {
    password: signedIn.rows[0].judged === null ? "closed" : signedIn.rows[0].judged.next,
    link: asked.rows[0].links === 1,
    covered: asked.rows[0].covered,
  };
}

const shut = { password: "closed", link: false, covered: true };
const open = { password: null, link: true, covered: false };

test.each<[string, object, () => Promise<Member>]>([
  ["a member where it is demanded", shut, () => server.database.member(demands, "member")],
  ["a member where it is not", open, () => server.database.member(asksNothing, "member")],
  [
    "a break-glass owner",
    open,
    async () => {
      const owner = await server.database.member(demands, "owner");
      await change(owner, "break_glass = true");
      return owner;
    },
  ],
  [
    "somebody with the mark who is no owner",
    shut,
    async () => {
      const admin = await server.database.member(demands, "admin");
      await change(admin, "break_glass = true");
      return admin;
    },
  ],
  [
    "a member of both",
    open,
    async () => {
      const member = await server.database.member(demands, "member");
      await alsoIn(asksNothing, member, "{member}");
      return member;
    },
  ],
  [
    "a member where it is demanded, lent to another organization that does not",
    shut,
    async () => {
      const member = await server.database.member(demands, "member");
      await alsoIn(asksNothing, member, "{support}", "now() + interval '1 hour'");
      return member;
    },
  ],
  [
    "a member of nothing, lent to an organization that demands it",
    open,
    async () => {
      const member = await server.database.member(asksNothing, "member");
      await change(member, "ended_at = now()");
      await alsoIn(demands, member, "{support}", "now() + interval '1 hour'");
      return member;
    },
  ],
  [
    "a member of nothing any more",
    open,
    async () => {
      const member = await server.database.member(asksNothing, "member");
      await change(member, "ended_at = now()");
      return member;
    },
  ],
])("%s", async (_, expected, made) => {
  expect(await seen(await made())).toEqual(expected);
});

test("a password is half of what is asked where a second factor or single sign-on stands beside it everywhere", async () => {
  const member = await server.database.member(demands, "member");
  await alsoIn(asksNothing, member, "{member}");
  expect((await seen(member)).covered).toBe(false);
  await db.query("update kernel.tenant set mfa_roles = '{*}' where id = $1", [asksNothing.id]);
  expect((await seen(member)).covered).toBe(true);
  await db.query("update kernel.tenant set mfa_roles = '{admin}' where id = $1", [asksNothing.id]);
  expect((await seen(member)).covered).toBe(false);
});
