import { rowFaults, type RowFault, type RowFaultCode } from "./csv-fault.ts";
import { countOf, readRecord, type Dialect, type RecordEnd } from "./read-record.ts";
import { createSkipper, type Skipper } from "./skip-record.ts";

/** A record as it stands in the file, before it is measured against the header. */
export interface ScannedRecord {
  /** The physical line, from 1, on which the record starts. */
  readonly line: number;
  readonly cells: string[];
  readonly fault: RowFaultCode | null;
}

export interface ScanLimits {
  readonly cellCharsMax: number;
  readonly rowCharsMax: number;
}

export interface Scanner {
  /** The records that end in this text; blank lines are passed over. `final` flushes what has no line end. */
  readonly push: (text: string, final: boolean) => ScannedRecord[];
  /** The line on which the text pushed so far ends. */
  readonly line: () => number;
}

/** Splits text into records as it comes, keeping at most one unfinished record of at most `rowCharsMax`. */
export function createScanner(dialect: Dialect, limits: ScanLimits, firstLine: number): Scanner {
  const end: RecordEnd = { next: 0, innerLines: 0, longestCell: 0, fault: null };
  let line = firstLine;
  let pending = "";
  let skipping: Skipper | null = null;

  function push(text: string, final: boolean): ScannedRecord[] {
    const records: ScannedRecord[] = [];
    const whole = skipping === null ? pending + text : text;
    pending = "";
    let at = 0;
    while (at < whole.length || (final && skipping !== null)) {
      const next =
        skipping === null ? readOne(whole, at, final, records) : skipOne(skipping, whole, at, final, records);
      if (next < 0) break;
      at = next;
    }
    return records;
  }

  function readOne(text: string, start: number, final: boolean, records: ScannedRecord[]): number {
    const cells: string[] = [];
    readRecord(text, start, dialect, final, cells, end);
    // Every record over the cap goes through the skipper, also one that lies here whole: where its end is taken to be
    // must not depend on how the text was cut.
    if ((end.next < 0 ? text.length : end.next) - start > limits.rowCharsMax) {
      skipping = createSkipper(dialect);
      return start;
    }
    if (end.next < 0) {
      pending = text.slice(start);
      return -1;
    }
    if (end.longestCell > limits.cellCharsMax) records.push({ line, cells: [], fault: "cell-too-long" });
    else if (cells.length > 1 || cells[0] !== "" || end.fault !== null)
      records.push({ line, cells, fault: end.fault });
    line += end.innerLines + 1;
    return end.next;
  }

  function skipOne(
    skipper: Skipper,
    text: string,
    start: number,
    final: boolean,
    records: ScannedRecord[],
  ): number {
    const next = skipper.skip(text, start);
    if (next < 0 && !final) return -1;
    const unterminated = next < 0 && skipper.insideQuotes();
    records.push({ line, cells: [], fault: unterminated ? "unterminated-quote" : "row-too-long" });
    line += skipper.innerLines() + 1;
    skipping = null;
    return next < 0 ? text.length : next;
  }

  return {
    push,
    line: () => line + (skipping?.innerLines() ?? 0) + countOf(pending, dialect.lineEnd === "lf" ? 10 : 13),
  };
}

/** The fault with its plain words; only quotes that were read as written leave the row good. */
export function rowFault(code: RowFaultCode): RowFault {
  return { code, severity: code === "quotes-not-doubled" ? "warning" : "error", reason: rowFaults[code] };
}
