export interface SplitName {
  readonly firstName: string | null;
  readonly lastName: string | null;
}

const forms = /^(?:mrs?|ms|miss|mx|herr|frau|hr|fr|mme|mlle)\b\.?\s+/i;
const particles = new Set(
  "von vom zu zur zum van de der den del della di da dos du le la ter ten af av bin ibn al el mac".split(" "),
);
const suffix = /^(?:jr|sr|ii|iii|iv|phd|md|mba|msc|bsc|ma|ba|esq)\b/i;

/**
 * Splits a whole name: "Huber, Anna" and "Anna Huber" alike, with "van Beethoven" kept together.
 *
 * A single word is a first name. Forms of address are dropped, degrees stay with the first name.
 */
export function splitName(name: string): SplitName {
  const bare = name.replace(forms, "");
  const comma = bare.indexOf(",");
  const after = bare.slice(comma + 1).trim();
  if (comma > 0 && !suffix.test(after))
    return { firstName: after || null, lastName: bare.slice(0, comma).trim() };
  const words = bare.split(" ").filter((word) => word !== "");
  if (words.length < 2) return { firstName: words[0] ?? null, lastName: null };
  let last = words.length - (suffix.test(words.at(-1) ?? "") && words.length > 2 ? 2 : 1);
  while (last > 1 && particles.has((words[last - 1] ?? "").toLowerCase())) last--;
  return { firstName: words.slice(0, last).join(" "), lastName: words.slice(last).join(" ") };
}
