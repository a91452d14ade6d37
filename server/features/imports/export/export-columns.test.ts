import { expect, test } from "vitest";
import { decimalSign, readNumber } from "../mapping/index.ts";
import { numberCell } from "./export-columns.ts";

test.each([
  [38.5, "de-DE", "38,5"],
  [38.5, "en-US", "38.5"],
  [-1234567.25, "sv-SE", "-1234567,25"],
  [5.5, "ar-EG", "5.5"],
  [1.234, "de-DE", "1,2340"],
  [1000, "de-CH", "1000"],
])("%d under %s is %s, and reads back as the same under any locale", (value, locale, text) => {
  expect(numberCell(value, locale)).toBe(text);
  for (const other of ["de-DE", "en-US"]) expect(readNumber(text, decimalSign(other))).toBe(value);
});
