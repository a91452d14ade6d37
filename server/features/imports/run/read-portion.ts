import type { AccountDraft, ContactDraft } from "../../../../contract/import.ts";
import { type CsvRow, withoutFormulaMark } from "../csv/index.ts";
import { ownHeader } from "../export/export-columns.ts";
import { accountNormaliser, contactNormaliser } from "../mapping/index.ts";
import type { LoadedImport } from "./load-import.ts";
import type { KeptFault, ReadRow } from "./plan-rows.ts";

export type Draft = ContactDraft | AccountDraft;
export type RowReader = (cells: readonly string[]) => { record: Draft; faults: ReadRow<Draft>["faults"] };

/** Some rows of a file, read: what they say, and which cannot be read. */
export interface Portion {
  readonly rows: readonly CsvRow[];
  readonly read: readonly ReadRow<Draft>[];
  readonly failed: number;
  readonly faults: readonly KeptFault[];
  readonly first: number;
  readonly last: number;
  readonly bytesRead: number;
}

/** The function that reads the rows of an import, by its mapping. */
export function rowReader({ of, mapping, defaults, headers }: LoadedImport): RowReader {
  const read = of === "contact" ? contactNormaliser(mapping, defaults) : accountNormaliser(mapping, defaults);
  // Our own exports mark what a spreadsheet would run as a formula; coming home, it is taken off again.
  return headers.includes(ownHeader) ? (cells) => read(cells.map(withoutFormulaMark)) : read;
}

/** Reads rows that follow one another in the file. */
export function readPortion(rows: readonly CsvRow[], bytesRead: number, readRow: RowReader): Portion {
  const read: ReadRow<Draft>[] = [];
  const faults: KeptFault[] = [];
  let failed = 0;
  for (const { record, line, cells, fault } of rows) {
    if (fault !== null) faults.push([record, line, null, fault.severity, fault.reason, null]);
    if (fault?.severity === "error") {
      failed += 1;
      continue;
    }
    const normalised = readRow(cells);
    read.push({ record, line, draft: normalised.record, faults: normalised.faults });
  }
  return {
    rows,
    read,
    failed,
    faults,
    first: rows[0]?.record ?? 0,
    last: rows.at(-1)?.record ?? 0,
    bytesRead,
  };
}
