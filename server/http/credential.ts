import type { IncomingHttpHeaders } from "node:http";
import { sha256 } from "../foundation/ids/index.ts";
import { Problem } from "../foundation/problem/index.ts";
import { cookieValue, sessionCookie } from "./cookies.ts";

/** What was presented, not yet judged: only its digest goes on from here. */
export interface Credential {
  /** Chooses the limits, and whether CSRF matters; never what is allowed. */
  readonly kind: "session" | "secret-key" | "public-key" | "provisioning-key";
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

function fromBearer(header: string): Credential {
  const token = /^Bearer ([A-Za-z0-9._~+/=-]{16,1024})$/i.exec(header)?.[1];
  if (token === undefined) {
    throw new Problem("not-signed-in", { detail: "Send the key as: Authorization: Bearer <key>" });
  }
  return { kind: kindOf(token), tokenHash: sha256(token) };
}

/** By the prefix, which is part of what is hashed: no key is known under another one. */
function kindOf(token: string): Credential["kind"] {
  if (token.startsWith("pub_")) return "public-key";
  return token.startsWith("rf_scim_") ? "provisioning-key" : "secret-key";
}
