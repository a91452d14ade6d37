import { afterAll, beforeAll, describe, expect, test } from "vitest";
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
