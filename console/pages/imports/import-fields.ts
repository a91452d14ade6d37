import { accountImportFields, contactImportFields, type ImportField } from "../../../contract/import.ts";
import type { ColumnMapping } from "../../api/imports.ts";
import type { CustomField } from "../../api/organization.ts";

interface Target {
  readonly value: string;
  readonly label: string;
}

/** What a column may become: the declared fields and the organization's own, with "leave out" first. */
export function importTargets(resource: "contact" | "account", own: readonly CustomField[]): Target[] {
  const declared = resource === "contact" ? contactImportFields : accountImportFields;
  return [
    { value: "", label: "Leave out" },
    ...Object.entries(declared).map(([value, { label }]) => ({ value, label })),
    ...own
      .filter((field) => field.of === resource)
      .map((field) => ({ value: `custom:${field.key}`, label: field.label })),
  ];
}

/** Fields that more than one column feeds although they hold one value; the server would refuse such a mapping. */
export function doubledFields(resource: "contact" | "account", mapping: readonly ColumnMapping[]): string[] {
  const declared: Readonly<Record<string, ImportField>> =
    resource === "contact" ? contactImportFields : accountImportFields;
  const used = mapping.map((one) => one.field).filter((field) => field !== null);
  const doubled = used.filter((field, at) => used.indexOf(field) !== at && declared[field]?.many !== true);
  return [...new Set(doubled)];
}

/** The mapping after one column was given another field; what belonged to the old field goes with it. */
export function remapped(mapping: readonly ColumnMapping[], column: number, field: string): ColumnMapping[] {
  return mapping.map((one) =>
    one.column === column ? { column, field: field === "" ? null : field, confidence: 1 } : one,
  );
}
