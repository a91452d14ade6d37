import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../server/foundation/ids/index.ts";
import type { Answer, Client } from "../client.ts";
import { proves } from "../proves.ts";
import { testServer, type TestServer } from "../server.ts";

let server: TestServer;
let number = 0;
let slug: string;
let acme: Awaited<ReturnType<TestServer["organization"]>>;

beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  number += 1;
  slug = `acme-${number}`;
  acme = await server.organization(slug);
});

const at = (path: string): string => `/o/${slug}/v1${path}`;
const problemOf = ({ json, status }: Answer): [number, string] => [
  status,
  String(json?.type ?? "").replace(/^.*\//, ""),
];
const from = (ip: string) => ({ headers: { "x-forwarded-for": ip } });
const change = async (body: object, version = 1, ip = "203.0.113.7", browser: Client = acme.browser) =>
  browser.patch(at("/security"), body, { version, ...from(ip) });
const preview = async (body: object, ip = "203.0.113.7") =>
  acme.browser.post(at("/security/preview"), body, from(ip));
async function withSecondFactor(token: string): Promise<void> {
  const db = await server.database.connectAsSuperuser();
  await db.query(
    "with c as (update kernel.credential set second_factor_at = now() where digest = sha256($1) returning person_id) update kernel.person p set second_factor_since = now() from c where p.id = c.person_id",
    [sha256(token)],
  );
}

describe("the rules for whoever comes in", () => {
  test("are read with their version and changed under it, with the old and the new in the trail", async () => {
    const read = await acme.browser.get(at("/security"));
    expect(read.headers["etag"]).toBe('"v1"');
    expect(read.json).toEqual({
      mfaRoles: null,
      mfaFrom: expect.any(String),
      mfaGraceDays: 7,
      networks: null,
      sessionIdleSeconds: null,
      sessionMaxSeconds: null,
      sessionBound: "none",
      closedWays: [],
      rememberedDevices: false,
      ssoEnforced: false,
      version: 1,
    });
    expect((await acme.browser.patch(at("/security"), { mfaGraceDays: 3 })).status).toBe(428);
    const changed = await change({
      mfaRoles: ["owner", "admin"],
      mfaGraceDays: 3,
      sessionIdleSeconds: 900,
      sessionMaxSeconds: 86_400,
    });
    expect(changed.json).toMatchObject({
      mfaRoles: ["admin", "owner"],
      mfaGraceDays: 3,
      sessionIdleSeconds: 900,
      version: 2,
    });
    expect((await change({ mfaGraceDays: 4 }, 1)).status).toBe(412);
    const trail = await acme.browser.get(at("/audit-events?resourceType=security"));
    expect(trail.json.items[0]).toMatchObject({
      action: "change",
      severity: "warning",
      before: { mfaRoles: null, mfaGraceDays: 7, sessionIdleSeconds: null, sessionMaxSeconds: null },
      after: {
        mfaRoles: ["admin", "owner"],
        mfaGraceDays: 3,
        sessionIdleSeconds: 900,
        sessionMaxSeconds: 86_400,
      },
    });
    expect(Object.keys(trail.json.items[0].after)).not.toContain("networks");
    const back = await change({ mfaRoles: null, sessionIdleSeconds: null, sessionMaxSeconds: null }, 2);
    expect(back.json).toMatchObject({ mfaRoles: null, sessionIdleSeconds: null, sessionMaxSeconds: null });
  });

  test("refuse what makes no sense, and are for those who may change them", async () => {
    for (const body of [
      { mfaRoles: ["emperor"] },
      { mfaRoles: [] },
      { mfaGraceDays: 91 },
      { mfaGraceDays: -1 },
      { sessionIdleSeconds: 10 },
      { sessionBound: "country" },
      { networks: ["fe80::1%eth0"] },
      { networks: ["0.0.0.0/0"] },
      { networks: [] },
      { ssoEnforced: true },
      {},
    ])
      expect([JSON.stringify(body), (await change(body)).status]).toEqual([JSON.stringify(body), 422]);
    const member = await server.person(acme, "manager");
    expect((await member.browser.get(at("/security"))).status).toBe(403);
    expect((await change({ mfaGraceDays: 1 }, 1, "203.0.113.7", member.browser)).status).toBe(403);
    const stranger = await server.organization(`stranger-${number}`);
    expect((await stranger.browser.get(at("/security"))).status).toBe(404);
  });

  test("are changed only by whoever has proven who they are within ten minutes", async () => {
    const db = await server.database.connectAsSuperuser();
    await db.query(
      "update kernel.credential set proved_at = now() - interval '11 min' where digest = sha256($1)",
      [sha256(acme.owner.token)],
    );
    expect(problemOf(await change({ mfaGraceDays: 1 }))).toEqual([403, "fresh-proof-needed"]);
    expect((await preview({ mfaGraceDays: 1 })).status).toBe(200);
  });
});

describe("a preview", () => {
  test("names who would be without a second factor and from when on, and changes nothing", async () => {
    const ready = await server.person(acme, "admin");
    await withSecondFactor(ready.token);
    const lacking = await server.person(acme, "admin");
    await server.person(acme, "viewer");
    const { json, status } = await preview({ mfaRoles: ["admin"], mfaGraceDays: 5 });
    expect(status).toBe(200);
    expect(json.withoutSecondFactor).toEqual({
      count: 1,
      people: [{ id: lacking.memberId, name: "Somebody", email: lacking.email, outFrom: expect.any(String) }],
    });
    const inDays = (Date.parse(json.withoutSecondFactor.people[0].outFrom) - Date.now()) / 86_400_000;
    expect(inDays).toBeGreaterThan(4.9);
    expect(inDays).toBeLessThan(5.1);
    expect(json.locksYouOut).toBeNull();
    expect((await preview({ mfaRoles: ["*"] })).json.withoutSecondFactor.count).toBe(3);
    expect((await acme.browser.get(at("/security"))).json).toMatchObject({ mfaRoles: null, version: 1 });
    const trail = await acme.browser.get(at("/audit-events?resourceType=security"));
    expect(trail.json.items).toEqual([]);
  });

  test("names whose last address lies outside, which keys, and which sessions would end", async () => {
    const here = await server.person(acme, "member");
    const there = await server.person(acme, "member");
    const db = await server.database.connectAsSuperuser();
    const seen = "update kernel.credential set ip = $2, opened_ip = $2 where digest = sha256($1)";
    await db.query(seen, [sha256(here.token), "203.0.113.9"]);
    await db.query(seen, [sha256(there.token), "198.51.100.9"]);
    await db.query(seen, [sha256(acme.owner.token), "203.0.113.7"]);
    const key = await server.database.key(acme, acme.owner);
    await db.query(seen, [sha256(key), "198.51.100.1"]);
    const { json } = await preview({ networks: ["203.0.113.0/24"] });
    expect(json.wouldBe.networks).toEqual(["203.0.113.0/24"]);
    expect(json.outsideNetworks).toMatchObject({ count: 1, people: [{ id: there.memberId }] });
    expect(json.keysOutsideNetworks).toMatchObject({ count: 1, keys: [{ name: "a key" }] });
    await db.query(
      "update kernel.credential set created_at = now() - interval '2 hours' where digest = sha256($1)",
      [sha256(here.token)],
    );
    const old = await preview({ sessionMaxSeconds: 3600 });
    expect(old.json.endingSessions).toMatchObject({ count: 1, people: [{ id: here.memberId }] });
  });

  test("says what would lock its author out, in the words of the refusal", async () => {
    for (const body of [
      { networks: ["198.51.100.0/24"] },
      { mfaRoles: ["owner"], mfaGraceDays: 0 },
      { sessionBound: "address" },
    ]) {
      const told = await preview(body);
      expect(told.json.locksYouOut).toEqual(expect.any(String));
      const refused = await change(body);
      expect([...problemOf(refused), refused.json.detail]).toEqual([
        409,
        "wrong-state",
        told.json.locksYouOut,
      ]);
    }
    expect((await acme.browser.get(at("/security"))).json.version).toBe(1);
  });
});

describe("a change that would lock out its author", () => {
  proves("IAM-11");
  test("is refused for an address, until the list has it", async () => {
    const refused = await change({ networks: ["198.51.100.0/24", "2001:db8::/32"] });
    expect(refused.json.detail).toContain("address that you come from");
    expect((await change({ networks: ["198.51.100.0/24"] }, 1, "::ffff:198.51.100.3")).status).toBe(200);
    expect((await change({ networks: ["2001:db8:7::/48"] }, 2, "198.51.100.3")).status).toBe(409);
  });

  test("is refused for a second factor without grace, until the session has one", async () => {
    const refused = await change({ mfaRoles: ["*"], mfaGraceDays: 0 });
    expect([refused.status, refused.json.detail]).toEqual([409, expect.stringContaining("no second factor")]);
    expect((await change({ mfaRoles: ["viewer"], mfaGraceDays: 0 })).status).toBe(200);
    await withSecondFactor(acme.owner.token);
    expect((await change({ mfaRoles: ["*"] }, 2)).status).toBe(200);
  });

  test("is refused for grace that is over, also when only the grace is shortened", async () => {
    await change({ mfaRoles: ["*"], mfaGraceDays: 30 });
    const db = await server.database.connectAsSuperuser();
    await db.query("update kernel.tenant set mfa_from = now() - interval '10 days' where id = $1", [acme.id]);
    await db.query(
      "update kernel.membership set created_at = now() - interval '10 days' where tenant_id = $1",
      [acme.id],
    );
    expect((await change({ mfaGraceDays: 5 }, 2)).status).toBe(409);
    expect((await change({ mfaGraceDays: 12 }, 2)).status).toBe(200);
  });

  test("is refused for a session that is older, or was opened elsewhere", async () => {
    const db = await server.database.connectAsSuperuser();
    await db.query(
      "update kernel.credential set created_at = now() - interval '2 hours', opened_ip = '198.51.100.7' where digest = sha256($1)",
      [sha256(acme.owner.token)],
    );
    for (const body of [
      { sessionMaxSeconds: 3600 },
      { sessionBound: "address" },
      { sessionBound: "network" },
    ])
      expect((await change(body)).status).toBe(409);
    expect((await change({ sessionBound: "network" }, 1, "198.51.100.200")).status).toBe(200);
  });

  test("is not refused to a key for what concerns sessions only", async () => {
    const key = await server.database.key(acme, acme.owner);
    const bearer = server.bearer(key);
    const set = await bearer.patch("/v1/security", { mfaRoles: ["*"], mfaGraceDays: 0 }, { version: 1 });
    expect(set.status).toBe(200);
    expect(
      (await bearer.patch("/v1/security", { networks: ["198.51.100.0/24"] }, { version: 2 })).status,
    ).toBe(409);
  });
});

describe("a rule that was set", () => {
  proves("IAM-8");
  test("holds from everybody's next request on, also for passes that were made before it", async () => {
    const member = await server.person(acme, "member");
    for (let times = 0; times < 4; times += 1)
      expect((await member.browser.get(at("/contacts"), from("198.51.100.9"))).status).toBe(200);
    await change({ networks: ["203.0.113.0/24"] });
    expect(problemOf(await member.browser.get(at("/contacts"), from("198.51.100.9")))).toEqual([
      403,
      "address-not-allowed",
    ]);
    expect((await member.browser.get(at("/contacts"), from("203.0.113.200"))).status).toBe(200);
    await change({ networks: null }, 2);
    expect((await member.browser.get(at("/contacts"), from("198.51.100.9"))).status).toBe(200);
  });

  test("lets in a /64 of IPv6 in every spelling (CVE-2026-47674), and believes only what the proxy wrote", async () => {
    await change({ networks: ["2001:DB8:0:1::/64", "203.0.113.0/24"] });
    const seen = async (ip: string): Promise<number> =>
      (await acme.browser.get(at("/contacts"), from(ip))).status;
    for (const ip of [
      "2001:db8:0:1::9",
      "2001:0DB8:0000:0001:FFFF:ffff:0:1",
      "[2001:db8:0:1::9]:443",
      "::ffff:203.0.113.9",
      "::ffff:cb00:7109",
      "6.6.6.6, 2001:db8:0:1::9",
    ])
      expect([ip, await seen(ip)]).toEqual([ip, 200]);
    for (const ip of [
      "2001:db8:0:2::9",
      "2001:db8::1:0:0:9",
      "::cb00:7109",
      "2001:db8:0:1::9, 6.6.6.6",
      "::ffff:198.51.100.9",
      "203.0.113.9%eth0x, 6.6.6.6",
      "not an address",
    ])
      expect([ip, await seen(ip)]).toEqual([ip, 403]);
  });

  test("asks a role for its second factor when the grace is over, and nobody else", async () => {
    const admin = await server.person(acme, "admin");
    const viewer = await server.person(acme, "viewer");
    await change({ mfaRoles: ["admin"], mfaGraceDays: 0 });
    expect(problemOf(await admin.browser.get(at("/members")))).toEqual([403, "second-factor-needed"]);
    expect((await viewer.browser.get(at("/members"))).status).toBe(200);
    await withSecondFactor(admin.token);
    expect((await admin.browser.get(at("/members"))).status).toBe(200);
  });

  test("begins its grace anew for those whom it asks only now", async () => {
    await change({ mfaRoles: ["admin"], mfaGraceDays: 10 });
    const db = await server.database.connectAsSuperuser();
    await db.query("update kernel.tenant set mfa_from = now() - interval '20 days' where id = $1", [acme.id]);
    const narrower = await change({ mfaRoles: ["admin"] }, 2);
    expect(Date.now() - Date.parse(narrower.json.mfaFrom)).toBeGreaterThan(19 * 86_400_000);
    const wider = await change({ mfaRoles: ["admin", "viewer"] }, 3);
    expect(Date.now() - Date.parse(wider.json.mfaFrom)).toBeLessThan(60_000);
  });

  test("ends a session in this organization only", async () => {
    const member = await server.person(acme, "member");
    const db = await server.database.connectAsSuperuser();
    await db.query(
      "update kernel.credential set created_at = now() - interval '2 hours' where digest = sha256($1)",
      [sha256(member.token)],
    );
    await change({ sessionMaxSeconds: 3600 });
    expect(problemOf(await member.browser.get(at("/members")))).toEqual([403, "sign-in-again"]);
    expect((await member.browser.get("/auth/me")).status).toBe(200);
  });
});

describe("an owner who is a person", () => {
  test("is left, whoever goes: service accounts with that role do not count", async () => {
    const made = await acme.browser.post(at("/service-accounts"), { name: "Robot", roles: ["owner"] });
    expect(made.status).toBe(201);
    const gone = await acme.browser.delete(at(`/members/${acme.owner.memberId}`));
    expect([gone.status, gone.json.detail]).toEqual([409, "the last owner stays"]);
    const lowered = await acme.browser.patch(at(`/members/${acme.owner.memberId}`), { roles: ["admin"] });
    expect(lowered.status).toBe(409);
    const second = await server.person(acme, "owner");
    expect((await second.browser.delete(at(`/members/${acme.owner.memberId}`))).status).toBe(204);
    expect((await second.browser.delete(at(`/service-accounts/${made.json.id}`))).status).toBe(204);
  });
});

describe("the review of access", () => {
  test("lists everybody and everything that gets in, with what deserves a second look", async () => {
    const admin = await server.person(acme, "admin");
    await withSecondFactor(admin.token);
    const account = await acme.browser.post(at("/service-accounts"), {
      name: "Robot",
      roles: ["viewer"],
      answerableId: admin.memberId,
    });
    await acme.browser.post(at(`/service-accounts/${account.json.id}/keys`), {
      name: "Robot's key",
      permissions: ["contact.read"],
    });
    await acme.browser.post(at("/keys"), { name: "For ever", expiresAt: null });
    await acme.browser.post(at("/invitations"), { email: "new@example.com", roles: ["viewer"] });
    await acme.browser.delete(at(`/members/${admin.memberId}`));
    const { json, status } = await acme.browser.get(at("/access-review"));
    expect(status).toBe(200);
    expect(json.members).toHaveLength(2);
    expect(json.members[0]).toMatchObject({
      email: acme.owner.email,
      kind: "person",
      roles: ["owner"],
      secondFactor: false,
      flags: ["no-second-factor"],
      lastSeenAt: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
    });
    expect(json.members[1]).toMatchObject({
      name: "Robot",
      kind: "service",
      answerable: null,
      flags: ["service-account", "nobody-answers"],
    });
    // The robot's key went with whoever answered for it.
    expect(json.keys.map(({ name }: { name: string }) => name)).toEqual(["For ever"]);
    expect(json.keys[0]).toMatchObject({
      class: "personal",
      owner: acme.owner.email,
      flags: ["never-ends", "all-permissions"],
    });
    expect(json.invitations).toMatchObject([{ email: "new@example.com", roles: ["viewer"] }]);
    expect(json.lastSignOff).toBeNull();
    const member = await server.person(acme, "member");
    expect((await member.browser.get(at("/access-review"))).status).toBe(403);
  });

  test("flags nobody whom their provider asks for it, unless a password alone would do beside it", async () => {
    const ada = await server.person(acme, "member");
    const key = server.bearer((await acme.browser.post(at("/keys"), { name: "Reviewer" })).json.key);
    const db = await server.database.connectAsSuperuser();
    const told = async (): Promise<object> => {
      const { members } = (await key.get("/v1/access-review")).json;
      const { secondFactorBy, flags } = members.find(({ id }: { id: string }) => id === ada.memberId);
      return { secondFactorBy, flags };
    };
    const demanding = async (rule: string): Promise<object> => {
      await db.query(
        "update kernel.tenant set sso_enforced = false, closed_ways = '{}', mfa_roles = null where slug = $1",
        [slug],
      );
      await db.query(`update kernel.tenant set ${rule} where slug = $1`, [slug]);
      return told();
    };
    const none = { secondFactorBy: null, flags: ["no-second-factor"] };
    expect(await demanding("sso_enforced = true")).toEqual(none);
    await db.query(
      `with m as (update kernel.membership set created_at = now() - interval '60 days' where id = $1 returning *),
       c as (insert into kernel.sso_connection (tenant_id, kind, name, state, proof_sealed, proof_digest, answers, asks_second_factor)
         select tenant_id, 'oidc', 'Provider', 'enabled', '', sha256(''), id, true from m returning id)
       insert into kernel.sso_identity (connection_id, issuer, subject, tenant_id, person_id, member_id)
       select c.id, 'https://idp.example', 'ada', m.tenant_id, m.person_id, m.id from c, m`,
      [ada.memberId],
    );
    const byProvider = { secondFactorBy: "provider", flags: [] };
    expect(await demanding("sso_enforced = true")).toEqual(byProvider);
    expect(await demanding("closed_ways = '{link,password}'")).toEqual(byProvider);
    expect(await demanding("mfa_roles = '{*}', mfa_from = now() - interval '30 days'")).toEqual(byProvider);
    expect(await demanding("closed_ways = '{link}'")).toEqual(none);
  });

  test("and the list of members count nobody as seen for what another organization's provider vouched for", async () => {
    const ada = await server.person(acme, "member");
    await server.organization(`${slug}-other`);
    const db = await server.database.connectAsSuperuser();
    const seen = async (): Promise<unknown[]> => {
      const { items } = (await acme.browser.get(at("/members"))).json;
      const { members } = (await acme.browser.get(at("/access-review"))).json;
      return [items, members].map((list) => {
        const found = list.find(({ id }: { id: string }) => id === ada.memberId);
        return found.lastSeenAt;
      });
    };
    const vouched = (by: string | null): Promise<unknown> =>
      db.query(
        `update kernel.credential c set last_seen_at = now(), sso_tenant_id = (select t.id from kernel.tenant t where t.slug = $2)
           from kernel.membership m where m.id = $1 and c.person_id = m.person_id`,
        [ada.memberId, by],
      );
    await vouched(`${slug}-other`);
    expect(await seen()).toEqual([null, null]);
    for (const here of [slug, null]) {
      await vouched(here);
      expect(await seen()).toEqual([expect.any(String), expect.any(String)]);
    }
  });

  test("comes as CSV, safe to open in a spreadsheet", async () => {
    await acme.browser.post(at("/keys"), { name: "=cmd|' /C calc'!A0" });
    const { text, headers } = await acme.browser.get(at("/access-review/export.csv"));
    expect(headers["content-type"]).toBe("text/csv; charset=utf-8");
    const lines = text.split("\r\n");
    expect(lines[0]).toBe(
      "what,name,email,roles or permissions,since,last seen,until,second factor,answered for by,flags,id",
    );
    expect(lines.find((line) => line.startsWith("member,"))).toContain(acme.owner.email);
    expect(text).toContain("'=cmd");
    // An export like any other: with a proof of the last ten minutes, and written down.
    const trail = await acme.browser.get(at("/audit-events?action=read"));
    expect(trail.json.items[0]).toMatchObject({ severity: "notice", resourceType: "security" });
    const db = await server.database.connectAsSuperuser();
    await db.query(
      "update kernel.credential set proved_at = now() - interval '11 min' where digest = sha256($1)",
      [sha256(acme.owner.token)],
    );
    expect(problemOf(await acme.browser.get(at("/access-review/export.csv")))).toEqual([
      403,
      "fresh-proof-needed",
    ]);
    expect((await acme.browser.get(at("/access-review"))).status).toBe(200);
    expect((await acme.browser.get("/auth/security")).json.freshSeconds).toBe(0);
  });

  test("is signed off in the trail, by whoever may change the rules", async () => {
    const { status, json } = await acme.browser.post(at("/access-review/sign-offs"), {
      note: "Fourth quarter",
    });
    expect(status).toBe(201);
    const trail = await acme.browser.get(at("/audit-events?resourceType=access-review"));
    expect(trail.json.items[0]).toMatchObject({
      action: "sign-off",
      resourceId: json.id,
      after: { note: "Fourth quarter", members: 1, keys: 0 },
    });
    const read = await acme.browser.get(at("/access-review"));
    expect(read.json.lastSignOff).toMatchObject({
      email: acme.owner.email,
      note: "Fourth quarter",
      counts: { members: 1 },
    });
    const member = await server.person(acme, "manager");
    expect((await member.browser.post(at("/access-review/sign-offs"), {})).status).toBe(403);
  });
});
