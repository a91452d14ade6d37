import type { Connection } from "./connection.ts";
import { DatabaseError, ownCodes } from "./database-error.ts";
import { outOfStep } from "./flight.ts";
import { legAgain, legOf, type Leg } from "./leg.ts";
import type { Row } from "./row-shape.ts";
import type { Statement } from "./sql.ts";

export interface Result {
  readonly rows: Row[];
  /** Rows that the command says it read or changed. */
  readonly count: number;
}

/** What tells that the caller gave up; an AbortSignal is one. */
export interface Cancellation {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

export interface Limits {
  readonly signal?: Cancellation | undefined;
  readonly timeoutMs?: number | undefined;
}

/** More statements than this belong into several batches, or into one with `unnest`. */
export const statementsPerBatchMax = 10_000;

/** The legs for some statements; refuses too many of them, and those that the executor does not run. */
export function legsOf(statements: readonly Statement[]): Leg[] {
  if (statements.length > statementsPerBatchMax) {
    throw new DatabaseError("54000", `a batch has at most ${statementsPerBatchMax} statements`);
  }
  return statements.map((statement) => legOf(statement));
}

/** What the caller gets to see of answered legs. */
export function resultsOf(legs: readonly Leg[]): Result[] {
  return legs.map(({ rows, count }) => ({ rows, count }));
}

/**
 * Flies legs that are a transaction of their own; a second time, without names, when the server had forgotten or
 * outgrown a prepared statement. The first try has left nothing behind then: all of it was rolled back.
 */
export async function flyAlone(connection: Connection, legs: readonly Leg[]): Promise<readonly Leg[]> {
  try {
    await connection.fly(legs);
    if (connection.inTransaction) throw killed(connection);
    return legs;
  } catch (error) {
    if (!mayTryAgain(connection) || connection.inTransaction) throw error;
  }
  const again = legs.map(legAgain);
  await connection.fly(again);
  return again;
}

/** Whether a failure came from an outdated prepared statement, and the connection still works. */
export function mayTryAgain(connection: Connection): boolean {
  return connection.stalePlan && connection.dead === null;
}

/** Ends a connection whose transaction is not where it should be, and gives the error for the caller. */
export function killed(connection: Connection): DatabaseError {
  const error = outOfStep();
  connection.kill(error);
  return error;
}

/**
 * Kills the connection when the time is over or the caller gives up. Returns what takes that back.
 *
 * Never waits for the statement to notice: an answer that is late would otherwise reach whoever comes next.
 */
export function arm(
  connection: Connection,
  { signal, timeoutMs }: Limits,
  timeoutMsDefault: number,
): () => void {
  const timer = setTimeout(killLate, timeoutMs ?? timeoutMsDefault, connection);
  if (signal === undefined) return () => clearTimeout(timer);
  const onAbort = (): void => connection.kill(new DatabaseError(ownCodes.aborted, "the caller gave up"));
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort);
  return () => {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  };
}

function killLate(connection: Connection): void {
  connection.kill(new DatabaseError(ownCodes.timedOut, "the database took too long"));
}
