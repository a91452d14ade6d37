import { createServer, type Server } from "node:http";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { Client as Database } from "pg";
import { afterAll, beforeAll, expect } from "vitest";
import { checksumOf, type KeyClass, keyPrefixes } from "../../contract/api-key.ts";
import { newToken, uuidv7 } from "../../server/foundation/ids/index.ts";
import type { Answer } from "../client.ts";
import { proves } from "../proves.ts";
import { publicUrl, testServer, type TestServer } from "../server.ts";
import type { Org } from "../sso-world.ts";
import { refresh, tokensFor } from "../tokens.ts";
import { attack } from "./attack.ts";

// The doors that give a token for something else: what they are asked for and do not know, they refuse.

proves("IAM-5", "IAM-18");

let server: TestServer;
let acme: Org;
let db: Database;
let account: string;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;

beforeAll(async () => {
  // Loopback may be called here, so that nothing but the doors themselves keeps them from it.
  server = await testServer({ RINGFENCE_EGRESS_NETWORKS: "127.0.0.1" });
  acme = await server.organization("acme");
  db = await server.database.connectAsSuperuser();
  const accounts = "/o/acme/v1/service-accounts";
  account = (await acme.browser.post(accounts, { name: "Signer", roles: ["member"] })).json.id;
  keys = await generateKeyPair("ES256", { extractable: true });
  const jwk = await exportJWK(keys.publicKey);
  await acme.browser.post(`${accounts}/${account}/public-keys`, { name: "Key", jwk });
});
afterAll(() => server.stop());

const credentials = async (): Promise<number> =>
  (await db.query("select count(*)::integer as count from kernel.credential")).rows[0].count;
const asserted = (header: object = {}, more: object = {}): Promise<string> => {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: account, sub: account, aud: `${publicUrl}/auth/service-token`, iat, exp: iat + 60 };
  return new SignJWT({ ...claims, jti: uuidv7(), ...more })
    .setProtectedHeader({ alg: "ES256", ...header })
    .sign(keys.privateKey);
};

/** Bodies that ask for less, in words that a careless door would drop: what is left asks for everything. */
const exchanges: readonly object[] = [
  { permissions: ["x".repeat(5000)] },
  { permissions: ["no.such"] },
  { permissions: Array.from({ length: 5000 }, () => "contact.read") },
  { permissions: "contact.read" },
  { permissions: [] },
  { permissions: null },
  { permissions: [null] },
  { permission: ["contact.read"] },
  { scope: "contact.read" },
  { Permissions: ["contact.read"] },
  { subject_token: "x".repeat(5000) },
  { subjectToken: newToken(), requestedSubject: "somebody" },
  { seconds: "60" },
  { seconds: null },
  { audience: "https://elsewhere.example" },
];
const organizations: readonly object[] = [
  { organization: "x".repeat(5000) },
  { organization: null },
  { organization: "" },
  { organization: ["acme"] },
  { organisation: "acme" },
  { org: "acme" },
  { Organization: "acme" },
  { scope: "contact.read" },
];

attack(
  {
    id: "E-dropped",
    title: `ask for a token that may less, in ${exchanges.length + organizations.length} ways that a door might overlook (Keycloak CVE-2026-9704: what was too long was dropped, and the caller's own rights given)`,
    expected: "refused; no token",
  },
  async () => {
    const key = await server.database.key(acme, acme.owner);
    const before = await credentials();
    const refused = ({ status, text }: Answer): boolean =>
      status >= 400 && status < 500 && !text.includes("accessToken");
    for (const body of exchanges) {
      const answer = await server.bearer(key).post("/v1/keys/exchange", body);
      expect([JSON.stringify(body).slice(0, 60), refused(answer)]).toEqual([expect.anything(), true]);
    }
    for (const body of organizations) {
      const answer = await acme.browser.post("/auth/tokens", body);
      expect([JSON.stringify(body).slice(0, 60), refused(answer)]).toEqual([expect.anything(), true]);
    }
    for (const more of [{ subjectToken: newToken() }, { subject_token: "x" }, { scope: "contact.read" }]) {
      const clientAssertion = await asserted();
      const { status } = await server.stranger().post("/auth/service-token", { clientAssertion, ...more });
      expect(status).toBe(422);
    }
    expect(await credentials()).toBe(before);
    return "refused; no token";
  },
);

