import { commonLengthMax, commonLengthMin, isCommonPassword } from "./common-passwords.ts";
import { runLength, zipLength } from "./runs.ts";

/** Prices in half bits: what an attacker pays who tries likely pieces before unlikely ones. */
const price = { loose: 9, word: 29, run: 8, zip: 16, year: 13, again: 4, context: 4 } as const;

/**
 * More than two common words, or a common password with three odd characters; less than eight random characters (72,
 * the least that NIST SP 800-63B lets pass), with room for the pattern that chance puts into some of those.
 */
export const guessingCostMin = 60;

/** Characters looked at: enough to reach any bar, and a bound on the work. */
const readMax = 64;

const unleet: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
};

/**
 * The price of the cheapest way to put this password together from common passwords, runs over the keyboard, years,
 * repetitions and words that anybody knows about its owner, in half bits.
 *
 * It is a block list that also knows combinations ("Passw0rd" + "12345678"), not a meter: what it lets pass is not
 * thereby strong. It demands no kinds of characters (ASVS 6.2.5).
 */
export function guessingCost(password: string, contextWords: ReadonlySet<string>): number {
  const plain = [...folded(password)].slice(0, readMax);
  const texts = [plain, plain.map((character) => unleet[character] ?? character)];
  const cheapest: number[] = [0];
  const reach = (end: number, cost: number): void => {
    cheapest[end] = Math.min(cheapest[end] ?? Infinity, cost);
  };
  for (let start = 0; start < plain.length; start += 1) {
    const sofar = cheapest[start] ?? Infinity;
    reach(start + 1, sofar + price.loose);
    for (const [length, cost] of piecesAt(plain, texts, start, contextWords))
      reach(start + length, sofar + cost);
  }
  return cheapest[plain.length] ?? 0;
}

/** Letters as one would look them up: no case, no accents. */
export function folded(text: string): string {
  return text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
}

function* piecesAt(
  plain: readonly string[],
  texts: readonly (readonly string[])[],
  start: number,
  contextWords: ReadonlySet<string>,
): Generator<readonly [length: number, cost: number]> {
  for (let length = runLength(plain, start); length >= 4; length -= 1) yield [length, price.run];
  for (let length = zipLength(plain, start); length >= 6; length -= 1) yield [length, price.zip];
  if (/^(19|20)\d\d$/.test(plain.slice(start, start + 4).join(""))) yield [4, price.year];
  for (let length = 2; length <= Math.min(start, plain.length - start); length += 1) {
    if (repeats(plain, start, length)) yield [length, price.again];
  }
  for (const text of texts) {
    for (let length = 3; length <= Math.min(commonLengthMax, text.length - start); length += 1) {
      const piece = text.slice(start, start + length).join("");
      if (contextWords.has(piece)) yield [length, price.context];
      else if (length >= commonLengthMin && isCommonPassword(piece)) yield [length, price.word];
    }
  }
}

function repeats(plain: readonly string[], start: number, length: number): boolean {
  for (let index = start; index < start + length; index += 1) {
    if (plain[index] !== plain[index - length]) return false;
  }
  return true;
}
