import fc from "fast-check";
import { getCountries, getExampleNumber, parsePhoneNumberFromString } from "libphonenumber-js/min";
import examples from "libphonenumber-js/examples.mobile.json" with { type: "json" };
import { expect, test } from "vitest";
import { readPhone } from "./read-phone.ts";
import { readPlainPhone } from "./read-plain-phone.ts";

test.each([
  ["+43 664 6312345", "AT", "+436646312345"],
  ["0664 / 63 12 345", "AT", "+436646312345"],
  ["+43 (0)664 6312345", "AT", "+436646312345"],
  ["0043 664 6312345", "AT", "+436646312345"],
  ["43 664 6312345", "AT", "+436646312345"],
  ["tel:+43-664-6312345", "AT", "+436646312345"],
  ["(512) 555-0100", "US", "+15125550100"],
  ["1-512-555-0100", "US", "+15125550100"],
  ["512.555.0100", "US", "+15125550100"],
  ["07400 123456", "GB", "+447400123456"],
  ["Mobil: 0664 6312345", "AT", "+436646312345"],
  ["06 12 34 56 78", "FR", "+33612345678"],
  ["06 1234 5678", "IT", "+390612345678"],
  ["+390612345678", "DE", "+390612345678"],
  ["+49 30 901820", "US", "+4930901820"],
] as const)("%s in %s is %s", (raw, country, e164) => {
  expect(readPhone(raw, country)).toEqual({ e164, extension: null, usual: true });
});

test("an extension is kept apart", () => {
  expect(readPhone("+1 512 555 0100 ext. 42", null)).toEqual({
    e164: "+15125550100",
    extension: "42",
    usual: true,
  });
});

test("a possible number that is not in use is told", () => {
  expect(readPhone("+1 512 155 0100", null)).toEqual({ e164: "+15121550100", extension: null, usual: false });
});

test.each([
  "",
  "n/a",
  "call me",
  "12",
  "+",
  "+999 123456",
  "a".repeat(500),
  "0664 6312345 or 0664 6312346",
  "==1",
])("%j is no phone number", (raw) => {
  expect(readPhone(raw, "AT")).toBeNull();
});

test("without a country only international numbers are read", () => {
  expect(readPhone("0664 6312345", null)).toBeNull();
  expect(readPhone("+436646312345", null)?.e164).toBe("+436646312345");
});

/** The short way must never say anything that the library would not. */
function expectAgreement(raw: string, country: (typeof countries)[number]): boolean {
  const short = readPlainPhone(raw, country);
  if (short === null) return false;
  const long = parsePhoneNumberFromString(raw, { defaultCountry: country, extract: false });
  expect({ raw, country, e164: short, valid: true }).toEqual({
    raw,
    country,
    e164: long?.number,
    valid: long?.isValid(),
  });
  return true;
}

const countries = getCountries();

test("the short way agrees with the library on the example of every country, in every writing", () => {
  let taken = 0;
  for (const country of countries) {
    const number = getExampleNumber(country, examples);
    if (number === undefined) continue;
    for (const raw of [
      number.number,
      number.formatInternational(),
      number.formatNational(),
      number.nationalNumber,
    ]) {
      for (const from of [country, "US", "AT", "IT", "AR", "RU", "CA"] as const) {
        if (expectAgreement(raw, from)) taken++;
      }
    }
  }
  expect(taken).toBeGreaterThan(2000);
});

test("the short way agrees with the library on random digits in every country", () => {
  const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 6, maxLength: 15 });
  const lead = fc.constantFrom(
    "",
    "",
    "0",
    "1",
    "8",
    "9",
    "00",
    "+",
    "+1",
    "+39",
    "+44",
    "+49",
    "+7",
    "+54",
    "+52",
  );
  fc.assert(
    fc.property(fc.constantFrom(...countries), lead, digits, (country, start, rest) => {
      expectAgreement(start + rest, country);
    }),
    { numRuns: 5000 },
  );
});
