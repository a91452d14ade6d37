import { expect, test } from "vitest";
import { encodeValue } from "./encode-value.ts";
import { parseArray } from "./parse-array.ts";

test("an array is one literal, whatever its texts hold", () => {
  expect(
    encodeValue(["plain", 'says "so"', "back\\slash", "a,b", "{}", "", "NULL", "line\nbreak", "Zoë"]),
  ).toBe(`{"plain","says \\"so\\"","back\\\\slash","a,b","{}","","NULL","line\nbreak","Zoë"}`);
});

test("an array's other elements keep their own form", () => {
  expect(encodeValue([null, undefined, 1, 2n, true, ["x", null], new Uint8Array([1, 255])])).toBe(
    `{NULL,NULL,1,"2","true",{"x",NULL},"\\\\x01ff"}`,
  );
  expect(encodeValue([])).toBe("{}");
});

test("what PostgreSQL would read from it are the same texts", () => {
  const texts = ['"', "\\", '\\"', '""', "\\\\", 'a\\"b', null, "NULL"];
  expect(parseArray(String(encodeValue(texts)), (text) => text)).toEqual(texts);
});
