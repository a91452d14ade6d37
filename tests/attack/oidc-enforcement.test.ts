import { afterAll, beforeAll, expect } from "vitest";
import { newToken, sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import type { Client } from "../client.ts";
import type { HostileProvider } from "../hostile-provider.ts";
import { hostileWorld } from "../hostile-world.ts";
import type { Person } from "../server.ts";
import { proves } from "../proves.ts";
import { cameIn, type Org, type SsoWorld } from "../sso-world.ts";
import { attack } from "./attack.ts";

// Single sign-on that an organization demands: what it closes, for whom it stays open, and that nobody locks it out.

proves("IAM-7", "IAM-17");

let world: SsoWorld;
let provider: HostileProvider;
let acme: Org;
let connection: string;
let other: Org;
let member: Person;

beforeAll(async () => {
  ({ world, provider, acme, connection } = await hostileWorld());
  other = await world.server.organization("other");
  member = await world.server.person(acme, "admin");
});
afterAll(() => world.stop());

const at = (path: string): string => `/o/acme/v1${path}`;
const enforce = (browser: Client, enforced = true) =>
  browser.send("PUT", at("/sso-enforcement"), { body: { enforced }, headers: {} });
const put = async (browser: Client, path: string, body: object) =>
  browser.send("PUT", at(path), {
    body,
    headers: { "x-csrf-token": await browser.csrf(), "sec-fetch-site": "same-origin" },
  });
const switchTo = (browser: Client, enforced: boolean) => put(browser, "/sso-enforcement", { enforced });
const setFactor = (person: string, there: boolean) =>
  world.db.query(`update kernel.person set second_factor_since = ${there ? "now()" : "null"} where id = $1`, [
    person,
  ]);
/** As the second step does. */
const provenTwice = (token: string) =>
  world.db.query("update kernel.credential set second_factor_at = now() where digest = $1", [
    sha256(sha256(token)),
  ]);
const trail = async (action: string): Promise<{ severity: string; after: Record<string, unknown> }[]> => {
  const { rows } = await world.db.query(
    "select severity, after from kernel.audit_event where tenant_id = $1 and action = $2 order by id desc",
    [acme.id, action],
  );
  return rows;
};

async function enter(sub: string, email: string): Promise<Client> {
  provider.person = { sub, email, email_verified: true };
  const browser = world.server.stranger();
  const answer = await world.arrive(
    browser,
    connection,
    provider.authorize(await world.begin(browser, connection)),
  );
  if (!cameIn(answer)) throw new Error((await world.reasons(acme))[0]);
  return browser;
}

/** The owner tries the connection out: the provider knows them by this subject. */
async function tryOut(who: Client, sub: string, claims: Record<string, unknown> = {}) {
  const { json } = await who.post(at(`/sso-connections/${connection}/test`));
  provider.person = { sub, auth_time: Math.floor(Date.now() / 1000), ...claims };
  return world.arrive(who, connection, provider.authorize(String(json.location)));
}

attack(
  {
    id: "D-openwork-4187",
    title:
      "switch it on untried, without a break-glass owner, or after a trial of former settings (lock-out by misconfiguration, openwork #4187)",
    expected: "409 each time",
  },
  async () => {
    expect((await enforce(acme.browser)).status).toBe(403);
    const untried = await switchTo(acme.browser, true);
    expect([untried.status, untried.json.detail]).toEqual([
      409,
      "try a connection out yourself first, as it is now",
    ]);
    const tested = await tryOut(acme.browser, "owner-1");
    expect(tested.headers["location"]).toBe(`/o/acme/security?tested=${connection}`);
    const alone = await switchTo(acme.browser, true);
    expect([alone.status, alone.json.detail]).toEqual([
      409,
      "name an owner with a second factor who gets in without it first",
    ]);
    const breakGlass = `/members/${acme.owner.memberId}/break-glass`;
    expect((await put(acme.browser, breakGlass, { breakGlass: true })).status).toBe(409);
    await setFactor(acme.owner.personId, true);
    expect((await put(acme.browser, breakGlass, { breakGlass: true })).status).toBe(204);
    // A new secret has not been tried.
    const path = at(`/sso-connections/${connection}`);
    const { version } = (await acme.browser.get(path)).json;
    expect((await acme.browser.patch(path, { secret: "another secret" }, { version })).status).toBe(200);
    expect((await switchTo(acme.browser, true)).status).toBe(409);
    // Nor is somebody else's trial one's own.
    const admin = await world.server.person(acme, "admin");
    await tryOut(acme.browser, "owner-1");
    expect((await switchTo(admin.browser, true)).status).toBe(409);
    // And it is a day old at most.
    await world.db.query("update kernel.sso_identity set signed_in_at = now() - interval '25 hours'");
    await world.db.query("update kernel.sso_connection set settled_at = now() - interval '26 hours'");
    expect((await switchTo(acme.browser, true)).status).toBe(409);
    return "409 each time";
  },
);

attack(
  {
    id: "F-R-F6",
    title: "a trial as somebody else's account at the provider, in another browser, or to come by a session",
    expected: "refused; no session",
  },
  async () => {
    await enter("known-1", "known@corp.example");
    expect(cameIn(await tryOut(acme.browser, "known-1"))).toBe(false);
    expect((await world.reasons(acme))[0]).toBe("somebody else");
    const { json } = await acme.browser.post(at(`/sso-connections/${connection}/test`));
    provider.person = { sub: "owner-1", auth_time: Math.floor(Date.now() / 1000) };
    const thief = world.server.stranger();
    await world.begin(thief, connection);
    expect(cameIn(await world.arrive(thief, connection, provider.authorize(String(json.location))))).toBe(
      false,
    );
    expect(thief.cookies.has("__Host-sid")).toBe(false);
    const before = acme.browser.cookies.get("__Host-sid");
    await tryOut(acme.browser, "owner-1");
    expect(acme.browser.cookies.get("__Host-sid")).toBe(before);
    return "refused; no session";
  },
);

attack(
  {
    id: "D-signoz-5137",
    title:
      "with it on: an admin's password session, its reads and its passes, a new sign-in with a password, access in another organization (signoz #5137, bifrost #567, artifact-keeper #2018; flexprice #2560: a token was minted before the refusal)",
    expected: "403 single-sign-on-needed; the other stays",
  },
  async () => {
    const key = await world.server.database.key(acme, member);
    // Two reads, so that the second has a pass.
    for (let round = 0; round < 3; round += 1)
      expect((await member.browser.get(at("/contacts"))).status).toBe(200);
    await tryOut(acme.browser, "owner-1");
    await world.db.query("update kernel.sso_connection set settled_at = created_at");
    expect((await switchTo(acme.browser, true)).status).toBe(204);
    const closed = await member.browser.get(at("/contacts"));
    expect([closed.status, closed.json.type]).toEqual([
      403,
      "https://ringfence.example/problems/single-sign-on-needed",
    ]);
    expect((await member.browser.get(at("/members"))).status).toBe(403);
    await provenTwice(acme.owner.token);
    // Signing in anew with what belongs to nobody else leads nowhere; and with an organization that asks for nothing, there only.
    const auth = await world.server.database.connectAs("auth");
    await world.db.query("update kernel.person set verifier = $2 where id = $1", [
      member.personId,
      sha256(member.derived),
    ]);
    const signIn = async () =>
      (
        await auth.query("select kernel.sign_in($1, $2, $3, $4, null, 'x', null, null) as judged", [
          member.email,
          member.derived,
          sha256(newToken()),
          uuidv7(),
        ])
      ).rows[0].judged;
    const live = async (): Promise<number> =>
      (
        await world.db.query(
          "select count(*)::integer as count from kernel.credential where person_id = $1 and ended_at is null",
          [member.personId],
        )
      ).rows[0].count;
    const before = await live();
    expect(await signIn()).toBeNull();
    expect(await live()).toBe(before);
    // Keys stay, and are listed.
    expect((await world.server.bearer(key).get("/v1/contacts")).status).toBe(200);
    const browser = await enter("member-sso", "by-sso@corp.example");
    expect((await browser.get(at("/contacts"))).status).toBe(200);
    expect((await other.browser.get("/o/other/v1/contacts")).status).toBe(200);
    return "403 single-sign-on-needed; the other stays";
  },
);

attack(
  {
    id: "D-tokens",
    title:
      "old access tokens and sessions of another organization's provider, while it is on (flexprice #2560)",
    expected: "403, 404",
  },
  async () => {
    const access = newToken();
    // What the organization's provider vouches for is good there; what nobody vouched for is not, whatever it was made from.
    await world.db.query(
      `with session as (
         select * from kernel.credential where digest = $3
       ), family as (
         insert into kernel.credential (kind, digest, person_id, tenant_id, parent_id, expires_at)
         select 'refresh', sha256(uuid_send(gen_random_uuid())), person_id, $2, id, now() + interval '1 day' from session returning id
       )
       insert into kernel.credential (kind, digest, person_id, tenant_id, parent_id, family_id, proved_at, second_factor_at, expires_at)
       select 'access', $1, s.person_id, $2, s.id, f.id, now(), now(), now() + interval '1 hour' from session s, family f`,
      [sha256(sha256(access)), acme.id, sha256(sha256(member.token))],
    );
    expect((await world.server.bearer(access).get(at("/contacts"))).status).toBeGreaterThanOrEqual(401);
    const api = await world.server.database.connectAs("api");
    const entered = async (token: string): Promise<string> => {
      await api.query("begin");
      try {
        await api.query("select kernel.enter($1, 'acme', '{contact.read}', $2, null, null)", [
          sha256(token),
          uuidv7(),
        ]);
        return "in";
      } catch (error) {
        return String(error instanceof Error ? error.message : error);
      } finally {
        await api.query("rollback");
      }
    };
    expect(await entered(access)).toBe("single sign-on needed");
    expect(await entered(member.token)).toBe("single sign-on needed");
    // A second factor does not stand in for it.
    await provenTwice(member.token);
    expect(await entered(member.token)).toBe("single sign-on needed");
    await world.db.query("update kernel.credential set sso_tenant_id = $1 where digest = $2", [
      other.id,
      sha256(sha256(member.token)),
    ]);
    expect(await entered(member.token)).toBe("no such organization");
    return "403, 404";
  },
);

attack(
  {
    id: "D-break-glass",
    title: "the break-glass owner without their second factor, with it, and what their sign-in leaves behind",
    expected: "refused, in, critical and mailed to each owner",
  },
  async () => {
    const owner = acme.browser;
    await world.db.query("update kernel.credential set second_factor_at = null where digest = $1", [
      sha256(sha256(acme.owner.token)),
    ]);
    const without = await owner.get(at("/sso-enforcement"));
    expect([without.status, without.json.type]).toEqual([
      403,
      "https://ringfence.example/problems/second-factor-needed",
    ]);
    await provenTwice(acme.owner.token);
    const shown = await owner.get(at("/sso-enforcement"));
    expect(shown.json).toMatchObject({
      enforced: true,
      breakGlass: [{ memberId: acme.owner.memberId, secondFactor: true }],
    });
    expect(shown.json.keys.length).toBeGreaterThan(0);
    await setFactor(acme.owner.personId, false);
    const auth = await world.server.database.connectAs("auth");
    await world.db.query("update kernel.person set verifier = $2 where id = $1", [
      acme.owner.personId,
      sha256(acme.owner.derived),
    ]);
    await auth.query("select kernel.sign_in($1, $2, $3, $4, '198.51.100.7', 'x', null, null)", [
      acme.owner.email,
      acme.owner.derived,
      sha256(newToken()),
      uuidv7(),
    ]);
    await setFactor(acme.owner.personId, true);
    expect((await trail("break-glass"))[0]).toMatchObject({ severity: "critical" });
    const { rows } = await world.db.query(
      "select payload from kernel.job where tenant_id = $1 and kind = 'sso.break-glass'",
      [acme.id],
    );
    expect(rows[0].payload).toMatchObject({ email: acme.owner.email, ip: "198.51.100.7" });
    return "refused, in, critical and mailed to each owner";
  },
);

attack(
  {
    id: "D-Infisical-3424",
    title:
      "an admin makes themselves break-glass, takes it from the owner, or is made it without being an owner (Infisical #3424)",
    expected: "403, 403, 409",
  },
  async () => {
    const admin = await enter("admin-sso", "admin-sso@corp.example");
    const memberId = (await admin.get("/auth/me")).json.organizations[0].memberId;
    await world.db.query(
      "update kernel.membership set roles = '{admin}', permissions = kernel.permissions_of(tenant_id, '{admin}') where id = $1",
      [memberId],
    );
    await world.db.query("update kernel.credential set proved_at = now() where sso_tenant_id = $1", [
      acme.id,
    ]);
    const mine = await put(admin, `/members/${memberId}/break-glass`, { breakGlass: true });
    const theirs = await put(admin, `/members/${acme.owner.memberId}/break-glass`, { breakGlass: false });
    const given = await put(acme.browser, `/members/${memberId}/break-glass`, { breakGlass: true });
    expect([mine.status, theirs.status, given.status]).toEqual([409, 403, 409]);
    expect(
      (await put(acme.browser, `/members/${acme.owner.memberId}/break-glass`, { breakGlass: false })).status,
    ).toBe(409);
    return "403, 403, 409";
  },
);

attack(
  {
    id: "D-last-way",
    title:
      "disable or end the last connection while single sign-on is demanded; end one and come on with what it opened",
    expected: "409; at once nothing",
  },
  async () => {
    const path = at(`/sso-connections/${connection}`);
    expect((await acme.browser.post(`${path}/disable`)).status).toBe(409);
    expect((await acme.browser.post(`${path}/end`, { offBoard: true })).status).toBe(409);
    const browser = await enter("to-end", "to-end@corp.example");
    for (let round = 0; round < 3; round += 1) expect((await browser.get(at("/contacts"))).status).toBe(200);
    const memberId = (await browser.get("/auth/me")).json.organizations[0].memberId;
    const key = await world.server.database.key(acme, acme.owner);
    expect((await switchTo(acme.browser, false)).status).toBe(204);
    const ended = await acme.browser.post(`${path}/end`, { offBoard: true });
    expect(ended.status).toBe(200);
    expect(ended.json.offBoarded).toBeGreaterThan(0);
    expect((await browser.get(at("/contacts"))).status).toBe(401);
    const { rows } = await world.db.query(
      "select ended_at is not null as ended from kernel.membership where id = $1",
      [memberId],
    );
    expect(rows).toEqual([{ ended: true }]);
    // The owner was not made by it, and stays.
    expect((await acme.browser.get(at("/contacts"))).json).toMatchObject({ items: [] });
    expect((await world.server.bearer(key).get("/v1/contacts")).status).toBe(200);
    return "409; at once nothing";
  },
);
