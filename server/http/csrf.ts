import type { IncomingHttpHeaders } from "node:http";
import { equalInConstantTime, hmacSha256, newToken } from "../foundation/ids/index.ts";
import { Problem } from "../foundation/problem/index.ts";
import { cookieValue, preSessionCookie, sessionCookie } from "./cookies.ts";

/** Turns away unsafe requests that another site had the browser send. */
export interface CsrfGuard {
  /** Throws `csrf-refused` unless the request shows where it comes from and that its page could read our token. */
  verify(headers: IncomingHttpHeaders): void;
  tokenFor(binding: string): string;
}

/**
 * Two independent proofs. Where from: `Sec-Fetch-Site`, which no page can set; where the browser does not send it,
 * `Origin` must be ours, and neither counts as foreign. And the token: `hmac(session, random).random` (the signed
 * double submit of the OWASP cheat sheet), bound to the session, or before sign-in to the `__Host-pre` cookie, since
 * a forged sign-in puts the victim into the attacker's account.
 */
export function csrfGuard(key: Buffer, origin: string): CsrfGuard {
  const tokenOf = (binding: string, random: string): string =>
    `${hmacSha256(key, `${binding}\u0000${random}`).toString("base64url")}.${random}`;
  return {
    tokenFor: (binding) => tokenOf(binding, newToken()),
    verify(headers) {
      refuseForeign(headers, origin);
      const binding = bindingOf(headers);
      const token = headers["x-csrf-token"];
      if (binding === null || typeof token !== "string")
        throw refusal("Ask GET /auth/csrf for a token and send it as X-CSRF-Token.");
      const random = /^[A-Za-z0-9_-]{43}\.([A-Za-z0-9_-]{43})$/.exec(token)?.[1];
      if (random === undefined || !equalInConstantTime(token, tokenOf(binding, random))) {
        throw refusal("The X-CSRF-Token does not belong to this session. Ask GET /auth/csrf for a new one.");
      }
    },
  };
}

/** What a CSRF token is bound to: the session where there is one, otherwise the cookie from before sign-in. */
export function bindingOf({ cookie }: IncomingHttpHeaders): string | null {
  const session = cookieValue(cookie, sessionCookie);
  if (session !== null && session !== "") return `session ${session}`;
  const before = cookieValue(cookie, preSessionCookie);
  return before === null || before === "" ? null : `before ${before}`;
}

/** The binding of a `__Host-pre` cookie that is about to be set. */
export function preSessionBinding(value: string): string {
  return `before ${value}`;
}

function refuseForeign(headers: IncomingHttpHeaders, origin: string): void {
  const site = headers["sec-fetch-site"];
  if (site === "same-origin" || site === "none") return;
  if (site !== undefined) throw refusal("The request came from a page of another site.");
  if (headers.origin !== origin) throw refusal(`The request does not show that it comes from ${origin}.`);
}

function refusal(detail: string): Problem {
  return new Problem("csrf-refused", { detail });
}
