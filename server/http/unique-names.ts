const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;

/**
 * Whether no object of this JSON text names the same thing twice, given what the text was parsed to.
 *
 * Of two equal names JSON.parse keeps the last, other readers the first (RFC 8259 section 4), and whoever checked the one
 * would let the other through. Each member has one colon outside of texts; a name that came twice leaves one too many.
 */
export function hasUniqueNames(text: string, parsed: unknown): boolean {
  return colonsOutsideTexts(text) === membersIn(parsed);
}

function colonsOutsideTexts(text: string): number {
  let colons = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === colon) colons += 1;
    else if (code === quote) at = endOfText(text, at);
  }
  return colons;
}

/** The place of the quote that ends the text which begins here. */
function endOfText(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === backslash) escapes += 1;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}

function membersIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const inner = Object.values(value);
  let members = Array.isArray(value) ? 0 : inner.length;
  for (const one of inner) members += membersIn(one);
  return members;
}
