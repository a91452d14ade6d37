import { expect, test } from "vitest";
import { decimalInput, readDecimal } from "./decimals.ts";

test.each([
  ["de-DE", 1234.5, "1234,5"],
  ["en-US", 1234.5, "1234.5"],
  ["sv-SE", -0.25, "-0,25"],
  ["ar-EG", 7, "7"],
])("under %s, %d stands as %s, and reads back", (locale, value, text) => {
  expect(decimalInput(locale, value)).toBe(text);
  expect(readDecimal(locale, text)).toBe(value);
});

test.each([
  ["de-DE", "1.234.567,5", 1_234_567.5],
  ["en-US", "1,234,567.5", 1_234_567.5],
  ["fr-FR", "1 234,5", 1234.5],
  ["de-CH", "1’234.5", 1234.5],
  ["en-US", "38,5", null],
  ["de-DE", "38.5", null],
  ["de-DE", "1,2,3", null],
  ["de-DE", "many", null],
  ["de-DE", "", null],
])("under %s, %s means %s", (locale, typed, value) => {
  expect(readDecimal(locale, typed)).toBe(value);
});
