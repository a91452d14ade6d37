import { Problem } from "../../../foundation/problem/index.ts";

/** Throws what the database says of a proof that it refused: `wrong-code`, or for how long codes are not looked at. */
export function demandAccepted(judged: unknown): void {
  if (typeof judged !== "object" || judged === null) return;
  if ("locked" in judged) {
    throw new Problem("too-many-requests", {
      detail: "Too many wrong codes in a row. A passkey works all the time.",
      retryAfterSeconds: Number(judged.locked),
    });
  }
  if ("wrong" in judged) throw new Problem("wrong-code");
}
