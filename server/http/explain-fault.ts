import { errorCodes } from "fastify";
import type { ProblemKey } from "../../contract/problem.ts";
import { DatabaseError } from "../foundation/database/index.ts";
import { Problem } from "../foundation/problem/index.ts";

/**
 * Whatever was thrown, as a refusal from the catalogue.
 *
 * Only our own refusals, the database's verdicts and the framework's parse errors say more than `our-fault`: an
 * error that calls itself a 404 has no say in it.
 */
export function explainFault(thrown: unknown, method: string): Problem {
  if (thrown instanceof Problem) return thrown;
  if (thrown instanceof DatabaseError) return fromDatabase(thrown, method);
  return fromFramework(thrown) ?? new Problem("our-fault", { cause: thrown });
}

const verdicts: Readonly<Record<string, ProblemKey>> = {
  RF401: "not-signed-in",
  RF403: "not-allowed",
  RF404: "not-found",
  RF409: "wrong-state",
  RF412: "version-conflict",
  RF422: "not-valid",
  RF429: "too-many-requests",
  RFBSY: "busy",
  RFTMO: "busy",
  RFABT: "busy",
  "23505": "already-exists",
  "23514": "not-valid",
  "23502": "not-valid",
  "42501": "not-allowed",
  "57014": "busy",
  "57P01": "busy",
  "57P03": "busy",
  "53300": "busy",
  "55P03": "busy",
  "40001": "busy",
  "40P01": "busy",
  "25P03": "busy",
  "25P04": "busy",
};

/** Where one code of our own stands for several problems, the words that our migrations raise tell them apart. */
const verdictsInWords: Readonly<Record<string, ProblemKey>> = {
  "RF403 this link is not valid": "link-not-valid",
  "RF403 already set up": "link-not-valid",
  "RF403 second factor needed": "second-factor-needed",
  "RF403 fresh proof needed": "fresh-proof-needed",
  "RF403 single sign-on needed": "single-sign-on-needed",
  "RF403 address not allowed": "address-not-allowed",
  "RF403 sign in again": "sign-in-again",
  "RF403 another way needed": "another-way-needed",
  "RF409 taken": "already-exists",
  "RF409 a member already": "already-exists",
  "RF409 this role is in use": "still-referenced",
  "RF422 used for a different request": "idempotency-mismatch",
};

/** Classes of "the value does not fit": text too long, number out of range, unreadable date, id or character. */
const unfit = /^(?:22001|22003|22007|22008|22021|22P02|22P05)$/;

function fromDatabase(error: DatabaseError, method: string): Problem {
  const key = verdictOn(error, method);
  if (key === null) return new Problem("our-fault", { cause: error });
  const waits = key === "too-many-requests" || key === "busy";
  // RF409 and RF422 are raised by our own functions, in constant words for the client.
  const detail = error.code === "RF409" || error.code === "RF422" ? { detail: error.message } : {};
  return new Problem(key, { ...detail, ...(waits ? { retryAfterSeconds: 1 } : {}), cause: error });
}

function verdictOn({ code, message }: DatabaseError, method: string): ProblemKey | null {
  if (code === "23503") return method === "DELETE" ? "still-referenced" : "not-valid";
  if (unfit.test(code)) return "not-valid";
  if (code.startsWith("08")) return "busy";
  return verdictsInWords[`${code} ${message}`] ?? verdicts[code] ?? null;
}

function fromFramework(thrown: unknown): Problem | null {
  if (thrown instanceof errorCodes.FST_ERR_CTP_BODY_TOO_LARGE) return new Problem("too-large");
  if (thrown instanceof errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE)
    return new Problem("unsupported-media-type");
  if (thrown instanceof errorCodes.FST_ERR_CTP_INVALID_CONTENT_LENGTH) {
    return new Problem("bad-request", { detail: "The body is not as long as Content-Length says." });
  }
  if (thrown instanceof errorCodes.FST_ERR_BAD_URL) {
    return new Problem("bad-request", { detail: "The address is not written in its plain form." });
  }
  if (thrown instanceof errorCodes.FST_ERR_MAX_PARAM_LENGTH) return new Problem("not-found");
  return isBrokenUpload(thrown) ? new Problem("bad-request", { detail: "The body broke off." }) : null;
}

/** The client went away in the middle of its body. */
function isBrokenUpload(thrown: unknown): boolean {
  return (
    thrown instanceof Error &&
    thrown.message === "aborted" &&
    "code" in thrown &&
    thrown.code === "ECONNRESET"
  );
}
