import { DatabaseError, type Pool, type Result, type Statement } from "../foundation/database/index.ts";
import { newToken, sha256 } from "../foundation/ids/index.ts";
import { log } from "../foundation/log/index.ts";
import { monotonicMs } from "../foundation/clock/index.ts";
import { Problem } from "../foundation/problem/index.ts";
import type { Job, JobScope } from "./job.ts";
import { startLoop } from "./loop.ts";

export interface Worker {
  /** Looks for work now instead of at the next tick; called after something was queued in this process. */
  nudge(): void;
  /** Leases nothing more, tells running jobs to stop, and resolves when they have. */
  stop(): Promise<void>;
}

export interface WorkerOptions {
  readonly pool: Pool;
  readonly jobs: readonly Job[];
  /** Jobs at once. */
  readonly concurrency?: number;
  readonly idleMs?: number;
}

interface Leased {
  readonly id: string;
  readonly kind: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly attempt: number;
}

const leaseSeconds = 120;
const scheduleEveryMs = 60_000;

/**
 * Works on leased jobs until stopped. A lease is proven with a secret that only this process knows, and each transaction
 * of a job enters anew, so that a member who was removed stops working at once.
 */
export function startWorker({ pool, jobs, concurrency = 2, idleMs = 1000 }: WorkerOptions): Worker {
  const byKind = new Map(jobs.map((job) => [job.kind, job]));
  const leaseHash = sha256(newToken());
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  let scheduledAt = Number.NEGATIVE_INFINITY;

  const round = async (): Promise<boolean> => {
    if (monotonicMs() - scheduledAt > scheduleEveryMs) {
      scheduledAt = monotonicMs();
      await pool.batch([{ text: "select kernel.schedule_jobs()", values: [] }]);
    }
    const free = concurrency - running.size;
    if (free <= 0) return false;
    const [leased] = await pool.batch([
      {
        text: "select * from kernel.lease_jobs($1, $2, $3, $4)",
        values: [[...byKind.keys()], leaseHash, leaseSeconds, free],
      },
    ]);
    for (const row of leased?.rows ?? []) {
      const work = runOne(pool, byKind, leaseHash, leasedFrom(row), stopping.signal).finally(() => {
        running.delete(work);
        loop.nudge();
      });
      running.add(work);
    }
    return (leased?.rows.length ?? 0) > 0;
  };
  const loop = startLoop({ task: "worker", idleMs, round });
  return {
    nudge: () => loop.nudge(),
    stop: async () => {
      stopping.abort();
      await loop.stop();
      await Promise.all(running);
    },
  };
}

function leasedFrom(row: Record<string, unknown>): Leased {
  return {
    id: String(row["id"]),
    kind: String(row["kind"]),
    // kernel.enqueue takes jsonb objects; the job checks what is in it.
    payload: row["payload"] as Record<string, unknown>,
    attempt: Number(row["attempt"]),
  };
}

async function runOne(
  pool: Pool,
  byKind: ReadonlyMap<string, Job>,
  leaseHash: Buffer,
  leased: Leased,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = monotonicMs();
  const fields = { jobId: leased.id, job: leased.kind, attempt: leased.attempt };
  const settle = async (failure: string | null, retrySeconds: number | null): Promise<void> => {
    await pool.batch([
      {
        text: "select kernel.settle_job($1, $2, $3, $4)",
        values: [leased.id, leaseHash, failure, retrySeconds],
      },
    ]);
  };
  try {
    const job = byKind.get(leased.kind);
    if (job === undefined) throw new Problem("not-found");
    await job.run({
      scope: jobScope(pool, leased.id, leaseHash),
      jobId: leased.id,
      payload: leased.payload,
      attempt: leased.attempt,
      signal,
    });
    await settle(null, null);
    log.event("job-finished", { ...fields, milliseconds: Math.round(monotonicMs() - startedAt) });
  } catch (error) {
    log.event("job-failed", { ...fields, milliseconds: Math.round(monotonicMs() - startedAt), error });
    const final = finalFailure(error);
    const again = final === null ? backoffSeconds(leased.attempt, signal.aborted) : null;
    await settle(final ?? "failed; see the log", again).catch(() => undefined);
  }
}

/** Why another try would be in vain, for the job's row; null when it might not. */
function finalFailure(error: unknown): string | null {
  if (error instanceof Problem) return error.message;
  return error instanceof DatabaseError && error.code === "RF403"
    ? "its member may not do this any more"
    : null;
}

/** 2, 4, 8 … seconds, at most an hour; at once when it was only the worker that stopped. */
function backoffSeconds(attempt: number, stopped: boolean): number {
  return stopped ? 0 : Math.min(2 ** attempt, 3600);
}

function jobScope(pool: Pool, jobId: string, leaseHash: Buffer): JobScope {
  const enter: Statement = { text: "select kernel.enter_job($1, $2)", values: [jobId, leaseHash] };
  const batch = async (statements: readonly Statement[]): Promise<Result[]> => {
    const [, ...results] = await pool.batch([enter, ...statements]);
    return results;
  };
  return {
    batch,
    run: async (statement) => {
      const [result] = await batch([statement]);
      if (result === undefined) throw new Error("the database left out a result");
      return result;
    },
    tx: (work) => pool.tx([enter], (t) => work(t)),
  };
}
