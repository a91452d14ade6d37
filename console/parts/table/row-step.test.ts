import { expect, test } from "vitest";
import { rowStep } from "./row-step.ts";

test.each([
  ["j", -1, 10, 0],
  ["j", 9, 10, 9],
  ["k", 0, 10, 0],
  ["ArrowUp", 5, 10, 4],
  ["PageDown", 2, 100, 17],
  ["PageUp", 2, 100, 0],
  ["Home", 50, 100, 0],
  ["End", 0, 100, 99],
  ["x", 3, 10, null],
  ["j", -1, 0, null],
])("%s from row %i of %i…", (key, active, count, row) => {
  expect(rowStep(key, active, count)).toBe(row);
});
