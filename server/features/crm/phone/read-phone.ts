import { isSupportedCountry, parsePhoneNumberFromString, type CountryCode } from "libphonenumber-js/min";
import { readPlainPhone } from "./read-plain-phone.ts";

/** ISO 3166, two letters. */
export type PhoneCountry = CountryCode;

/** A phone number as it can be dialled from anywhere. */
export interface PhoneReading {
  /** `+`, calling code and national number, without any separator (ITU-T E.164). */
  readonly e164: string;
  readonly extension: string | null;
  /** False when no number of this form is in use in its country: it may be mistyped, or newer than our tables. */
  readonly usual: boolean;
}

/** True for the ISO 3166 codes (two capital letters) whose numbering plan is known. */
export function hasNumberingPlan(country: string): country is PhoneCountry {
  return isSupportedCountry(country);
}

/**
 * Reads a number as people write it; one without a calling code is taken as dialled inside `country`, if that is given.
 *
 * Null when it cannot be a phone number. Plain numbers take a short way that gives what the library would.
 */
export function readPhone(raw: string, country: PhoneCountry | null): PhoneReading | null {
  const plain = readPlainPhone(raw, country);
  if (plain !== null) return { e164: plain, extension: null, usual: true };
  const bare = raw.replace(label, "");
  const parsed = parsePhoneNumberFromString(bare, {
    ...(country !== null && { defaultCountry: country }),
    extract: false,
  });
  if (parsed === undefined || !parsed.isPossible()) return null;
  return { e164: parsed.number, extension: parsed.ext ?? null, usual: parsed.isValid() };
}

/** "tel:+43…" of vCards and web pages, "Mobil: 0664…" of people. */
const label = /^\s*(?:tel|telefon|phone|mobile?|mob|cell|fax|[tmpf])\b[.:\s]*/i;
