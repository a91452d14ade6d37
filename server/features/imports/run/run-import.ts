import type { AccountDraft, ContactDraft } from "../../../../contract/import.ts";
import type { Statement, Transaction } from "../../../foundation/database/index.ts";
import type { JobContext, JobScope } from "../../../jobs/index.ts";
import { CsvFault, type CsvBatch, readCsv } from "../csv/index.ts";
import { accountNormaliser, contactNormaliser } from "../mapping/index.ts";
import { accountColumns, contactColumns } from "./contact-row.ts";
import { createDirectory, type Directory, ownersStatement } from "./directory.ts";
import { bytesOf } from "./import-file.ts";
import { type LoadedImport, loadImport } from "./load-import.ts";
import { type KeptFault, type Plan, planAccounts, planContacts, type ReadRow } from "./plan-rows.ts";
import { createSeenKeys } from "./seen-keys.ts";
import { insertRows, type Table, updateRows, valuesBefore } from "./write-rows.ts";

const rowsPerBatch = 2_000;

type Phase = "check" | "run";
const workingState = { check: "checking", run: "running" } as const;
const doneState = { check: "checked", run: "done" } as const;

const tables: Readonly<Record<LoadedImport["of"], Table>> = {
  contact: { name: "contact", columns: contactColumns },
  account: { name: "account", columns: accountColumns },
};

/**
 * Walks the file and plans each batch; a run also writes it, with its bookkeeping, in one transaction.
 *
 * A crash leaves a whole number of batches: the next try reads the file again and goes on after the last of them. A
 * cancelled import stops at the next batch. Memory holds two batches.
 */
export async function runImport({ scope, payload, signal }: JobContext, phase: Phase): Promise<void> {
  const id = String(payload["import"]);
  const loaded = await loadImport(scope, id);
  if (loaded.state !== workingState[phase]) return;
  const done = await lastBatch(scope, id, phase);
  const work = await openWork(scope, loaded, phase);
  const reading = await readCsv(bytesOf(scope, id), { ...loaded, batchRows: rowsPerBatch }).catch((fault: unknown) => refuse(scope, id, fault));
  if (reading === null) return;
  let seq = done.seq;
  let rowsTotal = done.lastRow;
  try {
    for await (const batch of ahead(reading.batches)) {
      signal.throwIfAborted();
      const lastRow = batch.rows.at(-1)?.record ?? rowsTotal;
      if (lastRow <= done.lastRow) continue;
      seq += 1;
      rowsTotal = lastRow;
      if (!(await work.take(batch, seq))) return;
    }
  } catch (fault) {
    if (!(fault instanceof CsvFault)) throw fault;
    await refuse(scope, id, fault);
    return;
  }
  await finish(scope, id, phase, rowsTotal);
}

/** What cannot be read any further ends the import; what was written before stays, and can be undone. */
async function refuse(scope: JobScope, id: string, fault: unknown): Promise<null> {
  if (!(fault instanceof CsvFault)) throw fault;
  await scope.run({
    text: "update app.import set state = 'failed', failure = $2, finished_at = now() where id = $1",
    values: [id, fault.message],
  });
  return null;
}

async function lastBatch(scope: JobScope, id: string, phase: Phase): Promise<{ seq: number; lastRow: number }> {
  if (phase === "check") {
    await scope.run({ text: "delete from app.import_batch where import_id = $1 and phase = 'check'", values: [id] });
    return { seq: 0, lastRow: 0 };
  }
  const { rows } = await scope.run({
    text: "select seq, last_row from app.import_batch where import_id = $1 and phase = $2 order by seq desc limit 1",
    values: [id, phase],
  });
  return { seq: Number(rows[0]?.["seq"] ?? 0), lastRow: Number(rows[0]?.["last_row"] ?? 0) };
}

interface Work {
  /** False when the import was cancelled meanwhile. */
  take(batch: CsvBatch, seq: number): Promise<boolean>;
}

