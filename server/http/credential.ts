import type { IncomingHttpHeaders } from "node:http";
import { claimsToBeKey, type KeyClass, readKey } from "../../contract/api-key.ts";
import { sha256 } from "../foundation/ids/index.ts";
import { Problem } from "../foundation/problem/index.ts";
import { cookieValue, sessionCookie } from "./cookies.ts";

/** What was presented, not yet judged: only its digest goes on from here. */
export interface Credential {
  /** Chooses the limits, and whether CSRF matters; never what is allowed. */
  readonly kind: "session" | "access" | "secret-key" | "public-key" | "provisioning-key";
  readonly tokenHash: Buffer;
}

/**
 * Reads the one credential of a request, or null.
 *
 * A cookie and an Authorization header together are refused: an attacker's page can add either to the other's request,
 * and no two layers may disagree about which one counts.
 */
export function readCredential(headers: IncomingHttpHeaders): Credential | null {
  const session = cookieValue(headers.cookie, sessionCookie);
  if (headers.authorization === undefined) return session === null ? null : fromSession(session);
  if (session !== null) throw new Problem("two-credentials");
  return fromBearer(headers.authorization);
}

/** Refuses two credentials at a door that asks for none, where neither is looked at. */
export function refuseTwoCredentials({ authorization, cookie }: IncomingHttpHeaders): void {
  if (authorization !== undefined && cookieValue(cookie, sessionCookie) !== null)
    throw new Problem("two-credentials");
}

function fromSession(token: string): Credential | null {
  return /^[A-Za-z0-9_-]{43}$/.test(token) ? { kind: "session", tokenHash: sha256(token) } : null;
}

/**
 * Whether a signed token is one of ours, so that nothing else of its shape costs the database anything; any other credential
 * the database alone judges.
 */
export function looksGenuine(
  { authorization = "" }: IncomingHttpHeaders,
  { kind, tokenHash }: Credential,
  check: AccessCheck,
): boolean | Promise<boolean> {
  return kind !== "access" || check(bearerIn(authorization) ?? "", tokenHash);
}

/** Judges the signature and the claims of an access token; whether it still counts, the database says. */
export type AccessCheck = (token: string, tokenHash: Buffer) => boolean | Promise<boolean>;

function bearerIn(header: string): string | undefined {
  return /^Bearer ([A-Za-z0-9._~+/=-]{16,1024})$/i.exec(header)?.[1];
}

function fromBearer(header: string): Credential {
  const token = bearerIn(header);
  if (token === undefined) {
    throw new Problem("not-signed-in", { detail: "Send the key as: Authorization: Bearer <key>" });
  }
  // No other credential of ours has a dot in it.
  if (token.includes(".")) return { kind: "access", tokenHash: sha256(token) };
  if (!claimsToBeKey(token)) return { kind: "secret-key", tokenHash: sha256(token) };
  const key = readKey(token);
  // Said before anybody is asked: whoever mistyped a key learns more than that it is not known.
  if (typeof key === "string") throw new Problem("not-signed-in", { detail: `This is no API key. ${key}` });
  return { kind: kindOf(key.keyClass), tokenHash: sha256(token) };
}

/** By the prefix, which is part of what is hashed: no key is known under another one. */
function kindOf(keyClass: KeyClass): Credential["kind"] {
  if (keyClass === "publishable") return "public-key";
  return keyClass === "scim" ? "provisioning-key" : "secret-key";
}
