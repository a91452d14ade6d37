import { decodeJwt, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from "jose";
import { SsoRefusal } from "../sso-refusal.ts";
import type { OidcSettings } from "./settings.ts";

/** What a provider says: whose session there is over, one of them or all, under a name that is good once. */
export interface LogoutWord {
  readonly token: string;
  readonly subject: string | null;
  readonly session: string | null;
  /** From then on its own time refuses it. */
  readonly rememberUntil: Date;
}

const tokenBytesMax = 8192;
const event = "http://schemas.openid.net/event/backchannel-logout";
const skewSeconds = 60;
const ageSecondsMax = 300;

/** Whether a logout token speaks of this client at all, before its provider is asked for keys; nothing of it is believed yet. */
export function demandOurs(settings: OidcSettings, token: string): void {
  if (token.length > tokenBytesMax) throw new SsoRefusal("the token is too large");
  const { iss, aud } = decodeJwt(token);
  const ours = Array.isArray(aud) ? aud.includes(settings.clientId) : aud === settings.clientId;
  if (iss !== settings.issuer || !ours) throw new SsoRefusal("the token is another issuer's or client's");
}

/** Checks a logout token as OpenID Connect Back-Channel Logout 1.0 section 2.6 has it, or rejects. */
export async function readLogoutToken(
  settings: OidcSettings,
  keys: JWTVerifyGetKey,
  token: string,
): Promise<LogoutWord> {
  const { payload } = await jwtVerify(token, keys, {
    // An id token or an access token of the same provider is none (RFC 8725 section 3.11).
    typ: "logout+jwt",
    algorithms: [settings.idTokenAlg ?? "RS256"],
    issuer: settings.issuer,
    audience: settings.clientId,
    requiredClaims: ["iat", "jti", "events"],
    clockTolerance: skewSeconds,
    maxTokenAge: ageSecondsMax,
  });
  demandLogout(payload);
  const [subject, session] = [named(payload, "sub"), named(payload, "sid")];
  if (subject === null && session === null) throw new SsoRefusal("the token names nobody");
  const { iat = 0, jti } = payload;
  if (typeof jti !== "string" || jti === "" || jti.length > 500)
    throw new SsoRefusal("the token has no name of its own (jti)");
  return {
    token: jti,
    subject,
    session,
    rememberUntil: new Date((iat + ageSecondsMax + 2 * skewSeconds) * 1000),
  };
}

function demandLogout(payload: JWTPayload): void {
  // Section 2.4: what has a nonce was made for a sign-in.
  if (payload["nonce"] !== undefined) throw new SsoRefusal("the token has a nonce");
  const events = payload["events"];
  const member = isObject(events) ? events[event] : undefined;
  if (!isObject(member)) throw new SsoRefusal("the token tells of no logout");
}

function named(payload: JWTPayload, claim: "sub" | "sid"): string | null {
  const name = payload[claim];
  if (name === undefined) return null;
  if (typeof name !== "string" || name === "" || name.length > 500)
    throw new SsoRefusal(`the token's ${claim} is not one`);
  return name;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
