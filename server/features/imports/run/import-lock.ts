import type { Statement } from "../../../foundation/database/index.ts";

const lock = (thing: string, alone: boolean): Statement => ({
  text: "select kernel.lock_in_tenant($1, $2)",
  values: [thing, alone],
});

/**
 * Held by a transaction that writes rows of an import. Whoever then takes it alone knows that nothing is under way: no
 * batch of a worker that lost its lease, none of an import that was cancelled. Waiters are served in order.
 */
export const lockShared = (importId: string): Statement => lock(`import ${importId}`, false);
export const lockAlone = (importId: string): Statement => lock(`import ${importId}`, true);

/** Two imports at once that name the same new account would make it twice: names are not unique. */
export const lockNames: Statement = lock("names of accounts", true);
