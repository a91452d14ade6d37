import {
  type CryptoKey,
  exportSPKI,
  type GenerateKeyPairResult,
  generateKeyPair,
  importJWK,
  type JWK,
  SignJWT,
} from "jose";
import { hmacSha256, uuidv7 } from "../../server/foundation/ids/index.ts";

/** What a forger has: a genuine token of his own, all that is public, and keys of his own. */
export interface Forge {
  /** Genuine, and of somebody else. */
  readonly genuine: string;
  readonly published: JWK;
  readonly publicKey: CryptoKey;
  readonly own: GenerateKeyPairResult;
  readonly ownRsa: GenerateKeyPairResult;
  readonly origin: string;
  /** The key that signs; a forger does not have it. It shows that the claims are looked at behind a good signature. */
  readonly signing: CryptoKey;
}

type Header = Readonly<Record<string, unknown>>;
type Forgery = (forge: Forge) => string | Promise<string>;

const encoded = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const parts = (token: string): [string, string, string] => {
  const [header = "", payload = "", signature = ""] = token.split(".");
  return [header, payload, signature];
};
const decoded = (part: string): Record<string, unknown> =>
  // Parts of tokens are JSON objects.
  JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
const seconds = (): number => Math.floor(Date.now() / 1000);

function headerOf({ genuine }: Forge, changes: Header): Record<string, unknown> {
  return { ...decoded(parts(genuine)[0]), ...changes };
}

function claimsOf({ genuine }: Forge, changes: Header = {}): Record<string, unknown> {
  return { ...decoded(parts(genuine)[1]), ...changes };
}

/** Another header in front of a genuine payload and its signature. */
const reheaded =
  (changes: Header, signature?: string): Forgery =>
  (forge) => {
    const [, payload, genuine] = parts(forge.genuine);
    return `${encoded(headerOf(forge, changes))}.${payload}.${signature ?? genuine}`;
  };

/** Signed as HS256, with something public for a secret. */
const hmacBy =
  (
    secretOf: (forge: Forge) => Buffer | string | Promise<Buffer | string>,
    padded = false,
    changes: Header = {},
  ): Forgery =>
  async (forge) => {
    const body = `${encoded(headerOf(forge, { alg: "HS256", ...changes }))}.${parts(forge.genuine)[1]}`;
    const mac = hmacSha256(await secretOf(forge), body).toString("base64url");
    return `${body}.${padded ? mac.padEnd(86, "A") : mac}`;
  };

/** Signed well, by the forger's own key or by ours, under a header and with claims of choice. */
const signed =
  (
    key: "own" | "ours",
    header: Header,
    claims: (forge: Forge) => Record<string, unknown> = (forge) => claimsOf(forge, { jti: uuidv7() }),
  ): Forgery =>
  async (forge) => {
    const protectedHeader: Record<string, unknown> & { alg: string } = {
      ...headerOf(forge, header),
      alg: "EdDSA",
    };
    for (const [name, value] of Object.entries(protectedHeader)) {
      if (value === undefined) Reflect.deleteProperty(protectedHeader, name);
    }
    const crit = Array.isArray(protectedHeader["crit"]) ? protectedHeader["crit"] : [];
    return new SignJWT(claims(forge))
      .setProtectedHeader(protectedHeader)
      .sign(key === "own" ? forge.own.privateKey : forge.signing, {
        crit: Object.fromEntries(crit.map((name) => [String(name), true])),
      });
  };

const without = (name: string): ((forge: Forge) => Record<string, unknown>) => {
  return (forge) => Object.fromEntries(Object.entries(claimsOf(forge)).filter(([claim]) => claim !== name));
};
const withClaims =
  (changes: (forge: Forge) => Header): ((forge: Forge) => Record<string, unknown>) =>
  (forge) =>
    claimsOf(forge, changes(forge));

