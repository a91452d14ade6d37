import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { uuidv7 } from "../../server/foundation/ids/index.ts";
import type { Client } from "../client.ts";
import { at, keyGround, type KeyGround, problemOf } from "../key-ground.ts";
import { type Person, publicUrl, type TestServer } from "../server.ts";

let server: TestServer;
let acme: KeyGround["acme"];

beforeAll(async () => {
  ({ server, acme } = await keyGround());
});
afterAll(() => server.stop());

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
    expect((await ask("x".repeat(60_000))).status).toBe(401);
    expect((await ask("x".repeat(70_000))).status).toBe(413);

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
