import type { Result, Statement, Transaction } from "../../foundation/database/index.ts";

/** Who asks, as far as the door can tell: a digest of what was presented and where it came from. Nothing is decided yet. */
export interface Caller {
  /** sha256(token); the token itself goes no further than the door. */
  readonly tokenHash: Buffer;
  /** The organization that the address names, or null where an API key names it. */
  readonly organization: string | null;
  readonly requestId: string;
  readonly ip: string;
  readonly device: string;
}

/** Under whom a request is counted. */
export interface Whose {
  readonly personId: string;
  readonly tenantId: string | null;
}

/** Whom the database recognised, once the first round trip is back. */
export interface Entered {
  readonly tenantId: string;
  /** The organization's slug. */
  readonly organization: string;
  readonly personId: string;
  readonly memberId: string;
  readonly credentialId: string;
  readonly email: string;
  readonly locale: string;
  readonly timeZone: string;
  readonly currency: string;
}

/** One request's authority in one organization: exactly the needs of its route; unusable after the handler ended. */
export interface TenantScope {
  /** Enters and runs the statement in one round trip. */
  run(statement: Statement): Promise<Result>;
  batch(statements: readonly Statement[]): Promise<Result[]>;
  tx<T>(work: (t: Transaction, entered: Entered) => Promise<T>): Promise<T>;
  /** Known after the first round trip. */
  readonly entered: Entered | null;
}

/**
 * One request of a signed-in person outside of any organization: own sessions, own organizations; no tenant's row.
 *
 * The kernel functions that it calls take `caller.tokenHash` and judge it themselves, in the same statement.
 */
export interface PersonScope {
  readonly caller: Caller;
  run(statement: Statement): Promise<Result>;
  batch(statements: readonly Statement[]): Promise<Result[]>;
}