/** Algorithms: the header chooses none. */
const algorithms: Readonly<Record<string, Forgery>> = {
  "alg none, no signature": reheaded({ alg: "none" }, ""),
  "alg None, no signature": reheaded({ alg: "None" }, ""),
  "alg NONE, signature kept": reheaded({ alg: "NONE" }),
  "alg nOnE, blank signature": reheaded({ alg: "nOnE" }, "A".repeat(86)),
  "alg missing": reheaded({ alg: undefined }),
  "alg null": reheaded({ alg: null }),
  "alg a list": reheaded({ alg: ["EdDSA"] }),
  "HS256 with the public key's bytes": hmacBy(({ published }) =>
    Buffer.from(String(published.x), "base64url"),
  ),
  "HS256 with the public key's text": hmacBy(({ published }) => String(published.x)),
  "HS256 with the public JWK": hmacBy(({ published }) => JSON.stringify(published)),
  "HS256 with the public PEM": hmacBy(({ publicKey }) => exportSPKI(publicKey)),
  "HS256 with the PEM behind white space": hmacBy(
    async ({ publicKey }) => ` \n\t${await exportSPKI(publicKey)}`,
  ),
  "HS256 with an empty secret": hmacBy(() => ""),
  "HS256 with an empty secret and a kid of nobody": hmacBy(() => "", false, { kid: "nobody" }),
  "EdDSA by an empty secret and a kid of nobody": hmacBy(() => "", true, { alg: "EdDSA", kid: "nobody" }),
  "HS256 as long as ours": hmacBy(({ published }) => String(published.x), true),
  "alg ES256 in front of our signature": reheaded({ alg: "ES256" }),
  "alg RS256 by the forger's own key": async (forge) =>
    new SignJWT(claimsOf(forge))
      .setProtectedHeader({ ...headerOf(forge, {}), alg: "RS256" })
      .sign(forge.ownRsa.privateKey),
};

/** Where the key comes from: nothing in a header is ever a key, or leads to one. */
const keys: Readonly<Record<string, Forgery>> = {
  "our kid, the forger's key": signed("own", {}),
  "the forger's key, embedded": async (forge) =>
    signed("own", { jwk: { kty: "OKP", crv: "Ed25519", x: forge.published.x } })(forge),
  "the forger's key, embedded without kid": signed("own", {
    kid: undefined,
    jwk: { kty: "OKP", crv: "Ed25519", x: "AAAA" },
  }),
  "jku to the forger's keys": signed("own", { jku: "https://attacker.example/jwks.json" }),
  "jku behind our origin": signed("ours", { jku: "https://ringfence.example@attacker.example/jwks.json" }),
  "x5u to the forger's certificate": signed("own", { x5u: "https://attacker.example/cert.pem" }),
  "x5c with the forger's certificate": signed("own", { x5c: ["MIIB"] }),
  "kid with a path": signed("own", { kid: "../../../../../../dev/null" }),
  "kid of an absolute path": signed("own", { kid: "/dev/null" }),
  "kid with SQL": signed("own", { kid: "x' union select 'AAAA' --" }),
  "kid with a shell": signed("own", { kid: "key; curl attacker.example" }),
  "kid with a null byte": signed("own", { kid: "key\u0000" }),
  "kid of a prototype": signed("own", { kid: "__proto__" }),
  "kid empty": signed("own", { kid: "" }),
  "kid missing": signed("ours", { kid: undefined }),
  "kid a number": signed("ours", { kid: 0 }),
  "kid a list": async (forge) => signed("ours", { kid: [headerOf(forge, {})["kid"]] })(forge),
  "kid of nobody": signed("own", { kid: "A".repeat(43) }),
};

/** Types and extensions, behind a good signature: RFC 8725 section 3.11, and `crit` of RFC 7515. */
const headers: Readonly<Record<string, Forgery>> = {
  "typ JWT": signed("ours", { typ: "JWT" }),
  "typ missing": signed("ours", { typ: undefined }),
  "typ of a logout token": signed("ours", { typ: "logout+jwt" }),
  "typ at+jwt in other letters": signed("ours", { typ: "AT+JWT" }),
  "typ with its prefix": signed("ours", { typ: "application/at+jwt" }),
  "crit of an extension nobody knows": signed("ours", { crit: ["exp"], exp: 1 }),
  "crit of b64": signed("ours", { crit: ["b64"], b64: true }),
  "crit empty": reheaded({ crit: [] }),
  "cty JWT, a token within": signed("ours", { cty: "JWT" }),
  zip: signed("ours", { zip: "DEF" }),
};

/** Claims, behind a good signature. */
const claims: Readonly<Record<string, Forgery>> = {
  "of another issuer": signed(
    "ours",
    {},
    withClaims(() => ({ iss: "https://attacker.example" })),
  ),
  "of an issuer that begins like ours": signed(
    "ours",
    {},
    withClaims(({ origin }) => ({ iss: `${origin}.attacker.example` })),
  ),
  "of a list of issuers": signed(
    "ours",
    {},
    withClaims(({ origin }) => ({ iss: [origin] })),
  ),
  "for another audience": signed(
    "ours",
    {},
    withClaims(() => ({ aud: "https://other.example" })),
  ),
  "for nobody": signed("ours", {}, without("aud")),
  "that has expired": signed(
    "ours",
    {},
    withClaims(() => ({ exp: seconds() - 10 })),
  ),
  "that never expires": signed("ours", {}, without("exp")),
  "that expires in words": signed(
    "ours",
    {},
    withClaims(() => ({ exp: "2999-01-01" })),
  ),
  "that is not good yet": signed(
    "ours",
    {},
    withClaims(() => ({ nbf: seconds() + 3600 })),
  ),
  "of no session": signed("ours", {}, without("sid")),
  "of no person": signed("ours", {}, without("sub")),
  "with no id": signed("ours", {}, without("jti")),
};

