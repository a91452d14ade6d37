import { decodeJwt, decodeProtectedHeader, errors, importJWK, jwtVerify } from "jose";
import { now } from "../../foundation/clock/index.ts";

/** A public key that the account registered. */
export interface RegisteredKey {
  readonly id: string;
  readonly jwk: Readonly<Record<string, string>>;
  readonly alg: string;
}

/** What an assertion proved (RFC 7523): who signed, which single use, until when. */
export interface Assertion {
  readonly keyId: string;
  readonly jti: string;
  readonly expiresAt: Date;
}

/** Larger than any assertion, and small enough to read before anything is known about it. */
const assertionMax = 8192;

const algorithms: readonly string[] = ["ES256", "EdDSA", "RS256"];
const types: readonly (string | undefined)[] = [undefined, "JWT", "client-authentication+jwt"];

/** The account that an assertion claims to be of, before anything of it is believed; null when it has not even the form. */
export function claimedAccount(assertion: string): string | null {
  if (assertion.length > assertionMax) return null;
  try {
    const { alg, typ } = decodeProtectedHeader(assertion);
    const { iss, sub } = decodeJwt(assertion);
    if (alg === undefined || !algorithms.includes(alg) || !types.includes(typ)) return null;
    return iss !== undefined && iss === sub && uuid.test(iss) ? iss.toLowerCase() : null;
  } catch {
    return null;
  }
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Checks an assertion against the account's own keys; answers what it proved, or in a word why not.
 *
 * Each key has one algorithm, so the header chooses nothing (CVE-2026-11800 and its kind). The audience is this door's
 * address alone and no list, so that what was signed for somebody else is good for nothing here. Whether the jti is new,
 * and the time once more, the database judges.
 */
export async function readAssertion(
  assertion: string,
  account: string,
  audience: string,
  keys: readonly RegisteredKey[],
): Promise<Assertion | string> {
  let reason = "no such key";
  for (const { id, jwk, alg } of keys) {
    if (decodeProtectedHeader(assertion).alg !== alg) continue;
    try {
      const { payload } = await jwtVerify(
        assertion,
        await importJWK({ ...jwk, kty: jwk["kty"] ?? "" }, alg),
        {
          algorithms: [alg],
          issuer: account,
          subject: account,
          audience,
          requiredClaims: ["exp", "jti"],
          currentDate: now(),
          clockTolerance: 5,
        },
      );
      return provenBy(id, payload);
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      // Of several keys, the one whose signature fits has the last word.
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) return wordFor(error);
      reason = "wrong signature";
    }
  }
  return reason;
}

function provenBy(
  keyId: string,
  { aud, jti, exp }: Awaited<ReturnType<typeof jwtVerify>>["payload"],
): Assertion | string {
  if (typeof aud !== "string") return "wrong audience";
  if (typeof jti !== "string" || jti.length < 8 || jti.length > 255) return "bad jti";
  return { keyId, jti, expiresAt: new Date((exp ?? 0) * 1000) };
}

function wordFor(error: InstanceType<typeof errors.JOSEError>): string {
  if (error instanceof errors.JWTExpired) return "expired";
  if (error instanceof errors.JWTClaimValidationFailed) return `wrong ${error.claim}`;
  return "malformed";
}
