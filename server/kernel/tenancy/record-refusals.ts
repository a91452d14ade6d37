import type { Pool } from "../../foundation/database/index.ts";
import type { Caller } from "./scope.ts";

/** A request that was turned away, for the trail. */
export interface RefusedRequest {
  readonly caller: Caller | null;
  readonly requestId: string;
  readonly ip: string;
  readonly device: string;
  readonly operation: string;
  readonly problem: string;
}

export interface RefusalRecorder {
  /** Never awaited, never throws. */
  record(refusal: RefusedRequest): void;
  /** Resolves when what was recorded so far has been written or given up. */
  settled(): Promise<void>;
}

const recordText = "select kernel.record_refusal($1, $2, $3, $4, $5, $6, $7)";

/**
 * Writes refusals in transactions of their own, since the refused one rolls back. At most `atOnceMax` at a time: a flood
 * of bad requests must not turn into a flood of writes. What is left out is counted and reported through `onDropped`.
 */
export function createRefusalRecorder(
  pool: Pool,
  onDropped: (count: number) => void,
  atOnceMax = 2,
  waitingMax = 200,
): RefusalRecorder {
  const waiting: RefusedRequest[] = [];
  const running = new Set<Promise<void>>();
  let dropped = 0;
  const next = (): void => {
    const refusal = waiting.shift();
    if (refusal === undefined) {
      if (dropped > 0) onDropped(dropped);
      dropped = 0;
      return;
    }
    const write = pool
      .batch([statementFor(refusal)])
      .then(
        () => undefined,
        () => {
          dropped += 1;
        },
      )
      .finally(() => {
        running.delete(write);
        next();
      });
    running.add(write);
  };
  return {
    record: (refusal) => {
      if (waiting.length >= waitingMax) dropped += 1;
      else waiting.push(refusal);
      if (running.size < atOnceMax) next();
    },
    settled: async () => {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

function statementFor({ caller, problem, operation, requestId, ip, device }: RefusedRequest): {
  text: string;
  values: unknown[];
} {
  return {
    text: recordText,
    values: [
      caller?.tokenHash ?? null,
      caller?.organization ?? null,
      problem,
      operation,
      requestId,
      ip,
      device,
    ],
  };
}
