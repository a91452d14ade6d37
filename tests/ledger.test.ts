import { expect, test } from "vitest";
import { promises } from "../contract/promises.ts";
import { proves as vow } from "./proves.ts";

test("each promise has the id of a chapter and a number, and says something", () => {
  expect(promises.size).toBeGreaterThan(100);
  for (const [id, { says }] of promises) {
    expect(id).toMatch(/^[A-Z]{2,5}-[1-9]\d?$/);
    expect(says).toMatch(/^[A-Z].{20,}\.$/);
  }
});

test("a promise that does not exist cannot be proven", () => {
  // @ts-expect-error: the compiler refuses such an id too
  expect(() => vow("ISO-0")).toThrow("no such promise: ISO-0");
});
