/** What a column of an imported file may become; shared by the import's mapping screen and the server. */

export type ImportFieldType =
  | "text"
  | "longText"
  | "email"
  | "phone"
  | "choice"
  | "date"
  | "yesNo"
  | "tags"
  | "url"
  | "domain"
  | "person";

export interface ImportField {
  readonly label: string;
  readonly type: ImportFieldType;
  /** In characters; a longer value is a fault, never cut. */
  readonly charsMax: number;
  /** Several columns may feed this field. */
  readonly many?: true;
}

/** The fields of a contact that an import can fill; `person` is named by e-mail address. */
export const contactImportFields = {
  firstName: { label: "First name", type: "text", charsMax: 200 },
  lastName: { label: "Last name", type: "text", charsMax: 200 },
  fullName: { label: "Full name (split into first and last)", type: "text", charsMax: 400 },
  email: { label: "E-mail", type: "email", charsMax: 254 },
  otherEmails: { label: "Other e-mail", type: "email", charsMax: 254, many: true },
  phone: { label: "Phone", type: "phone", charsMax: 100 },
  otherPhones: { label: "Other phone", type: "phone", charsMax: 100, many: true },
  title: { label: "Job title", type: "text", charsMax: 200 },
  account: { label: "Account", type: "text", charsMax: 300 },
  accountDomain: { label: "Account domain", type: "domain", charsMax: 253 },
  owner: { label: "Owner (e-mail)", type: "person", charsMax: 254 },
  stage: { label: "Stage", type: "choice", charsMax: 100 },
  source: { label: "Source", type: "text", charsMax: 200 },
  street: { label: "Street", type: "longText", charsMax: 500, many: true },
  city: { label: "City", type: "text", charsMax: 200 },
  region: { label: "State or region", type: "text", charsMax: 200 },
  postalCode: { label: "Postal code", type: "text", charsMax: 30 },
  country: { label: "Country", type: "text", charsMax: 100 },
  tags: { label: "Tags", type: "tags", charsMax: 2000, many: true },
  notes: { label: "Notes", type: "longText", charsMax: 20_000, many: true },
  website: { label: "Website", type: "url", charsMax: 2000 },
  birthday: { label: "Birthday", type: "date", charsMax: 40 },
  externalId: { label: "Id in the other system", type: "text", charsMax: 200 },
  emailOptOut: { label: "No e-mail (opted out)", type: "yesNo", charsMax: 100 },
  doNotCall: { label: "Do not call", type: "yesNo", charsMax: 100 },
} as const satisfies Record<string, ImportField>;

/** The fields of an account that an import can fill. */
export const accountImportFields = {
  name: { label: "Name", type: "text", charsMax: 300 },
  domain: { label: "Domain", type: "domain", charsMax: 253 },
  phone: { label: "Phone", type: "phone", charsMax: 100 },
  industry: { label: "Industry", type: "text", charsMax: 200 },
  street: { label: "Street", type: "longText", charsMax: 500, many: true },
  city: { label: "City", type: "text", charsMax: 200 },
  region: { label: "State or region", type: "text", charsMax: 200 },
  postalCode: { label: "Postal code", type: "text", charsMax: 30 },
  country: { label: "Country", type: "text", charsMax: 100 },
  owner: { label: "Owner (e-mail)", type: "person", charsMax: 254 },
  tags: { label: "Tags", type: "tags", charsMax: 2000, many: true },
  notes: { label: "Notes", type: "longText", charsMax: 20_000, many: true },
  website: { label: "Website", type: "url", charsMax: 2000 },
  externalId: { label: "Id in the other system", type: "text", charsMax: 200 },
} as const satisfies Record<string, ImportField>;

export type ContactImportField = keyof typeof contactImportFields;
export type AccountImportField = keyof typeof accountImportFields;
/** A field that the organization declared itself, by its key. */
export type CustomImportField = `custom:${string}`;

/** A custom field as the mapping needs to know it. */
export interface CustomFieldTarget {
  readonly key: string;
  readonly label: string;
  readonly type: "text" | "number" | "date" | "boolean" | "choice";
  readonly choices?: readonly string[];
}

export const emailKinds = ["work", "home", "other"] as const;
export const phoneKinds = ["work", "mobile", "home", "main", "fax", "other"] as const;
export type EmailKind = (typeof emailKinds)[number];
export type PhoneKind = (typeof phoneKinds)[number];

/** Where one column goes; as suggested by the server and confirmed, or changed, by a person. */
export interface ColumnMapping<
  Field extends string = ContactImportField | AccountImportField | CustomImportField,