/** The text itself: one token has one way to be written. */
const texts: Readonly<Record<string, Forgery>> = {
  "payload changed": (forge) => {
    const [header, , signature] = parts(forge.genuine);
    return `${header}.${encoded(claimsOf(forge, { sub: uuidv7() }))}.${signature}`;
  },
  "signature of another token": async (forge) => {
    const [header, payload] = parts(forge.genuine);
    return `${header}.${payload}.${parts(await signed("ours", {})(forge))[2]}`;
  },
  "signature blank": ({ genuine }) => `${parts(genuine).slice(0, 2).join(".")}.`,
  "signature cut off": ({ genuine }) => genuine.slice(0, -2),
  "signature with a bit nobody reads": ({ genuine }) => {
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return genuine.slice(0, -1) + (letters[letters.indexOf(genuine.slice(-1)) ^ 1] ?? "");
  },
  "signature of zeros": ({ genuine }) => `${parts(genuine).slice(0, 2).join(".")}.${"A".repeat(86)}`,
  padded: ({ genuine }) => `${genuine}==`,
  "in the letters of plain base64": ({ genuine }) =>
    genuine.replaceAll("-", "+").replaceAll("_", "/").replace(/\.$/, "") + "/",
  "five parts, as if encrypted": ({ genuine }) => `${genuine}.${parts(genuine)[1]}.${parts(genuine)[2]}`,
  "two parts": ({ genuine }) => parts(genuine).slice(0, 2).join("."),
  "a part in front": ({ genuine }) => `.${genuine}`,
  "a header twice": async (forge) => {
    const [, payload, signature] = parts(forge.genuine);
    const header = `{"alg":"none",${JSON.stringify(headerOf(forge, {})).slice(1)}`;
    return `${encoded(header)}.${payload}.${signature}`;
  },
  "a header that is no object": ({ genuine }) =>
    `${encoded('"EdDSA at+jwt, really"')}.${parts(genuine).slice(1).join(".")}`,
  "a header that is no JSON": ({ genuine }) =>
    `${encoded("alg=EdDSA&typ=at+jwt&kid=1")}.${parts(genuine).slice(1).join(".")}`,
  "longer than a kilobyte": async (forge) =>
    signed(
      "ours",
      {},
      withClaims(() => ({ pad: "x".repeat(1000) })),
    )(forge),
  "longer than eight": async (forge) =>
    signed(
      "ours",
      {},
      withClaims(() => ({ pad: "x".repeat(8200) })),
    )(forge),
  "signed by us, and never given out": signed("ours", {}),
};

/** Every forgery by its name. */
export const forgeries: Readonly<Record<string, Forgery>> = {
  ...algorithms,
  ...keys,
  ...headers,
  ...claims,
  ...texts,
};
/** The one that only the database can know. */
export const neverGivenOut = "signed by us, and never given out";

/** The keys of a forger, made once. */
export async function forgerKeys(): Promise<Pick<Forge, "own" | "ownRsa">> {
  return {
    own: await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true }),
    ownRsa: await generateKeyPair("RS256"),
  };
}

/** A published key, to verify with. */
export async function publicKeyOf(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, "EdDSA", { extractable: true });
  if (key instanceof Uint8Array) throw new TypeError("a published key is public");
  return key;
}

/** The same forgery, elsewhere, where it was taken. */
export const sameElsewhere: Readonly<Record<string, string>> = {
  "alg none, no signature": "CVE-2015-9235",
  "HS256 with the public PEM": "fast-jwt CVE-2023-48223",
  "HS256 with the PEM behind white space": "fast-jwt CVE-2026-34950, GHSA-mvf2-f6gm-w987",
  "HS256 with an empty secret": "fast-jwt CVE-2026-44351",
  "HS256 with an empty secret and a kid of nobody": "fast-jwt CVE-2026-44351",
  "alg ES256 in front of our signature": "Keycloak CVE-2026-11800",
  "alg RS256 by the forger's own key": "hono CVE-2026-22817, CVE-2026-22818",
  "the forger's key, embedded": "CVE-2018-0114",
};
