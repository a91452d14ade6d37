import { decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPool, type Pool } from "../../server/foundation/database/index.ts";
import { sha256 } from "../../server/foundation/ids/index.ts";
import { openTokens, type Tokens } from "../../server/features/identity/index.ts";
import { enter, type Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { trialSecret } from "../seed.ts";
import { publicUrl, testServer, type TestServer } from "../server.ts";
import { tokensFor } from "../tokens.ts";
import { attack } from "./attack.ts";
import { codeOf } from "./attack-ground.ts";
import {
  type Forge,
  forgeries,
  forgerKeys,
  neverGivenOut,
  publicKeyOf,
  sameElsewhere,
} from "./forged-tokens.ts";

// Access tokens that nobody of ours made, or not so. Each is refused twice: by its signature and claims before the database is
// asked, and by the database, which knows the digest of every token that was given out.

proves("IAM-5");

let server: TestServer;
let acme: Organization;
let auth: Pool;
let tokens: Tokens;
let forge: Forge;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  auth = openPool({
    connectionString: server.database.dsnFor("auth"),
    max: 1,
    applicationName: "attack",
    statementTimeoutMs: 10_000,
    transactionTimeoutMs: 10_000,
  });
  tokens = openTokens({ auth, secret: trialSecret, publicUrl: () => publicUrl, graceSeconds: 10 });
  const { accessToken } = await tokensFor(server, acme.owner.token);
  const { keys } = (await server.stranger().get("/.well-known/jwks.json")).json;
  const { kid } = decodeProtectedHeader(accessToken);
  const published = keys.find((key: { kid: string }) => key.kid === kid);
  forge = {
    ...(await forgerKeys()),
    genuine: accessToken,
    published,
    publicKey: await publicKeyOf(published),
    origin: publicUrl,
    signing: (await tokens.ring.keys()).current.key,
  };
});
afterAll(async () => {
  await auth.close();
  await server.stop();
});

const statusOf = async (token: string): Promise<number> =>
  (await server.bearer(token).get("/o/acme/v1/contacts")).status;

describe("a forged access token", () => {
  for (const [name, forged] of Object.entries(forgeries)) {
    const first = name === neverGivenOut ? "passes" : "refused";
    attack(
      {
        id: `J-${name.replace(/[^A-Za-z0-9]+/g, "-")}`,
        title: `an access token: ${name}${name in sameElsewhere ? ` (${sameElsewhere[name]})` : ""}`,
        expected: `${first} at first sight, 401, RF401 in the database`,
      },
      async () => {
        const token = await forged(forge);
        expect(token).not.toBe(forge.genuine);
        const check = await tokens.access.check(token, sha256(token));
        const api = await server.database.connectAs("api");
        await api.query("begin");
        const entered = await enter(api, token, "acme", ["contact.read"]).then(() => "entered", codeOf);
        await api.end();
        const seen = `${check ? "passes" : "refused"} at first sight, ${await statusOf(token)}, ${entered} in the database`;
        expect(seen).toBe(`${first} at first sight, 401, RF401 in the database`);
        return seen;
      },
    );
  }

  test("is refused beside the genuine one, which is remembered by all of it (fast-jwt GHSA-rp9m-7r4c-75qg)", async () => {
    expect(await statusOf(forge.genuine)).toBe(200);
    const [header = "", payload = "", signature = ""] = forge.genuine.split(".");
    for (const at of [0, Math.floor(payload.length / 2), payload.length - 1]) {
      const other = payload.charAt(at) === "A" ? "B" : "A";
      const changed = `${header}.${payload.slice(0, at)}${other}${payload.slice(at + 1)}.${signature}`;
      expect(await tokens.access.check(changed, sha256(changed))).toBe(false);
      expect(await statusOf(changed)).toBe(401);
    }
    expect(await statusOf(forge.genuine)).toBe(200);
  });

  test("under another scheme, twice, or with something after it is none", async () => {
    const send = (authorization: string): Promise<{ status: number }> =>
      server.stranger().send("GET", "/o/acme/v1/contacts", { headers: { authorization } });
    for (const header of [
      `Basic ${forge.genuine}`,
      `DPoP ${forge.genuine}`,
      `Token ${forge.genuine}`,
      forge.genuine,
      `Bearer  ${forge.genuine}`,
      `Bearer ${forge.genuine}, Bearer ${forge.genuine}`,
      `Bearer ${forge.genuine};`,
      `Bearer ${forge.genuine} x`,
      `Bearer ${forge.genuine.replace(".", " .")}`,
    ]) {
      expect([header.slice(0, 12), (await send(header)).status]).toEqual([header.slice(0, 12), 401]);
    }
    expect((await send(`bearer ${forge.genuine}`)).status).toBe(200);
  });

  test("of another installation is refused, though both have the same address", async () => {
    const other = openTokens({
      auth,
      secret: Buffer.alloc(32, 9),
      publicUrl: () => publicUrl,
      graceSeconds: 10,
    });
    // Its secret opens none of our keys, so it cannot even sign.
    await expect(
      other.access.mint({ personId: acme.owner.personId, sessionId: acme.owner.personId, tenantId: null }),
    ).rejects.toThrow();
  });
});

describe("the published keys", () => {
  test("are the public halves only, may be kept for minutes, and answer 304 to who has them", async () => {
    const answer = await server.stranger().get("/.well-known/jwks.json");
    expect(answer.status).toBe(200);
    expect(answer.headers["cache-control"]).toBe("public, max-age=300");
    expect(answer.json.keys).toHaveLength(2);
    for (const key of answer.json.keys) {
      expect(Object.keys(key).toSorted()).toEqual(["alg", "crv", "kid", "kty", "use", "x"]);
      expect(key).toMatchObject({ kty: "OKP", crv: "Ed25519", alg: "EdDSA", use: "sig" });
    }
    const tag = String(answer.headers["etag"]);
    const again = await server
      .stranger()
      .send("GET", "/.well-known/jwks.json", { headers: { "if-none-match": tag } });
    expect([again.status, again.text]).toEqual([304, ""]);
  });

  test("stand sealed in the database, and no door can read them there", async () => {
    const db = await server.database.connectAsSuperuser();
    const { rows } = await db.query("select kid, public, sealed from kernel.signing_key");
    for (const { public: jwk, sealed } of rows) {
      expect(jwk).not.toHaveProperty("d");
      expect(sealed.toString("latin1")).not.toContain('"d"');
    }
    for (const role of ["api", "auth", "worker", "ops"] as const) {
      const door = await server.database.connectAs(role);
      expect(await door.query("select * from kernel.signing_key").then(() => "read", codeOf)).toBe("42501");
    }
    const api = await server.database.connectAs("api");
    expect(await api.query("select * from kernel.signing_keys()").then(() => "read", codeOf)).toBe("42501");
  });
});
