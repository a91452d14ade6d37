import { decoderOf, type Decode } from "./decode-value.ts";

/** What the rows of a prepared statement look like; the server guarantees that it never changes for one name. */
export interface RowShape {
  readonly names: readonly string[];
  readonly decoders: readonly Decode[];
  /** All columns NULL: cloning it is faster than growing an object, and `__proto__` stays a mere column. */
  readonly blank: Readonly<Record<string, unknown>>;
}

export type Row = Record<string, unknown>;

const fieldTail = 18;

/** Reads a RowDescription message. */
export function readRowShape(bytes: Buffer, start: number): RowShape {
  const names: string[] = [];
  const decoders: Decode[] = [];
  const fields = bytes.readInt16BE(start);
  let at = start + 2;
  for (let field = 0; field < fields; field++) {
    const nameEnd = bytes.indexOf(0, at);
    names.push(bytes.toString("utf8", at, nameEnd));
    // Behind the name: table OID (4), column (2), type OID (4), length (2), modifier (4), format (2).
    decoders.push(decoderOf(bytes.readUInt32BE(nameEnd + 7)));
    at = nameEnd + 1 + fieldTail;
  }
  return { names, decoders, blank: Object.fromEntries(names.map((name) => [name, null])) };
}

/** Reads a DataRow message; of columns with the same name the last one counts. */
export function readRow(
  { names, decoders, blank }: RowShape,
  bytes: Buffer,
  start: number,
  end: number,
): Row {
  if (bytes.readInt16BE(start) !== names.length) throw new Error("A row does not fit its description");
  const row: Row = { ...blank };
  let at = start + 2;
  for (let column = 0; column < decoders.length; column++) {
    const length = bytes.readInt32BE(at);
    at += 4;
    if (length < 0) continue;
    if (at + length > end) throw new Error("A row is longer than its message");
    const decode = decoders[column];
    const name = names[column];
    if (decode !== undefined && name !== undefined) row[name] = decode(bytes, at, at + length);
    at += length;
  }
  return row;
}
