export type { CsvBatch, CsvRow } from "./batch-rows.ts";
export { CsvFault, rowFaults, type FileFaultCode, type RowFault, type RowFaultCode } from "./csv-fault.ts";
export { encodings, type Encoding } from "./decode-text.ts";
export { byteOrderMark, csvLine, type CellValue, type LineOptions } from "./csv-line.ts";
export { errorReportHeader, errorReportLine, type ReportedFault } from "./error-report.ts";
export { formulaSafe, withoutFormulaMark } from "./formula-safe.ts";
export { looksLikeHeader, nameColumns, type Column } from "./header.ts";
export { readCsv, type CsvOptions, type CsvReading } from "./read-csv.ts";
