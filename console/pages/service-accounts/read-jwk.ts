import type { Jwk } from "../../api/service-accounts.ts";

const publicParts = ["kty", "crv", "x", "y", "n", "e", "alg", "use", "kid"];
const privateParts = ["d", "p", "q", "dp", "dq", "qi", "k", "oth"];

export type ReadJwk = { readonly jwk: Jwk; readonly fault?: never } | { readonly fault: string };

/**
 * The public key in what was pasted: one JWK, or a set with one key.
 *
 * A private key is refused here, before it is sent anywhere.
 */
export function readJwk(text: string): ReadJwk {
  const found = keyIn(text);
  if (found === null) return { fault: "This is no JWK: it begins with { and holds “kty”" };
  if (privateParts.some((part) => part in found))
    return { fault: "This is the private key. It stays with the program; paste the public one" };
  const parts = publicParts.flatMap((part): [string, string][] => {
    const value = found[part];
    return typeof value === "string" ? [[part, value]] : [];
  });
  return { jwk: Object.fromEntries(parts) };
}

function keyIn(text: string): Readonly<Record<string, unknown>> | null {
  const read = parsed(text);
  const keys = read?.["keys"];
  const found: unknown = Array.isArray(keys) && keys.length === 1 ? keys[0] : read;
  return isObject(found) && typeof found["kty"] === "string" ? found : null;
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const read: unknown = JSON.parse(text);
    return isObject(read) ? read : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
