import { problems, type ProblemBody } from "../../contract/problem.ts";
import type { Problem } from "../foundation/problem/index.ts";

export const problemType = "application/problem+json; charset=utf-8";

/** What of a problem is told; a problem that nobody throws needs no stack, which is dear to make. */
export type Told = Pick<Problem, "key" | "status" | "detail" | "errors" | "retryAfterSeconds">;

/** Writes problems as RFC 9457 asks: `type` is the address of a page that this server has, `instance` the request. */
export function problemWriter(publicUrl: string): (problem: Told, requestId: string) => string {
  return (problem, requestId) => {
    const body: ProblemBody = {
      type: `${publicUrl}/problems/${problem.key}`,
      title: problems[problem.key].title,
      status: problem.status,
      ...(problem.detail === undefined ? {} : { detail: problem.detail }),
      instance: `urn:request:${requestId}`,
      ...(problem.errors === undefined ? {} : { errors: problem.errors }),
      ...(problem.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: problem.retryAfterSeconds }),
    };
    return JSON.stringify(body);
  };
}

/** The seconds that `Retry-After` tells: every 429 and 503 has one. */
export function retryAfterOf(problem: Problem): number | null {
  if (problem.status !== 429 && problem.status !== 503) return null;
  return problem.retryAfterSeconds ?? 1;
}
