const separators = /\s*(?:[;,\n]|:::)\s*/;
/** Google's own groups, which say nothing about a contact. */
const systemTags = new Set(["mycontacts", "my contacts", "meine kontakte", "starred", "markiert"]);

/** The tags of a cell, each once whatever its case; a star, with which Google marks groups, is taken off. */
export function readTags(text: string): string[] {
  const tags = new Map<string, string>();
  for (const part of text.split(separators)) {
    const tag = part.replace(/^\*\s*/, "").trim();
    const key = tag.toLowerCase();
    if (tag !== "" && !systemTags.has(key) && !tags.has(key)) tags.set(key, tag);
  }
  return [...tags.values()];
}

/** Puts the parts of a street together, a house number on the line of its street. */
export function joinStreet(parts: readonly string[]): string | null {
  let street = "";
  for (const part of parts) {
    if (street !== "") street += /^\d+\s?[a-z]?(?:[-/]\d+)*$/i.test(part) ? " " : "\n";
    street += part;
  }
  return street === "" ? null : street;
}
