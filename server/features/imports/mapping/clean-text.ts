import { withoutFormulaMark } from "../csv/index.ts";

export interface CleanText {
  readonly text: string;
  /** True when characters that cannot be stored or shown were taken out. */
  readonly damaged: boolean;
}

const plain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
// Left by broken exports; PostgreSQL refuses NUL, and half a surrogate pair is no character.
const dirt =
  /[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
// Zero-width characters make equal names differ; bidirectional overrides make a text read as another one.
const invisible = /[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;
const blanks = /[\s\u0085\u00a0]+/g;

/** A cell as one line of text: composed (NFC), trimmed, single blanks, nothing invisible. */
export function cleanLine(cell: string): CleanText {
  if (plain.test(cell) && !cell.startsWith("'") && !cell.includes("  "))
    return { text: cell, damaged: false };
  const visible = withoutFormulaMark(cell).replace(dirt, "");
  const text = visible.replace(invisible, "").replace(blanks, " ").trim().normalize("NFC");
  return { text, damaged: visible.length < withoutFormulaMark(cell).length };
}

/** A cell that may have several lines, which are kept, each ended by LF. */
export function cleanLines(cell: string): CleanText {
  if (plain.test(cell) && !cell.startsWith("'")) return { text: cell, damaged: false };
  const visible = withoutFormulaMark(cell).replace(dirt, "");
  const text = visible
    .replace(invisible, "")
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n")
    .trim()
    .normalize("NFC");
  return { text, damaged: visible.length < withoutFormulaMark(cell).length };
}
