import { expect, test } from "vitest";
import { columnStep } from "./grid-keys.ts";

const columns = ["name", "email", "phone"];

test.each([
  ["ArrowRight", null, "name"],
  ["ArrowRight", "name", "email"],
  ["ArrowRight", "phone", "phone"],
  ["ArrowLeft", "phone", "email"],
  ["ArrowLeft", "name", null],
  ["ArrowLeft", null, null],
  ["ArrowRight", "gone", "name"],
] as const)("%s from %s leads to %s", (key, from, to) => {
  expect(columnStep(key, from, columns)).toBe(to);
});
