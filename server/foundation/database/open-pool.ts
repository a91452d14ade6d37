import type { Connection } from "./connection.ts";
import { ConnectionPool, type PoolEvent } from "./connection-pool.ts";
import { DatabaseError } from "./database-error.ts";
import { arm, flyAlone, legsOf, resultsOf, type Limits, type Result } from "./fly.ts";
import type { Row } from "./row-shape.ts";
import type { Statement } from "./sql.ts";
import { streamRows } from "./stream-rows.ts";
import { runTransaction, type Work } from "./transaction.ts";

export interface Pool {
  /**
   * All statements between two Syncs: one implicit transaction, one round trip. Rejects with the first failure, and
   * nothing is kept then.
   *
   * When the connection itself ended (08…, 57P01, RFTMO, RFABT) it is unknown whether the batch took effect.
   */
  batch(statements: readonly Statement[], limits?: Limits): Promise<Result[]>;
  /**
   * BEGIN and the first statements in one round trip, then `work` with a handle that dies with the transaction, then
   * COMMIT, which is awaited and must say COMMIT. Whatever throws rolls back.
   */
  tx<T>(first: readonly Statement[], work: Work<T>, limits?: Limits): Promise<T>;
  /**
   * The rows of a query, batch by batch, for exports: memory holds one batch. The whole stream is one transaction and
   * has its time limit; stopping early commits what `first` did.
   */
  stream(first: readonly Statement[], query: Statement, options?: StreamOptions): AsyncIterable<Row[]>;
  /** Refuses new work and resolves when the present work is done; that is bounded by its time limits. */
  close(): Promise<void>;
}

export interface StreamOptions extends Limits {
  /** 500 unless told. */
  readonly batchRows?: number | undefined;
}

export interface PoolOptions {
  readonly connectionString: string;
  readonly max: number;
  readonly applicationName: string;
  /** The server ends a statement after this time (57014). */
  readonly statementTimeoutMs: number;
  /** A batch, transaction or stream has this long unless told otherwise; then its connection is ended (RFTMO). */
  readonly transactionTimeoutMs: number;
  /** How long a caller waits for a free connection before it gets RFBSY: 5 s unless told. */
  readonly waitMs?: number;
  /** How many callers may wait at once; one more gets RFBSY at once: 1,000 unless told. */
  readonly waitersMax?: number;
  readonly onEvent?: (event: PoolEvent) => void;
}

const defaults = { waitMs: 5000, waitersMax: 1000, onEvent: () => undefined };
const batchRowsDefault = 500;

/** Opens a pool; connections are made when they are needed. */
export function openPool(options: PoolOptions): Pool {
  const pool = new ConnectionPool({ ...defaults, ...options });
  const hold = <T>(limits: Limits, work: (connection: Connection) => Promise<T>): Promise<T> =>
    holding(pool, limits, options.transactionTimeoutMs, work);
  return {
    async batch(statements, limits = {}) {
      const legs = legsOf(statements);
      if (legs.length === 0) return [];
      return hold(limits, async (connection) => resultsOf(await flyAlone(connection, legs)));
    },
    async tx(first, work, limits = {}) {
      const legs = legsOf(first);
      return hold(limits, (connection) => runTransaction(connection, legs, work));
    },
    stream: (first, query, given = {}) => streaming(pool, first, query, given, options.transactionTimeoutMs),
    close: () => pool.close(),
  };
}

/** A connection for as long as the work takes, within its limits; afterwards it is given back or has ended. */
async function holding<T>(
  pool: ConnectionPool,
  limits: Limits,
  timeoutMsDefault: number,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await pool.acquire(limits.signal);
  const disarm = arm(connection, limits, timeoutMsDefault);
  try {
    return await work(connection);
  } catch (error) {
    // The socket's stack says nothing; this one names the callers.
    if (error instanceof DatabaseError) Error.captureStackTrace(error, holding);
    throw error;
  } finally {
    disarm();
    pool.release(connection);
  }
}

async function* streaming(
  pool: ConnectionPool,
  first: readonly Statement[],
  query: Statement,
  given: StreamOptions,
  timeoutMsDefault: number,
): AsyncGenerator<Row[], void, undefined> {
  const connection = await pool.acquire(given.signal);
  const disarm = arm(connection, given, timeoutMsDefault);
  try {
    yield* streamRows(connection, first, query, given.batchRows ?? batchRowsDefault);
  } finally {
    disarm();
    pool.release(connection);
  }
}
