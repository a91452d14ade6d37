import { type CryptoKey, decodeProtectedHeader, jwtVerify, SignJWT } from "jose";
import { now, nowMs } from "../../../foundation/clock/index.ts";
import { uuidv7 } from "../../../foundation/ids/index.ts";
import type { SigningKeyRing } from "./signing-keys.ts";

/** For whom a token is: a person by a session, in one organization or wherever the person may go. */
export interface TokenSubject {
  readonly personId: string;
  readonly sessionId: string;
  readonly tenantId: string | null;
}

export interface AccessTokens {
  mint(subject: TokenSubject): Promise<string>;
  /**
   * Whether this is a token that we signed, for us, that has not expired. It spares the database what cannot be genuine;
   * whether a genuine one still counts, the database alone says.
   */
  check(token: string, tokenHash: Buffer): boolean | Promise<boolean>;
}

export const accessSeconds = 3600;
const algorithm = "EdDSA";
const type = "at+jwt";
const bytesMax = 1024;
/** Clocks of our own servers may differ by so much. */
const toleranceSeconds = 5;
/** Bounds memory; what was checked first is checked anew. */
const checkedMax = 20_000;
/** Ed25519 signatures have 64 bytes, whose last letter leaves four bits over; base64url without padding, and nothing around it. */
const shape = /^[A-Za-z0-9_-]{20,400}\.[A-Za-z0-9_-]{20,900}\.[A-Za-z0-9_-]{85}[AQgw]$/;

/**
 * Access tokens as RFC 9068 has them, and one way only to write them: the header names this type, this algorithm and one of our own
 * keys, and nothing else. No key, address or certificate in a header is ever looked at (RFC 8725).
 *
 * A token that passed is remembered by the hash of all of it until it expires, or until a key of ours changes.
 */
export function openAccessTokens(ring: SigningKeyRing, origin: () => string): AccessTokens {
  const checked = new Map<string, number>();
  let keysVersion = 0;
  const remember = (hash: string, expiresMs: number, version: number): void => {
    if (version !== keysVersion) checked.clear();
    keysVersion = version;
    if (checked.size >= checkedMax) checked.delete(checked.keys().next().value ?? "");
    checked.set(hash, expiresMs);
  };
  return {
    mint: async ({ personId, sessionId, tenantId }) => {
      const { current } = await ring.keys();
      const seconds = Math.floor(nowMs() / 1000);
      const token = await new SignJWT({ sid: sessionId, ...(tenantId === null ? {} : { tid: tenantId }) })
        .setProtectedHeader({ alg: algorithm, typ: type, kid: current.kid })
        .setIssuer(origin())
        .setAudience(origin())
        .setSubject(personId)
        .setJti(uuidv7())
        .setIssuedAt(seconds)
        .setExpirationTime(seconds + accessSeconds)
        .sign(current.key);
      if (token.length > bytesMax) throw new RangeError("an access token is longer than a header may be");
      return token;
    },
    check: (token, tokenHash) => {
      const hash = tokenHash.toString("latin1");
      const expiresMs = checked.get(hash);
      if (expiresMs !== undefined) return nowMs() < expiresMs;
      const kid = kidOf(token);
      if (kid === null) return false;
      return ring.keysWith(kid).then(async ({ verifying, version }) => {
        const key = verifying.get(kid);
        const expires = key === undefined ? null : await expiryOf(token, key, origin());
        if (expires === null) return false;
        remember(hash, expires, version);
        return true;
      });
    },
  };
}

/** The key that the header names, when the header is one of ours in every respect. */
function kidOf(token: string): string | null {
  if (token.length > bytesMax || !shape.test(token)) return null;
  try {
    const { alg, typ, kid, ...others } = decodeProtectedHeader(token);
    const ours = alg === algorithm && typ === type && Object.keys(others).length === 0;
    return ours && typeof kid === "string" ? kid : null;
  } catch {
    return null;
  }
}

/** When the token expires, in milliseconds; null unless it is genuine, for us, and has not expired. */
async function expiryOf(token: string, key: CryptoKey, origin: string): Promise<number | null> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [algorithm],
      typ: type,
      issuer: origin,
      audience: origin,
      requiredClaims: ["sub", "sid", "jti", "iat", "exp"],
      clockTolerance: toleranceSeconds,
      currentDate: now(),
    });
    return typeof payload.exp === "number" ? (payload.exp + toleranceSeconds) * 1000 : null;
  } catch {
    // Whatever is wrong with it is told to nobody.
    return null;
  }
}
