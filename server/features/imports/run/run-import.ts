import type { Statement } from "../../../foundation/database/index.ts";
import type { JobContext, JobScope } from "../../../jobs/index.ts";
import { CsvFault, type CsvReading, type CsvRow, readCsv } from "../csv/index.ts";
import { createDirectory, ownersStatement } from "./directory.ts";
import { ahead } from "./ahead.ts";
import { createImagined } from "./imagined-records.ts";
import { bytesOf } from "./import-file.ts";
import { lockAlone } from "./import-lock.ts";
import { openLanes } from "./lanes.ts";
import { type LoadedImport, loadImport } from "./load-import.ts";
import { accountKeys, contactKeys } from "./plan-rows.ts";
import { type Portion, readPortion, rowReader } from "./read-portion.ts";
import { accountsOf, contactsOf, type Taking, takeRows } from "./take-rows.ts";

/** While one connection writes a batch, another one can write the next. */
const batchesAtOnce = 2;

/** The planner's idea of a table's size is renewed after so many batches; later autovacuum keeps up. */
const measuredAfter: ReadonlySet<number> = new Set([1, 3, 10, 30]);
const measureTables: Statement = { text: "select app.measure_tables()", values: [] };

type Phase = "check" | "run";
const workingState = { check: "checking", run: "running" } as const;
const doneState = { check: "checked", run: "done" } as const;

/**
 * Walks the file and plans each batch; a run also writes it, with its bookkeeping, in one transaction.
 *
 * A crash leaves a set of whole batches: the next try reads the file again and does the rows that are in none of them. A
 * cancelled import stops at the next batch. Memory holds a few batches, whatever the length of the file.
 */
export async function runImport(
  { scope, payload, signal }: JobContext,
  phase: Phase,
  rowsPerBatch: number,
): Promise<void> {
  const id = String(payload["import"]);
  const loaded = await loadImport(scope, id);
  if (loaded.state !== workingState[phase]) return;
  const isDone = await rowsDone(scope, id, phase);
  const taking = await openTaking(scope, loaded, phase);
  try {
    const reading = await readCsv(bytesOf(scope, id), { ...loaded, batchRows: rowsPerBatch });
    const rowsTotal = await walk(taking, reading, isDone, signal);
    if (rowsTotal !== null) await finish(scope, id, phase, rowsTotal);
  } catch (fault) {
    if (!(fault instanceof CsvFault)) throw fault;
    await refuse(scope, id, phase, fault);
  }
}

/** Takes in every row that is not done; the number of rows, or null when the import was cancelled meanwhile. */
async function walk(
  taking: Taking,
  reading: CsvReading,
  isDone: (row: CsvRow) => boolean,
  signal: AbortSignal,
): Promise<number | null> {
  const isDryRun = taking.imagined !== null;
  // A dry run remembers the rows before, so it goes one by one.
  const lanes = openLanes(isDryRun ? 1 : batchesAtOnce);
  let rowsTotal = 0;
  let batches = 0;
  let cancelled = false;
  try {
    for await (const batch of ahead(reading.batches)) {
      signal.throwIfAborted();
      rowsTotal = batch.rows.at(-1)?.record ?? rowsTotal;
      const rows = batch.rows.filter((row) => !isDone(row));
      if (rows.length === 0) continue;
      const portion = readPortion(rows, batch.bytesRead, taking.readRow);
      if (!isDryRun && taking.loaded.of === "contact") {
        await taking.directory.provide(contactsOf(portion.read).map(({ draft }) => draft));
      }
      await lanes.begin(keysOf(taking, portion), async () => {
        if (!cancelled) cancelled = !(await takeRows(taking, portion));
        batches += 1;
        if (!isDryRun && measuredAfter.has(batches)) await taking.scope.run(measureTables);
      });
      if (cancelled) break;
    }
  } finally {
    await lanes.drain();
  }
  return cancelled ? null : rowsTotal;
}

function keysOf({ loaded }: Taking, { read }: Portion): string[] {
  const all =
    loaded.of === "contact"
      ? contactsOf(read).map(({ draft }) => contactKeys(draft))
      : accountsOf(read).map(({ draft }) => accountKeys(draft));
  const keys: string[] = [];
  for (const { key, externalId } of all) {
    if (key !== null) keys.push(`key ${key}`);
    if (externalId !== null) keys.push(`id ${externalId}`);
  }
  return keys;
}

async function openTaking(scope: JobScope, loaded: LoadedImport, phase: Phase): Promise<Taking> {
  const owners = await scope.run(ownersStatement);
  return {
    scope,
    loaded,
    state: workingState[phase],
    readRow: rowReader(loaded),
    directory: createDirectory(scope, loaded.id, owners.rows),
    imagined: phase === "check" ? createImagined() : null,
  };
}

/** Which rows an earlier try has done; a dry run begins anew. Waits until no earlier try is under way any more. */
async function rowsDone(scope: JobScope, id: string, phase: Phase): Promise<(row: CsvRow) => boolean> {
  const [, done] = await scope.batch([
    lockAlone(id),
    phase === "check"
      ? { text: "select app.drop_import_batches($1, 'check', null)", values: [id] }
      : {
          text: "select seq as first, last_row as last from app.import_batch where import_id = $1 and phase = 'run' order by seq",
          values: [id],
        },
  ]);
  const ranges = (done?.rows ?? []).map(({ first, last }) => [Number(first), Number(last)] as const);
  let at = 0;
  // Rows come in the order of the file, and so do the ranges.
  return ({ record }) => {
    while (at < ranges.length && (ranges[at]?.[1] ?? 0) < record) at += 1;
    return (ranges[at]?.[0] ?? Number.POSITIVE_INFINITY) <= record;
  };
}

/** What cannot be read any further ends the import; what was written before stays, and can be undone. */
async function refuse(scope: JobScope, id: string, phase: Phase, fault: CsvFault): Promise<void> {
  await scope.run({
    text: "update app.import set state = 'failed', failure = $2, finished_at = now() where id = $1 and state = $3",
    values: [id, fault.message, workingState[phase]],
  });
}

async function finish(scope: JobScope, id: string, phase: Phase, rowsTotal: number): Promise<void> {
  await scope.batch([
    {
      text: `update app.import set state = $2, rows_total = $3, finished_at = case when $2 = 'done' then now() end where id = $1 and state = $4`,
      values: [id, doneState[phase], rowsTotal, workingState[phase]],
    },
    // The file has served its purpose; what became of its rows is kept.
    {
      text: "select app.drop_import_chunks(array(select i.id from app.import i where i.id = $1 and i.state = 'done'))",
      values: [id],
    },
  ]);
}
