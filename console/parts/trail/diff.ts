import type { Formats } from "../../format/formats.ts";

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

/** A value of the trail as one line of text, its numbers, days and instants as the organization writes them. */
export function valueText(value: unknown, formats: Pick<Formats, "decimal" | "plainDay" | "exact">): string {
  if (empty(value)) return "nothing";
  if (typeof value === "string") return dated(value, formats);
  if (typeof value === "number") return formats.decimal(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map((inner) => valueText(inner, formats)).join(", ");
  if (typeof value === "object" && value !== null) {
    return Object.entries(value)
      .map(([key, inner]) => `${key}: ${valueText(inner, formats)}`)
      .join(", ");
  }
  return String(value);
}

function dated(value: string, { plainDay, exact }: Pick<Formats, "plainDay" | "exact">): string {
  if (/^\d{4}-\d\d-\d\d$/u.test(value)) return plainDay(value);
  const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/u.test(value);
  return instant && !Number.isNaN(Date.parse(value)) ? exact(value) : value;
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
