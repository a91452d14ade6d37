import type {
  AccountImportField,
  ColumnMapping,
  ContactImportField,
  CustomFieldTarget,
  EmailKind,
  PhoneKind,
} from "../../../../contract/import.ts";
import { type CellValue, localTime } from "../csv/index.ts";
import { decimalSign } from "../mapping/index.ts";

type Row = Readonly<Record<string, unknown>>;

/** What the cells of one organization look like. */
export interface Manner {
  readonly locale: string;
  readonly timeZone: string;
  /** Member → e-mail address. */
  readonly owners: ReadonlyMap<string, string>;
  readonly custom: readonly CustomFieldTarget[];
}

/** One column of an export, and what an import takes it for. */
export interface ExportColumn {
  readonly header: string;
  readonly field: ContactImportField | AccountImportField | null;
  readonly kind?: EmailKind | PhoneKind;
  readonly cell: (row: Row, manner: Manner) => CellValue;
}

/** The header by which an import knows a file of ours: such a file is read without guessing. */
export const ownHeader = "Ringfence id";

const text = (
  header: string,
  field: ContactImportField & AccountImportField,
  name: string = field,
): ExportColumn => ({
  header,
  field,
  cell: (row) => plainValue(row[name]),
});
const of = (
  header: string,
  field: ContactImportField | AccountImportField,
  name: string = field,
): ExportColumn => ({
  header,
  field,
  cell: (row) => plainValue(row[name]),
});
const yesNo = (header: string, field: ContactImportField): ExportColumn => ({
  header,
  field,
  cell: (row) => (row[field] === true ? "yes" : "no"),
});
const moment = (header: string, name: string): ExportColumn => ({
  header,
  field: null,
  cell: (row, { timeZone }) => (typeof row[name] === "string" ? localTime(row[name], timeZone) : null),
});
const owner: ExportColumn = {
  header: "Owner",
  field: "owner",
  cell: ({ ownerId }, { owners }) => owners.get(String(ownerId)) ?? null,
};
const tags: ExportColumn = { header: "Tags", field: "tags", cell: (row) => listOf(row["tags"]).join("; ") };

/** A column for each kind; what has a kind of its own stands under `other`. */
const reach = (
  field: "otherEmails" | "otherPhones",
  value: string,
  headers: Readonly<Partial<Record<EmailKind | PhoneKind, string>>>,
): ExportColumn[] =>
  // The keys of `headers` are kinds by their type, which Object.entries forgets.
  (Object.entries(headers) as [EmailKind | PhoneKind, string][]).map(([kind, header]) => ({
    header,
    field,
    kind,
    cell: (row) =>
      listOf(row[field])
        // Lists of {kind, address} or {kind, number}, as the resource declares them.
        .map((entry) => entry as Row)
        .filter((entry) => (String(entry["kind"]) in headers ? String(entry["kind"]) : "other") === kind)
        .map((entry) => String(entry[value]))
        .join("; "),
  }));

const place = [
  text("Street", "street"),
  text("City", "city"),
  text("Region", "region"),
  text("Postal code", "postalCode"),
  text("Country", "country"),
];
const last = [
  moment("Created", "createdAt"),
  moment("Updated", "updatedAt"),
  moment("Archived", "archivedAt"),
  { header: ownHeader, field: null, cell: (row: Row) => plainValue(row["id"]) },
];

const contactColumns: readonly ExportColumn[] = [
  of("First name", "firstName"),
  of("Last name", "lastName"),
  of("E-mail", "email"),
  ...reach("otherEmails", "address", { work: "Work e-mail", home: "Home e-mail", other: "Other e-mail" }),
  text("Phone", "phone"),
  ...reach("otherPhones", "number", {
    work: "Work phone",
    mobile: "Mobile phone",
    home: "Home phone",
    main: "Main phone",
    fax: "Fax",
    other: "Other phone",
  }),
  of("Job title", "title"),
  of("Account", "account", "accountName"),
  owner,
  of("Stage", "stage"),
  of("Source", "source"),
  ...place,
  text("Website", "website"),
  of("Birthday", "birthday"),
  tags,
  text("Notes", "notes"),
  yesNo("Do not call", "doNotCall"),
  yesNo("Opted out of e-mail", "emailOptOut"),
  text("External id", "externalId"),
];

const accountColumns: readonly ExportColumn[] = [
  of("Name", "name"),
  of("Domain", "domain"),
  text("Phone", "phone"),
  text("Website", "website"),
  of("Industry", "industry"),
  owner,
  ...place,
  tags,
  text("Notes", "notes"),
  text("External id", "externalId"),
];

/** Every column of an export: the fields, those that the organization declared, and when the record was made and changed. */
export function exportColumns(
  kind: "contact" | "account",
  custom: readonly CustomFieldTarget[],
): ExportColumn[] {
  const own = custom.map(({ key, label }): ExportColumn => ({
    header: label,
    field: null,
    cell: (row, manner) => ownCell(row, key, manner),
  }));
  return [...(kind === "contact" ? contactColumns : accountColumns), ...own, ...last];
}

/** The mapping of a file that was exported here; null for any other. Declared fields are known by their label, after the rest. */
export function mappingOfExport(
  headers: readonly string[],
  kind: "contact" | "account",
  custom: readonly CustomFieldTarget[],
): ColumnMapping[] | null {
  if (!headers.includes(ownHeader)) return null;
  const known = new Map(
    (kind === "contact" ? contactColumns : accountColumns).map((column) => [column.header, column]),
  );
  const taken = new Set<string>();
  return headers.map((header, column): ColumnMapping => {
    const found = taken.has(header) ? undefined : known.get(header);
    taken.add(header);
    if (found !== undefined) {
      return {
        column,
        field: found.field,
        ...(found.kind === undefined ? {} : { kind: found.kind }),
        confidence: 1,
      };
    }
    const own = custom.find(({ label }) => label === header);
    return { column, field: own === undefined ? null : `custom:${own.key}`, confidence: 1 };
  });
}

function ownCell(row: Row, key: string, { locale }: Manner): CellValue {
  // The resource declares a map of values.
  const value = (row["custom"] as Row | null)?.[key];
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return numberCell(value, locale);
  return plainValue(value);
}

function plainValue(value: unknown): CellValue {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/**
 * A number with the locale's decimal sign and nothing else of it: no groups, no digits of other scripts, a plain minus.
 *
 * Three decimals get a fourth, since an import under another locale could take `1,234` for a thousand and more.
 */
export function numberCell(value: number, locale: string): string {
  const [whole = "", decimals] = plainNumber.format(value).split(".");
  if (decimals === undefined) return whole;
  return `${whole}${decimalSign(locale)}${decimals.length === 3 ? `${decimals}0` : decimals}`;
}

const plainNumber = new Intl.NumberFormat("en-US", { useGrouping: false, maximumFractionDigits: 20 });
