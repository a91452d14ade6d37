import type { CustomValue, EmailDraft, ImportFault, PhoneDraft } from "../../../../contract/import.ts";
import type { PhoneCountry } from "../../crm/phone/index.ts";

/** The fields that one column fills with one text. */
export const textFields = [
  "firstName",
  "lastName",
  "fullName",
  "title",
  "account",
  "source",
  "city",
  "region",
  "postalCode",
  "country",
  "externalId",
  "name",
  "industry",
] as const;
/** The fields whose text has to be read first. */
const formedFields = ["accountDomain", "domain", "owner", "stage", "website", "birthday"] as const;

export type TextField = (typeof textFields)[number];
export type FormedField = (typeof formedFields)[number];

/** What the columns of one row say, before a contact or an account is made of it. */
export interface RowValues extends Record<TextField | FormedField, string | null> {
  emailOptOut: boolean | null;
  doNotCall: boolean | null;
  countryCode: PhoneCountry | null;
  /** Main ones first. */
  readonly emails: EmailDraft[];
  readonly phones: PhoneDraft[];
  readonly streets: string[];
  readonly notes: string[];
  readonly tags: string[];
  readonly custom: Record<string, CustomValue>;
}

/** Reads the cell of one column into the row's values. */
export type Step = (cells: readonly string[], values: RowValues, faults: ImportFault[]) => void;

/** Written out, so that every row has one hidden class. */
export function emptyRow(): RowValues {
  return {
    firstName: null,
    lastName: null,
    fullName: null,
    title: null,
    account: null,
    source: null,
    city: null,
    region: null,
    postalCode: null,
    country: null,
    externalId: null,
    name: null,
    industry: null,
    accountDomain: null,
    domain: null,
    owner: null,
    stage: null,
    website: null,
    birthday: null,
    emailOptOut: null,
    doNotCall: null,
    countryCode: null,
    emails: [],
    phones: [],
    streets: [],
    notes: [],
    tags: [],
    custom: {},
  };
}
