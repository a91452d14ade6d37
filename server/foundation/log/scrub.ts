import { patterns } from "./patterns.ts";
import { plainly } from "./plainly.ts";

const textMax = 16_384;
const secretCharactersMin = 8;

const spellings = new Set<string>();
let known: RegExp | null = null;

/**
 * Adds secrets that are struck out of every line from now on, in whatever spelling they turn up: as they are, in
 * JSON, in base64 or hex. Texts under eight characters are left out, as they would strike out ordinary words.
 */
export function rememberSecrets(secrets: Iterable<string>): void {
  for (const secret of secrets) {
    if (secret.length >= secretCharactersMin)
      for (const spelling of spellingsOf(secret)) spellings.add(spelling);
  }
  if (spellings.size === 0) return;
  const longestFirst = [...spellings].toSorted((a, b) => b.length - a.length);
  known = new RegExp(longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|"), "gi");
}

/**
 * The text without what must not be logged: known secrets, keys, tokens, passwords, e-mail addresses, telephone,
 * card and social security numbers, network addresses, URL queries. It would rather strike out a harmless number.
 */
export function scrub(text: string): string {
  if (text.length > textMax) return `[${text.length} characters]`; // A part could end in half of a secret.
  let clean = plainly(text);
  if (known !== null) clean = clean.replace(known, "[hidden]");
  for (const [pattern, instead] of patterns) clean = clean.replace(pattern, instead);
  return clean;
}

function spellingsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const inJson = JSON.stringify(secret).slice(1, -1);
  const base64 = bytes.toString("base64").replace(/=+$/, "");
  return [
    secret,
    plainly(secret),
    inJson,
    plainly(inJson),
    base64,
    bytes.toString("base64url"),
    bytes.toString("hex"),
  ];
}
