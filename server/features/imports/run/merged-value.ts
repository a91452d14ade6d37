/** What a column holds after a second row of the same record: as `updateRows` would have it, were the first one written. */
export function mergedValue(column: string, before: unknown, after: unknown): unknown {
  if (after === null) return before;
  if (before === null) return after;
  if (column === "custom") return JSON.stringify({ ...objectOf(before), ...objectOf(after) });
  if (column === "other_emails" || column === "other_phones") return joined(before, after);
  if (column === "tags") return joinedArrays(before, after);
  return after;
}

/** Values that `contactRow` wrote as JSON. */
function objectOf(json: unknown): Record<string, unknown> {
  return JSON.parse(String(json)) as Record<string, unknown>;
}

function joined(before: unknown, after: unknown): string {
  // Likewise, lists of {kind, address} or {kind, number}.
  const all = [before, after].flatMap((json) => JSON.parse(String(json)) as Record<string, string>[]);
  return JSON.stringify([...new Map(all.map((entry) => [JSON.stringify(entry), entry])).values()]);
}

/** Two array literals as `arrayText` writes them. */
function joinedArrays(before: unknown, after: unknown): string {
  const elements = (literal: unknown): string[] => String(literal).match(/"(?:[^"\\]|\\.)*"/g) ?? [];
  return `{${[...new Set([...elements(before), ...elements(after)])].join(",")}}`;
}
