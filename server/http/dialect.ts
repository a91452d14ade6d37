import type { Problem } from "../foundation/problem/index.ts";

/** How a standard that others wrote wants to be spoken below one address. */
export interface Dialect {
  /** Everything below it is refused in this dialect, addresses that do not exist included. */
  readonly prefix: `/${string}`;
  /** What bodies may be sent as; answers are of the first. */
  readonly mediaTypes: readonly [string, ...string[]];
  /** A refusal as the standard writes it. */
  refusal(problem: Problem): { readonly status: number; readonly body: string };
}

/** The dialect in which an address is answered; null for problems as RFC 9457 writes them. */
export function dialectOf(dialects: readonly Dialect[], target: string | undefined): Dialect | null {
  return dialects.find(({ prefix }) => target?.startsWith(`${prefix}/`) === true) ?? null;
}
