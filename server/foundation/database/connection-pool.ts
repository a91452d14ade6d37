import type { Cancellation } from "./fly.ts";
import { Connection } from "./connection.ts";
import type { ConnectOptions } from "./connect-client.ts";
import { DatabaseError, ownCodes } from "./database-error.ts";

/** What a pool tells about itself, for logs and metrics. */
export type PoolEvent =
  | { readonly kind: "connected" | "busy" | "recycled" }
  | { readonly kind: "lost"; readonly code: string }
  | { readonly kind: "unreachable"; readonly code: string };

export interface ConnectionPoolOptions extends ConnectOptions {
  readonly max: number;
  /** How long a caller waits for a connection before it is told that the database is busy. */
  readonly waitMs: number;
  readonly waitersMax: number;
  readonly onEvent: (event: PoolEvent) => void;
}

interface Waiter {
  readonly resolve: (connection: Connection) => void;
  readonly reject: (error: DatabaseError) => void;
}

/**
 * A bounded set of connections. Each belongs to one caller at a time, and goes to the next one only if it is fit:
 * idle, in step, without traces; otherwise it is ended and replaced.
 */
export class ConnectionPool {
  readonly #options: ConnectionPoolOptions;
  readonly #idle: Connection[] = [];
  readonly #waiters = new Set<Waiter>();
  #open = 0;
  #connecting = 0;
  /** Those who wait for the last connection to be gone; null while the pool is open. */
  #closing: (() => void)[] | null = null;

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  /** A connection for the caller alone, who gives it back with `release`. Rejects with RFBSY after the bounded wait. */
  acquire(signal?: Cancellation): Promise<Connection> {
    if (this.#closing !== null) return Promise.reject(poolClosed());
    if (signal?.aborted) return Promise.reject(new DatabaseError(ownCodes.aborted, "the caller gave up"));
    const idle = this.#idle.pop();
    return idle === undefined ? this.#wait(signal) : Promise.resolve(idle);
  }

  /** Takes a connection back from its caller. */
  release(connection: Connection): void {
    if (connection.dead !== null) return;
    if (!connection.fit || this.#closing !== null) return this.#retire(connection);
    this.#handOut(connection);
  }

  /** Refuses new callers at once and resolves when the present ones have given their connections back. */
  close(): Promise<void> {
    const closing = (this.#closing ??= []);
    for (const waiter of this.#waiters) waiter.reject(poolClosed());
    for (const connection of this.#idle.splice(0)) connection.end(poolClosed());
    return new Promise((resolve) => {
      closing.push(resolve);
      this.#resolveWhenEmpty();
    });
  }

  #wait(signal?: Cancellation): Promise<Connection> {
    const { waitMs, waitersMax } = this.#options;
    if (this.#waiters.size >= waitersMax) return Promise.reject(this.#busy());
    return new Promise((resolve, reject) => {
      const giveUp = (error: DatabaseError): void => {
        settle();
        reject(error);
      };
      const timer = setTimeout(() => giveUp(this.#busy()), waitMs);
      const onAbort = (): void => giveUp(new DatabaseError(ownCodes.aborted, "the caller gave up"));
      const waiter: Waiter = { resolve: (connection) => (settle(), resolve(connection)), reject: giveUp };
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        this.#waiters.delete(waiter);
      };
      signal?.addEventListener("abort", onAbort);
      this.#waiters.add(waiter);
      this.#connectIfWanted();
    });
  }

  #busy(): DatabaseError {
    this.#options.onEvent({ kind: "busy" });
    return new DatabaseError(ownCodes.busy, "no database connection became free in time");
  }

  #connectIfWanted(): void {
    const { max } = this.#options;
    while (this.#closing === null && this.#open < max && this.#connecting < this.#waiters.size) {
      this.#open += 1;
      this.#connecting += 1;
      void this.#connect();
    }
  }

  async #connect(): Promise<void> {
    try {
      const connection = await Connection.open(this.#options);
      this.#connecting -= 1;
      connection.onLoss((error) => this.#forget(connection, error));
      this.#options.onEvent({ kind: "connected" });
      this.release(connection);
    } catch (error) {
      this.#connecting -= 1;
      this.#open -= 1;
      this.#tellUnreachable(
        error instanceof DatabaseError ? error : new DatabaseError("08001", "cannot connect"),
      );
    }
  }

  /** One caller learns of the failure; the others are worth another try each. */
  #tellUnreachable(error: DatabaseError): void {
    this.#options.onEvent({ kind: "unreachable", code: error.code });
    firstOf(this.#waiters)?.reject(error);
    this.#resolveWhenEmpty();
    this.#connectIfWanted();
  }

  #handOut(connection: Connection): void {
    const waiter = firstOf(this.#waiters);
    if (waiter === undefined) this.#idle.push(connection);
    else waiter.resolve(connection);
  }

  #retire(connection: Connection): void {
    this.#options.onEvent({ kind: "recycled" });
    connection.end(poolClosed());
  }

  #forget(connection: Connection, error: DatabaseError): void {
    this.#open -= 1;
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    if (error.code !== ownCodes.ended) this.#options.onEvent({ kind: "lost", code: error.code });
    this.#resolveWhenEmpty();
    this.#connectIfWanted();
  }

  #resolveWhenEmpty(): void {
    if (this.#open === 0) for (const resolve of this.#closing?.splice(0) ?? []) resolve();
  }
}

function firstOf(waiters: ReadonlySet<Waiter>): Waiter | undefined {
  return waiters.values().next().value;
}

function poolClosed(): DatabaseError {
  return new DatabaseError(ownCodes.ended, "the pool is closed");
}
