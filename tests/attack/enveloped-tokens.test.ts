import { CompactEncrypt, exportJWK, generateKeyPair, importJWK, type JWK, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, expect } from "vitest";
import { newToken, sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import { type HostileProvider, hostileProvider } from "../hostile-provider.ts";
import { proves } from "../proves.ts";
import { publicUrl } from "../server.ts";
import { cameIn, type Org, ssoWorld, type SsoWorld } from "../sso-world.ts";
import { attack } from "./attack.ts";

// What is encrypted was signed by nobody: anybody can encrypt to a key that is published. Each token that must be signed is
// brought in an envelope, with bare claims in it and with a token without a signature.

proves("IAM-5", "IAM-7");

type Claims = Record<string, unknown>;

let world: SsoWorld;
let provider: HostileProvider;
let acme: Org;
/** Its client signs with a key of its own, whose public half everybody may read. */
let connection: string;
/** Its client has a secret, which the provider knows. */
let secretly: string;

beforeAll(async () => {
  [world, provider] = [await ssoWorld(), await hostileProvider()];
  acme = await world.server.organization("acme");
  await world.verifyDomain(acme, "corp.example");
  const settings = { issuer: provider.issuer, clientId: "ringfence", tokenAuth: "private_key_jwt" };
  connection = await world.connect(acme, provider.issuer, { settings, secret: undefined });
  secretly = await world.connect(acme, provider.issuer);
});
afterAll(async () => {
  await world.stop();
  await provider.stop();
});

type Envelope = (text: string) => Promise<string>;

/** To a public key, as anybody can. */
const to =
  (jwk: JWK): Envelope =>
  async (text) =>
    new CompactEncrypt(Buffer.from(text))
      .setProtectedHeader({
        alg: "ECDH-ES",
        enc: "A256GCM",
        ...(jwk.kid === undefined ? {} : { kid: jwk.kid }),
      })
      .encrypt(await importJWK(jwk, "ECDH-ES"));
/** With a secret that two share. */
const by =
  (secret: string): Envelope =>
  (text) =>
    new CompactEncrypt(Buffer.from(text))
      .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
      .encrypt(sha256(secret));

/** What may lie in an envelope in place of something signed. */
const contents: Readonly<Record<string, (claims: Claims) => string>> = {
  "bare claims": (claims) => JSON.stringify(claims),
  "a token without a signature": (claims) => new UnsecuredJWT(claims).encode(),
  "an envelope's neighbour": (claims) => `${new UnsecuredJWT(claims).encode()}AAAA`,
};
const clientKey = async (): Promise<JWK> =>
  (await world.server.stranger().get(`/auth/oidc/${connection}/jwks.json`)).json.keys[0];
const envelopes = async (): Promise<readonly (readonly [string, Envelope])[]> => [
  [connection, to(await clientKey())],
  [secretly, by("a secret of the client")],
];

attack(
  {
    id: "E-jwe-id-token",
    title: "an id token in an envelope, signed by nobody (Keycloak CVE-2026-9793)",
    expected: "refused",
  },
  async () => {
    for (const [at, envelope] of await envelopes()) {
      const tried = async (token?: HostileProvider["tricks"]["token"]): Promise<boolean> => {
        provider.person = { sub: "ada", email: "ada@corp.example", email_verified: true };
        const browser = world.server.stranger();
        const query = provider.authorize(await world.begin(browser, at));
        provider.tricks.token = token;
        try {
          return cameIn(await world.arrive(browser, at, query));
        } finally {
          provider.tricks.token = undefined;
        }
      };
      expect(await tried()).toBe(true);
      for (const [name, content] of Object.entries(contents)) {
        expect([name, await tried((_, claims) => envelope(content(claims)))]).toEqual([name, false]);
      }
      // Not even with a genuine one in it: that was not asked for.
      expect(await tried(async (header, claims) => envelope(await provider.sign(claims, header)))).toBe(
        false,
      );
    }
    return "refused";
  },
);

attack(
  {
    id: "E-jwe-logout",
    title: "a logout token in an envelope, signed by nobody (CVE-2026-9793, CVE-2026-18569)",
    expected: "400; nobody is signed out",
  },
  async () => {
    for (const [at, envelope] of await envelopes()) {
      const sub = uuidv7();
      provider.person = { sub, email: `${sub}@corp.example`, email_verified: true };
      const browser = world.server.stranger();
      const arrived = await world.arrive(browser, at, provider.authorize(await world.begin(browser, at)));
      expect(cameIn(arrived)).toBe(true);
      const iat = Math.floor(Date.now() / 1000);
      const claims = {
        iss: provider.issuer,
        aud: "ringfence",
        sub,
        iat,
        exp: iat + 60,
        events: { "http://schemas.openid.net/event/backchannel-logout": {} },
      };
      const post = async (token: string): Promise<number> =>
        (
          await world.server.stranger().send("POST", `/auth/oidc/${at}/backchannel-logout`, {
            raw: new URLSearchParams({ logout_token: token }).toString(),
            headers: { "content-type": "application/x-www-form-urlencoded" },
          })
        ).status;
      for (const [name, content] of Object.entries(contents)) {
        const inside = content({ ...claims, jti: newToken() });
        expect([name, await post(await envelope(inside)), await post(inside)]).toEqual([name, 400, 400]);
      }
      expect((await browser.get("/o/acme/v1/contacts")).status).toBe(200);
      const genuine = await provider.sign({ ...claims, jti: newToken() }, { typ: "logout+jwt" });
      expect(await post(genuine)).toBe(200);
      expect((await browser.get("/o/acme/v1/contacts")).status).toBe(401);
    }
    return "400; nobody is signed out";
  },
);

attack(
  {
    id: "E-jwe-assertion",
    title: "a service account's assertion in an envelope to its own published key (CVE-2026-9793)",
    expected: "401, 422",
  },
  async () => {
    const at = "/o/acme/v1/service-accounts";
    const { id } = (await acme.browser.post(at, { name: "Signer", roles: ["member"] })).json;
    const { publicKey } = await generateKeyPair("ES256", { extractable: true });
    const jwk = await exportJWK(publicKey);
    const added = await acme.browser.post(`${at}/${id}/public-keys`, { name: "Key", jwk });
    expect(added.status).toBe(201);
    const iat = Math.floor(Date.now() / 1000);
    const claims = { iss: id, sub: id, aud: `${publicUrl}/auth/service-token`, iat, exp: iat + 60 };
    for (const content of Object.values(contents)) {
      const inside = content({ ...claims, jti: newToken() });
      for (const clientAssertion of [await to(jwk)(inside), inside]) {
        const { status, json } = await world.server
          .stranger()
          .post("/auth/service-token", { clientAssertion });
        expect([401, 422]).toContain(status);
        expect(json).not.toHaveProperty("accessToken");
      }
    }
    return "401, 422";
  },
);
