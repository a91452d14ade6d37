import { Type } from "@sinclair/typebox";
import type { Statement } from "../../foundation/database/index.ts";

const count = Type.Integer();
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

export const mappingColumn = Type.Object(
  {
    column: Type.Integer({ minimum: 0, maximum: 20_000 }),
    field: orNull(Type.String({ maxLength: 60 })),
    kind: Type.Optional(Type.String({ maxLength: 20 })),
    kindColumn: Type.Optional(Type.Integer({ minimum: 0, maximum: 20_000 })),
    confidence: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  },
  { additionalProperties: false },
);

/** An import as its screen shows it: where it stands, and the sums over its batches. */
export const shownImport = Type.Object({
  id: Type.String({ format: "uuid" }),
  version: Type.Integer(),
  resource: Type.String(),
  state: Type.String(),
  fileName: Type.String(),
  bytes: orNull(Type.Integer()),
  bytesDone: Type.Integer(),
  rowsTotal: orNull(Type.Integer()),
  rowsDone: Type.Integer(),
  created: count,
  updated: count,
  skipped: count,
  failed: count,
  delimiter: orNull(Type.String()),
  encoding: orNull(Type.String()),
  headers: Type.Array(Type.String()),
  sample: Type.Array(Type.Array(Type.String())),
  mapping: Type.Array(mappingColumn),
  dedupe: Type.String(),
  createdAt: Type.String(),
  startedAt: orNull(Type.String()),
  finishedAt: orNull(Type.String()),
  report: orNull(
    Type.Object({
      create: Type.Optional(count),
      update: Type.Optional(count),
      skip: Type.Optional(count),
      fail: Type.Optional(count),
      kept: Type.Optional(count),
      problems: Type.Optional(
        Type.Array(
          Type.Object({ reason: Type.String(), count, row: Type.Integer(), severity: Type.String() }),
        ),
      ),
      error: Type.Optional(Type.String()),
    }),
  ),
});

const phaseOf =
  "case when i.state in ('undoing', 'undone') then 'undo' when i.state in ('checking', 'checked') then 'check' else 'run' end";

const shownText = `select i.id, i.version, i.of as resource, i.state, i.file_name as "fileName", i.bytes, i.rows_total as "rowsTotal",
  coalesce(b.rows, 0) as "rowsDone", coalesce(b.bytes, 0) as "bytesDone", coalesce(b.created, 0) as created, coalesce(b.updated, 0) as updated,
  coalesce(b.skipped, 0) as skipped, coalesce(b.failed, 0) as failed, i.layout ->> 'delimiter' as delimiter, i.layout ->> 'encoding' as encoding,
  coalesce(i.layout -> 'headers', '[]') as headers, coalesce(i.mapping -> 'columns', '[]') as mapping, i.dedupe, i.failure,
  i.created_at as "createdAt", i.started_at as "startedAt", i.finished_at as "finishedAt"
from app.import i left join lateral (
  select sum(rows)::integer as rows, max(bytes_read)::bigint as bytes, sum(created)::integer as created, sum(updated)::integer as updated,
         sum(skipped)::integer as skipped, sum(failed)::integer as failed
    from app.import_batch b where b.import_id = i.id and b.phase = ${phaseOf}) b on true`;

export const oneImport = (id: string): Statement => ({ text: `${shownText} where i.id = $1`, values: [id] });

/** The newest imports. */
export const someImports = (limit: number, after: string | null): Statement => ({
  text: `${shownText} where i.archived_at is null and ($2::uuid is null or i.id < $2) order by i.id desc limit $1`,
  values: [limit + 1, after],
});

/** The most frequent reasons, with the first row of each; a file of a million faults gives twenty lines. */
export const problemsOf = (id: string): Statement => ({
  text: `select p ->> 0 as reason, p ->> 1 as severity, sum((p ->> 2)::integer)::integer as count, min((p ->> 3)::integer) as row
from app.import i join app.import_batch b on b.import_id = i.id and b.phase = ${phaseOf}
cross join lateral jsonb_array_elements(b.problems) p where i.id = $1
group by 1, 2 order by 2, 3 desc limit 20`,
  values: [id],
});
