import { csvLine } from "./csv-line.ts";

/** What one line of the error report tells; `column` and `value` are absent when the whole row is at fault. */
export interface ReportedFault {
  readonly record: number;
  readonly line: number;
  readonly severity: "error" | "warning";
  readonly reason: string;
  readonly column?: string | null;
  readonly value?: string | null;
}

const valueCharsMax = 200;

/** The first line of the report that people download to mend their file. */
export function errorReportHeader(): string {
  return csvLine(["Row", "Line", "Column", "Value", "Result", "Reason"]);
}

/** One fault as a line of the report; values are cut, and safe to open in a spreadsheet. */
export function errorReportLine(fault: ReportedFault): string {
  const value = fault.value ?? "";
  const shown = value.length > valueCharsMax ? `${value.slice(0, valueCharsMax)}…` : value;
  const result = fault.severity === "error" ? "not imported" : "imported, with a change";
  return csvLine([fault.record, fault.line, fault.column, shown, result, fault.reason]);
}
