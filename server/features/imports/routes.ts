import { Readable } from "node:stream";
import { type Static, Type } from "@sinclair/typebox";
import { accountImportFields, contactImportFields, type ImportField } from "../../../contract/import.ts";
import { Problem } from "../../foundation/problem/index.ts";
import { type Needs, route, type Route, streaming } from "../../http/index.ts";
import type { TenantScope } from "../../kernel/tenancy/index.ts";
import { byteOrderMark, errorReportHeader, errorReportLine } from "./csv/index.ts";
import { mappingColumn, oneImport, problemsOf, shownImport, someImports } from "./shown-import.ts";
import { lookAt, takeUpload } from "./upload.ts";
import type { KeptFault } from "./run/plan-rows.ts";

export interface ImportOptions {
  readonly bytesMax: number;
  /** Called after work was queued. */
  readonly nudge: () => void;
}

const uuid = Type.String({ format: "uuid" });
const read: Needs = ["import.read"];
const change: Needs = ["import.read", "import.change"];
const resource = Type.Unsafe<"contact" | "account">({ type: "string", enum: ["contact", "account"] });
const dedupe = Type.Unsafe<"skip" | "update" | "create">({
  type: "string",
  enum: ["skip", "update", "create"],
});
type Shown = Static<typeof shownImport>;

/** The doors of imports: upload, mapping, dry run, start, cancel, undo, report. */
export function importRoutes({ bytesMax, nudge }: ImportOptions): Route[] {
  return [
    route({
      method: "POST",
      path: "/imports",
      summary: "Send a CSV file; the answer says what was found in it and proposes a mapping",
      operation: "create_import",
      needs: ["import.read", "import.create", "import.change", "own_field.read"],
      limit: "import",
      stream: true,
      accepts: [
        "text/csv",
        "application/csv",
        "text/plain",
        "application/octet-stream",
        "text/tab-separated-values",
      ],
      bodyMaxBytes: bytesMax,
      query: Type.Object({
        resource: Type.Optional(resource),
        fileName: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
        encoding: Type.Optional(
          Type.Unsafe<string>({ type: "string", enum: ["utf-8", "windows-1252", "utf-16le", "utf-16be"] }),
        ),
      }),
      answer: shownImport,
      status: 201,
      handle: async ({ scope, body, query }) => {
        const id = await takeUpload(scope, body, {
          of: query.resource ?? "contact",
          fileName: query.fileName ?? "upload.csv",
          bytesMax,
          encoding: query.encoding,
        });
        return shown(scope, id);
      },
    }),
    route({
      method: "GET",
      path: "/imports",
      summary: "Imports, the newest first",
      operation: "list_imports",
      needs: read,
      query: Type.Object({
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
        after: Type.Optional(uuid),
      }),
      answer: Type.Object({ items: Type.Array(shownImport), next: Type.Union([uuid, Type.Null()]) }),
      handle: async ({ scope, query }) => {
        const limit = query.limit ?? 20;
        const { rows } = await scope.run(someImports(limit, query.after ?? null));
        const items = rows.slice(0, limit).map((row) => asShown(row, [], null));
        return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
      },
    }),
    route({
      method: "GET",
      path: "/imports/:id",
      summary: "One import as it stands now",
      operation: "read_import",
      needs: read,
      answer: shownImport,
      handle: ({ scope, params }) => shown(scope, params.id),
    }),
    route({
      method: "PATCH",
      path: "/imports/:id",
      summary: "Say what each column means, and what happens to rows that exist already",
      operation: "change_import",
      needs: [...change, "own_field.read"],
      body: Type.Object(
        {
          mapping: Type.Optional(Type.Array(mappingColumn, { maxItems: 20_000 })),
          dedupe: Type.Optional(dedupe),
        },
        { additionalProperties: false, minProperties: 1 },
      ),
      answer: shownImport,
      handle: async ({ scope, params, body }) => {
        const { rows } = await scope.run(oneImport(params.id));
        const [row] = rows;
        if (row === undefined) throw new Problem("not-found");
        if (body.mapping !== undefined) await checkMapping(scope, asShown(row, [], null), body.mapping);
        await move(scope, params.id, ["uploaded", "checked"], {
          text: "state = 'uploaded', mapping = coalesce($3::jsonb, mapping), dedupe = coalesce($4, dedupe)",
          values: [
            body.mapping === undefined ? null : JSON.stringify({ columns: body.mapping }),
            body.dedupe ?? null,
          ],
        });
        return shown(scope, params.id);
      },
    }),
    acting(
      "check",
      "Try everything without writing anything",
      change,
      ["uploaded", "checked"],
      "state = 'checking'",
      "imports.check",
      nudge,
    ),
    acting(
      "start",
      "Start writing",
      change,
      ["uploaded", "checked"],
      "state = 'running', started_at = now()",
      "imports.run",
      nudge,
    ),
    acting(
      "cancel",
      "Stop at the next batch; what was written stays and can be undone",
      change,
      ["checking", "running"],
      "state = 'cancelled', finished_at = now()",
      null,
      nudge,
    ),
    acting(
      "undo",
      "Take back what was written",
      ["import.read", "import.change", "import.undo"],
      ["done", "cancelled", "failed"],
      "state = 'undoing'",
      "imports.undo",
      nudge,
    ),
    route({
      method: "GET",
      path: "/imports/:id/errors.csv",
      summary: "Every row that was refused or changed, with the reason",
      operation: "import_errors",
      needs: read,
      limit: "export",
      stream: true,
      answer: Type.Any(),
      handle: async ({ scope, params }) => {
        // Before the answer begins: whoever may not, or asks for what is not there, gets a problem and not a broken file.
        await shown(scope, params.id);
        return streaming(
          Readable.from(errorReport(scope, params.id)),
          "text/csv; charset=utf-8",
          "import-errors.csv",
        );
      },
    }),
  ];
}

