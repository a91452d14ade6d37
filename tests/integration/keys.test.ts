import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keyPattern, readKey, secretCeiling } from "../../contract/api-key.ts";
import { at, days, keyGround, type KeyGround, problemOf } from "../key-ground.ts";
import { proves } from "../proves.ts";
import type { TestServer } from "../server.ts";

let server: TestServer;
let acme: KeyGround["acme"];
let make: KeyGround["make"];

beforeAll(async () => {
  ({ server, acme, make } = await keyGround());
});
afterAll(() => server.stop());

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