> {
  /** From 0. */
  readonly column: number;
  /** Null: the column is left out. */
  readonly field: Field | null;
  /** Of an e-mail address or phone number in this column. */
  readonly kind?: EmailKind | PhoneKind;
  /** The column that holds the kind, row by row ("E-mail 1 - Type"); goes before `kind`. */
  readonly kindColumn?: number;
  /** 0 to 1: how sure the suggestion is. */
  readonly confidence: number;
}

/** The order of day and month in dates that do not begin with the year. */
export type DateOrder = "dmy" | "mdy";

/** What is odd about a value. With severity `error` the row is not imported; a `warning` says what was done instead. */
export interface ImportFault {
  readonly field: string;
  /** From 0; null when no single column is at fault. */
  readonly column: number | null;
  readonly code: ImportFaultCode;
  readonly severity: "error" | "warning";
  readonly reason: string;
  readonly value: string | null;
}

/** Every fault of a value, in plain words; keys never change. */
export const importFaults = {
  "nothing-to-know-it-by": {
    severity: "error",
    reason: "The row has no name, e-mail address or phone number.",
  },
  "name-missing": { severity: "error", reason: "The row has no name and no domain." },
  "email-not-valid": { severity: "error", reason: "This is not an e-mail address." },
  "other-email-not-valid": { severity: "warning", reason: "This is not an e-mail address; it was left out." },
  "owner-not-valid": { severity: "warning", reason: "The owner must be an e-mail address; it was left out." },
  "phone-not-read": {
    severity: "warning",
    reason: "This could not be read as a phone number; it was kept as text.",
  },
  "phone-unusual": {
    severity: "warning",
    reason: "No number like this is in use in that country; check it.",
  },
  "choice-not-known": { severity: "warning", reason: "This is not one of the choices; it was left out." },
  "date-not-read": { severity: "warning", reason: "This could not be read as a date; it was left out." },
  "number-not-read": { severity: "warning", reason: "This could not be read as a number; it was left out." },
  "yes-no-not-read": { severity: "warning", reason: "This could not be read as yes or no; it was left out." },
  "opt-out-not-read": {
    severity: "warning",
    reason: "This could not be read as yes or no; to be safe, it was taken as yes.",
  },
  "url-not-valid": { severity: "warning", reason: "This is not a web address; it was left out." },
  "domain-not-valid": { severity: "warning", reason: "This is not a domain; it was left out." },
  "too-long": { severity: "error", reason: "This is longer than the field may be." },
  "too-many": {
    severity: "warning",
    reason: "There are more values than the field holds; the rest was left out.",
  },
  "control-characters": { severity: "warning", reason: "Characters that cannot be shown were taken out." },
} as const satisfies Record<string, { readonly severity: "error" | "warning"; readonly reason: string }>;

export type ImportFaultCode = keyof typeof importFaults;

export interface EmailDraft {
  readonly address: string;
  /** In lower case, with an ASCII domain: equal for addresses that reach the same mailbox in practice. */
  readonly match: string;
  readonly kind: EmailKind | null;
}

export interface PhoneDraft {
  /** E.164, or null when the number could not be read; then `raw` is all there is. */
  readonly e164: string | null;
  readonly extension: string | null;
  readonly raw: string;
  readonly kind: PhoneKind | null;
}

export interface AddressDraft {
  readonly street: string | null;
  readonly city: string | null;
  readonly region: string | null;
  readonly postalCode: string | null;
  /** As written. */
  readonly country: string | null;
  /** ISO 3166, two letters, where the country was understood. */
  readonly countryCode: string | null;
}

export type CustomValue = string | number | boolean;

/** A contact as a row of a file gives it; null and empty mean that the row says nothing, never that a value is deleted. */
export interface ContactDraft extends AddressDraft {
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly email: EmailDraft | null;
  readonly otherEmails: readonly EmailDraft[];
  readonly phone: PhoneDraft | null;
  readonly otherPhones: readonly PhoneDraft[];
  readonly title: string | null;
  readonly account: string | null;
  readonly accountDomain: string | null;
  /** E-mail address in lower case. */
  readonly owner: string | null;
  readonly stage: string | null;
  readonly source: string | null;
  readonly tags: readonly string[];
  readonly notes: string | null;
  readonly website: string | null;
  /** YYYY-MM-DD, or --MM-DD when the year is not known. */
  readonly birthday: string | null;
  readonly externalId: string | null;
  readonly emailOptOut: boolean | null;
  readonly doNotCall: boolean | null;
  readonly custom: Readonly<Record<string, CustomValue>>;
}

/** An account as a row of a file gives it. */
export interface AccountDraft extends AddressDraft {
  readonly name: string | null;
  readonly domain: string | null;
  readonly phone: PhoneDraft | null;
  readonly industry: string | null;
  readonly owner: string | null;
  readonly tags: readonly string[];
  readonly notes: string | null;
  readonly website: string | null;
  readonly externalId: string | null;
  readonly custom: Readonly<Record<string, CustomValue>>;
}
