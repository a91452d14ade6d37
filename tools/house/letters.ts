import type { Syntax } from "../syntax.ts";
import { walk } from "../syntax.ts";

/** A character that reads like another one, or like nothing, at a place where that could deceive a reader. */
export interface OddLetter {
  readonly letter: string;
  readonly line: number;
  readonly why: string;
}

/** Typographic signs that prose may use; everything else beyond ASCII must be a letter of a script. */
const typographic = new Set("–—…‘’“”«»·•§¶°±×÷−≤≥≠≈→←↑↓↔⇄⇒✓✔✗✘✕©®™µ½¼¾²³†‡…⌘⌥⇧⏎│├└─┌┐┘┤┬┴┼╲╱▲▼◀▶●○■□");
/** Hyphens and spaces that look like the ASCII ones: `"X-Forwarded-For"` with U+2011 matches no header. */
const disguised =
  /[\u00a0\u00ad\u2000-\u200f\u2010-\u2012\u2028-\u202f\u205f-\u206f\u3000\p{Variation_Selector}\ufeff\uff01-\uff5e]/u;
const latin = /\p{Script=Latin}/u;
const lookAlike = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u;
const beyondAscii = /[^\x00-\x7f]/u;

/** Checks a source file: code is ASCII; text and comments may use other letters, but none in disguise. */
export function oddLettersInSource(text: string, syntax: Syntax): OddLetter[] {
  if (!beyondAscii.test(text)) return [];
  const spoken = [...syntax.comments.map(({ start, end }) => ({ start, end })), ...texts(syntax)];
  return odd(text, (offset) => spoken.some(({ start, end }) => offset >= start && offset < end));
}

/** Checks prose and SQL, where every place may speak. */
export function oddLettersInProse(text: string): OddLetter[] {
  return beyondAscii.test(text) ? odd(text, () => true) : [];
}

function texts({ program }: Syntax): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  walk(program, (node, parent, field) => {
    const isText =
      (node.type === "Literal" && (typeof node.value === "string" || "regex" in node)) ||
      (parent?.type === "Property" && field === "key") ||
      node.type === "TemplateElement" ||
      node.type === "JSXText";
    if (isText) found.push({ start: node.start, end: node.end });
  });
  return found;
}

function odd(text: string, maySpeak: (offset: number) => boolean): OddLetter[] {
  const found: OddLetter[] = [];
  let offset = 0;
  for (const letter of text) {
    const why = beyondAscii.test(letter) ? reason(text, letter, offset, maySpeak) : null;
    if (why !== null)
      found.push({ letter: name(letter), line: text.slice(0, offset).split("\n").length, why });
    offset += letter.length;
  }
  return found;
}

function reason(
  text: string,
  letter: string,
  offset: number,
  maySpeak: (offset: number) => boolean,
): string | null {
  if (disguised.test(letter)) return "looks like another character, or like none; write it as an escape";
  if (!maySpeak(offset)) return "code is ASCII; only texts and comments may use other letters";
  if (lookAlike.test(letter) && touchesLatin(text, offset, letter.length)) {
    return "a letter of another script inside a Latin word; write it as an escape";
  }
  if (typographic.has(letter) || /[\p{L}\p{M}\p{N}\p{Sc}\p{Extended_Pictographic}]/u.test(letter))
    return null;
  return "not among the signs that texts here use; write it as an escape, or add it to tools/house/letters.ts";
}

function touchesLatin(text: string, offset: number, length: number): boolean {
  const before = /[\p{L}\p{M}]+$/u.exec(text.slice(Math.max(0, offset - 40), offset))?.[0] ?? "";
  const after = /^[\p{L}\p{M}]+/u.exec(text.slice(offset + length, offset + length + 40))?.[0] ?? "";
  return latin.test(before) || latin.test(after);
}

function name(letter: string): string {
  return `U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
