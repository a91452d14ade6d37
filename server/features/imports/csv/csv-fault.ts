/** Why a whole file cannot be read; each has one plain sentence, shown to the person who sent the file. */
const fileFaults = {
  "empty-file": "The file is empty.",
  "not-text": "The file is not text: it holds binary data.",
  "is-workbook": "The file is an Excel workbook or another archive. Save it as CSV (UTF-8) and send that.",
  "unsupported-encoding": "The file is written in UTF-32, which is not supported. Save it as CSV (UTF-8).",
  "not-utf8":
    "The file began as UTF-8, but these bytes are not. Save it as UTF-8, or import it as windows-1252.",
  "not-utf16": "The file began as UTF-16, but ends in the middle of a character.",
  "too-many-columns": "The header row has more columns than an import may have.",
  "header-not-readable": "The header row cannot be read: a quote in it is never closed, or it is too long.",
} as const;

/** Why one row cannot be imported, or (severity `warning`) what was changed to read it. */
export const rowFaults = {
  "too-few-cells": "The row has fewer cells than the header row.",
  "too-many-cells": "The row has more cells than the header row.",
  "cell-too-long": "A cell of the row is longer than allowed.",
  "row-too-long": "The row is longer than allowed.",
  "unterminated-quote": "A quote is opened here and never closed; the rest of the file could not be read.",
  "misplaced-quote": "Text follows a closing quote. Quotes inside a cell must be doubled.",
  "quotes-not-doubled": "Quotes inside a cell were not doubled; the cell was read as written.",
  "repeated-header": "The row repeats the header row.",
} as const;

export type FileFaultCode = keyof typeof fileFaults;
export type RowFaultCode = keyof typeof rowFaults;

export interface RowFault {
  readonly code: RowFaultCode;
  /** `error`: the row must not be imported. `warning`: its cells are good. */
  readonly severity: "error" | "warning";
  readonly reason: string;
}

/** Ends the reading of a file; carries the line where reading had to stop, when there is one. */
export class CsvFault extends Error {
  readonly code: FileFaultCode;
  readonly line: number | null;

  constructor(code: FileFaultCode, line: number | null = null) {
    super(line === null ? fileFaults[code] : `Line ${line}: ${fileFaults[code]}`);
    this.name = "CsvFault";
    this.code = code;
    this.line = line;
  }
}
