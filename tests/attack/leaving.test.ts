import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { newToken, sha256 } from "../../server/foundation/ids/index.ts";
import type { Answer } from "../client.ts";
import { proves } from "../proves.ts";
import { testServer, type TestServer } from "../server.ts";
import { clientsCount, many, race } from "./race.ts";

// What a member without any right to manage members does by themselves: leave. What ends by it is tried in offboarding.test.ts.

let server: TestServer;
let slug = "";
let acme: Awaited<ReturnType<TestServer["organization"]>>;
let db: Awaited<ReturnType<TestServer["database"]["connectAsSuperuser"]>>;
let number = 0;

beforeAll(async () => {
  server = await testServer();
  db = await server.database.connectAsSuperuser();
});
beforeEach(async () => {
  number += 1;
  slug = `acme-${number}`;
  acme = await server.organization(slug);
});
afterAll(() => server.stop());

const door = (organization = slug): string => `/auth/organizations/${organization}`;
const problemOf = ({ status, json }: Answer): [number, string] => [
  status,
  String(json?.type ?? "").replace(/^.*\//, ""),
];
const set = (token: string, what: string): Promise<unknown> =>
  db.query(`update kernel.credential set ${what} where digest = sha256($1)`, [sha256(token)]);
const belongs = async (memberId: string): Promise<boolean> =>
  (await db.query("select ended_at is null as yes from kernel.membership where id = $1", [memberId])).rows[0]
    ?.yes;

describe("leaving an organization", () => {
  proves("IAM-12", "AUD-7");

  test("takes no permission, stands in the trail, and is told to them and to the owners", async () => {
    const viewer = await server.person(acme, "viewer");
    expect((await viewer.browser.delete(door())).status).toBe(204);
    expect(await belongs(viewer.memberId)).toBe(false);
    expect((await viewer.browser.get(`/o/${slug}/v1/contacts`)).status).toBe(404);
    expect((await viewer.browser.get("/auth/me")).json.organizations).toEqual([]);
    const trail = await acme.browser.get(`/o/${slug}/v1/audit-events?action=leave`);
    expect(trail.json.items).toMatchObject([
      {
        actorEmail: viewer.email,
        resourceType: "member",
        resourceId: viewer.memberId,
        severity: "warning",
        before: { roles: ["viewer"] },
      },
    ]);
    const told = async ({ browser }: typeof viewer): Promise<unknown> =>
      (await browser.get("/auth/notices")).json.items[0];
    expect(await told(viewer)).toMatchObject({ kind: "organization-left", organization: acme.slug });
    expect(await told({ ...viewer, browser: acme.browser })).toMatchObject({
      kind: "member-left",
      details: { member: viewer.email },
    });
    expect(problemOf(await viewer.browser.delete(door()))).toEqual([404, "not-found"]);
  });

  test("asks for a fresh proof, and for whatever the organization demands of a session", async () => {
    const member = await server.person(acme, "member");
    await set(member.token, "proved_at = now() - interval '11 min'");
    expect(problemOf(await member.browser.delete(door()))).toEqual([403, "fresh-proof-needed"]);
    await set(member.token, "proved_at = now()");
    await db.query(
      "update kernel.tenant set mfa_roles = '{*}', mfa_from = now() - interval '9 days', mfa_grace_days = 0 where slug = $1",
      [slug],
    );
    await db.query("update kernel.membership set created_at = now() - interval '9 days' where id = $1", [
      member.memberId,
    ]);
    expect(problemOf(await member.browser.delete(door()))).toEqual([403, "second-factor-needed"]);
    expect(await belongs(member.memberId)).toBe(true);
  });

  test("is not for the last owner, whoever comes by a key, and sessions that another organization vouched for", async () => {
    const last = await acme.browser.delete(door());
    expect([...problemOf(last), last.json.detail]).toEqual([409, "wrong-state", "the last owner stays"]);
    const member = await server.person(acme, "member");
    const { json } = await acme.browser.post(`/o/${slug}/v1/keys`, { name: "Owner" });
    expect((await server.bearer(json.key).delete(door())).status).toBe(401);
    const other = await server.organization(`${slug}-other`);
    await set(member.token, `sso_tenant_id = '${other.id}'`);
    expect((await member.browser.delete(door())).status).toBe(404);
    expect(await belongs(member.memberId)).toBe(true);
    // What there is, and what they do not belong to, is told alike.
    await set(member.token, "sso_tenant_id = null");
    const [theirs, none] = await Promise.all([
      member.browser.delete(door(other.slug)),
      member.browser.delete(door("there-is-none")),
    ]);
    expect(problemOf(theirs)).toEqual(problemOf(none));
    expect(theirs.status).toBe(404);
    // Whoever is there by a support grant gives that back instead.
    await db.query(
      "update kernel.membership set roles = '{support}', until = now() + interval '1 hour' where id = $1",
      [member.memberId],
    );
    expect((await member.browser.delete(door())).status).toBe(404);
  });

  test("leaves an owner, when all owners leave at the same time", async () => {
    const owners = await Promise.all(Array.from({ length: 5 }, () => server.person(acme, "owner")));
    const answers = await Promise.all([acme, ...owners].map(({ browser }) => browser.delete(door())));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      204, 204, 204, 204, 204, 409,
    ]);
  });

  test("happens once for 50 that ask at once in one session and in another", async () => {
    const member = await server.person(acme, "member");
    const token = newToken();
    await db.query("select kernel.mint_session($1, sha256($2::bytea), '203.0.113.7', 'a phone')", [
      member.personId,
      Buffer.from(token),
    ]);
    const other = server.browserOf(token);
    // Held until two are under way, each with its own session locked.
    await db.query("begin");
    await db.query("lock table kernel.membership");
    const asking = Promise.all(
      Array.from({ length: 50 }, (_, at) => (at % 2 === 0 ? member.browser : other).delete(door())),
    );
    const waiting = "select count(distinct pid)::integer as pids from pg_locks where not granted";
    await vi.waitUntil(async () => (await db.query(waiting)).rows[0]?.pids >= 2, { timeout: 10_000 });
    await db.query("commit");
    const answers = await asking;
    const count = (wanted: number): number => answers.filter(({ status }) => status === wanted).length;
    expect([count(204), count(404)]).toEqual([1, 49]);
  });

  test("holds at once for 64 clients of the same session that are in the middle of using it", async () => {
    const member = await server.person(acme, "member");
    const { after, before } = await race(
      many(() => server.browserOf(member.token)),
      `/o/${slug}/v1/contacts`,
      async () => (await member.browser.delete(door())).status,
    );
    expect(before).toBeGreaterThan(clientsCount);
    expect([...after.keys()]).toEqual([404]);
  });
});
