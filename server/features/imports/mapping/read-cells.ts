import {
  accountImportFields,
  contactImportFields,
  type EmailDraft,
  type EmailKind,
  type ImportFault,
  type ImportFaultCode,
  type ImportField,
  type PhoneDraft,
  type PhoneKind,
} from "../../../../contract/import.ts";
import { readPhone, type PhoneCountry } from "../../crm/phone/index.ts";
import { cleanLine, cleanLines } from "./clean-text.ts";
import { importFault } from "./fault.ts";
import { readEmail, splitEmails } from "./read-email.ts";

/** Where a value stands, for the faults that it may have. */
export interface Place {
  readonly field: string;
  readonly column: number;
}

export type Faults = ImportFault[];

const fields: Readonly<Record<string, ImportField>> = { ...accountImportFields, ...contactImportFields };
const customCharsMax = 5000;
/** Of a cell with several addresses or numbers; each of them has its own limit. */
const listCharsMax = 10_000;
const noValue = /^(?:-+|\.|\?|n\/?a|#n\/a|null|none|nil|unknown|unbekannt|kein[es]?|k\.\s?a\.)$/i;

/** The text of a cell, or null when it is empty or cannot be kept; oddities go to `faults`. */
export function textOf(cell: string, place: Place, faults: Faults): string | null {
  if (cell === "") return null;
  const field = fields[place.field];
  const { text, damaged } = field?.type === "longText" ? cleanLines(cell) : cleanLine(cell);
  if (damaged) fault(faults, "control-characters", place, text);
  if (text.length <= charsMaxOf(field)) return text === "" ? null : text;
  fault(faults, "too-long", place, text);
  return null;
}

function charsMaxOf(field: ImportField | undefined): number {
  if (field?.type === "email" || field?.type === "phone") return listCharsMax;
  return field?.charsMax ?? customCharsMax;
}

/** Likewise, for values with a form of their own, where "n/a" and its like mean that there is none. */
export function formedTextOf(cell: string, place: Place, faults: Faults): string | null {
  const text = textOf(cell, place, faults);
  return text === null || noValue.test(text) ? null : text;
}

/** Every address of a cell; the first one of the main e-mail column must be good, others are left out with a warning. */
export function emailsOf(cell: string, kind: EmailKind | null, place: Place, faults: Faults): EmailDraft[] {
  const text = formedTextOf(cell, place, faults);
  if (text === null) return [];
  const drafts: EmailDraft[] = [];
  for (const [index, part] of splitEmails(text).entries()) {
    const read = readEmail(part);
    if (read !== null) drafts.push({ address: read.address, match: read.match, kind });
    else
      fault(
        faults,
        index === 0 && place.field === "email" ? "email-not-valid" : "other-email-not-valid",
        place,
        part,
      );
  }
  return drafts;
}

/** Every number of a cell; what cannot be read is kept as it was written. */
export function phonesOf(
  cell: string,
  kind: PhoneKind | null,
  country: PhoneCountry | null,
  place: Place,
  faults: Faults,
): PhoneDraft[] {
  const text = formedTextOf(cell, place, faults);
  if (text === null) return [];
  const parts = text.includes(":::") || text.includes(";") ? text.split(/\s*(?::::|;)\s*/) : [text];
  return parts.flatMap((raw) => (raw === "" ? [] : phoneOf(raw, kind, country, place, faults)));
}

function phoneOf(
  raw: string,
  kind: PhoneKind | null,
  country: PhoneCountry | null,
  place: Place,
  faults: Faults,
): PhoneDraft[] {
  if (raw.length > contactImportFields.phone.charsMax) {
    fault(faults, "too-long", place, raw);
    return [];
  }
  const read = readPhone(raw, country);
  if (read === null) fault(faults, "phone-not-read", place, raw);
  else if (!read.usual) fault(faults, "phone-unusual", place, raw);
  return [{ e164: read?.e164 ?? null, extension: read?.extension ?? null, raw, kind }];
}

/** A value read by `read`, or null with a warning when it gives none. */
export function formedOf<T>(
  cell: string,
  read: (text: string) => T | null,
  code: ImportFaultCode,
  place: Place,
  faults: Faults,
): T | null {
  const text = formedTextOf(cell, place, faults);
  if (text === null) return null;
  const value = read(text);
  if (value === null) fault(faults, code, place, text);
  return value;
}

/** Notes a fault of the value at `place`. */
export function fault(faults: Faults, code: ImportFaultCode, place: Place, value: string): void {
  faults.push(importFault(code, place.field, place.column, value));
}
