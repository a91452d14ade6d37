import { readRecord, type Dialect, type RecordEnd } from "./read-record.ts";

export const delimiters = [",", ";", "\t", "|"] as const;

/** Finds how a file separates rows and cells from its first text; `separatorLine` is Excel's `sep=;`, which is no record. */
export interface SniffedDialect extends Dialect {
  readonly separatorLine: boolean;
}

const recordsCompared = 50;

/** Never fails: a file with one column has no delimiter to find, and reads as comma-separated. */
export function sniffDialect(head: string): SniffedDialect {
  const lineEnd = sniffLineEnd(head);
  const declared = /^"?sep=(.)"?\r*(?:\n|\r|$)/i.exec(head)?.[1];
  if (declared !== undefined) return { delimiter: declared, lineEnd, separatorLine: true };
  let best = { delimiter: ",", score: 0 };
  for (const delimiter of delimiters) {
    const score = evenness(head, { delimiter, lineEnd });
    if (score > best.score) best = { delimiter, score };
  }
  return { delimiter: best.delimiter, lineEnd, separatorLine: false };
}

/** An LF outside of quotes anywhere means that CR alone is dirt or half of a CRLF. */
function sniffLineEnd(head: string): Dialect["lineEnd"] {
  let quoted = false;
  let returns = false;
  for (let at = 0; at < head.length; at++) {
    const char = head.charCodeAt(at);
    if (char === 34) quoted = !quoted;
    else if (char === 10 && !quoted) return "lf";
    else if (char === 13 && !quoted) returns = true;
  }
  return returns ? "cr" : "lf";
}

/** How many of the first records split into as many cells as the first one, weighed by how many those are. */
function evenness(head: string, dialect: Dialect): number {
  const end: RecordEnd = { next: 0, innerLines: 0, longestCell: 0, fault: null };
  let width = 0;
  let same = 0;
  let seen = 0;
  for (let at = 0; at < head.length && seen < recordsCompared; at = end.next) {
    const cells: string[] = [];
    readRecord(head, at, dialect, seen === 0, cells, end);
    if (end.next < 0) break;
    if (cells.length === 1 && cells[0] === "") continue;
    if (seen === 0) width = cells.length;
    if (cells.length === width && end.fault === null) same++;
    seen++;
  }
  return width < 2 ? 0 : (same / seen) ** 2 * Math.log2(width + 1);
}
