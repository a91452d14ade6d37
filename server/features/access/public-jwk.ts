import { calculateJwkThumbprint, importJWK } from "jose";
import { Type } from "@sinclair/typebox";
import { Problem } from "../../foundation/problem/index.ts";

const part = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: "^[A-Za-z0-9_-]+$" });

/** A public key as RFC 7517 writes it; what else a set of keys carries about it is dropped. */
export const jwkField = Type.Object(
  {
    kty: Type.String({ maxLength: 10 }),
    crv: Type.Optional(Type.String({ maxLength: 20 })),
    x: Type.Optional(part(100)),
    y: Type.Optional(part(100)),
    n: Type.Optional(part(1500)),
    e: Type.Optional(part(20)),
    alg: Type.Optional(Type.String({ maxLength: 20 })),
    use: Type.Optional(Type.String({ maxLength: 10 })),
    kid: Type.Optional(Type.String({ maxLength: 200 })),
  },
  // A private key is refused by its members, before it is stored or logged anywhere.
  { additionalProperties: false },
);

export type Algorithm = "ES256" | "EdDSA" | "RS256";

/** A key that signatures are checked by: its own members only, and the one algorithm that goes with it. */
export interface PublicKey {
  readonly jwk: Readonly<Record<string, string>>;
  readonly algorithm: Algorithm;
  /** RFC 7638: names the key, whatever its owner calls it. */
  readonly thumbprint: string;
}

/** Reads a public key that assertions may be signed with, or Problem("not-valid"): P-256, Ed25519, or RSA from 2048 bits. */
export async function readPublicJwk(given: Readonly<Record<string, string | undefined>>): Promise<PublicKey> {
  const algorithm = algorithmFor(given);
  if (algorithm === null) throw notOne("must be a public key on P-256 or Ed25519, or RSA");
  const jwk = Object.fromEntries(
    membersOf[algorithm].map((name): [string, string] => [name, given[name] ?? ""]),
  );
  if (given["alg"] !== undefined && given["alg"] !== algorithm) throw notOne(`is for ${algorithm} only`);
  if (given["use"] !== undefined && given["use"] !== "sig") throw notOne("must be for signatures");
  if (algorithm === "RS256" && modulusBits(jwk["n"] ?? "") < 2048)
    throw notOne("must have at least 2048 bits");
  if (algorithm === "RS256" && modulusBits(jwk["n"] ?? "") > 8192)
    throw notOne("must have at most 8192 bits");
  try {
    await importJWK({ ...jwk, kty: jwk["kty"] ?? "" }, algorithm);
    return { jwk, algorithm, thumbprint: await calculateJwkThumbprint({ ...jwk, kty: jwk["kty"] ?? "" }) };
  } catch {
    throw notOne("cannot be read as a public key");
  }
}

const membersOf: Readonly<Record<Algorithm, readonly string[]>> = {
  ES256: ["kty", "crv", "x", "y"],
  EdDSA: ["kty", "crv", "x"],
  RS256: ["kty", "n", "e"],
};

function algorithmFor({ kty, crv }: Readonly<Record<string, string | undefined>>): Algorithm | null {
  if (kty === "EC" && crv === "P-256") return "ES256";
  if (kty === "OKP" && crv === "Ed25519") return "EdDSA";
  return kty === "RSA" ? "RS256" : null;
}

/** The length of the modulus in bits; leading zeros do not count. */
function modulusBits(n: string): number {
  const hex = Buffer.from(n, "base64url").toString("hex").replace(/^0+/, "");
  return hex === "" ? 0 : BigInt(`0x${hex}`).toString(2).length;
}

function notOne(detail: string): Problem {
  return new Problem("not-valid", { errors: [{ pointer: "/jwk", detail }] });
}
