export type { CsvBatch, CsvRow } from "./batch-rows.ts";
export { CsvFault, type FileFaultCode, type RowFault, type RowFaultCode } from "./csv-fault.ts";
export { encodings, type Encoding } from "./decode-text.ts";
export { byteOrderMark, csvLine, type CellValue, type LineOptions } from "./csv-line.ts";
export { errorReportHeader, errorReportLine, type ReportedFault } from "./error-report.ts";
export { withoutFormulaMark } from "./formula-safe.ts";
export { type Column } from "./header.ts";
export { localTime } from "./local-time.ts";
export { readCsv, type CsvOptions, type CsvReading } from "./read-csv.ts";
