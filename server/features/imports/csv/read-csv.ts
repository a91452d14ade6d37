import { batchRows, type CsvBatch } from "./batch-rows.ts";
import { CsvFault } from "./csv-fault.ts";
import { createDecoder, type Decoder, type Encoding } from "./decode-text.ts";
import { evenBlocks } from "./even-blocks.ts";
import { looksLikeHeader, nameColumns, type Column } from "./header.ts";
import { readText, type Piece } from "./read-text.ts";
import { createScanner, type ScannedRecord, type Scanner } from "./scan-records.ts";
import { sniffDialect, type SniffedDialect } from "./sniff-dialect.ts";
import { sniffEncoding } from "./sniff-encoding.ts";

export interface CsvOptions {
  /** Null or absent: found from the file itself. */
  readonly encoding?: Encoding | null;
  readonly delimiter?: string | null;
  readonly headerRow?: boolean | null;
  /** Rows in a batch; a batch of very long rows is cut earlier. */
  readonly batchRows?: number;
  readonly cellCharsMax?: number;
  readonly rowCharsMax?: number;
  readonly columnsMax?: number;
}

export interface CsvReading {
  readonly columns: readonly Column[];
  readonly headerRow: boolean;
  readonly delimiter: string;
  /** What the bytes read so far prove; final once all batches are read. */
  readonly encoding: () => Encoding;
  /** To be walked once; leaving early closes the source. Throws a CsvFault where the file cannot be read any further. */
  readonly batches: AsyncIterable<CsvBatch>;
  /** Closes the source; needed only when `batches` is never walked. */
  readonly close: () => Promise<void>;
}

const blockBytes = 65_536;
const headCharsMin = 65_536;

/**
 * Reads a CSV file as it streams, in memory that does not grow with the file or with a field in it.
 *
 * The head decides delimiter, line ends and header; see `createDecoder` for the encoding. A faulty row is given with its
 * fault and reading goes on; only what leaves no row to trust throws (CsvFault). Cells are text and nothing else: a
 * formula stays the characters it is written with. Cells may share memory with the block that they came from: copy what
 * is kept for longer than its batch.
 */
export async function readCsv(
  source: AsyncIterable<Uint8Array>,
  options: CsvOptions = {},
): Promise<CsvReading> {
  const blocks = evenBlocks(source, blockBytes);
  try {
    const first = await blocks.next();
    const head = first.done === true ? Buffer.alloc(0) : first.value;
    const sniffed = sniffEncoding(head);
    const decoder = createDecoder(options.encoding ?? sniffed.encoding);
    const pieces = readText(head, sniffed.bomBytes, blocks, decoder);
    return await openReading(pieces, decoder, options, async () => void (await blocks.return()));
  } catch (fault) {
    await blocks.return();
    throw fault;
  }
}

async function openReading(
  pieces: AsyncIterator<Piece, void>,
  decoder: Decoder,
  options: CsvOptions,
  close: () => Promise<void>,
): Promise<CsvReading> {
  const rowCharsMax = options.rowCharsMax ?? 4_000_000;
  const limits = { cellCharsMax: options.cellCharsMax ?? 1_000_000, rowCharsMax };
  const head = await readHead(pieces, rowCharsMax);
  const sniffed = sniffDialect(head.text);
  const dialect = { delimiter: options.delimiter ?? sniffed.delimiter, lineEnd: sniffed.lineEnd };
  const scanner = createScanner(dialect, limits, sniffed.separatorLine ? 2 : 1);
  const { records, piece } = await firstRecords(pieces, scanner, withoutSeparatorLine(head, sniffed));
  const header = headerOf(records, piece, scanner, options.columnsMax ?? 16_384);
  const headerRow = options.headerRow ?? looksLikeHeader(header);
  const waiting = headerRow ? records.slice(1) : records;
  return {
    columns: nameColumns(header, headerRow),
    headerRow,
    delimiter: dialect.delimiter,
    encoding: decoder.encoding,
    batches: batchRows({
      pieces,
      scanner,
      waiting,
      piece,
      width: header.length,
      header: headerRow ? header : null,
      batchRows: options.batchRows ?? 1000,
      close,
    }),
    close,
  };
}

/** Enough text to sniff: at least one line, unless a single row is longer than any may be. */
async function readHead(pieces: AsyncIterator<Piece, void>, charsMax: number): Promise<Piece> {
  let head: Piece = { text: "", bytesRead: 0, last: false, broken: null };
  while (head.text.length < headCharsMin || (head.text.length < charsMax && !/[\r\n]/.test(head.text))) {
    const next = await pieces.next();
    if (next.done === true) break;
    head = { ...next.value, text: head.text + next.value.text };
  }
  return head;
}

function withoutSeparatorLine(head: Piece, { separatorLine, lineEnd }: SniffedDialect): Piece {
  if (!separatorLine) return head;
  const end = head.text.indexOf(lineEnd === "lf" ? "\n" : "\r");
  return { ...head, text: end < 0 ? "" : head.text.slice(end + 1) };
}

/** Scans until there is a record to take for the header; in a file with blank lines first, that may be later. */
async function firstRecords(
  pieces: AsyncIterator<Piece, void>,
  scanner: Scanner,
  head: Piece,
): Promise<{ records: ScannedRecord[]; piece: Piece }> {
  let piece = head;
  let records = scanner.push(piece.text, piece.last);
  while (records.length === 0 && !piece.last && piece.broken === null) {
    const next = await pieces.next();
    if (next.done === true) break;
    piece = next.value;
    records = scanner.push(piece.text, piece.last);
  }
  return { records, piece };
}

function headerOf(
  records: readonly ScannedRecord[],
  piece: Piece,
  scanner: Scanner,
  columnsMax: number,
): string[] {
  const first = records[0];
  if (first === undefined) {
    throw piece.broken === null ? new CsvFault("empty-file") : new CsvFault(piece.broken, scanner.line());
  }
  if (first.fault !== null && first.fault !== "quotes-not-doubled")
    throw new CsvFault("header-not-readable", first.line);
  if (first.cells.length > columnsMax) throw new CsvFault("too-many-columns", first.line);
  return first.cells;
}
