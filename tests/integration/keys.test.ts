import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keyPattern, readKey, secretCeiling } from "../../contract/api-key.ts";
import { uuidv7 } from "../../server/foundation/ids/index.ts";
import type { Client } from "../client.ts";
import { proves } from "../proves.ts";
import { type Person, publicUrl, testServer, type TestServer } from "../server.ts";

let server: TestServer;
let acme: Awaited<ReturnType<TestServer["organization"]>>;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
});
afterAll(() => server.stop());

const at = (path: string): string => `/o/acme/v1${path}`;
const problemOf = ({ json, status }: { json: { type?: string }; status: number }): [number, string] => [
  status,
  (json?.type ?? "").replace(/^.*\//, ""),
];
const days = (iso: string): number => Math.round((Date.parse(iso) - Date.now()) / 86_400_000);
const make = async (body: object, browser: Client = acme.browser) =>
  browser.post(at("/keys"), { name: "A key", ...body });

describe("a key", () => {
  test("that is mistyped or cut is refused with a word about it, before anybody is asked", async () => {
    const { json } = await make({});
    const typo = json.key.replace(/.$/, (last: string) => (last === "x" ? "y" : "x"));
    const cut = json.key.slice(0, -5);
    const db = await server.database.connectAsSuperuser();
    // With nobody behind the door, an answer has asked nobody.
    await db.query(
      "revoke execute on function kernel.enter(bytea, text, text[], uuid, inet, text, text) from rf_api",
    );
    try {
      for (const [key, word] of [
        [typo, "mistyped"],
        [cut, "not as long"],
        [`rf_key_${"n".repeat(43)}`, "mistyped"],
        [`pub_${"n".repeat(43)}`, "mistyped"],
      ] as const) {
        const answer = await server.bearer(key).get("/v1/organization");
        expect(problemOf(answer)).toEqual([401, "not-signed-in"]);
        expect(answer.json.detail).toContain(word);
        expect(answer.text).not.toContain(key);
      }
    } finally {
      await db.query(
        "grant execute on function kernel.enter(bytea, text, text[], uuid, inet, text, text) to rf_api",
      );
    }
    expect((await server.bearer(json.key).get("/v1/organization")).status).toBe(200);
  });

  test("ends in a year unless asked otherwise, and never only when that is asked for", async () => {
    expect(days((await make({})).json.expiresAt)).toBe(365);
    expect((await make({ expiresAt: null })).json.expiresAt).toBeNull();
    expect((await make({ expiresAt: "2027-01-01T00:00:00Z" })).json.expiresAt).toBe(
      "2027-01-01T00:00:00.000Z",
    );
    const { json } = await make({});
    const db = await server.database.connectAsSuperuser();
    await db.query("update kernel.credential set expires_at = now() - interval '1 s' where id = $1", [
      json.id,
    ]);
    expect((await server.bearer(json.key).get("/v1/organization")).status).toBe(401);
  });

  test("shows when and where it was used last", async () => {
    const { json } = await make({ name: "Seen" });
    expect(json.lastSeenAt).toBeNull();
    await server.bearer(json.key).get("/v1/organization");
    const shown = async () =>
      (await acme.browser.get(at("/keys?limit=200"))).json.items.find(
        ({ id }: { id: string }) => id === json.id,
      );
    const db = await server.database.connectAsSuperuser();
    const { rows } = await db.query("select digest from kernel.credential where id = $1", [json.id]);
    expect(rows).toHaveLength(1);
    const auth = await server.database.connectAs("auth");
    const { sha256 } = await import("../../server/foundation/ids/index.ts");
    await auth.query("select kernel.touch_credentials(array[$1::bytea], array['203.0.113.9'::inet])", [
      sha256(json.key),
    ]);
    expect(await shown()).toMatchObject({
      ip: "203.0.113.9",
      lastSeenAt: expect.any(String),
      hint: readKey(json.key) && json.key.split("_")[3],
    });
  });

  test("changes its name and its networks, with the old and the new in the trail", async () => {
    const { json } = await make({ name: "Before", networks: ["203.0.113.0/24"] });
    const changed = await acme.browser.patch(at(`/keys/${json.id}`), {
      name: "After",
      networks: ["2001:DB8::/48"],
    });
    expect(changed.json).toMatchObject({ name: "After", networks: ["2001:db8::/48"] });
    const trail = await acme.browser.get(at(`/audit-events?resourceId=${json.id}&action=change`));
    expect(trail.json.items[0]).toMatchObject({
      before: { name: "Before", networks: ["203.0.113.0/24"] },
      after: { name: "After", networks: ["2001:db8::/48"] },
    });
    expect((await acme.browser.patch(at(`/keys/${json.id}`), { networks: null })).json.networks).toBeNull();
    const other = await server.person(acme, "member");
    expect((await other.browser.patch(at(`/keys/${json.id}`), { name: "Mine" })).status).toBe(404);
  });
});

describe("a secret key", () => {
  proves("IAM-10");
  let key: string;
  beforeAll(async () => {
    const { json } = await make({ class: "secret" });
    key = json.key;
    expect(key).toMatch(new RegExp(`^${keyPattern}$`));
    expect(key.startsWith("sec_live_")).toBe(true);
    expect(json.permissions.toSorted()).toEqual([...secretCeiling].toSorted());
  });

  test("sends, reads a little, and neither changes nor deletes", async () => {
    const bearer = server.bearer(key);
    const made = await bearer.post("/v1/contacts", { firstName: "Ada" });
    expect(made.status).toBe(201);
    expect((await bearer.get(`/v1/contacts/${made.json.id}`)).status).toBe(200);
    for (const answer of [
      await bearer.patch(`/v1/contacts/${made.json.id}`, { firstName: "Eve" }, { version: 1 }),
      await bearer.post(`/v1/contacts/${made.json.id}/archive`, undefined, { version: 1 }),
      await bearer.get("/v1/members"),
      await bearer.get("/v1/keys"),
      await bearer.get("/v1/contacts/export.csv"),
      await bearer.post("/v1/keys", { name: "More" }),
      await bearer.get("/v1/audit-events"),
    ]) {
      expect([403, 404]).toContain(answer.status);
    }
    expect((await server.bearer(key).get(`/v1/contacts/${made.json.id}`)).json.firstName).toBe("Ada");
  });

  test("is never given more, not even on request", async () => {
    const more = await make({ class: "secret", permissions: ["contact.read", "contact.erase"] });
    expect(problemOf(more)).toEqual([422, "not-valid"]);
    expect(more.json.detail).toContain("cannot do all of that");
    const less = await make({ class: "secret", permissions: ["contact.create"] });
    expect(less.json.permissions).toEqual(["contact.create"]);
    expect((await server.bearer(less.json.key).get("/v1/contacts")).status).toBe(403);
    const member = await server.person(acme, "member");
    expect((await make({ class: "secret" }, member.browser)).status).toBe(201);
  });

  test("loses what its maker loses, and ends with the membership", async () => {
    const person = await server.person(acme, "member");
    const { json } = await make({ class: "secret" }, person.browser);
    const bearer = server.bearer(json.key);
    expect((await bearer.post("/v1/contacts", { firstName: "A" })).status).toBe(201);
    await acme.browser.patch(at(`/members/${person.memberId}`), { roles: ["viewer"] });
    expect((await bearer.post("/v1/contacts", { firstName: "B" })).status).toBe(403);
    expect((await bearer.get("/v1/contacts")).status).toBe(200);
    await acme.browser.delete(at(`/members/${person.memberId}`));
    expect((await bearer.get("/v1/contacts")).status).toBe(401);
  });
});

describe("a publishable key", () => {
  proves("IAM-10");
  test("opens no door of the API, whoever made it", async () => {
    const { json } = await make({ class: "publishable", sites: ["shop.example.com", "*.example.org"] });
    expect(json).toMatchObject({
      class: "publishable",
      permissions: [],
      sites: ["shop.example.com", "*.example.org"],
    });
    expect(json.key.startsWith("pub_live_")).toBe(true);
    for (const path of ["/v1/organization", "/v1/contacts", "/o/acme/v1/organization", "/auth/me"])
      expect((await server.bearer(json.key).get(path)).status).toBe(401);
    expect((await server.bearer(json.key).post("/v1/contacts", { firstName: "A" })).status).toBe(401);
    expect(problemOf(await make({ class: "publishable", permissions: ["contact.read"] }))).toEqual([
      422,
      "not-valid",
    ]);
    expect(problemOf(await make({ class: "secret", sites: ["shop.example.com"] }))).toEqual([
      422,
      "not-valid",
    ]);
    expect((await make({ class: "publishable", sites: ["https://shop.example.com"] })).status).toBe(422);
  });
});

describe("a re-roll", () => {
  proves("IAM-10");
  test("lets both keys answer for the overlap; the old one then ends by itself", async () => {
    const { json: old } = await make({
      name: "Rolling",
      permissions: ["contact.read", "organization.read"],
      networks: ["127.0.0.0/8"],
    });
    const rolled = await acme.browser.post(at(`/keys/${old.id}/reroll`), { overlapSeconds: 900 });
    expect(rolled.status).toBe(201);
    expect(rolled.json).toMatchObject({
      name: "Rolling",
      permissions: old.permissions,
      networks: old.networks,
      replacedBy: null,
    });
    expect(rolled.json.key).not.toBe(old.key);
    expect(days(rolled.json.expiresAt)).toBe(365);
    for (const key of [old.key, rolled.json.key])
      expect((await server.bearer(key).get("/v1/organization")).status).toBe(200);
    const listed = async (): Promise<Record<string, unknown>[]> =>
      (await acme.browser.get(at("/keys?limit=200"))).json.items.filter(
        ({ name }: { name: string }) => name === "Rolling",
      );
    const both = await listed();
    expect(both.map(({ replacedBy }) => replacedBy).toSorted()).toEqual([rolled.json.id, null].toSorted());
    const minutes =
      (Date.parse(String(both.find(({ id }) => id === old.id)?.["expiresAt"])) - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(14);
    expect(minutes).toBeLessThanOrEqual(15);
    expect((await acme.browser.post(at(`/keys/${old.id}/reroll`), { overlapSeconds: 900 })).status).toBe(409);
    const db = await server.database.connectAsSuperuser();
    await db.query("update kernel.credential set expires_at = now() where id = $1", [old.id]);
    expect((await server.bearer(old.key).get("/v1/organization")).status).toBe(401);
    expect((await server.bearer(rolled.json.key).get("/v1/organization")).status).toBe(200);
    expect(await listed()).toHaveLength(1);
  });

  test("without overlap ends the old key at once", async () => {
    const { json: old } = await make({});
    const rolled = await acme.browser.post(at(`/keys/${old.id}/reroll`), { overlapSeconds: 0 });
    expect((await server.bearer(old.key).get("/v1/contacts")).status).toBe(401);
    expect((await server.bearer(rolled.json.key).get("/v1/contacts")).status).toBe(200);
  });

  test("takes the overlaps that there are, each to the second", async () => {
    for (const overlapSeconds of [900, 3600, 21_600, 86_400]) {
      const { json: old } = await make({});
      await acme.browser.post(at(`/keys/${old.id}/reroll`), { overlapSeconds });
      const db = await server.database.connectAsSuperuser();
      const { rows } = await db.query(
        "select extract(epoch from o.expires_at - n.created_at)::integer as s from kernel.credential o join kernel.credential n on n.id = o.replaced_by where o.id = $1",
        [old.id],
      );
      expect(rows).toEqual([{ s: overlapSeconds }]);
    }
    const { json } = await make({});
    for (const overlapSeconds of [-1, 1, 60, 86_401, null])
      expect((await acme.browser.post(at(`/keys/${json.id}/reroll`), { overlapSeconds })).status).toBe(422);
  });

  test("never lengthens a life: an old key that ends sooner than the overlap does end then", async () => {
    const soon = new Date(Date.now() + 300_000).toISOString();
    const { json: old } = await make({ expiresAt: soon });
    await acme.browser.post(at(`/keys/${old.id}/reroll`), { overlapSeconds: 86_400 });
    const { json } = await acme.browser.get(at("/keys?limit=200"));
    expect(json.items.find(({ id }: { id: string }) => id === old.id).expiresAt).toBe(soon);
  });

  test("of another one's personal key is refused, of a secret key it makes the new one one's own", async () => {
    const member = await server.person(acme, "member");
    const { json: theirs } = await make({}, member.browser);
    expect((await acme.browser.post(at(`/keys/${theirs.id}/reroll`), { overlapSeconds: 0 })).status).toBe(
      404,
    );
    expect((await server.bearer(theirs.key).get("/v1/contacts")).status).toBe(200);
    const { json: shared } = await make({ class: "secret" }, member.browser);
    const rolled = await acme.browser.post(at(`/keys/${shared.id}/reroll`), { overlapSeconds: 0 });
    expect(rolled.json).toMatchObject({ memberId: acme.owner.memberId, class: "secret" });
    const viewer = await server.person(acme, "member");
    expect(
      (await viewer.browser.post(at(`/keys/${rolled.json.id}/reroll`), { overlapSeconds: 0 })).status,
    ).toBe(404);
  });
});

describe("an exchange of a key for a token", () => {
  proves("IAM-18");
  const exchange = async (key: string, body: object = {}) =>
    server.bearer(key).post("/v1/keys/exchange", body);

  test("gives one that does as much or less for an hour at most, and is no key to look after", async () => {
    const { json: made } = await make({ name: "Exchanged" });
    const whole = await exchange(made.key);
    expect(whole.json).toMatchObject({
      accessToken: expect.stringMatching(/^rf_key_live_/),
      tokenType: "Bearer",
    });
    const minutes = (Date.parse(whole.json.expiresAt) - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(59);
    expect(minutes).toBeLessThanOrEqual(60);
    expect((await server.bearer(whole.json.accessToken).get("/v1/contacts")).status).toBe(200);
    const less = await exchange(made.key, { seconds: 60, permissions: ["organization.read"] });
    expect((await server.bearer(less.json.accessToken).get("/v1/organization")).status).toBe(200);
    expect((await server.bearer(less.json.accessToken).get("/v1/contacts")).status).toBe(403);
    expect((await exchange(less.json.accessToken)).status).toBe(409);
    expect((await acme.browser.post(at("/keys/exchange"), {})).status).toBe(409);
    expect((await exchange(made.key, { seconds: 3601 })).status).toBe(422);
    const listed = (await acme.browser.get(at("/keys?limit=200"))).json.items;
    expect(listed.filter(({ name }: { name: string }) => name === "Exchanged")).toHaveLength(1);
  });

  test("gives nothing more than the key may, of whatever class it is", async () => {
    const { json: secret } = await make({ class: "secret" });
    const token = await exchange(secret.key);
    expect(token.json.accessToken.startsWith("sec_live_")).toBe(true);
    expect((await exchange(secret.key, { permissions: ["contact.erase"] })).status).toBe(403);
    const bearer = server.bearer(token.json.accessToken);
    expect((await bearer.post("/v1/contacts", { firstName: "A" })).status).toBe(201);
    expect((await bearer.get("/v1/members")).status).toBe(403);
  });

  test("is refused to a publishable key, renewed or not, and makes a key of no other class", async () => {
    const { json: made } = await make({ class: "publishable", sites: ["shop.example.com"] });
    const { json: renewed } = await acme.browser.post(at(`/keys/${made.id}/reroll`), { overlapSeconds: 900 });
    expect(renewed).toMatchObject({ class: "publishable", key: expect.stringMatching(/^pub_live_/) });
    for (const { key } of [made, renewed]) {
      expect(problemOf(await exchange(key))).toEqual([401, "not-signed-in"]);
      expect(problemOf(await exchange(key, { permissions: ["contact.create"] }))).toEqual([
        401,
        "not-signed-in",
      ]);
    }
    const { json: secret } = await make({ class: "secret" });
    await exchange(secret.key);
    const db = await server.database.connectAsSuperuser();
    const { rows } = await db.query(
      `select class, permissions = '{}' as nothing, count(*)::integer from kernel.credential
        where id = any ($1) or parent_id = any ($1) group by 1, 2 order by 1`,
      [[made.id, renewed.id, secret.id]],
    );
    expect(rows).toEqual([
      { class: "publishable", nothing: true, count: 2 },
      { class: "secret", nothing: false, count: 2 },
    ]);
  });

  test("gives one that ends with the key, moves with its networks, and does not outlive its re-roll", async () => {
    const { json: made } = await make({});
    const token = (await exchange(made.key)).json.accessToken;
    await acme.browser.patch(at(`/keys/${made.id}`), { networks: ["203.0.113.0/24"] });
    expect((await server.bearer(token).get("/v1/contacts")).status).toBe(403);
    await acme.browser.patch(at(`/keys/${made.id}`), { networks: null });
    await acme.browser.post(at(`/keys/${made.id}/reroll`), { overlapSeconds: 900 });
    const db = await server.database.connectAsSuperuser();
    const { rows } = await db.query(
      "select bool_and(expires_at <= now() + interval '15 min') as soon from kernel.credential where parent_id = $1",
      [made.id],
    );
    expect(rows).toEqual([{ soon: true }]);
    await acme.browser.delete(at(`/keys/${made.id}`));
    expect((await server.bearer(token).get("/v1/contacts")).status).toBe(401);
  });
});

describe("a key that is limited to networks", () => {
  proves("IAM-11");
  const from = (ip: string) => ({ headers: { "x-forwarded-for": ip } });

  test("is taken from there and from nowhere else, in every spelling", async () => {
    const { json } = await make({ networks: ["203.0.113.0/24", "2001:DB8:0:1::/64", "::ffff:198.51.100.7"] });
    expect(json.networks).toEqual(["203.0.113.0/24", "2001:db8:0:1::/64", "198.51.100.7/32"]);
    const bearer = server.bearer(json.key);
    const inside = [
      "203.0.113.7",
      "::ffff:203.0.113.7",
      "::FFFF:cb00:7107",
      "2001:db8:0:1::1",
      "2001:0DB8:0000:0001:0000:0000:0000:0001",
      "2001:db8:0:1:ffff:ffff:ffff:ffff",
      "[2001:db8:0:1::9]:4711",
      "203.0.113.255:80",
      "198.51.100.7",
      "6.6.6.6, 203.0.113.7",
    ];
    for (const ip of inside)
      expect([ip, (await bearer.get("/v1/organization", from(ip))).status]).toEqual([ip, 200]);
    const outside = [
      "203.0.114.7",
      "2001:db8:0:2::1",
      "2001:db8::1",
      "::cb00:7107",
      "198.51.100.8",
      "203.0.113.7, 6.6.6.6",
      "::1",
    ];
    for (const ip of outside)
      expect([ip, ...problemOf(await bearer.get("/v1/organization", from(ip)))]).toEqual([
        ip,
        403,
        "address-not-allowed",
      ]);
  });

  test("cannot limit itself away from where it is used", async () => {
    const { json } = await make({ permissions: ["key.create", "key.end", "key.read"] });
    const bearer = server.bearer(json.key);
    const refused = await bearer.patch(`/v1/keys/${json.id}`, { networks: ["203.0.113.0/24"] });
    expect(problemOf(refused)).toEqual([409, "wrong-state"]);
    expect(refused.json.detail).toContain("address that you come from");
    expect(
      (await bearer.patch(`/v1/keys/${json.id}`, { networks: ["127.0.0.0/8", "203.0.113.0/24"] })).status,
    ).toBe(200);
  });

  test("is limited from its very next request, passes included", async () => {
    const { json } = await make({});
    const bearer = server.bearer(json.key);
    for (let times = 0; times < 4; times += 1) expect((await bearer.get("/v1/contacts")).status).toBe(200);
    await acme.browser.patch(at(`/keys/${json.id}`), { networks: ["203.0.113.0/24"] });
    expect(problemOf(await bearer.get("/v1/contacts"))).toEqual([403, "address-not-allowed"]);
  });

  test("takes no list that could not mean what it says", async () => {
    for (const network of [
      "fe80::1%eth0",
      "010.0.0.1",
      "0.0.0.0/0",
      "::/0",
      "203.0.113.7/24",
      "example.com",
      "1.2.3.4/33",
    ]) {
      const answer = await make({ networks: ["203.0.113.0/24", network] });
      expect([network, answer.status, answer.json.errors?.[0].pointer]).toEqual([
        network,
        422,
        "/networks/1",
      ]);
    }
  });
});

describe("a service account", () => {
  let account: { id: string; version: number };
  beforeAll(async () => {
    const made = await acme.browser.post(at("/service-accounts"), {
      name: "Nightly sync",
      roles: ["member"],
    });
    expect(made.status).toBe(201);
    account = made.json;
    expect(made.json).toMatchObject({
      name: "Nightly sync",
      roles: ["member"],
      answerableId: acme.owner.memberId,
      version: 1,
    });
    expect(made.json.email).toMatch(/^service-[0-9a-f]{12}@acme\.invalid$/);
  });
  const keyOf = async (id: string, body: object = {}, browser: Client = acme.browser) =>
    browser.post(at(`/service-accounts/${id}/keys`), { name: "Its key", ...body });

  test("comes in by a key of its own, and the trail names it", async () => {
    const { json, status } = await keyOf(account.id);
    expect([status, json.class, json.key.startsWith("rf_svc_live_")]).toEqual([201, "service", true]);
    const bearer = server.bearer(json.key);
    const contact = await bearer.post("/v1/contacts", { firstName: "Synced" });
    expect(contact.status).toBe(201);
    expect((await bearer.get("/v1/contacts")).status).toBe(200);
    const trail = await acme.browser.get(at(`/audit-events?resourceId=${contact.json.id}`));
    expect(trail.json.items[0].actorEmail).toMatch(/^service-/);
    expect((await bearer.get("/auth/me")).status).toBe(401);
    expect((await bearer.post("/v1/keys", { name: "Mine" })).status).toBe(403);
    const members = (await acme.browser.get(at("/members?limit=200"))).json.items;
    expect(members.find(({ id }: { id: string }) => id === account.id)).toMatchObject({ kind: "service" });
  });

  test("has keys that whoever manages them names and limits, and nobody else, nor by less than they may do", async () => {
    const { json } = await keyOf(account.id, { networks: ["203.0.113.0/24"] });
    const path = at(`/keys/${json.id}`);
    const bearer = server.bearer(json.key);
    expect(problemOf(await bearer.get("/v1/contacts"))).toEqual([403, "address-not-allowed"]);
    const renamed = await acme.browser.patch(path, { name: "Nightly", networks: null });
    expect([renamed.status, renamed.json]).toEqual([
      200,
      expect.objectContaining({ id: json.id, name: "Nightly", networks: null, class: "service" }),
    ]);
    expect((await bearer.get("/v1/contacts")).status).toBe(200);
    const trail = await acme.browser.get(at(`/audit-events?resourceId=${json.id}&action=change`));
    expect(trail.json.items[0]).toMatchObject({
      actorEmail: acme.owner.email,
      before: { name: "Its key", networks: ["203.0.113.0/24"] },
      after: { name: "Nightly", networks: null },
    });
    const admin = await server.person(acme, "admin");
    expect((await admin.browser.patch(path, { name: "By an admin" })).json.name).toBe("By an admin");
    const member = await server.person(acme, "member");
    expect(problemOf(await member.browser.patch(path, { name: "Mine" }))).toEqual([404, "not-found"]);
    const mine = await member.browser.post(at("/keys"), { name: "Mine" });
    expect((await member.browser.patch(at(`/keys/${mine.json.id}`), { name: "Still mine" })).status).toBe(
      200,
    );
    // An owner's own account may more than an admin does.
    const strong = await acme.browser.post(at("/service-accounts"), { name: "Strong", roles: ["owner"] });
    const key = (await keyOf(strong.json.id)).json;
    const opened = await admin.browser.patch(at(`/keys/${key.id}`), { networks: ["203.0.113.0/24"] });
    expect(problemOf(opened)).toEqual([403, "not-allowed"]);
    // Its public keys and short tokens are not among them.
    const token = (await bearer.post("/v1/keys/exchange", {})).json;
    expect(token.accessToken).toEqual(expect.any(String));
    const { rows } = await (
      await server.database.connectAsSuperuser()
    ).query("select id from kernel.credential where parent_id = $1", [json.id]);
    expect(problemOf(await acme.browser.patch(at(`/keys/${rows[0].id}`), { name: "x" }))).toEqual([
      404,
      "not-found",
    ]);
  });

  test("is given nothing that its maker does not hold", async () => {
    const admin = await server.person(acme, "admin");
    const greedy = await admin.browser.post(at("/service-accounts"), { name: "Greedy", roles: ["owner"] });
    expect(greedy.status).toBe(403);
    const strong = await acme.browser.post(at("/service-accounts"), { name: "Strong", roles: ["owner"] });
    const key = await keyOf(strong.json.id, {}, admin.browser);
    // What is made for it is capped by whoever makes it.
    expect(key.json.permissions).not.toContain("billing.change");
    expect((await keyOf(strong.json.id, { permissions: ["billing.change"] }, admin.browser)).status).toBe(
      403,
    );
    const taken = await admin.browser.patch(
      at(`/service-accounts/${strong.json.id}`),
      { answerableId: admin.memberId },
      { version: 1 },
    );
    expect(taken.status).toBe(403);
    const member = await server.person(acme, "member");
    expect(
      (await member.browser.post(at("/service-accounts"), { name: "X", roles: ["viewer"] })).status,
    ).toBe(403);
    expect((await keyOf(account.id, {}, member.browser)).status).toBe(403);
  });

  test("may no more than whoever answers for it may now, and nothing when nobody does", async () => {
    const admin = await server.person(acme, "admin");
    const made = await admin.browser.post(at("/service-accounts"), { name: "Lent", roles: ["manager"] });
    const mine = await keyOf(made.json.id, {}, acme.browser);
    const bearer = server.bearer(mine.json.key);
    for (let times = 0; times < 3; times += 1) expect((await bearer.get("/v1/contacts")).status).toBe(200);
    expect((await bearer.post("/v1/contacts", { firstName: "A" })).status).toBe(201);
    await acme.browser.patch(at(`/members/${admin.memberId}`), { roles: ["viewer"] });
    expect((await bearer.post("/v1/contacts", { firstName: "B" })).status).toBe(403);
    expect((await bearer.get("/v1/contacts")).status).toBe(200);
    await acme.browser.patch(at(`/members/${admin.memberId}`), { roles: ["admin"] });
    expect((await bearer.post("/v1/contacts", { firstName: "C" })).status).toBe(201);
    await acme.browser.delete(at(`/members/${admin.memberId}`));
    expect((await bearer.get("/v1/contacts")).status).toBe(401);
    const orphan = await acme.browser.get(at(`/service-accounts/${made.json.id}`));
    expect(orphan.json).toMatchObject({ answerableId: null, permissions: [] });
    const again = await acme.browser.patch(
      at(`/service-accounts/${made.json.id}`),
      { answerableId: acme.owner.memberId },
      { version: orphan.json.version },
    );
    expect(again.json.permissions).toContain("contact.create");
    const fresh = await keyOf(made.json.id);
    expect((await server.bearer(fresh.json.key).get("/v1/contacts")).status).toBe(200);
  });

  test("has keys that may no more than their maker may now, and that end with their maker", async () => {
    const admin = await server.person(acme, "admin");
    const { json } = await keyOf(account.id, {}, admin.browser);
    const bearer = server.bearer(json.key);
    for (let times = 0; times < 3; times += 1) expect((await bearer.get("/v1/contacts")).status).toBe(200);
    expect((await bearer.post("/v1/contacts", { firstName: "A" })).status).toBe(201);
    await acme.browser.patch(at(`/members/${admin.memberId}`), { roles: ["viewer"] });
    expect((await bearer.post("/v1/contacts", { firstName: "B" })).status).toBe(403);
    expect((await bearer.get("/v1/contacts")).status).toBe(200);
    await acme.browser.delete(at(`/members/${admin.memberId}`));
    expect((await bearer.get("/v1/contacts")).status).toBe(401);
    expect((await acme.browser.get(at(`/service-accounts/${account.id}`))).status).toBe(200);
  });

  test("is changed under its version, and ends with all it has", async () => {
    const made = await acme.browser.post(at("/service-accounts"), { name: "Short", roles: ["viewer"] });
    const { json } = await keyOf(made.json.id);
    const id = made.json.id;
    expect((await acme.browser.patch(at(`/service-accounts/${id}`), { name: "X" })).status).toBe(428);
    expect(
      (await acme.browser.patch(at(`/service-accounts/${id}`), { name: "X" }, { version: 7 })).status,
    ).toBe(412);
    const changed = await acme.browser.patch(
      at(`/service-accounts/${id}`),
      { name: "Long", roles: ["member"] },
      { version: 1 },
    );
    expect(changed.json).toMatchObject({ name: "Long", roles: ["member"], version: 2 });
    const nobody = await acme.browser.patch(
      at(`/service-accounts/${id}`),
      { answerableId: account.id },
      { version: 2 },
    );
    expect([nobody.status, nobody.json.detail]).toEqual([
      422,
      "only a person who is a member can answer for it",
    ]);
    expect((await acme.browser.delete(at(`/service-accounts/${id}`))).status).toBe(204);
    expect((await server.bearer(json.key).get("/v1/contacts")).status).toBe(401);
    expect((await acme.browser.get(at(`/service-accounts/${id}`))).status).toBe(404);
    expect((await acme.browser.delete(at(`/service-accounts/${acme.owner.memberId}`))).status).toBe(404);
  });
});

describe("an assertion of a service account", () => {
  const audience = `${publicUrl}/auth/service-token`;
  let id: string;
  let admin: Person;
  let keys: Awaited<ReturnType<typeof generateKeyPair>>;
  let publicKeyId: string;

  beforeAll(async () => {
    admin = await server.person(acme, "admin");
    id = (await acme.browser.post(at("/service-accounts"), { name: "Signer", roles: ["member"] })).json.id;
    keys = await generateKeyPair("ES256");
    publicKeyId = (await register(await exportJWK(keys.publicKey))).json.id;
  });

  const register = async (jwk: object, body: object = {}, browser: Client = acme.browser) =>
    browser.post(at(`/service-accounts/${id}/public-keys`), { name: "A public key", jwk, ...body });
  const claims = (changes: Record<string, unknown> = {}): Record<string, unknown> => {
    const now = Math.floor(Date.now() / 1000);
    return { iss: id, sub: id, aud: audience, jti: uuidv7(), iat: now, exp: now + 120, ...changes };
  };
  const signed = (
    payload: Record<string, unknown>,
    header: Record<string, unknown> = {},
    key = keys.privateKey,
  ) => new SignJWT(payload).setProtectedHeader({ alg: "ES256", ...header }).sign(key);
  const ask = async (clientAssertion: string) =>
    server.stranger().post("/auth/service-token", { clientAssertion });

  test("gets a token of one hour that does what the account may", async () => {
    const answer = await ask(await signed(claims()));
    expect(answer.json).toEqual({
      accessToken: expect.stringMatching(/^rf_svc_live_/),
      tokenType: "Bearer",
      expiresIn: 3600,
    });
    expect(answer.headers["set-cookie"]).toBeUndefined();
    const bearer = server.bearer(answer.json.accessToken);
    expect((await bearer.post("/v1/contacts", { firstName: "Signed" })).status).toBe(201);
    expect((await bearer.get("/v1/keys")).status).toBe(200);
    expect((await bearer.get("/v1/members")).json.items.length).toBeGreaterThan(0);
    const db = await server.database.connectAsSuperuser();
    const { rows } = await db.query(
      "select (expires_at - created_at)::text as life from kernel.credential where service_jwk_id is not null order by created_at desc limit 1",
    );
    expect(rows).toEqual([{ life: "01:00:00" }]);
    // It is no key that anybody has to look after.
    const listed = (await acme.browser.get(at("/keys?limit=200"))).json.items;
    expect(listed.filter(({ name }: { name: string }) => name === "A public key")).toEqual([]);
    const shown = await acme.browser.get(at(`/service-accounts/${id}/public-keys`));
    expect(shown.json.items[0]).toMatchObject({ id: publicKeyId, alg: "ES256", usedAt: expect.any(String) });
  });

  test.each(["EdDSA", "RS256"] as const)("may be signed with %s too", async (alg) => {
    const pair = await generateKeyPair(alg);
    const added = await register(await exportJWK(pair.publicKey));
    expect([added.status, added.json.alg]).toEqual([201, alg]);
    const answer = await ask(await signed(claims(), { alg, typ: "JWT" }, pair.privateKey));
    expect(answer.status).toBe(200);
    expect((await acme.browser.delete(at(`/public-keys/${added.json.id}`))).status).toBe(204);
    expect((await server.bearer(answer.json.accessToken).get("/v1/contacts")).status).toBe(401);
    expect((await ask(await signed(claims(), { alg }, pair.privateKey))).status).toBe(401);
  });

  test("is good once, also for 50 at the same time", async () => {
    const one = await signed(claims());
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(one)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(49);
    const trail = await acme.browser.get(
      at(`/audit-events?resourceId=${id}&action=sign-in-refused&limit=200`),
    );
    expect(
      trail.json.items.filter(({ after }: { after: { reason: string } }) => after.reason === "replayed"),
    ).toHaveLength(49);
  });

  test("is refused alike outside, and precisely in the trail, for whatever is wrong with it", async () => {
    const now = Math.floor(Date.now() / 1000);
    const stranger = await generateKeyPair("ES256");
    const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(keys.publicKey)));
    const none = (payload: Record<string, unknown>): string =>
      `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from(JSON.stringify(payload)).toString("base64url")}.`;
    const without = (name: string): Record<string, unknown> =>
      Object.fromEntries(Object.entries(claims()).filter(([key]) => key !== name));
    const wrong: readonly (readonly [string, string, string | null])[] = [
      [
        "another audience",
        await signed(claims({ aud: "https://evil.example/auth/service-token" })),
        "wrong aud",
      ],
      ["a list of audiences", await signed(claims({ aud: [audience] })), "wrong audience"],
      [
        "several audiences",
        await signed(claims({ aud: [audience, "https://evil.example"] })),
        "wrong audience",
      ],
      ["no audience", await signed(without("aud")), "wrong aud"],
      ["a long life", await signed(claims({ exp: now + 3600 })), "too-long"],
      ["no end", await signed(without("exp")), "wrong exp"],
      ["an end that is over", await signed(claims({ exp: now - 60 })), "expired"],
      ["a beginning to come", await signed(claims({ nbf: now + 600 })), "wrong nbf"],
      ["no jti", await signed(without("jti")), "wrong jti"],
      ["a short jti", await signed(claims({ jti: "x" })), "bad jti"],
      ["a jti that is no text", await signed(claims({ jti: 12_345_678_901 })), "bad jti"],
      ["another one's signature", await signed(claims(), {}, stranger.privateKey), "wrong signature"],
      [
        "another algorithm of the same account",
        await signed(claims(), { alg: "EdDSA" }, (await generateKeyPair("EdDSA")).privateKey),
        "no such key",
      ],
      ["a critical header that nobody knows", await crit(), "malformed"],
      [
        "HMAC with the public key",
        await new SignJWT(claims()).setProtectedHeader({ alg: "HS256" }).sign(secret),
        null,
      ],
      ["no algorithm", none(claims()), null],
      ["another type", await signed(claims(), { typ: "at+jwt" }), null],
      ["iss and sub that differ", await signed(claims({ sub: acme.owner.memberId })), null],
      [
        "an account that is a person",
        await signed(claims({ iss: acme.owner.memberId, sub: acme.owner.memberId })),
        null,
      ],
      ["an account that is nobody", await signed(claims({ iss: uuidv7(), sub: "x" })), null],
      ["something that is no JWT", "x".repeat(300), null],
      ["five parts", "e30.e30.e30.e30.e30.e30", null],
    ];
    const seen = new Set<string>();
    for (const [what, assertion, reason] of wrong) {
      const answer = await ask(assertion);
      expect([what, answer.status]).toEqual([what, 401]);
      seen.add(answer.text.replace(/urn:request:[0-9a-f-]{36}/, ""));
      if (reason === null) continue;
      const { json } = await acme.browser.get(at(`/audit-events?resourceId=${id}&limit=1`));
      expect([what, json.items[0].action, json.items[0].after.reason]).toEqual([
        what,
        "sign-in-refused",
        reason,
      ]);
    }
    expect([...seen]).toHaveLength(1);
    expect((await ask("x".repeat(9000))).status).toBe(422);

    async function crit(): Promise<string> {
      const [head = "", ...rest] = (await signed(claims())).split(".");
      const header = { ...JSON.parse(Buffer.from(head, "base64url").toString()), crit: ["x"], x: 1 };
      return [Buffer.from(JSON.stringify(header)).toString("base64url"), ...rest].join(".");
    }
  });

  test("is taken only from the networks of its public key, and its token too", async () => {
    const pair = await generateKeyPair("ES256");
    const added = await register(await exportJWK(pair.publicKey), {
      networks: ["203.0.113.0/24"],
      permissions: ["organization.read"],
    });
    expect(added.json.networks).toEqual(["203.0.113.0/24"]);
    const here = await server
      .stranger()
      .post("/auth/service-token", { clientAssertion: await signed(claims(), {}, pair.privateKey) });
    expect(here.status).toBe(401);
    const there = await server
      .stranger()
      .post(
        "/auth/service-token",
        { clientAssertion: await signed(claims(), {}, pair.privateKey) },
        { headers: { "x-forwarded-for": "203.0.113.7" } },
      );
    expect(there.status).toBe(200);
    const bearer = server.bearer(there.json.accessToken);
    expect(
      (await bearer.get("/v1/organization", { headers: { "x-forwarded-for": "203.0.113.7" } })).status,
    ).toBe(200);
    expect((await bearer.get("/v1/contacts", { headers: { "x-forwarded-for": "203.0.113.7" } })).status).toBe(
      403,
    );
    expect(problemOf(await bearer.get("/v1/organization"))).toEqual([403, "address-not-allowed"]);
  });

  test("needs a public key that is one, and strong enough", async () => {
    const weak = await generateKeyPair("RS256", { modulusLength: 2048, extractable: true });
    const jwk = await exportJWK(keys.publicKey);
    const p384 = await exportJWK((await generateKeyPair("ES384")).publicKey);
    const short = {
      ...(await exportJWK(weak.publicKey)),
      n: Buffer.from(`b${"3".repeat(255)}`, "hex").toString("base64url"),
    };
    for (const bad of [
      await exportJWK(weak.privateKey),
      short,
      p384,
      { kty: "oct", k: "c2VjcmV0c2VjcmV0" },
      { ...jwk, alg: "HS256" },
      { ...jwk, use: "enc" },
      { ...jwk, x: "AAAA" },
      { kty: "RSA", n: "AA", e: "AQAB" },
      {},
    ]) {
      expect([JSON.stringify(bad).slice(0, 60), (await register(bad)).status]).toEqual([
        JSON.stringify(bad).slice(0, 60),
        422,
      ]);
    }
    expect((await register(jwk)).status).toBe(409);
  });

  test("is worth nothing once whoever registered its key has left, nor is its token (Keycloak CVE-2026-1609)", async () => {
    const pair = await generateKeyPair("ES256");
    await register(await exportJWK(pair.publicKey), {}, admin.browser);
    const token = await ask(await signed(claims(), {}, pair.privateKey));
    expect((await server.bearer(token.json.accessToken).get("/v1/contacts")).status).toBe(200);
    await acme.browser.delete(at(`/members/${admin.memberId}`));
    expect((await server.bearer(token.json.accessToken).get("/v1/contacts")).status).toBe(401);
    expect((await ask(await signed(claims(), {}, pair.privateKey))).status).toBe(401);
    expect((await ask(await signed(claims()))).status).toBe(200);
    // Nor is one of an account that was ended itself, whoever registered the key.
    expect((await acme.browser.delete(at(`/service-accounts/${id}`))).status).toBe(204);
    expect((await ask(await signed(claims()))).status).toBe(401);
  });
});
