import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";

export const commonLengthMin = 4;
export const commonLengthMax = 24;

let loaded: ReadonlySet<string> | null = null;

/** True for one of some 24,000 passwords that attackers try first, given in lower case. Works offline. */
export function isCommonPassword(text: string): boolean {
  if (text.length < commonLengthMin || text.length > commonLengthMax) return false;
  return commonPasswords().has(text);
}

/** The list, read from its file at first use; sources and licence stand in the README of this folder. */
export function commonPasswords(): ReadonlySet<string> {
  loaded ??= new Set(
    brotliDecompressSync(readFileSync(new URL("common-passwords.txt.br", import.meta.url)))
      .toString("utf8")
      .trimEnd()
      .split("\n"),
  );
  return loaded;
}
