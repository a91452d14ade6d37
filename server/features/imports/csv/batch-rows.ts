import { CsvFault, type RowFault } from "./csv-fault.ts";
import { measureRow } from "./measure-row.ts";
import type { Piece } from "./read-text.ts";
import type { ScannedRecord, Scanner } from "./scan-records.ts";

export interface CsvRow {
  /** From 1, the header row and blank rows not counted: the same for every reading of the same file. */
  readonly record: number;
  /** The physical line, from 1, on which the row starts. */
  readonly line: number;
  readonly cells: readonly string[];
  /** Null for nearly every row. With severity `error` the cells are incomplete or misplaced. */
  readonly fault: RowFault | null;
}

export interface CsvBatch {
  readonly rows: readonly CsvRow[];
  /** Bytes of the file read so far, for progress. */
  readonly bytesRead: number;
}

export interface Walk {
  readonly pieces: AsyncIterator<Piece, void>;
  readonly scanner: Scanner;
  /** Records after the header that were scanned already. */
  readonly waiting: readonly ScannedRecord[];
  /** The last piece that was scanned. */
  readonly piece: Piece;
  readonly width: number;
  readonly header: readonly string[] | null;
  readonly batchRows: number;
  readonly close: () => Promise<void>;
}

/** However few its rows, a batch is given out once so much text was read for it. */
const batchCharsMax = 4_194_304;

/** Walks the rest of the file in batches; rows before a place that cannot be read are given before the CsvFault is thrown. */
export async function* batchRows(walk: Walk): AsyncGenerator<CsvBatch, void> {
  let { piece } = walk;
  let rows: CsvRow[] = [];
  let record = 0;
  let chars = 0;
  function take(records: readonly ScannedRecord[]): void {
    for (const scanned of records) {
      const row = measureRow(scanned, walk.width, walk.header);
      if (row !== null) rows.push({ record: ++record, line: scanned.line, ...row });
    }
  }
  try {
    take(walk.waiting);
    for (;;) {
      const ended = piece.last || piece.broken !== null;
      const whole =
        ended || chars >= batchCharsMax ? rows.length : rows.length - (rows.length % walk.batchRows);
      for (let at = 0; at < whole; at += walk.batchRows) {
        yield { rows: rows.slice(at, Math.min(at + walk.batchRows, whole)), bytesRead: piece.bytesRead };
      }
      if (whole > 0) chars = 0;
      rows = rows.slice(whole);
      if (piece.broken !== null) throw new CsvFault(piece.broken, walk.scanner.line());
      if (piece.last) return;
      const next = await walk.pieces.next();
      if (next.done === true) return;
      piece = next.value;
      chars += piece.text.length;
      take(walk.scanner.push(piece.text, piece.last));
    }
  } finally {
    await walk.close();
  }
}
