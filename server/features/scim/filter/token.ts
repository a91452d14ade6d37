import { ScimRefusal } from "../refusal.ts";

/** A piece of a filter: a word (attribute, operator, literal), a quoted text, or a bracket. */
export type Token =
  | { readonly kind: "word"; readonly text: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "(" | ")" | "[" | "]" };

const lengthMax = 4096;
const tokensMax = 400;
/** Sticky and without overlapping alternatives, so that no text makes it look back. */
const piece =
  /\s*(?:([()[\]])|"((?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*)"|([^\s()[\]"]+))/y;

/** Cuts a filter into tokens; refuses what is none, and what is too long. */
export function tokensOf(filter: string): Token[] {
  if (filter.length > lengthMax) throw unreadable("it is too long");
  const tokens: Token[] = [];
  const text = filter.trimEnd();
  piece.lastIndex = 0;
  while (piece.lastIndex < text.length) {
    const from = piece.lastIndex;
    const [whole, bracket, , word] = piece.exec(text) ?? [];
    if (whole === undefined) throw unreadable(`it cannot be read from character ${from + 1} on`);
    if (tokens.length >= tokensMax) throw unreadable("it has too many parts");
    tokens.push(tokenOf(whole, bracket, word));
  }
  return tokens;
}

function tokenOf(whole: string, bracket: string | undefined, word: string | undefined): Token {
  // One of the four that the expression names.
  if (bracket !== undefined) return { kind: bracket as "(" | ")" | "[" | "]" };
  if (word !== undefined) return { kind: "word", text: word };
  // A JSON string, as the expression demands.
  return { kind: "text", text: JSON.parse(whole.trim()) as string };
}

/** The refusal of a filter, with the reason. */
export function unreadable(why: string): ScimRefusal {
  return new ScimRefusal("invalidFilter", `The filter is not one that is understood: ${why}.`);
}
