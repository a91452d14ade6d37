import type { AccountDraft, ContactDraft } from "../../../../contract/import.ts";
import { DatabaseError, type Statement, type Transaction } from "../../../foundation/database/index.ts";
import type { JobScope } from "../../../jobs/index.ts";
import type { CsvRow } from "../csv/index.ts";
import { noteBatch, nothingWritten, type Written } from "./batch-note.ts";
import type { Directory } from "./directory.ts";
import { lockShared } from "./import-lock.ts";
import { knownKeys } from "./known-keys.ts";
import type { LoadedImport } from "./load-import.ts";
import {
  accountKeys,
  contactKeys,
  type KeptFault,
  type Plan,
  planAccounts,
  planContacts,
  type ReadRow,
} from "./plan-rows.ts";
import type { Imagined } from "./known.ts";
import { type Draft, type Portion, readPortion, type RowReader } from "./read-portion.ts";
import { insertRows, tableOf, updateRows, valuesBefore } from "./write-rows.ts";

/** What taking rows in needs, for as long as the import runs. */
export interface Taking {
  readonly scope: JobScope;
  readonly loaded: LoadedImport;
  /** The state in which the import must still be. */
  readonly state: "checking" | "running";
  readonly readRow: RowReader;
  readonly directory: Directory;
  /** Of a dry run, which writes nothing but its report. */
  readonly imagined: Imagined | null;
}

const triesMax = 4;

/**
 * Plans the rows and writes them with their bookkeeping in one transaction; false when the import was cancelled meanwhile.
 *
 * When somebody takes a key between look-up and write, the batch is planned again. When the database refuses a value, the
 * batch is halved until the row is found: that row is reported, all others come in.
 */
export async function takeRows(taking: Taking, portion: Portion): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await taking.scope.tx((t) => takePortion(t, taking, portion));
    } catch (error) {
      if (!(error instanceof DatabaseError) || !isAboutRows(error)) throw error;
      if (isRace(error) && tries < triesMax) continue;
      if (portion.rows.length === 1) return taking.scope.tx((t) => refuseRow(t, taking, portion, error));
      return takeHalves(taking, portion);
    }
  }
}

async function takeHalves(taking: Taking, { rows, bytesRead }: Portion): Promise<boolean> {
  const middle = Math.ceil(rows.length / 2);
  const half = (some: readonly CsvRow[]): Promise<boolean> =>
    takeRows(taking, readPortion(some, bytesRead, taking.readRow));
  return (await half(rows.slice(0, middle))) && half(rows.slice(middle));
}

/** Bad values (22), constraints (23), limits (54), and two that wait for each other; but not rows that another worker did. */
function isAboutRows({ code, table }: DatabaseError): boolean {
  return (/^(22|23|54)/.test(code) && table !== "import_batch") || code === "40P01";
}

function isRace({ code }: DatabaseError): boolean {
  return code === "23505" || code === "40P01";
}

async function mayGoOn(t: Transaction, { loaded, state }: Taking): Promise<boolean> {
  const [, now] = await t.batch([
    lockShared(loaded.id),
    { text: "select state from app.import where id = $1", values: [loaded.id] },
  ]);
  return now?.rows[0]?.["state"] === state;
}

async function takePortion(t: Transaction, taking: Taking, portion: Portion): Promise<boolean> {
  if (!(await mayGoOn(t, taking))) return false;
  const plan = await planPortion(t, taking, portion);
  const written = taking.imagined === null ? await write(t, taking.loaded, plan) : nothingWritten;
  await t.run(
    noteBatch(taking.loaded.id, taking.imagined === null ? "run" : "check", portion, plan, written),
  );
  return true;
}

async function refuseRow(
  t: Transaction,
  taking: Taking,
  portion: Portion,
  error: DatabaseError,
): Promise<boolean> {
  if (!(await mayGoOn(t, taking))) return false;
  const plan: Plan = {
    creates: new Map(),
    updates: new Map(),
    created: 0,
    updated: 0,
    skipped: 0,
    failed: 1,
    faults: [refusalOf(portion, taking.loaded, error)],
  };
  await t.run(noteBatch(taking.loaded.id, "run", portion, plan, nothingWritten));
  return true;
}

function refusalOf({ rows }: Portion, { of }: LoadedImport, { constraint }: DatabaseError): KeptFault {
  const column =
    constraint?.startsWith(`${of}_`) === true && constraint.endsWith("_check")
      ? constraint.slice(of.length + 1, -6)
      : null;
  const reason =
    column === null
      ? "The database did not accept this row."
      : `Together with what the record has already, the value of ${column.replaceAll("_", " ")} is longer or more than the field holds.`;
  return [rows[0]?.record ?? 0, rows[0]?.line ?? 0, null, "error", reason, null];
}

async function planPortion(
  t: Transaction,
  { loaded, directory, imagined }: Taking,
  { read }: Portion,
): Promise<Plan> {
  const columnName = (column: number): string | null => loaded.headers[column] ?? null;
  const more = imagined === null ? {} : { imagined };
  if (loaded.of === "account") {
    const rows = accountsOf(read);
    const known = await knownKeys(
      t,
      "account",
      rows.map(({ draft }) => accountKeys(draft)),
    );
    return planAccounts(rows, { ...known, ...more }, loaded.dedupe, columnName, directory);
  }
  const rows = contactsOf(read);
  const known = await knownKeys(
    t,
    "contact",
    rows.map(({ draft }) => contactKeys(draft)),
  );
  return planContacts(rows, { ...known, ...more }, loaded.dedupe, columnName, directory);
}

// The reader was chosen by the same `loaded.of` that is asked before each of these.
export const accountsOf = (rows: readonly ReadRow<Draft>[]) => rows as readonly ReadRow<AccountDraft>[];
export const contactsOf = (rows: readonly ReadRow<Draft>[]) => rows as readonly ReadRow<ContactDraft>[];

async function write(t: Transaction, { of }: LoadedImport, plan: Plan): Promise<Written> {
  const table = tableOf(of);
  const createIds = [...plan.creates.keys()];
  const updateIds = [...plan.updates.keys()];
  const insert = createIds.length === 0 ? [] : [insertRows(table, createIds, [...plan.creates.values()])];
  if (updateIds.length === 0) {
    await t.batch(insert);
    return { made: createIds, changed: [] };
  }
  const updates: Statement[] = [
    valuesBefore(table, updateIds),
    updateRows(table, updateIds, [...plan.updates.values()]),
  ];
  const results = await t.batch([...updates, ...insert]);
  const priors = new Map((results[0]?.rows ?? []).map(({ id, before }) => [String(id), before]));
  const changed = (results[1]?.rows ?? []).map(({ id, version }) => ({
    id: String(id),
    version: Number(version),
    before: priors.get(String(id)) ?? null,
  }));
  return { made: createIds, changed };
}
