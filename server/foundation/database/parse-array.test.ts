import { describe, expect, test } from "vitest";
import { parseArray } from "./parse-array.ts";

const read = (text: string): unknown => parseArray(text, (element) => element);

describe("an array", () => {
  test.each<[string, unknown]>([
    ["{}", []],
    ['{a,NULL,"NULL",""}', ["a", null, "NULL", ""]],
    ['{"a,b","c\\"d","e\\\\f","{g}"}', ["a,b", 'c"d', "e\\f", "{g}"]],
    [
      "{{1,2},{3,4}}",
      [
        ["1", "2"],
        ["3", "4"],
      ],
    ],
    [
      "[0:1][-1:0]={{a,b},{c,d}}",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
  ])("%s", (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test.each(["", "a", "{", "{a", '{"a', "{a}b", "{a}{b}", '{"a"b}', "{{a}"])(
    "is refused when it is cut or garbled: %j",
    (text) => {
      expect(() => read(text)).toThrow("cannot be read");
    },
  );
});
