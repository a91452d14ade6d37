import type { Statement, Transaction } from "../../../foundation/database/index.ts";
import type { Keyed, Known, KnownRecord } from "./known.ts";

const keyColumns = { contact: "email", account: "domain" } as const;

/** Which live records have the keys that a batch names. */
export async function knownKeys(
  t: Transaction,
  of: "contact" | "account",
  keys: readonly Keyed[],
): Promise<Pick<Known, "byKey" | "byExternalId">> {
  const present = (name: keyof Keyed): string[] => [...new Set(keys.flatMap((keyed) => keyed[name] ?? []))];
  const [byKey, byExternalId] = await t.batch([
    look(of, keyColumns[of], present("key")),
    look(of, "external_id", present("externalId")),
  ]);
  return { byKey: recordsOf(byKey?.rows), byExternalId: recordsOf(byExternalId?.rows) };
}

/**
 * One probe of a unique index for each value. The planner has no statistics of these tables, and right after they began to
 * fill not even their size: any index on tenant_id looks as good to it. A range in the order of the column and LIMIT leave
 * it only the index that has that order.
 */
function look(of: "contact" | "account", column: string, values: readonly string[]): Statement {
  return {
    text: `select w.value, c.* from unnest($1::text[]) w (value) cross join lateral (
  select r.id, r.${keyColumns[of]} is not null as "hasKey", r.external_id is not null as "hasExternalId"
    from app.${of} r where r.${column} >= w.value and r.${column} <= w.value and r.archived_at is null
   order by r.${column} limit 1) c`,
    values: [values],
  };
}

function recordsOf(rows: readonly Record<string, unknown>[] = []): Map<string, KnownRecord> {
  return new Map(
    rows.map(({ value, id, hasKey, hasExternalId }) => [
      String(value),
      { id: String(id), hasKey: hasKey === true, hasExternalId: hasExternalId === true },
    ]),
  );
}
