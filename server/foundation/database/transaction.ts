import type { Connection } from "./connection.ts";
import { DatabaseError, ownCodes } from "./database-error.ts";
import { killed, legsOf, mayTryAgain, resultsOf, type Result } from "./fly.ts";
import { controlLeg, legAgain, type Leg } from "./leg.ts";
import type { Statement } from "./sql.ts";

/** The statements of one open transaction. Throws (RFEND) once that transaction has ended, and for ever after. */
export interface Transaction {
  run(statement: Statement): Promise<Result>;
  /** In one round trip. */
  batch(statements: readonly Statement[]): Promise<Result[]>;
}

export type Work<T> = (transaction: Transaction, firstResults: Result[]) => Promise<T>;

/** BEGIN and the first statements in one round trip, the work, then COMMIT; ROLLBACK when anything throws. */
export async function runTransaction<T>(
  connection: Connection,
  first: readonly Leg[],
  work: Work<T>,
): Promise<T> {
  const begun = await begin(connection, first);
  const handle = openHandle(connection);
  try {
    const result = await untilLost(connection, work(handle.transaction, resultsOf(begun)));
    await handle.revoke();
    await commit(connection);
    return result;
  } catch (error) {
    await handle.revoke();
    await rollBack(connection);
    throw error;
  }
}

/** Opens a transaction; the legs after BEGIN come back answered. On failure there is no transaction. */
export async function begin(connection: Connection, first: readonly Leg[]): Promise<readonly Leg[]> {
  try {
    return await tryToBegin(connection, first);
  } catch (error) {
    await rollBack(connection);
    // Nobody has seen anything of the first try, so a second one is safe.
    if (!mayTryAgain(connection)) throw error;
    return tryToBegin(connection, first.map(legAgain));
  }
}

async function tryToBegin(connection: Connection, first: readonly Leg[]): Promise<readonly Leg[]> {
  await connection.fly([controlLeg("begin"), ...first]);
  if (!connection.inTransaction) throw killed(connection);
  return first;
}

/** Resolves only when the server says COMMIT; a transaction that had failed answers ROLLBACK, which is no success. */
export async function commit(connection: Connection): Promise<void> {
  const leg = controlLeg("commit");
  try {
    await connection.fly([leg]);
  } catch (error) {
    if (connection.dead === null) throw error;
    throw new DatabaseError("08007", "the connection ended during COMMIT; what became of it is unknown");
  }
  if (connection.inTransaction) throw killed(connection);
  if (leg.tag !== "COMMIT") {
    throw new DatabaseError("40000", "the transaction was rolled back because a statement had failed");
  }
}

/** Leaves no transaction behind: what cannot be rolled back politely ends with its connection. */
export async function rollBack(connection: Connection): Promise<void> {
  if (connection.dead !== null || !connection.inTransaction) return;
  try {
    await connection.fly([controlLeg("rollback")]);
  } catch {
    killed(connection);
  }
}

interface Handle {
  readonly transaction: Transaction;
  /** From now on the handle throws; resolves when what it had sent is answered. */
  revoke(): Promise<void>;
}

function openHandle(connection: Connection): Handle {
  let live: Connection | null = connection;
  let last: Promise<unknown> = Promise.resolve();
  const batch = async (statements: readonly Statement[]): Promise<Result[]> => {
    if (live === null) throw new DatabaseError(ownCodes.ended, "this transaction has ended");
    const legs = legsOf(statements);
    if (legs.length === 0) return [];
    const flown = flyInside(live, legs, last);
    last = flown.catch(() => undefined);
    return flown;
  };
  const run = async (statement: Statement): Promise<Result> => onlyOne(await batch([statement]));
  const revoke = async (): Promise<void> => {
    live = null;
    await last;
  };
  return { transaction: { run, batch }, revoke };
}

/** One after the other, in the order in which they were asked for. */
async function flyInside(
  connection: Connection,
  legs: readonly Leg[],
  before: Promise<unknown>,
): Promise<Result[]> {
  await before;
  await connection.fly(legs);
  if (!connection.inTransaction) throw killed(connection);
  return resultsOf(legs);
}

function onlyOne([result]: readonly Result[]): Result {
  if (result === undefined) throw new Error("One statement has one result");
  return result;
}

/** The work's outcome, or at once the loss of the connection: work that waits for something else cannot hold on to it. */
function untilLost<T>(connection: Connection, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const forget = connection.onLoss(reject);
    work.then(resolve, reject).finally(forget);
  });
}
