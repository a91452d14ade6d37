import type { AnyRecord, Change } from "../../api/records.ts";
import type { FieldSpec } from "./record-spec.ts";

/** A record's values by field key, in the form in which a form edits them: texts are never null, lists never missing. */
export type Draft = Readonly<Record<string, unknown>>;

/** The value that a record has under a key; `custom.` keys reach into the organization's own fields. */
export function valueOf(record: AnyRecord, key: string): unknown {
  if (key.startsWith("custom.")) return record.custom?.[key.slice("custom.".length)] ?? null;
  return (record as unknown as Record<string, unknown>)[key] ?? null; // as: specs name fields of the record
}

/** How a record is called: by its name, else by whatever tells it apart. */
export function nameOf(record: AnyRecord): string {
  if ("name" in record) return record.name;
  const name = `${record.firstName ?? ""} ${record.lastName ?? ""}`.trim();
  return name || record.email || record.phone || "Without a name";
}

/** The draft with which editing begins. */
export function draftOf(record: AnyRecord, fields: readonly FieldSpec[]): Draft {
  return Object.fromEntries(fields.map((field) => [field.key, filled(field, valueOf(record, field.key))]));
}

/** The draft of a record that does not exist yet. */
export function emptyDraft(fields: readonly FieldSpec[]): Draft {
  return Object.fromEntries(
    fields.map((field) => [
      field.key,
      field.kind === "choice" && field.required === true ? (field.options?.[0] ?? "") : filled(field, null),
    ]),
  );
}

/** The keys whose values differ. */
export function changedKeys(base: Draft, now: Draft): string[] {
  return Object.keys(now).filter((key) => !same(base[key], now[key]));
}

/**
 * What to send: only the fields that differ, empty texts as null. The organization's own fields travel as one whole map,
 * since the server replaces it.
 */
export function changeBetween(base: Draft, now: Draft, fields: readonly FieldSpec[]): Change {
  const change: Record<string, unknown> = {};
  const keys = changedKeys(base, now);
  for (const key of keys) {
    if (!key.startsWith("custom."))
      change[key] = sent(
        now[key],
        fields.find((field) => field.key === key),
      );
  }
  if (keys.some((key) => key.startsWith("custom."))) change["custom"] = customMap(now, fields);
  return change;
}

/** Whether two values say the same. */
export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

function customMap(now: Draft, fields: readonly FieldSpec[]): Record<string, unknown> {
  const map: Record<string, unknown> = {};
  for (const field of fields) {
    if (!field.key.startsWith("custom.")) continue;
    const value = sent(now[field.key], field);
    if (value !== null) map[field.key.slice("custom.".length)] = value;
  }
  return map;
}

function filled(field: FieldSpec, value: unknown): unknown {
  if (field.kind === "tags" || field.kind === "addresses" || field.kind === "numbers") return value ?? [];
  if (field.kind === "boolean") return value ?? false;
  return value ?? "";
}

function sent(value: unknown, field: FieldSpec | undefined): unknown {
  if (value === "" || value === undefined) return null;
  if (field?.kind === "number") return Number.isFinite(Number(value)) ? Number(value) : null;
  return typeof value === "string" && field?.kind !== "notes" ? value.trim() : value;
}
