export interface Difference {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

const noise = new Set([
  "version",
  "updatedAt",
  "updated_at",
  "sortName",
  "sort_name",
  "tenantId",
  "tenant_id",
  "id",
]);

/** What an event changed, field by field; bookkeeping that changes with every write is left out. */
export function differencesOf(
  before: Readonly<Record<string, unknown>> | null,
  after: Readonly<Record<string, unknown>> | null,
): Difference[] {
  const fields = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...fields]
    .filter((field) => !noise.has(field))
    .map((field) => ({ field, before: before?.[field] ?? null, after: after?.[field] ?? null }))
    .filter((difference) => !empty(difference.before) || !empty(difference.after))
    .filter((difference) => JSON.stringify(difference.before) !== JSON.stringify(difference.after));
}

/** A value of the trail as one line of text. */
export function valueText(value: unknown): string {
  if (empty(value)) return "nothing";
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map(valueText).join(", ");
  if (typeof value === "object" && value !== null) {
    return Object.entries(value)
      .map(([key, inner]) => `${key}: ${valueText(inner)}`)
      .join(", ");
  }
  return String(value);
}

/** `first_name` and `firstName` as people read them: "First name". */
export function fieldLabel(field: string): string {
  const words = field
    .replace(/_/gu, " ")
    .replace(/([a-z0-9])([A-Z])/gu, "$1 $2")
    .toLowerCase()
    .replace(/ id$/u, "");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function empty(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && Object.keys(value).length === 0;
}
