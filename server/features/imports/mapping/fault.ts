import { importFaults, type ImportFault, type ImportFaultCode } from "../../../../contract/import.ts";

const valueCharsMax = 200;

/** A fault with its plain words; the value is cut, since a report of a million rows is kept. */
export function importFault(
  code: ImportFaultCode,
  field: string,
  column: number | null,
  value: string | null,
): ImportFault {
  const { severity, reason } = importFaults[code];
  // Copied, because a fault outlives its row, and a piece of a string holds on to the whole block that it came from.
  const kept = value === null ? null : Buffer.from(value.slice(0, valueCharsMax)).toString();
  return { field, column, code, severity, reason, value: kept };
}
