import type { CustomFieldTarget, DateOrder, ImportFault } from "../../../../contract/import.ts";
import type { PhoneCountry } from "../../crm/phone/index.ts";

/** What an organization decides for whatever a file leaves open. */
export interface ImportDefaults {
  /** Where a phone number without a calling code is dialled, unless the row names a country. */
  readonly country: PhoneCountry | null;
  readonly dateOrder: DateOrder;
  /** BCP 47; decides the decimal sign. */
  readonly locale: string;
  readonly stages?: readonly Choice[];
  readonly custom?: readonly CustomFieldTarget[];
}

/** A value of a choice, and other words that mean it. */
export interface Choice {
  readonly value: string;
  readonly alsoWritten?: readonly string[];
}

/** A record made from one row; it may be imported unless one of the faults has severity `error`. */
export interface Normalised<Draft> {
  readonly record: Draft;
  readonly faults: readonly ImportFault[];
}

/** The order of day and month that people of a locale write with slashes. */
export function dateOrderOf(locale: string): DateOrder {
  return /[-_](?:US|PH|BZ|FM|GU|PR|MH|PW|VI|AS)\b/i.test(locale) || locale.toLowerCase() === "en"
    ? "mdy"
    : "dmy";
}
