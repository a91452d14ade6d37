import type { Kind } from "../../api/records.ts";

export type FieldKind =
  | "text"
  | "email"
  | "phone"
  | "url"
  | "notes"
  | "date"
  | "number"
  | "boolean"
  | "choice"
  | "owner"
  | "account"
  | "tags"
  | "addresses"
  | "numbers";

export interface FieldSpec {
  /** The field's name on the wire; fields of the organization's own stand under `custom.`. */
  readonly key: string;
  readonly label: string;
  readonly kind: FieldKind;
  readonly group: string;
  readonly required?: boolean;
  readonly wide?: boolean;
  readonly options?: readonly string[];
}

export interface RecordSpec {
  readonly kind: Kind;
  /** The name in permissions and in the audit trail. */
  readonly resource: "contact" | "account";
  readonly one: string;
  readonly many: string;
  readonly fields: readonly FieldSpec[];
}

export const stages = ["lead", "open", "customer", "former"] as const;

const place: readonly FieldSpec[] = [
  { key: "street", label: "Street", kind: "text", group: "Address", wide: true },
  { key: "postalCode", label: "Postal code", kind: "text", group: "Address" },
  { key: "city", label: "City", kind: "text", group: "Address" },
  { key: "region", label: "Region", kind: "text", group: "Address" },
  { key: "country", label: "Country", kind: "text", group: "Address" },
];

const rest: readonly FieldSpec[] = [
  { key: "tags", label: "Tags", kind: "tags", group: "More", wide: true },
  { key: "notes", label: "Notes", kind: "notes", group: "More", wide: true },
];

export const contactSpec: RecordSpec = {
  kind: "contacts",
  resource: "contact",
  one: "contact",
  many: "contacts",
  fields: [
    { key: "firstName", label: "First name", kind: "text", group: "Person" },
    { key: "lastName", label: "Last name", kind: "text", group: "Person" },
    { key: "title", label: "Job title", kind: "text", group: "Person" },
    { key: "accountId", label: "Account", kind: "account", group: "Person" },
    { key: "email", label: "E-mail", kind: "email", group: "Reach" },
    { key: "phone", label: "Phone", kind: "phone", group: "Reach" },
    { key: "otherEmails", label: "Other e-mails", kind: "addresses", group: "Reach", wide: true },
    { key: "otherPhones", label: "Other phones", kind: "numbers", group: "Reach", wide: true },
    { key: "website", label: "Website", kind: "url", group: "Reach" },
    { key: "emailOptOut", label: "Opted out of e-mail", kind: "boolean", group: "Reach" },
    { key: "doNotCall", label: "Do not call", kind: "boolean", group: "Reach" },
    { key: "stage", label: "Stage", kind: "choice", group: "Sales", required: true, options: stages },
    { key: "ownerId", label: "Owner", kind: "owner", group: "Sales" },
    { key: "source", label: "Source", kind: "text", group: "Sales" },
    { key: "birthday", label: "Birthday", kind: "date", group: "More" },
    ...place,
    ...rest,
  ],
};

export const accountSpec: RecordSpec = {
  kind: "accounts",
  resource: "account",
  one: "account",
  many: "accounts",
  fields: [
    { key: "name", label: "Name", kind: "text", group: "Company", required: true, wide: true },
    { key: "domain", label: "Domain", kind: "text", group: "Company" },
    { key: "industry", label: "Industry", kind: "text", group: "Company" },
    { key: "phone", label: "Phone", kind: "phone", group: "Company" },
    { key: "website", label: "Website", kind: "url", group: "Company" },
    { key: "ownerId", label: "Owner", kind: "owner", group: "Sales" },
    ...place,
    ...rest,
  ],
};
