import type { ColumnMapping, CustomFieldTarget } from "../../../../contract/import.ts";
import { Problem } from "../../../foundation/problem/index.ts";
import type { JobScope } from "../../../jobs/index.ts";
import { countryOf } from "../../crm/index.ts";
import { type Encoding, encodings } from "../csv/index.ts";
import { type ImportState } from "../import.ts";
import { dateOrderOf, type ImportDefaults } from "../mapping/index.ts";
import type { Dedupe } from "./plan-rows.ts";

/** All that a job needs to know of its import. */
export interface LoadedImport {
  readonly id: string;
  readonly of: "contact" | "account";
  readonly state: ImportState;
  readonly dedupe: Dedupe;
  readonly mapping: readonly ColumnMapping[];
  readonly delimiter: string;
  readonly encoding: Encoding;
  readonly headerRow: boolean;
  readonly headers: readonly string[];
  readonly defaults: ImportDefaults;
}

/** Reads an import as it stands, with the organization's place and own fields. Problem("not-found") when it is gone. */
export async function loadImport(scope: JobScope, importId: string): Promise<LoadedImport> {
  const [found, place, own] = await scope.batch([
    { text: "select of, state, dedupe, mapping, layout from app.import where id = $1", values: [importId] },
    { text: "select locale from kernel.organization", values: [] },
    {
      text: "select of, key, label, type, options from app.own_field where archived_at is null limit 500",
      values: [],
    },
  ]);
  const row = found?.rows[0];
  if (row === undefined) throw new Problem("not-found");
  const locale = String(place?.rows[0]?.["locale"] ?? "en");
  // These columns were written by this room, in these shapes.
  const layout = row["layout"] as {
    delimiter: string;
    encoding: string;
    headerRow: boolean;
    headers: string[];
  };
  const mapping = row["mapping"] as { columns?: ColumnMapping[] };
  const of = row["of"] as LoadedImport["of"];
  return {
    id: importId,
    of,
    state: row["state"] as ImportState,
    dedupe: row["dedupe"] as Dedupe,
    mapping: mapping.columns ?? [],
    delimiter: layout.delimiter,
    encoding: encodings.find((encoding) => encoding === layout.encoding) ?? "utf-8",
    headerRow: layout.headerRow,
    headers: layout.headers,
    defaults: {
      country: countryOf(locale),
      dateOrder: dateOrderOf(locale),
      locale,
      stages: ["lead", "open", "customer", "former"].map((value) => ({ value })),
      custom: customTargets(own?.rows ?? [], of),
    },
  };
}

/** The organization's own fields as the mapping knows them. */
export function customTargets(rows: readonly Record<string, unknown>[], of: string): CustomFieldTarget[] {
  return rows
    .filter((row) => row["of"] === of)
    .map((row) => ({
      key: String(row["key"]),
      label: String(row["label"]),
      // The column's check lets no other word in.
      type: row["type"] as CustomFieldTarget["type"],
      choices: Array.isArray(row["options"]) ? row["options"].map(String) : [],
    }));
}
