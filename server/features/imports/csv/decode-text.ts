import { isAscii, isUtf8 } from "node:buffer";
import { windows1252ToText } from "./windows-1252.ts";

export const encodings = ["utf-8", "utf-16le", "utf-16be", "windows-1252"] as const;
export type Encoding = (typeof encodings)[number];

export interface Decoded {
  readonly text: string;
  /** True when the bytes after `text` break the encoding; nothing can be decoded after that. */
  readonly broken: boolean;
}

export interface Decoder {
  /** What the bytes so far prove; `utf-8` while all of them are ASCII. */
  readonly encoding: () => Encoding;
  readonly decode: (block: Buffer, last: boolean) => Decoded;
}

/**
 * Turns blocks of bytes into text, wherever the blocks are cut.
 *
 * With `encoding` null it decides at the first block that holds a byte beyond ASCII: UTF-8 for good when that is what
 * most such bytes there form, else windows-1252. Until then both read alike, so nothing has to be read twice. Once UTF-8 is proven,
 * invalid bytes end the reading: falling back half way would give one file two alphabets.
 */
export function createDecoder(encoding: Encoding | null): Decoder {
  let decided = encoding;
  let carry: Buffer = Buffer.alloc(0);
  return {
    encoding: () => decided ?? "utf-8",
    decode(block, last) {
      const bytes = carry.length === 0 ? block : Buffer.concat([carry, block]);
      decided ??= proven(bytes, last);
      const whole =
        decided === null || decided === "utf-8" ? wholeUtf8(bytes, last) : wholeUnits(bytes, decided);
      carry = bytes.subarray(whole);
      const { text, broken } = textOf(bytes.subarray(0, whole), decided);
      return { text: withoutByteOrderMarks(text), broken: broken || (last && carry.length > 0) };
    },
  };
}

/** U+FEFF stays in the middle when files that begin with one are joined; it is never part of a name. */
function withoutByteOrderMarks(text: string): string {
  return text.includes("\ufeff") ? text.replaceAll("\ufeff", "") : text;
}

function proven(bytes: Buffer, last: boolean): Encoding | null {
  const whole = bytes.subarray(0, wholeUtf8(bytes, last));
  if (isAscii(whole)) return null;
  return isUtf8(whole) || mostlyUtf8(whole) ? "utf-8" : "windows-1252";
}

/** Accented windows-1252 text hardly ever forms a valid sequence, so even a few of them mean UTF-8 with dirt in it. */
function mostlyUtf8(bytes: Buffer): boolean {
  const beyondAscii = bytes.toString("utf8").match(/[^\0-\x7f]/gu) ?? [];
  return beyondAscii.filter((char) => char === "\ufffd").length * 2 < beyondAscii.length;
}

function textOf(bytes: Buffer, encoding: Encoding | null): Decoded {
  switch (encoding) {
    case null:
      return { text: bytes.toString("latin1"), broken: false };
    case "windows-1252":
      return { text: windows1252ToText(bytes), broken: false };
    case "utf-16le":
      return { text: bytes.toString("utf16le"), broken: false };
    case "utf-16be":
      return { text: Buffer.from(bytes).swap16().toString("utf16le"), broken: false };
    case "utf-8":
      return utf8Text(bytes);
  }
}

function utf8Text(bytes: Buffer): Decoded {
  if (isAscii(bytes)) return { text: bytes.toString("latin1"), broken: false };
  if (isUtf8(bytes)) return { text: bytes.toString("utf8"), broken: false };
  return { text: bytes.subarray(0, validPrefix(bytes)).toString("utf8"), broken: true };
}

/** Bisects, since `isUtf8` is far faster than a loop; a prefix cut inside a character is completed backwards. */
function validPrefix(bytes: Buffer): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    const whole = wholeUtf8(bytes.subarray(0, middle), false);
    if (isUtf8(bytes.subarray(0, whole))) good = middle;
    else bad = middle;
  }
  return wholeUtf8(bytes.subarray(0, good), false);
}

/** The length without a last character that is cut off; at the end of the file nothing may be cut off. */
function wholeUtf8(bytes: Buffer, last: boolean): number {
  if (last) return bytes.length;
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length;
    if (byte < 0xc0) continue;
    const width = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return width > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function wholeUnits(bytes: Buffer, encoding: Encoding): number {
  return encoding === "windows-1252" ? bytes.length : bytes.length & ~1;
}
