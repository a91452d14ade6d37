import type { RowFaultCode } from "./csv-fault.ts";

/** How a file separates cells and rows. */
export interface Dialect {
  /** One UTF-16 unit. */
  readonly delimiter: string;
  /** `lf` ends rows at LF, with any CRs before it; `cr` at CR alone (old Mac files). */
  readonly lineEnd: "lf" | "cr";
}

/** Where a record ended and what was odd in it; one object is filled again and again, since a file has millions. */
export interface RecordEnd {
  /** Index after the line end, or -1 when the text stops before the record does. */
  next: number;
  /** Line ends inside quoted cells. */
  innerLines: number;
  longestCell: number;
  fault: RowFaultCode | null;
}

const quote = 34;
const space = 32;
const carriageReturn = 13;
const lineFeed = 10;

/**
 * Reads one record (RFC 4180) that starts at `start` into `cells`, and tells in `end` where it ended.
 *
 * Lenient where the meaning is plain: spaces around a quoted cell, a quote inside an unquoted one, and quotes inside a
 * quoted cell that were not doubled, as long as the cell closes on the same line. `final` says that no text follows.
 */
export function readRecord(
  text: string,
  start: number,
  dialect: Dialect,
  final: boolean,
  cells: string[],
  end: RecordEnd,
): void {
  const delimiter = dialect.delimiter.charCodeAt(0);
  const lineEnd = dialect.lineEnd === "lf" ? lineFeed : carriageReturn;
  const length = text.length;
  end.next = -1;
  end.innerLines = 0;
  end.longestCell = 0;
  end.fault = null;
  let at = start;
  for (;;) {
    let first = at;
    while (text.charCodeAt(first) === space && delimiter !== space) first++;
    if (text.charCodeAt(first) === quote) {
      at = readQuotedCell(text, first, delimiter, lineEnd, final, cells, end);
      if (at < 0) return;
    } else {
      const from = at;
      at = first;
      let code = 0;
      while (at < length && (code = text.charCodeAt(at)) !== delimiter && code !== lineEnd) at++;
      if (at === length && !final) return;
      const till = at === length || code === lineEnd ? withoutReturns(text, from, at) : at;
      if (till - from > end.longestCell) end.longestCell = till - from;
      cells.push(text.slice(from, till));
    }
    if (at === length || text.charCodeAt(at) === lineEnd) break;
    at++;
  }
  end.next = at === length ? length : at + 1;
}

/** Gives the index of what follows the cell; -1 when the record needs more text, or has ended at a fault (`end.next`). */
function readQuotedCell(
  text: string,
  open: number,
  delimiter: number,
  lineEnd: number,
  final: boolean,
  cells: string[],
  end: RecordEnd,
): number {
  let close = closingQuote(text, open + 1);
  if (close < 0) return final ? endAtUnterminated(text, open, lineEnd, end) : -1;
  let after = afterQuote(text, close, delimiter, lineEnd);
  if (after === stray) {
    const stop = text.indexOf(lineEnd === lineFeed ? "\n" : "\r", close);
    if (stop < 0 && !final) return -1;
    const lineStop = stop < 0 ? text.length : stop;
    close = lastChanceToClose(text, close + 1, lineStop, delimiter, lineEnd);
    if (close < 0) return endAtMisplaced(lineStop, text.length, end);
    end.fault = "quotes-not-doubled";
    after = afterQuote(text, close, delimiter, lineEnd);
  }
  if (after === text.length && !final) return -1;
  const cell = text.slice(open + 1, close);
  if (cell.length > end.longestCell) end.longestCell = cell.length;
  end.innerLines += countOf(cell, lineEnd);
  cells.push(cell.includes('"') ? cell.replaceAll('""', '"') : cell);
  return after;
}

const stray = -2;

function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text.charCodeAt(at + 1) === quote) at = text.indexOf('"', at + 2);
  return at;
}

/** The index of the delimiter or line end that follows a quote, the text's length, or `stray` when it closes nothing. */
function afterQuote(text: string, close: number, delimiter: number, lineEnd: number): number {
  for (let at = close + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === delimiter || code === lineEnd) return at;
    if (code !== space && code !== carriageReturn) return stray;
  }
  return text.length;
}

/** Quotes that were not doubled still leave one on the same line that a delimiter or the line end follows. */
function lastChanceToClose(
  text: string,
  from: number,
  stop: number,
  delimiter: number,
  lineEnd: number,
): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && at < stop) {
    if (afterQuote(text, at, delimiter, lineEnd) !== stray) return at;
    at = text.indexOf('"', at + 1);
  }
  return -1;
}

/** The fault stays on its line: the next line is read as a record of its own. */
function endAtMisplaced(lineStop: number, length: number, end: RecordEnd): number {
  end.fault = "misplaced-quote";
  end.next = Math.min(lineStop + 1, length);
  return -1;
}

/** Nothing after the quote can be trusted to be a row, so nothing of it is read as one. */
function endAtUnterminated(text: string, open: number, lineEnd: number, end: RecordEnd): number {
  end.fault = "unterminated-quote";
  end.next = text.length;
  end.innerLines = countOf(text.slice(open), lineEnd);
  return -1;
}

function withoutReturns(text: string, from: number, till: number): number {
  let at = till;
  while (at > from && text.charCodeAt(at - 1) === carriageReturn) at--;
  return at;
}

/** How often `code` occurs; used for line ends, so that rows keep their physical line numbers. */
export function countOf(text: string, code: number): number {
  const char = String.fromCharCode(code);
  let count = 0;
  for (let at = text.indexOf(char); at >= 0; at = text.indexOf(char, at + 1)) count++;
  return count;
}