function acting(
  act: string,
  summary: string,
  needs: Needs,
  from: readonly string[],
  set: string,
  kind: string | null,
  nudge: () => void,
): Route {
  return route({
    method: "POST",
    path: `/imports/:id/${act}`,
    summary,
    operation: `${act}_import`,
    needs,
    limit: "import",
    answer: shownImport,
    handle: async ({ scope, params }) => {
      await move(scope, params.id, from, { text: set, values: [] }, kind);
      if (kind !== null) nudge();
      return shown(scope, params.id);
    },
  });
}

/** Moves an import on, with the job that does the work in the same transaction; 409 where its state does not allow it. */
async function move(
  scope: TenantScope,
  id: string,
  from: readonly string[],
  set: { readonly text: string; readonly values: readonly unknown[] },
  kind: string | null = null,
): Promise<void> {
  await scope.tx(async (t) => {
    const { rows } = await t.run({
      text: `update app.import set ${set.text} where id = $1 and state = any ($2) returning id`,
      values: [id, from, ...set.values],
    });
    if (rows.length === 0) {
      const now = await t.run({ text: "select state from app.import where id = $1", values: [id] });
      const state = now.rows[0]?.["state"];
      if (state === undefined) throw new Problem("not-found");
      throw new Problem("wrong-state", {
        detail: `This import is ${String(state)}; that takes one that is ${from.join(" or ")}.`,
      });
    }
    if (kind !== null)
      await t.run({
        text: "select kernel.enqueue($1, $2::jsonb)",
        values: [kind, JSON.stringify({ import: id })],
      });
  });
}

async function checkMapping(
  scope: TenantScope,
  { headers, resource: of }: Shown,
  mapping: readonly Static<typeof mappingColumn>[],
): Promise<void> {
  const fields: Readonly<Record<string, ImportField>> =
    of === "account" ? accountImportFields : contactImportFields;
  const own = await scope.run({
    text: "select key from app.own_field where of = $1 and archived_at is null limit 500",
    values: [of],
  });
  const ownKeys = new Set(own.rows.map((row) => `custom:${String(row["key"])}`));
  const taken = new Set<string>();
  const errors = mapping.flatMap(({ column, field }, index) => {
    const pointer = `/mapping/${index}`;
    if (column >= headers.length) return [{ pointer, detail: `The file has ${headers.length} columns.` }];
    if (field === null) return [];
    if (fields[field] === undefined && !ownKeys.has(field))
      return [{ pointer, detail: `There is no field "${field}".` }];
    if (taken.has(field) && fields[field]?.many !== true)
      return [{ pointer, detail: `Two columns cannot both be "${field}".` }];
    taken.add(field);
    return [];
  });
  if (errors.length > 0) throw new Problem("not-valid", { errors });
}

async function shown(scope: TenantScope, id: string): Promise<Shown> {
  const [found, problems, head] = await scope.batch([
    oneImport(id),
    problemsOf(id),
    {
      text: "select c.bytes from app.import_chunk c join app.import i on i.id = c.import_id where i.id = $1 and c.seq = 0 and i.state in ('uploaded', 'checking', 'checked')",
      values: [id],
    },
  ]);
  const row = found?.rows[0];
  if (row === undefined) throw new Problem("not-found");
  const bytes = head?.rows[0]?.["bytes"];
  const look = Buffer.isBuffer(bytes) ? await lookAt(bytes, String(row["encoding"])) : null;
  return asShown(row, look?.sample ?? [], problems?.rows ?? []);
}

function asShown(
  row: Record<string, unknown>,
  sample: readonly (readonly string[])[],
  problems: readonly Record<string, unknown>[] | null,
): Shown {
  const error = row["failure"];
  const report = {
    create: row["created"],
    update: row["updated"],
    skip: row["skipped"],
    fail: row["failed"],
    ...(row["state"] === "undoing" || row["state"] === "undone" ? { kept: row["skipped"] } : {}),
    ...(problems === null ? {} : { problems }),
    ...(typeof error === "string" ? { error } : {}),
  };
  // The statement's columns are those of the schema; the answer schema drops the rest.
  return {
    ...row,
    sample,
    report: row["state"] === "uploaded" || row["state"] === "uploading" ? null : report,
  } as unknown as Shown;
}

/** The report in pages of batches, each read in a transaction that enters anew. */
async function* errorReport(scope: TenantScope, id: string): AsyncGenerator<string, void> {
  yield byteOrderMark + errorReportHeader();
  for (let seq = 0; ;) {
    const { rows } = await scope.run({
      text: `select b.seq, b.faults from app.import_batch b join app.import i on i.id = b.import_id
where b.import_id = $1 and b.phase = case when i.state in ('checking', 'checked') then 'check' when i.state = 'undone' then 'undo' else 'run' end and b.seq > $2 order by b.seq limit 10`,
      values: [id, seq],
    });
    if (rows.length === 0) return;
    for (const row of rows) {
      seq = Number(row["seq"]);
      // Written by run-import.ts in this shape.
      for (const [record, line, column, severity, reason, value] of row["faults"] as KeptFault[]) {
        yield errorReportLine({ record, line, severity, reason, column, value });
      }
    }
  }
}
