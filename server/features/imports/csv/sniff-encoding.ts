import { CsvFault } from "./csv-fault.ts";
import type { Encoding } from "./decode-text.ts";

export interface SniffedEncoding {
  /** Null: neither a byte order mark nor a pattern says it; the decoder decides from the bytes. */
  readonly encoding: Encoding | null;
  readonly bomBytes: number;
}

const signatures: readonly (readonly number[])[] = [
  [0x50, 0x4b, 0x03, 0x04],
  [0xd0, 0xcf, 0x11, 0xe0],
  [0x1f, 0x8b],
];

/** Reads the first bytes of a file for what they prove about its encoding; throws a CsvFault when it is no text at all. */
export function sniffEncoding(head: Buffer): SniffedEncoding {
  if (head.length === 0) throw new CsvFault("empty-file");
  if (signatures.some((bytes) => startsWith(head, bytes))) throw new CsvFault("is-workbook");
  if (startsWith(head, [0xff, 0xfe, 0, 0]) || startsWith(head, [0, 0, 0xfe, 0xff])) {
    throw new CsvFault("unsupported-encoding");
  }
  if (startsWith(head, [0xef, 0xbb, 0xbf])) return { encoding: "utf-8", bomBytes: 3 };
  if (startsWith(head, [0xff, 0xfe])) return { encoding: "utf-16le", bomBytes: 2 };
  if (startsWith(head, [0xfe, 0xff])) return { encoding: "utf-16be", bomBytes: 2 };
  return { encoding: utf16ByNuls(head), bomBytes: 0 };
}

function startsWith(head: Buffer, bytes: readonly number[]): boolean {
  return bytes.every((byte, index) => head[index] === byte);
}

/** In UTF-16 every separator and line end has a NUL on the same side; scattered NULs are just dirt in a cell. */
function utf16ByNuls(head: Buffer): Encoding | null {
  const nuls = [0, 0];
  for (let index = 0; index < head.length; index++) {
    if (head[index] === 0) nuls[index & 1] = (nuls[index & 1] ?? 0) + 1;
  }
  const [even = 0, odd = 0] = nuls;
  const half = head.length / 2;
  if (odd > half * 0.1 && even < half * 0.01) return "utf-16le";
  if (even > half * 0.1 && odd < half * 0.01) return "utf-16be";
  if (even + odd > half * 0.2) throw new CsvFault("not-text");
  return null;
}
