export { openAdministration, type Administration } from "./administration.ts";
export { DatabaseError } from "./database-error.ts";
export { openPool, type Pool, type PoolOptions, type StreamOptions } from "./open-pool.ts";
export type { PoolEvent } from "./connection-pool.ts";
export type { Cancellation, Limits, Result } from "./fly.ts";
export type { Row } from "./row-shape.ts";
export { sql, type Statement } from "./sql.ts";
export type { Transaction } from "./transaction.ts";
