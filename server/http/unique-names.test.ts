import fc from "fast-check";
import { expect, test } from "vitest";
import { hasUniqueNames } from "./unique-names.ts";

const holds = (text: string): boolean => hasUniqueNames(text, JSON.parse(text));

test.each([
  '{"a":1,"a":2}',
  '{"a":1,"\\u0061":2}',
  '[{"x":{"b":[],"c":0,"b":[]}}]',
  '{"a":{"n":1},"a":{"n":2}}',
  '{"":1,"":2}',
])("%s names something twice", (text) => expect(holds(text)).toBe(false));

test.each([
  "null",
  '":"',
  "[]",
  '{"a":":\\"","b":{"a":"\\\\"},"c":[":",{"a":1}]}',
  '{"\\\\":1,"\\"":2,":":3}',
  '{"__proto__":1,"1":2,"0":3}',
])("%s does not", (text) => expect(holds(text)).toBe(true));

test("no JSON that was written from a value does", () => {
  fc.assert(fc.property(fc.json(), (text) => holds(text)));
});

test("an object with a member said again always does", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (dictionary) => {
      const members = Object.entries(dictionary).map(
        ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
      );
      return !holds(`{${[...members, members[0]].join(",")}}`);
    }),
  );
});