async function openWork(scope: JobScope, loaded: LoadedImport, phase: Phase): Promise<Work> {
  const owners = await scope.run(ownersStatement);
  const directory = createDirectory(owners.rows);
  const seen = phase === "check" ? createSeenKeys() : null;
  const readRow = rowReader(loaded);
  return {
    take: async (batch, seq) => {
      const { read, failed, faults } = readBatch(batch, readRow);
      try {
        return await scope.tx(async (t) => {
          const [state] = await t.batch([{ text: "select state from app.import where id = $1 for share", values: [loaded.id] }]);
          if (state?.rows[0]?.["state"] !== workingState[phase]) return false;
          const { plan, accounts } = await planBatch(t, loaded, read, directory, seen?.sawBefore);
          const written = phase === "run" ? await write(t, loaded, plan, accounts) : nothingWritten;
          await t.run(bookkeeping(loaded.id, phase, seq, batch, plan, failed, [...faults, ...plan.faults], written));
          return true;
        });
      } catch (error) {
        directory.forget();
        throw error;
      }
    },
  };
}

type Draft = ContactDraft | AccountDraft;

function rowReader({ of, mapping, defaults }: LoadedImport): (cells: readonly string[]) => { record: Draft; faults: ReadRow<Draft>["faults"] } {
  return of === "contact" ? contactNormaliser(mapping, defaults) : accountNormaliser(mapping, defaults);
}

function readBatch(
  batch: CsvBatch,
  read: ReturnType<typeof rowReader>,
): { read: ReadRow<Draft>[]; failed: number; faults: KeptFault[] } {
  const rows: ReadRow<Draft>[] = [];
  const faults: KeptFault[] = [];
  let failed = 0;
  for (const { record, line, cells, fault } of batch.rows) {
    if (fault !== null) faults.push([record, line, null, fault.severity, fault.reason, null]);
    if (fault?.severity === "error") {
      failed += 1;
      continue;
    }
    const normalised = read(cells);
    rows.push({ record, line, draft: normalised.record, faults: normalised.faults });
  }
  return { read: rows, failed, faults };
}

async function planBatch(
  t: Transaction,
  loaded: LoadedImport,
  read: readonly ReadRow<Draft>[],
  directory: Directory,
  seenInFile: ((key: string) => boolean) | undefined,
): Promise<{ plan: Plan; accounts: ReadonlyMap<string, Readonly<Record<string, unknown>>> }> {
  const columnName = (column: number): string | null => loaded.headers[column] ?? null;
  const more = seenInFile === undefined ? {} : { seenInFile };
  if (loaded.of === "account") {
    // `rowReader` chose the normaliser by the same word.
    const rows = read as readonly ReadRow<AccountDraft>[];
    const known = await knownKeys(t, "account", "domain", rows.map(({ draft }) => [draft.domain, draft.externalId]));
    return { plan: planAccounts(rows, { ...known, ...more }, loaded.dedupe, columnName, directory), accounts: new Map() };
  }
  const rows = read as readonly ReadRow<ContactDraft>[];
  const known = await knownKeys(t, "contact", "email", rows.map(({ draft }) => [draft.email?.match ?? null, draft.externalId]));
  const accounts = await directory.prepare(t, rows.map(({ draft }) => draft));
  return { plan: planContacts(rows, { ...known, ...more }, loaded.dedupe, columnName, directory), accounts };
}

async function knownKeys(
  t: Transaction,
  table: "contact" | "account",
  column: "email" | "domain",
  keys: readonly (readonly [string | null, string | null])[],
): Promise<{ byKey: Map<string, string>; byExternalId: Map<string, string> }> {
  const present = (index: 0 | 1): string[] => [...new Set(keys.flatMap((pair) => (pair[index] === null ? [] : [pair[index].toLowerCase()])))];
  const look = (name: string, values: string[]): Statement => ({
    text: `select id, ${name} as key from app.${table} where ${name} = any ($1::text[]) and archived_at is null`,
    values: [values],
  });
  const [byKey, byExternalId] = await t.batch([look(column, present(0)), look("external_id", present(1))]);
  const mapOf = (rows: readonly Record<string, unknown>[] = []): Map<string, string> => new Map(rows.map((row) => [String(row["key"]), String(row["id"])]));
  return { byKey: mapOf(byKey?.rows), byExternalId: mapOf(byExternalId?.rows) };
}

