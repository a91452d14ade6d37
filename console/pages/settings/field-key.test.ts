import { expect, test } from "vitest";
import { fieldKey } from "./field-key.ts";

test.each([
  ["Renewal date", "renewal_date"],
  ["Straße & Größe", "stra_e_gro_e"],
  ["2nd phone!", "nd_phone"],
  ["日本語", "field"],
])("names the field %s in the API", (label, key) => {
  expect(fieldKey(label)).toBe(key);
});
