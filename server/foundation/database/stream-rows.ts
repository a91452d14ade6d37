import type { Connection } from "./connection.ts";
import { DatabaseError } from "./database-error.ts";
import { legAfter, legOf, type Leg } from "./leg.ts";
import { legsOf } from "./fly.ts";
import type { Row } from "./row-shape.ts";
import type { Statement } from "./sql.ts";
import { begin, commit, rollBack } from "./transaction.ts";

const batchRowsMax = 10_000;

/**
 * The rows of one query in batches, read only as fast as they are taken, in one transaction after `first`.
 *
 * Taking no more (break, throw) commits as reading to the end does: what `first` recorded about a read stands, even if
 * only a part was read.
 */
export async function* streamRows(
  connection: Connection,
  first: readonly Statement[],
  query: Statement,
  batchRows: number,
): AsyncGenerator<Row[], void, undefined> {
  if (!Number.isInteger(batchRows) || batchRows < 1 || batchRows > batchRowsMax) {
    throw new DatabaseError("54000", `a stream has 1 to ${batchRowsMax} rows a batch`);
  }
  const begun = await begin(connection, [...legsOf(first), legOf(query, batchRows)]);
  let failed = true;
  try {
    for (let leg = begun.at(-1); leg !== undefined; leg = await nextRows(connection, leg)) {
      failed = false;
      if (leg.rows.length > 0) yield leg.rows;
      failed = true;
    }
    failed = false;
  } finally {
    if (failed) await rollBack(connection);
    else await commit(connection);
  }
}

async function nextRows(connection: Connection, leg: Leg): Promise<Leg | undefined> {
  if (!leg.suspended) return undefined;
  const next = legAfter(leg);
  await connection.fly([next]);
  return next;
}
