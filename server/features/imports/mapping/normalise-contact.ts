import type { ColumnMapping, ContactDraft, PhoneDraft } from "../../../../contract/import.ts";
import { columnSteps } from "./column-steps.ts";
import { importFault } from "./fault.ts";
import type { ImportDefaults, Normalised } from "./import-defaults.ts";
import { atMost, limitTags } from "./limit-values.ts";
import type { Faults } from "./read-cells.ts";
import { joinStreet } from "./read-tags.ts";
import { emptyRow, type RowValues } from "./row-values.ts";
import { splitName } from "./split-name.ts";

/**
 * Prepares the reading of contacts out of the rows of one file; the function it gives takes a row's cells.
 *
 * Nothing is cut or lost in silence: what cannot be used is a fault with the field, the column and the reason in plain
 * words. A row whose record has a fault of severity `error` must not be imported.
 */
export function contactNormaliser(
  mapping: readonly ColumnMapping[],
  defaults: ImportDefaults,
): (cells: readonly string[]) => Normalised<ContactDraft> {
  const steps = columnSteps(mapping, defaults);
  return (cells) => {
    const values = emptyRow();
    const faults: Faults = [];
    for (const step of steps) step(cells, values, faults);
    const record = contactOf(values, faults);
    if (!isKnownBySomething(record)) faults.push(importFault("nothing-to-know-it-by", "email", null, null));
    return { record, faults };
  };
}

function contactOf(values: RowValues, faults: Faults): ContactDraft {
  const { firstName, lastName } = nameOf(values);
  const [email = null, ...otherEmails] = values.emails;
  const phone = mainPhone(values.phones);
  const otherPhones = values.phones.filter((other) => other !== phone);
  return {
    firstName,
    lastName,
    email,
    otherEmails: atMost(otherEmails, "otherEmails", faults),
    phone,
    otherPhones: atMost(otherPhones, "otherPhones", faults),
    title: values.title,
    account: values.account,
    accountDomain: values.accountDomain,
    owner: values.owner,
    stage: values.stage,
    source: values.source,
    street: joinStreet(values.streets),
    city: values.city,
    region: values.region,
    postalCode: values.postalCode,
    country: values.country,
    countryCode: values.countryCode,
    tags: limitTags(values.tags, faults),
    notes: values.notes.length === 0 ? null : values.notes.join("\n\n"),
    website: values.website,
    birthday: values.birthday,
    externalId: values.externalId,
    emailOptOut: values.emailOptOut,
    doNotCall: values.doNotCall,
    custom: values.custom,
  };
}

function nameOf({ firstName, lastName, fullName }: RowValues): {
  firstName: string | null;
  lastName: string | null;
} {
  return firstName === null && lastName === null && fullName !== null
    ? splitName(fullName)
    : { firstName, lastName };
}

/** Numbers that can be dialled go before those that could not be read; nobody answers a fax. */
function mainPhone(phones: readonly PhoneDraft[]): PhoneDraft | null {
  const voices = phones.filter(({ kind }) => kind !== "fax");
  return voices.find(({ e164 }) => e164 !== null) ?? voices[0] ?? null;
}

function isKnownBySomething({ firstName, lastName, email, phone, otherPhones }: ContactDraft): boolean {
  return (
    firstName !== null || lastName !== null || email !== null || phone !== null || otherPhones.length > 0
  );
}
