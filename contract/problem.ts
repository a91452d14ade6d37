/**
 * Every way in which Ringfence says no, in one table.
 *
 * The key is the stable part: it ends the `type` address (RFC 9457) and names the page in docs/problems.
 * Titles may be reworded freely; keys never change.
 */
export const problems = {
  "bad-request": { status: 400, title: "The request could not be read" },
  "two-credentials": { status: 400, title: "Send either a cookie or an Authorization header, not both" },
  "logout-token-refused": { status: 400, title: "This logout token was not taken" },
  "not-signed-in": { status: 401, title: "Sign in to do this" },
  "wrong-credentials": { status: 401, title: "E-mail and password do not match" },
  "wrong-code": { status: 401, title: "This code or passkey was not accepted" },
  "not-allowed": { status: 403, title: "Your role does not allow this" },
  "second-factor-needed": { status: 403, title: "This organization asks for a second factor" },
  "fresh-proof-needed": { status: 403, title: "Prove once more that it is you" },
  "single-sign-on-needed": { status: 403, title: "This organization lets in by single sign-on only" },
  "address-not-allowed": { status: 403, title: "Not from this network address" },
  "sign-in-again": { status: 403, title: "This organization wants you to sign in again" },
  "another-way-needed": { status: 403, title: "This organization has closed the way you signed in by" },
  "sign-in-locked": { status: 403, title: "Too many wrong passwords; a letter tells how to go on" },
  "csrf-refused": { status: 403, title: "The request did not prove that it came from the console" },
  "link-not-valid": { status: 403, title: "This link is not valid any more" },
  "not-claimed": { status: 403, title: "This installation has not been set up yet" },
  "not-found": { status: 404, title: "There is nothing here" },
  "method-not-allowed": { status: 405, title: "This address does not take that method" },
  "already-exists": { status: 409, title: "There is one like this already" },
  "wrong-state": { status: 409, title: "The state of this thing does not allow that now" },
  "still-referenced": { status: 409, title: "Something else still refers to this" },
  "version-conflict": { status: 412, title: "Somebody changed this meanwhile" },
  "too-large": { status: 413, title: "The request is larger than allowed" },
  "unsupported-media-type": { status: 415, title: "This address does not take that kind of content" },
  "not-valid": { status: 422, title: "Some of what was sent is not valid" },
  "idempotency-mismatch": { status: 422, title: "This Idempotency-Key was used for a different request" },
  "version-missing": { status: 428, title: "Say which version you change, with If-Match" },
  "too-many-requests": { status: 429, title: "Too many requests" },
  "address-blocked": { status: 429, title: "Requests from this address are refused for a while" },
  "our-fault": { status: 500, title: "We failed, and have noted it" },
  busy: { status: 503, title: "Too busy to do this right now" },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

/** The stable key of a problem. */
export type ProblemKey = keyof typeof problems;

/** One fault in what was sent; `pointer` is a JSON pointer (RFC 6901) into the body, or a parameter's name. */
export interface FieldFault {
  readonly pointer: string;
  readonly detail: string;
}

/** The body of every refusal: `application/problem+json` (RFC 9457). */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  /** `urn:request:<id>`, the id that the log and the audit trail carry too. */
  readonly instance: string;
  readonly errors?: readonly FieldFault[];
  readonly retryAfterSeconds?: number;
}