attack(
  {
    id: "E-renewed-without-key",
    title:
      "renew a program's token without the key that it was given for (better-auth GHSA-pw9m-5jxm-xr6h: a refresh token did, without the client's secret)",
    expected: "no refresh token is given; none is taken",
  },
  async () => {
    const key = await server.database.key(acme, acme.owner);
    const byAssertion = await server
      .stranger()
      .post("/auth/service-token", { clientAssertion: await asserted() });
    const byKey = await server.bearer(key).post("/v1/keys/exchange", {});
    const person = await server.person(acme, "viewer");
    const pair = await tokensFor(server, person.token);
    for (const { json } of [byAssertion, byKey]) {
      expect(Object.keys(json)).not.toContain("refreshToken");
      const bearer = server.bearer(json.accessToken);
      expect((await bearer.get("/v1/contacts")).status).toBe(200);
      expect((await bearer.post("/auth/tokens", {})).status).toBe(401);
      expect((await bearer.post("/v1/keys/exchange", {})).status).toBe(409);
      for (const shown of [json.accessToken, key]) {
        expect([401, 422]).toContain((await refresh(server, shown)).status);
      }
    }
    // A person's refresh token renews what a session stands behind, and no credential of a program.
    const renewed = (await refresh(server, pair.refreshToken)).json;
    expect((await person.browser.post("/auth/sign-out")).status).toBe(204);
    expect((await refresh(server, renewed.refreshToken)).status).toBe(401);
    return "no refresh token is given; none is taken";
  },
);

attack(
  {
    id: "E-doors-call-nobody",
    title:
      "have a door of tokens call an address of one's choice: by jku, x5u and kid of an assertion or a token, and by fields beside it (SSRF, Keycloak CVE-2026-4874)",
    expected: "nothing is called",
  },
  async () => {
    const hits: string[] = [];
    const inner: Server = createServer((request, response) => {
      hits.push(String(request.url));
      response.end("{}");
    });
    await new Promise<void>((resolve) => inner.listen(0, "127.0.0.1", resolve));
    const address = inner.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/keys`;
    const stranger = await generateKeyPair("ES256");
    for (const header of [{ jku: url }, { x5u: url }, { kid: url }, { jku: url, x5u: url, kid: url }]) {
      const sent = [
        await asserted(header),
        await asserted(header, { iss: url, sub: url }),
        await new SignJWT({ iss: account, sub: account, jti: newToken() })
          .setProtectedHeader({ alg: "ES256", ...header })
          .sign(stranger.privateKey),
      ];
      for (const clientAssertion of sent) {
        await server.stranger().post("/auth/service-token", { clientAssertion });
        await server.bearer(clientAssertion).get("/v1/contacts");
        await refresh(server, clientAssertion);
      }
    }
    const fields = { client_session_host: url, jwks_uri: url, redirect_uri: url, issuer: url };
    const clientAssertion = await asserted();
    const more = await server.stranger().post("/auth/service-token", { clientAssertion, ...fields });
    expect(more.status).toBe(422);
    const headers = { host: new URL(url).host, "x-forwarded-host": new URL(url).host, origin: url };
    await server
      .stranger()
      .send("POST", "/auth/service-token", { body: { clientAssertion: await asserted() }, headers });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(hits).toEqual([]);
    await new Promise((resolve) => inner.close(resolve));
    return "nothing is called";
  },
);

attack(
  {
    id: "E-key-elsewhere",
    title:
      "a key of each class at the doors of other classes, and dressed as one of them with a right checksum (better-auth #9393: a key of one configuration was good for another)",
    expected: "taken at its own, and at no other",
  },
  async () => {
    const made = async (path: string, body: object): Promise<string> => {
      const { json } = await acme.browser.post(`/o/acme/v1${path}`, { name: "A key", ...body });
      return String(json.key ?? json.token);
    };
    const directory = { defaultRole: "viewer", roleMapping: {}, domains: [] };
    const keysOf: Readonly<Record<KeyClass, string>> = {
      personal: await made("/keys", {}),
      secret: await made("/keys", { class: "secret" }),
      publishable: await made("/keys", { class: "publishable", sites: ["shop.example.com"] }),
      service: await made(`/service-accounts/${account}/keys`, {}),
      scim: await made("/scim-connections", directory),
    };
    const classes = ["personal", "secret", "publishable", "service", "scim"] as const satisfies KeyClass[];
    const doors: Readonly<Record<string, readonly KeyClass[]>> = {
      "/v1/contacts": ["personal", "secret", "service"],
      "/scim/v2/Users": ["scim"],
      "/auth/me": [],
      "/auth/sessions": [],
    };
    const asked = async (path: string, key: string): Promise<number> =>
      (await server.bearer(key).get(path)).status;
    for (const own of classes) {
      const key = keysOf[own];
      expect(key).toMatch(new RegExp(`^${keyPrefixes[own]}_live_`));
      for (const [path, takes] of Object.entries(doors)) {
        const taken = takes.includes(own);
        expect([own, path, (await asked(path, key)) === 200]).toEqual([own, path, taken]);
      }
      for (const prefix of Object.values(keyPrefixes)) {
        const bare = key.replace(/^[a-z_]+(?=_live_)/, prefix).slice(0, -6);
        if (key.startsWith(bare)) continue;
        for (const path of Object.keys(doors)) {
          const dressed = await asked(path, `${bare}${checksumOf(bare)}`);
          expect([own, prefix, path, dressed]).toEqual([own, prefix, path, 401]);
        }
      }
    }
    return "taken at its own, and at no other";
  },
);
