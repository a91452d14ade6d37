import { isAscii } from "node:buffer";

// Only 0x80 to 0x9f differ from latin-1 (WHATWG index-windows-1252); the five free places stay control characters.
const upper =
  "\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f" +
  "\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178";

/** Every byte has a meaning, so this never fails. Not by TextDecoder, which in some Node releases reads latin-1 instead. */
export function windows1252ToText(bytes: Buffer): string {
  const text = bytes.toString("latin1");
  return isAscii(bytes)
    ? text
    : text.replace(/[\x80-\x9f]/g, (char) => upper[char.charCodeAt(0) - 0x80] ?? char);
}
