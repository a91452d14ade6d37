import type { AccountDraft, ContactDraft, PhoneDraft } from "../../../../contract/import.ts";

/** A record as its columns want it; null where the row said nothing. */
export type RowValues = Readonly<Record<string, unknown>>;

/** The columns that an import writes, with their SQL types, in the order of the arrays that carry them. */
export const contactColumns = {
  first_name: "text",
  last_name: "text",
  email: "text",
  other_emails: "jsonb",
  phone: "text",
  other_phones: "jsonb",
  title: "text",
  account_id: "uuid",
  owner_id: "uuid",
  stage: "text",
  source: "text",
  street: "text",
  city: "text",
  region: "text",
  postal_code: "text",
  country: "text",
  website: "text",
  birthday: "text",
  tags: "text[]",
  notes: "text",
  do_not_call: "boolean",
  email_opt_out: "boolean",
  external_id: "text",
  custom: "jsonb",
} as const;

export const accountColumns = {
  name: "text",
  domain: "text",
  phone: "text",
  website: "text",
  industry: "text",
  owner_id: "uuid",
  street: "text",
  city: "text",
  region: "text",
  postal_code: "text",
  country: "text",
  tags: "text[]",
  notes: "text",
  external_id: "text",
  custom: "jsonb",
} as const;

const written = (phone: PhoneDraft | null): string | null =>
  phone === null
    ? null
    : phone.extension === null || phone.e164 === null
      ? (phone.e164 ?? phone.raw)
      : `${phone.e164} ext. ${phone.extension}`;

/** What a contact's row says, by column; the account and the owner were found before. */
export function contactRow(draft: ContactDraft, accountId: string | null, ownerId: string | null): RowValues {
  const emails = draft.otherEmails.map(({ match, kind }) => ({ kind: kind ?? "other", address: match }));
  const phones = draft.otherPhones.map((phone) => ({ kind: phone.kind ?? "other", number: written(phone) }));
  return {
    first_name: draft.firstName,
    last_name: draft.lastName,
    email: draft.email?.match ?? null,
    other_emails: emails.length === 0 ? null : JSON.stringify(emails),
    phone: written(draft.phone),
    other_phones: phones.length === 0 ? null : JSON.stringify(phones),
    title: draft.title,
    account_id: accountId,
    owner_id: ownerId,
    stage: draft.stage,
    source: draft.source,
    street: draft.street,
    city: draft.city,
    region: draft.region,
    postal_code: draft.postalCode,
    country: draft.country,
    website: draft.website,
    birthday: draft.birthday,
    tags: arrayText(draft.tags),
    notes: draft.notes,
    do_not_call: draft.doNotCall,
    email_opt_out: draft.emailOptOut,
    external_id: draft.externalId?.toLowerCase() ?? null,
    custom: mapText(draft.custom),
  };
}

/** What an account's row says, by column. */
export function accountRow(draft: AccountDraft, ownerId: string | null): RowValues {
  return {
    name: draft.name ?? draft.domain,
    domain: draft.domain?.toLowerCase() ?? null,
    phone: written(draft.phone),
    website: draft.website,
    industry: draft.industry,
    owner_id: ownerId,
    street: draft.street,
    city: draft.city,
    region: draft.region,
    postal_code: draft.postalCode,
    country: draft.country,
    tags: arrayText(draft.tags),
    notes: draft.notes,
    external_id: draft.externalId?.toLowerCase() ?? null,
    custom: mapText(draft.custom),
  };
}

/** A PostgreSQL array literal: arrays of different lengths cannot be unnested as one array. */
function arrayText(values: readonly string[]): string | null {
  if (values.length === 0) return null;
  return `{${values.map((value) => `"${value.replace(/[\\"]/g, "\\$&")}"`).join(",")}}`;
}

function mapText(values: Readonly<Record<string, unknown>>): string | null {
  return Object.keys(values).length === 0 ? null : JSON.stringify(values);
}
