import type { Statement, Transaction } from "../../../foundation/database/index.ts";
import type { JobContext, JobScope } from "../../../jobs/index.ts";
import type { Changed } from "./batch-note.ts";
import { lockAlone } from "./import-lock.ts";
import { loadImport } from "./load-import.ts";
import { restoreRows, tableOf } from "./write-rows.ts";

type Kind = "contact" | "account";

/** Records that the import touched more than once, a file may name one twice. */
interface Repeated {
  readonly ids: ReadonlySet<string>;
  /** The version that the undo left so far; null when it left the record alone. */
  readonly left: Map<string, number | null>;
}

/**
 * Takes an import back, the last batch first and the accounts at the end: what it made is erased, what it changed gets its
 * values back. A record that somebody changed since is left as it is, and counted as kept. Each batch is one transaction,
 * so a crash can resume.
 */
export async function undoImport({ scope, payload, signal }: JobContext): Promise<void> {
  const id = String(payload["import"]);
  const { state, of } = await loadImport(scope, id);
  if (state !== "undoing") return;
  const repeated = await repeatedIn(scope, id);
  for (const phase of ["run", "accounts"] as const) {
    do signal.throwIfAborted();
    while (await scope.tx((t) => undoBatch(t, id, phase, phase === "run" ? of : "account", repeated)));
  }
  await scope.batch([
    {
      text: "update app.import set state = 'undone', finished_at = now() where id = $1 and state = 'undoing'",
      values: [id],
    },
    { text: "select app.drop_import_chunks(array[$1::uuid])", values: [id] },
  ]);
}

async function repeatedIn(scope: JobScope, id: string): Promise<Repeated> {
  const [several, undone] = await scope.batch([
    {
      text: `select touched.id from (
  select u.id from app.import_batch b cross join lateral unnest(b.made) u (id) where b.import_id = $1 and b.phase = 'run'
  union all
  select (c ->> 'id')::uuid from app.import_batch b cross join lateral jsonb_array_elements(b.changed) c where b.import_id = $1 and b.phase = 'run') touched
group by touched.id having count(*) > 1`,
      values: [id],
    },
    {
      text: `select c ->> 'id' as id, (c ->> 'version')::integer as version
  from app.import_batch b cross join lateral jsonb_array_elements(b.changed) c where b.import_id = $1 and b.phase = 'undo' order by b.noted_at`,
      values: [id],
    },
  ]);
  const left = new Map(
    (undone?.rows ?? []).map(
      ({ id: record, version }) => [String(record), version === null ? null : Number(version)] as const,
    ),
  );
  return { ids: new Set([...(several?.rows ?? []).map((row) => String(row["id"])), ...left.keys()]), left };
}

async function undoBatch(
  t: Transaction,
  id: string,
  phase: "run" | "accounts",
  kind: Kind,
  repeated: Repeated,
): Promise<boolean> {
  const [, found] = await t.batch([
    lockAlone(id),
    {
      text: "select seq, made, changed from app.import_batch where import_id = $1 and phase = $2 order by noted_at desc, seq desc limit 1",
      values: [id, phase],
    },
  ]);
  const batch = found?.rows[0];
  if (batch === undefined) return false;
  // Written by noteBatch in these shapes.
  const made = batch["made"] as string[];
  const changed = batch["changed"] as Changed[];
  const restored = await restore(t, kind, changed, repeated);
  const erased = await erase(t, kind, made, repeated);
  const again = changed.flatMap(({ id: record }) =>
    repeated.ids.has(record) ? { id: record, version: repeated.left.get(record) ?? null } : [],
  );
  await t.batch([
    noteUndone(
      id,
      phase,
      Number(batch["seq"]),
      { erased, restored, kept: made.length - erased + changed.length - restored },
      again,
    ),
    {
      text: "select app.drop_import_batches($1, $2, $3)",
      values: [id, phase, batch["seq"]],
    },
  ]);
  return true;
}

async function restore(
  t: Transaction,
  kind: Kind,
  changed: readonly Changed[],
  { ids, left }: Repeated,
): Promise<number> {
  const expected = changed.flatMap((change) => {
    const version = left.has(change.id) ? (left.get(change.id) ?? null) : change.version;
    return version === null ? [] : { ...change, version };
  });
  if (expected.length === 0) return 0;
  const { rows } = await t.run(restoreRows(tableOf(kind), expected));
  const versions = new Map(rows.map(({ id, version }) => [String(id), Number(version)]));
  for (const { id } of changed) if (ids.has(id)) left.set(id, versions.get(id) ?? null);
  return rows.length;
}

async function erase(
  t: Transaction,
  kind: Kind,
  made: readonly string[],
  { left }: Repeated,
): Promise<number> {
  const versions = made.map((id) => (left.has(id) ? (left.get(id) ?? null) : 1));
  // An account that a contact names by now stays.
  const unused =
    kind === "account" ? "and not exists (select from app.contact c where c.account_id = r.id)" : "";
  const { rows } = await t.run({
    text: `select app.erase_${kind}(array(
  select r.id from unnest((select $1::uuid[]), (select $2::integer[])) u (id, version) join app.${kind} r on r.id = u.id and r.version = u.version ${unused}))`,
    values: [made, versions],
  });
  return rows.length;
}

interface Sums {
  readonly erased: number;
  readonly restored: number;
  readonly kept: number;
}

/** The report of the rows stays; the values before go with the batch, since they are somebody's. */
function noteUndone(
  id: string,
  phase: "run" | "accounts",
  seq: number,
  { erased, restored, kept }: Sums,
  again: readonly { id: string; version: number | null }[],
): Statement {
  const counted = (records: number): number => (phase === "run" ? records : 0);
  return {
    text: `insert into app.import_batch (tenant_id, import_id, phase, seq, last_row, rows, bytes_read, created, updated, skipped, failed, changed, faults, problems)
select (select kernel.bound('import.change')), b.import_id, 'undo', case when b.phase = 'run' then b.seq else -b.seq end, b.last_row, b.rows, b.bytes_read,
       $4::integer, $5::integer, $6::integer, 0, $7::jsonb, b.faults, b.problems
  from app.import_batch b where b.import_id = $1 and b.phase = $2 and b.seq = $3`,
    // Accounts that go or stay with their contacts are nothing that the file's rows counted.
    values: [id, phase, seq, counted(erased), restored, counted(kept), JSON.stringify(again)],
  };
}
