import { createHmac } from "node:crypto";
import { exportSPKI, generateKeyPair, importJWK, SignJWT } from "jose";
import { afterAll, beforeAll, expect } from "vitest";
import type { HostileProvider, Tricks } from "../hostile-provider.ts";
import { hostileWorld } from "../hostile-world.ts";
import { proves } from "../proves.ts";
import { cameIn, type Org, type SsoWorld } from "../sso-world.ts";
import { attack } from "./attack.ts";

// A provider that answers everything but the truth: each token is refused in the same words, and the trail says why.

proves("IAM-7");

let world: SsoWorld;
let provider: HostileProvider;
let acme: Org;
let connection: string;

beforeAll(async () => {
  ({ world, provider, acme, connection } = await hostileWorld());
});
afterAll(() => world.stop());

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const nowSeconds = (): number => Math.floor(Date.now() / 1000);
const without = (claims: Record<string, unknown>, name: string): Record<string, unknown> => {
  const { [name]: _, ...rest } = claims;
  return rest;
};
const setting = (name: string, value: unknown): Tricks => ({
  claims: (claims) => ({ ...claims, [name]: value }),
});
const lacking = (name: string): Tricks => ({ claims: (claims) => without(claims, name) });

/** Signs in once with these tricks: whether somebody came in, and what the trail says. */
async function tried(
  tricks: Tricks,
  person: Record<string, unknown> = {},
): Promise<{ in: boolean; reason: string }> {
  provider.person = { sub: "subject-1", email: "ada@corp.example", email_verified: true, ...person };
  const browser = world.server.stranger();
  const location = await world.begin(browser, connection);
  Object.assign(provider.tricks, tricks);
  try {
    const answer = await world.arrive(browser, connection, provider.authorize(location));
    const came = cameIn(answer);
    expect(browser.cookies.has("__Host-sid")).toBe(came);
    return { in: came, reason: came ? "" : ((await world.reasons(acme))[0] ?? "") };
  } finally {
    for (const name of Object.keys(provider.tricks)) Reflect.deleteProperty(provider.tricks, name);
  }
}

function refused(id: string, title: string, tricks: () => Tricks | Promise<Tricks>, reason: RegExp): void {
  attack({ id, title, expected: "refused, and the trail says why" }, async () => {
    const seen = await tried(await tricks());
    expect(seen.in).toBe(false);
    expect(seen.reason).toMatch(reason);
    return "refused, and the trail says why";
  });
}

attack({ id: "E-honest", title: "none: the same provider, telling the truth", expected: "in" }, async () => {
  const seen = await tried({});
  expect(seen).toEqual({ in: true, reason: "" });
  return "in";
});

