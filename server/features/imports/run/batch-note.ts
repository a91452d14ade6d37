import type { Statement } from "../../../foundation/database/index.ts";
import type { KeptFault, Plan } from "./plan-rows.ts";
import type { Portion } from "./read-portion.ts";

/** What an undo will need. */
export interface Written {
  readonly made: readonly string[];
  readonly changed: readonly Changed[];
}

/** A record that an import changed: the version that it left, and the values before. */
export interface Changed {
  readonly id: string;
  readonly version: number;
  readonly before: unknown;
}

export const nothingWritten: Written = { made: [], changed: [] };

/** The bookkeeping of one batch, for the transaction that does its work. */
export function noteBatch(
  id: string,
  phase: "check" | "run",
  portion: Portion,
  plan: Plan,
  { made, changed }: Written,
): Statement {
  const faults = [...portion.faults, ...plan.faults].toSorted(([one], [other]) => one - other);
  return {
    text: `insert into app.import_batch (tenant_id, import_id, phase, seq, last_row, rows, bytes_read, created, updated, skipped, failed, made, changed, faults, problems)
values ((select kernel.bound('import.change')), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::jsonb, $13::json, $14::jsonb)`,
    values: [
      id,
      phase,
      portion.first,
      portion.last,
      portion.rows.length,
      portion.bytesRead,
      plan.created,
      plan.updated,
      plan.skipped,
      plan.failed + portion.failed,
      made,
      JSON.stringify(changed),
      JSON.stringify(faults),
      JSON.stringify(problemsIn(faults)),
    ],
  };
}

/** Each reason once, how often, and the first row: what the progress shows, which is asked for again and again. */
function problemsIn(
  faults: readonly KeptFault[],
): [reason: string, severity: string, count: number, row: number][] {
  const problems = new Map<string, [string, string, number, number]>();
  for (const [record, , , severity, reason] of faults) {
    const known = problems.get(severity + reason);
    if (known === undefined) problems.set(severity + reason, [reason, severity, 1, record]);
    else known[2] += 1;
  }
  return [...problems.values()];
}
