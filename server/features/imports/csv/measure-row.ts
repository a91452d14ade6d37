import type { RowFault, RowFaultCode } from "./csv-fault.ts";
import { rowFault, type ScannedRecord } from "./scan-records.ts";

export interface MeasuredRow {
  readonly cells: readonly string[];
  readonly fault: RowFault | null;
}

/**
 * Holds a record against the header: null when it is blank, a fault when cells are missing or left over.
 *
 * Empty cells beyond the header are dropped in silence, since spreadsheets write them; missing cells are not filled in,
 * since nobody can tell which ones they are.
 */
export function measureRow(
  record: ScannedRecord,
  width: number,
  header: readonly string[] | null,
): MeasuredRow | null {
  const { cells, fault } = record;
  if (fault !== null && fault !== "quotes-not-doubled") return { cells, fault: rowFault(fault) };
  if (cells.every((cell) => cell.trim() === "")) return null;
  if (cells.length < width) return { cells, fault: rowFault("too-few-cells") };
  while (cells.length > width && cells.at(-1)?.trim() === "") cells.pop();
  return { cells, fault: faultOf(cells, width, header, fault) };
}

function faultOf(
  cells: readonly string[],
  width: number,
  header: readonly string[] | null,
  fault: RowFaultCode | null,
): RowFault | null {
  if (cells.length > width) return rowFault("too-many-cells");
  if (header !== null && cells[0] === header[0] && cells.every((cell, index) => cell === header[index])) {
    return rowFault("repeated-header");
  }
  return fault === null ? null : rowFault(fault);
}
