import { Problem } from "../../foundation/problem/index.ts";

/**
 * Throws what the database says keeps a try from being judged; returns for everything else that it may have answered. `recorded` says whether it
 * has written that down.
 */
export function refuseTooManyTries(answer: unknown, recorded: boolean): void {
  if (typeof answer !== "object" || answer === null) return;
  if ("locked" in answer) throw new Problem("sign-in-locked", { recorded });
  if ("wait" in answer) {
    throw new Problem("too-many-requests", {
      detail: "Too many wrong passwords. Wait before the next try.",
      retryAfterSeconds: Number(answer.wait),
    });
  }
}

/** Whether the account is locked for this browser. */
export function isLocked(answer: unknown): boolean {
  return typeof answer === "object" && answer !== null && "locked" in answer;
}
