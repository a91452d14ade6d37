import { formulaSafe } from "./formula-safe.ts";

export type CellValue = string | number | boolean | null | undefined;

export interface LineOptions {
  readonly delimiter?: "," | ";" | "\t";
  /** True only for files that machines read: cells go out exactly as they are. */
  readonly asWritten?: boolean;
}

/** Put in front of a file for Excel, which takes UTF-8 without it for the local code page. */
export const byteOrderMark = "\ufeff";

/** One line by RFC 4180 with CRLF, safe to open in a spreadsheet; reads back as the same cells, marks of formulas aside. */
export function csvLine(
  values: readonly CellValue[],
  { delimiter = ",", asWritten = false }: LineOptions = {},
): string {
  let line = "";
  for (const [index, value] of values.entries()) {
    const text = value === null || value === undefined ? "" : String(value);
    const safe = asWritten || typeof value !== "string" ? text : formulaSafe(text);
    if (index > 0) line += delimiter;
    line += mustQuote.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }
  // A lone empty cell would be a blank line, which readers pass over.
  return `${line === "" ? '""' : line}\r\n`;
}

/** Any delimiter is quoted, not only the one in use, and blanks at the ends, which readers may trim. */
const mustQuote = /^[\s\ufeff]|[",;\t|\r\n]|\s$|^sep=/i;
