import { afterAll, beforeAll } from "vitest";
import {
  DatabaseError,
  openPool,
  sql,
  type Pool,
  type PoolEvent,
  type PoolOptions,
} from "../../server/foundation/database/index.ts";
import { emptyDatabase, type TestDatabase } from "../cluster.ts";

export interface Ground {
  readonly dsn: string;
  /** A pool on this file's database; closed after the file. */
  open(options?: Partial<PoolOptions>): Pool;
  /** For a look from outside. */
  readonly observer: Pool;
}

/** One database and an observer for the tests of a file. */
export function ground(): Ground {
  let database: TestDatabase | undefined;
  const pools: Pool[] = [];
  const dsn = (): string => database?.dsn ?? "";
  const open = (options: Partial<PoolOptions> = {}): Pool => {
    const pool = openPool({ ...settings, connectionString: dsn(), ...options });
    pools.push(pool);
    return pool;
  };
  let observer: Pool | undefined;
  beforeAll(async () => {
    database = await emptyDatabase("executor");
  });
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.close()));
    await database?.drop();
  });
  return {
    open,
    get dsn() {
      return dsn();
    },
    get observer() {
      return (observer ??= open({ max: 2, applicationName: "observer" }));
    },
  };
}

export const settings = {
  max: 1,
  applicationName: "executor",
  statementTimeoutMs: 20_000,
  transactionTimeoutMs: 20_000,
};

/** Which server process answers. */
export async function backendOf(pool: Pool): Promise<number> {
  return one(pool, "pid", sql`select pg_backend_pid() as pid`);
}

export async function one<T = number>(
  pool: Pool,
  column: string,
  ...statements: Parameters<Pool["batch"]>[0]
): Promise<T> {
  const results = await pool.batch(statements);
  // The test names a column of the type that it expects.
  return results.at(-1)?.rows[0]?.[column] as T;
}

/** The rejection itself; fails when there is none. */
export async function rejectionOf(promise: Promise<unknown>): Promise<DatabaseError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof DatabaseError) return error;
    throw error;
  }
  throw new Error("it should have been refused");
}

export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await rejectionOf(promise)).code;
}

/** Ends the server process as an administrator would. */
export async function killBackend(observer: Pool, pid: number): Promise<void> {
  await observer.batch([sql`select pg_terminate_backend(${pid}, 5000)`]);
}

/** Waits until the query gives a row, for what happens on the server in its own time. */
export async function eventually(observer: Pool, statement: ReturnType<typeof sql>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const [result] = await observer.batch([statement]);
    if (result !== undefined && result.rows.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("it never came to be");
}

export function sleeping(pid: number): ReturnType<typeof sql> {
  return sql`select 1 from pg_stat_activity where pid = ${pid} and wait_event = 'PgSleep'`;
}

export function gone(pid: number): ReturnType<typeof sql> {
  return sql`select 1 where not exists (select from pg_stat_activity where pid = ${pid})`;
}

export function collectEvents(): { events: PoolEvent[]; onEvent: (event: PoolEvent) => void } {
  const events: PoolEvent[] = [];
  return { events, onEvent: (event) => void events.push(event) };
}
