import type { AccountDraft, ColumnMapping } from "../../../../contract/import.ts";
import { columnSteps } from "./column-steps.ts";
import { importFault } from "./fault.ts";
import type { ImportDefaults, Normalised } from "./import-defaults.ts";
import { limitTags } from "./limit-values.ts";
import type { Faults } from "./read-cells.ts";
import { readDomain } from "./read-email.ts";
import { joinStreet } from "./read-tags.ts";
import { emptyRow, type RowValues } from "./row-values.ts";

/** Likewise to `contactNormaliser`, for a file of accounts; a missing domain is taken from the website. */
export function accountNormaliser(
  mapping: readonly ColumnMapping[],
  defaults: ImportDefaults,
): (cells: readonly string[]) => Normalised<AccountDraft> {
  const steps = columnSteps(mapping, defaults);
  return (cells) => {
    const values = emptyRow();
    const faults: Faults = [];
    for (const step of steps) step(cells, values, faults);
    const record = accountOf(values, faults);
    if (record.name === null && record.domain === null)
      faults.push(importFault("name-missing", "name", null, null));
    return { record, faults };
  };
}

function accountOf(values: RowValues, faults: Faults): AccountDraft {
  return {
    name: values.name,
    domain: values.domain ?? (values.website === null ? null : readDomain(values.website)),
    phone: values.phones[0] ?? null,
    industry: values.industry,
    owner: values.owner,
    street: joinStreet(values.streets),
    city: values.city,
    region: values.region,
    postalCode: values.postalCode,
    country: values.country,
    countryCode: values.countryCode,
    tags: limitTags(values.tags, faults),
    notes: values.notes.length === 0 ? null : values.notes.join("\n\n"),
    website: values.website,
    externalId: values.externalId,
    custom: values.custom,
  };
}