refused(
  "E-alg-none",
  "an id token without a signature (alg none)",
  () => ({ token: (_, claims) => `${part({ alg: "none" })}.${part(claims)}.` }),
  /"alg"/,
);
refused(
  "E-alg-none-case",
  "an id token with alg nOnE",
  () => ({ token: (_, claims) => `${part({ alg: "nOnE" })}.${part(claims)}.` }),
  /"alg"/,
);
refused(
  "CVE-2026-34950",
  "an id token signed by HMAC with the provider's public key as its secret (algorithm confusion; GHSA-mvf2-f6gm-w987, CVE-2026-11800, CVE-2023-48223)",
  async () => {
    const key = await importJWK(provider.jwks[0] ?? {}, "RS256");
    if (key instanceof Uint8Array) throw new Error("not a public key");
    const pem = await exportSPKI(key);
    return {
      token: (_, claims) => {
        const signed = `${part({ alg: "HS256", kid: "one" })}.${part(claims)}`;
        return `${signed}.${createHmac("sha256", pem).update(signed).digest("base64url")}`;
      },
    };
  },
  /"alg"/,
);
refused(
  "E-alg-hs256",
  "an id token signed by HMAC with the client's own secret, which the registration does not name",
  () => ({
    token: (_, claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(Buffer.from("a secret of the client")),
  }),
  /"alg"/,
);
refused(
  "CVE-2026-22817",
  "an id token with an algorithm of its own choice, signed by a key that the provider does publish without naming one (CVE-2026-22818)",
  async () => {
    const { privateKey, publicKey } = await generateKeyPair("ES256");
    const { exportJWK } = await import("jose");
    provider.jwks.push({ ...(await exportJWK(publicKey)), kid: "ec", use: "sig" });
    return {
      token: (_, claims) =>
        new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid: "ec" }).sign(privateKey),
    };
  },
  /"alg"/,
);
refused(
  "E-own-key",
  "an id token signed by a key that it brings along (jwk and jku headers)",
  async () => {
    const { privateKey, publicKey } = await generateKeyPair("RS256");
    const { exportJWK } = await import("jose");
    const jwk = await exportJWK(publicKey);
    return {
      token: (_, claims) =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: "RS256", kid: "one", jwk, jku: `${provider.issuer}/elsewhere` })
          .sign(privateKey),
    };
  },
  /signature verification failed/,
);
refused(
  "E-tampered",
  "an id token whose claims were changed after it was signed",
  () => ({
    token: async (header, claims) => {
      const [head, , signature] = (await provider.sign(claims, header)).split(".");
      return `${head}.${part({ ...claims, sub: "somebody-else" })}.${signature}`;
    },
  }),
  /signature verification failed/,
);
refused(
  "E-crit",
  "an id token with a critical header that nobody knows",
  () => ({ header: () => ({ crit: ["x"], x: 1 }) }),
  /"crit"/,
);
refused(
  "E-typ",
  "an access token of the provider in place of an id token (typ at+jwt)",
  () => ({ header: () => ({ typ: "at+jwt" }) }),
  /another type/,
);
refused(
  "E-typ-logout",
  "a logout token in place of an id token",
  () => ({ header: () => ({ typ: "logout+jwt" }) }),
  /another type/,
);
refused(
  "E-aud",
  "an id token for another client of the same provider",
  () => setting("aud", "another"),
  /aud/,
);
refused(
  "E-aud-many",
  "an id token for several clients that does not say who asked",
  () => setting("aud", ["ringfence", "another"]),
  /claim aud/,
);
refused("E-azp", "an id token that another client asked for (azp)", () => setting("azp", "another"), /azp/);
refused("E-iss", "an id token of another issuer", () => setting("iss", "https://elsewhere.example"), /iss/);
refused(
  "E-iss-slash",
  "an id token whose issuer has a slash more",
  () => setting("iss", `${provider.issuer}/`),
  /iss/,
);
refused("E-nonce", "an id token with another nonce", () => setting("nonce", "x".repeat(43)), /nonce/);
refused("E-nonce-missing", "an id token without the nonce", () => lacking("nonce"), /nonce/);
refused(
  "E-expired",
  "an id token that has expired 61 seconds ago",
  () => setting("exp", nowSeconds() - 61),
  /exp/,
);
refused("E-no-exp", "an id token that never expires", () => lacking("exp"), /"exp".*missing/);
refused(
  "E-no-iat",
  "an id token that does not say when it was issued",
  () => lacking("iat"),
  /"iat".*missing/,
);
refused(
  "E-nbf",
  "an id token that is good only in five minutes",
  () => setting("nbf", nowSeconds() + 300),
  /nbf/,
);
refused("E-no-sub", "an id token without a subject", () => lacking("sub"), /"sub".*missing/);
refused(
  "E-sub-type",
  "an id token whose subject is a list",
  () => setting("sub", ["subject-1"]),
  /"sub".*type/,
);
refused("E-sub-long", "a subject of 300 characters", () => setting("sub", "s".repeat(300)), /subject/);
refused(
  "E-missing",
  "no id token at all",
  () => ({ response: (body) => without(body, "id_token") }),
  /"id_token"/,
);
refused("E-not-jwt", "an id token that is no token", () => ({ token: () => "hello" }), /Invalid JWT/);
refused("E-huge-token", "an id token of 20 KiB", () => setting("padding", "x".repeat(20_000)), /too large/);
refused(
  "E-huge-answer",
  "an answer of 2 MiB from the token endpoint",
  () => ({ response: (body) => ({ ...body, padding: "x".repeat(2 ** 21) }) }),
  /the answer is too large/,
);
refused(
  "E-jwks-spoof",
  "a provider that swaps its keys between two sign-ins, within the half minute in which they are not asked for again",
  () => ({
    token: async (_, claims) => {
      const { privateKey } = await generateKeyPair("RS256");
      return new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "unknown" }).sign(privateKey);
    },
  }),
  /OAUTH_KEY_SELECTION_FAILED/,
);

