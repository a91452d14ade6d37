import type { Filter, Operator, Value } from "./parse.ts";
import { unreadable } from "./token.ts";

type Parts = Readonly<Record<string, unknown>>;

/** Whether one value of an attribute fulfils the filter of a PATCH path; names and texts without regard to case. */
export function matches(filter: Filter, value: Parts): boolean {
  switch (filter.kind) {
    case "and":
      return filter.parts.every((part) => matches(part, value));
    case "or":
      return filter.parts.some((part) => matches(part, value));
    case "not":
      return !matches(filter.inner, value);
    case "present":
      return partAt(value, filter.path) !== undefined;
    case "compare":
      return compared(partAt(value, filter.path), filter.operator, filter.value);
    case "within":
      throw unreadable("brackets stand in brackets");
  }
}

function partAt(value: Parts, path: string): unknown {
  const found = Object.entries(value).find(([name]) => name.toLowerCase() === path.toLowerCase())?.[1];
  return found ?? undefined;
}

function compared(found: unknown, operator: Operator, wanted: Value): boolean {
  const [one, other] = [folded(found), folded(wanted)];
  switch (operator) {
    case "eq":
      return one === other;
    case "ne":
      return one !== other;
    case "co":
      return one.includes(other);
    case "sw":
      return one.startsWith(other);
    case "ew":
      return one.endsWith(other);
    default:
      throw unreadable("values are not compared by size here");
  }
}

function folded(value: unknown): string {
  return value === undefined || value === null ? "" : String(value).toLowerCase();
}

/** What a value would have to be for a filter of equalities to fit it; null where the filter says anything else. */
export function describedBy(filter: Filter): Map<string, Value> | null {
  if (filter.kind === "compare" && filter.operator === "eq")
    return new Map([[filter.path.toLowerCase(), filter.value]]);
  if (filter.kind !== "and") return null;
  const parts = filter.parts.map(describedBy);
  const found = new Map<string, Value>();
  for (const part of parts) {
    if (part === null) return null;
    for (const [name, value] of part) found.set(name, value);
  }
  return found;
}