interface Written {
  /** `[kind, id]` of what was made. */
  readonly made: readonly (readonly [string, string])[];
  readonly changed: readonly { readonly id: string; readonly version: number; readonly before: unknown }[];
  /** Rows whose key somebody else took between look-up and write. */
  readonly missed: number;
}

const nothingWritten: Written = { made: [], changed: [], missed: 0 };

async function write(
  t: Transaction,
  { of }: LoadedImport,
  plan: Plan,
  accounts: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
): Promise<Written> {
  const table = tables[of];
  const createIds = [...plan.creates.keys()];
  const updateIds = [...plan.updates.keys()];
  const statements: Statement[] = [
    insertRows(tables.account, [...accounts.keys()], [...accounts.values()]),
    insertRows(table, createIds, [...plan.creates.values()]),
    valuesBefore(table, updateIds),
    updateRows(table, updateIds, [...plan.updates.values()]),
  ];
  const [newAccounts, inserted, before, updated] = await t.batch(statements);
  const priors = new Map((before?.rows ?? []).map((row) => [String(row["id"]), row["before"]]));
  const made = (kind: string, rows: readonly Record<string, unknown>[] = []): [string, string][] => rows.map((row) => [kind, String(row["id"])]);
  return {
    made: [...made("account", newAccounts?.rows), ...made(of, inserted?.rows)],
    changed: (updated?.rows ?? []).map((row) => ({
      id: String(row["id"]),
      version: Number(row["version"]),
      before: priors.get(String(row["id"])) ?? null,
    })),
    missed: createIds.length - (inserted?.rows.length ?? 0),
  };
}

function bookkeeping(
  id: string,
  phase: Phase,
  seq: number,
  batch: CsvBatch,
  plan: Plan,
  failed: number,
  faults: readonly KeptFault[],
  { made, changed, missed }: Written,
): Statement {
  return {
    text: `insert into app.import_batch (tenant_id, import_id, phase, seq, last_row, bytes_read, created, updated, skipped, failed, made, changed, faults)
values ((select kernel.bound('import.change')), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11::jsonb, $12::jsonb)`,
    values: [
      id,
      phase,
      seq,
      batch.rows.at(-1)?.record ?? 0,
      batch.bytesRead,
      plan.created - missed,
      plan.updated,
      plan.skipped + missed,
      plan.failed + failed,
      JSON.stringify(made),
      JSON.stringify(changed),
      JSON.stringify(faults),
    ],
  };
}

async function finish(scope: JobScope, id: string, phase: Phase, rowsTotal: number): Promise<void> {
  await scope.batch([
    {
      text: `update app.import set state = $2, rows_total = $3, finished_at = case when $2 = 'done' then now() end where id = $1 and state = $4`,
      values: [id, doneState[phase], rowsTotal, workingState[phase]],
    },
    // The file has served its purpose; what became of its rows is kept.
    { text: "delete from app.import_chunk where import_id = $1 and $2 = 'run'", values: [id, phase] },
  ]);
}

/** Reads and parses the next batch while PostgreSQL works on this one. */
async function* ahead<T>(source: AsyncIterable<T>): AsyncGenerator<T, void> {
  const iterator = source[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    for (;;) {
      const { done, value } = await next;
      if (done === true) return;
      next = iterator.next();
      // A failure of the read-ahead is thrown when its turn comes; it must not be called unhandled before.
      next.catch(() => undefined);
      yield value;
    }
  } finally {
    await iterator.return?.();
  }
}