attack(
  {
    id: "E-jwks-flood",
    title: "twenty tokens of unknown keys, to have the provider's keys fetched each time",
    expected: "1 fetch at most",
  },
  async () => {
    await tried({});
    const before = provider.requests.filter((line) => line.endsWith("/jwks")).length;
    const { privateKey } = await generateKeyPair("RS256");
    for (let round = 0; round < 20; round += 1) {
      const token = (_: object, claims: Record<string, unknown>): Promise<string> =>
        new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: `unknown-${round}` }).sign(privateKey);
      expect((await tried({ token })).in).toBe(false);
    }
    const fetched = provider.requests.filter((line) => line.endsWith("/jwks")).length - before;
    expect(fetched).toBeLessThanOrEqual(1);
    return "1 fetch at most";
  },
);

attack(
  { id: "E-skew", title: "clocks that differ by 59 and by 61 seconds", expected: "in, refused" },
  async () => {
    expect((await tried(setting("exp", nowSeconds() - 55))).in).toBe(true);
    expect((await tried(setting("exp", nowSeconds() - 65))).in).toBe(false);
    return "in, refused";
  },
);

const unverified: readonly [string, unknown][] = [
  ['the text "false"', "false"],
  ["false", false],
  ["nothing", undefined],
  ["null", null],
  ["0", 0],
  ["1", 1],
  ['the text "TRUE"', "TRUE"],
  ["a list with true", [true]],
  ["an object", { verified: true }],
  ['the text "yes"', "yes"],
];
attack(
  {
    id: "BA-10003",
    title: `an address that is verified in one of ${unverified.length} ways that are none (better-auth #10003)`,
    expected: "all refused",
  },
  async () => {
    for (const [name, value] of unverified) {
      const seen = await tried(
        {},
        { sub: `unverified-${name}`, email: "new-face@corp.example", email_verified: value },
      );
      expect(seen, name).toEqual({ in: false, reason: "address not vouched for" });
    }
    const seen = await tried(
      {},
      { sub: "verified-text", email: "text@corp.example", email_verified: "true" },
    );
    expect(seen.in).toBe(true);
    return "all refused";
  },
);

const addresses: readonly string[] = [
  "somebody@elsewhere.example",
  "somebody@sub.corp.example",
  "somebody@corp.example.evil.example",
  "somebody@corp.example@evil.example",
  "somebody@evil.example\u0000@corp.example",
  "sömebody@corp.example",
  "somebody@c\u03bfrp.example",
  "somebody@corp.example ",
  '"somebody@evil.example"@corp.example',
  "somebody@corp.example\nbcc: x@evil.example",
  "@corp.example",
  "somebody",
  "",
  `${"x".repeat(400)}@corp.example`,
];
attack(
  {
    id: "F-address",
    title: `${addresses.length} addresses of other domains, look-alikes and broken ones (GHSA-7rqj-j65f-68wh)`,
    expected: "all refused",
  },
  async () => {
    for (const [at, email] of addresses.entries()) {
      const seen = await tried({}, { sub: `address-${at}`, email });
      expect(seen.in, email).toBe(false);
    }
    const { rows } = await world.db.query(
      "select count(*)::integer as count from kernel.person where email ~ '[^a-z0-9@.-]'",
    );
    expect(rows[0].count).toBe(0);
    return "all refused";
  },
);
