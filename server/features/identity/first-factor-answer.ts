import { type Static, Type } from "@sinclair/typebox";
import type { ProblemKey } from "../../../contract/problem.ts";
import type { Result } from "../../foundation/database/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import type { KeptCookie, Respond } from "../../http/index.ts";
import { sessionSeconds } from "./inputs.ts";

/** Holds the token of a sign-in that waits for its second factor. It is no session: only the second factor's doors read it. */
export const stepCookie: KeptCookie = "__Host-step";
const stepSeconds = 600;

/** What every way of proving a first factor answers. */
export const firstFactorAnswer = Type.Object({
  signedIn: Type.Boolean(),
  next: Type.Union([Type.Literal("second-factor"), Type.Null()]),
});

/**
 * Answers what kernel.first_factor_passed has judged, the one row of this result: hands the browser its session, or has it
 * go on to the second factor. Throws the problem `otherwise` where the proof was refused.
 */
export function answerFirstFactor(
  result: Result | undefined,
  token: string,
  respond: Respond,
  otherwise: ProblemKey,
): Static<typeof firstFactorAnswer> {
  const [judged] = Object.values(result?.rows[0] ?? {});
  if (!isVerdict(judged)) throw new Problem(otherwise);
  if (judged.next === "single-sign-on") throw new Problem("single-sign-on-needed");
  if (judged.next === "second-factor") {
    respond.keepCookie(stepCookie, token, stepSeconds);
    return { signedIn: false, next: "second-factor" };
  }
  startSession(token, respond);
  return { signedIn: true, next: null };
}

/** Hands the browser its session; what it held on the way there is taken back. */
export function startSession(token: string, respond: Respond): void {
  respond.startSession(token, sessionSeconds);
  respond.keepCookie(stepCookie, "", 0);
}

interface Verdict {
  readonly next: "second-factor" | "single-sign-on" | null;
}

function isVerdict(value: unknown): value is Verdict {
  return typeof value === "object" && value !== null && "next" in value;
}
