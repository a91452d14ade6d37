import type { IncomingHttpHeaders } from "node:http";
import type { ProblemKey } from "../../contract/problem.ts";

/** How many points an address is charged for a request that was refused as this; 0 for all others. */
const points: Readonly<Partial<Record<ProblemKey, number>>> = {
  "bad-request": 5,
  "two-credentials": 5,
  "not-found": 4,
  "method-not-allowed": 4,
  "wrong-credentials": 4,
  "wrong-code": 4,
  "link-not-valid": 4,
  "not-signed-in": 4,
  "csrf-refused": 2,
  "too-large": 2,
  "unsupported-media-type": 2,
  "not-valid": 1,
  "too-many-requests": 1,
};

/** Guesses at a secret: counted whoever makes them, since somebody signed in can guess another's password too. */
const guesses: ReadonlySet<ProblemKey> = new Set(["wrong-credentials", "wrong-code", "link-not-valid"]);

/** What browsers, phones and search engines ask every site for, unasked. */
const harmless =
  /^\/(?:favicon\.ico|robots\.txt|sitemap\.xml|apple-touch-icon[a-z0-9-]*\.png|\.well-known\/[a-z0-9./-]{1,60})(?:\?|$)/;

/** A refused request, as far as it matters whether it was an offence. */
export interface Refused {
  readonly problem: ProblemKey;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** Of which kind the credential was that the request showed. */
  readonly credential: "none" | "session" | "key";
  /** Whether the database recognised this credential the last time it saw it. */
  readonly live: () => boolean;
}

/**
 * The points of a refused request; 0 when it says nothing against the address that it came from.
 *
 * Two kinds are left out, so that nobody can have others locked out. Requests with a live credential: they have a name,
 * are limited by it and are in the audit trail, and colleagues share the address. And what a page of another site can
 * have anybody's browser send: such requests carry no credential of their own making, so they can guess nothing.
 */
export function pointsOf(refused: Refused): number {
  const { problem, target, headers, credential } = refused;
  const weight = points[problem] ?? 0;
  if (weight === 0 || guesses.has(problem)) return weight;
  // Most often a page that was left open; a session's token cannot be guessed anyway.
  if (problem === "not-signed-in") return credential === "key" ? weight : credential === "session" ? 1 : 0;
  if (problem === "not-found" && harmless.test(target)) return 0;
  if (isDriveBy(headers) || refused.live()) return 0;
  return weight;
}

/** Whether a foreign page may have made this browser send it: no page can set these headers, nor send `Authorization` unasked. */
function isDriveBy(headers: IncomingHttpHeaders): boolean {
  const site = headers["sec-fetch-site"];
  return (site === "cross-site" || site === "same-site") && headers.authorization === undefined;
}
