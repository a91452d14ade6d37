import { expect, test } from "vitest";
import { progressOf, remainingText } from "./import-progress.ts";

const startedAt = "2026-03-14T20:00:00.000Z";
const start = Date.parse(startedAt);

test("tells share, rate and what remains", () => {
  const progress = progressOf({ rowsDone: 2_000, rowsTotal: 10_000, startedAt }, start + 4_000);
  expect(progress).toEqual({ share: 0.2, rowsPerSecond: 500, secondsLeft: 16 });
});

test("promises nothing in the first second, nor without a total", () => {
  expect(progressOf({ rowsDone: 10, rowsTotal: 100, startedAt }, start + 200).secondsLeft).toBeNull();
  expect(progressOf({ rowsDone: 10, rowsTotal: null, startedAt }, start + 5_000)).toEqual({
    share: null,
    rowsPerSecond: 2,
    secondsLeft: null,
  });
});

test("never goes beyond the end", () => {
  const progress = progressOf({ rowsDone: 12, rowsTotal: 10, startedAt }, start + 2_000);
  expect(progress.share).toBe(1);
  expect(progress.secondsLeft).toBe(0);
});

test.each([
  [1, "a moment left"],
  [42, "42 seconds left"],
  [70, "about a minute left"],
  [300, "about 5 minutes left"],
])("says %i seconds as people do", (seconds, text) => {
  expect(remainingText(seconds)).toBe(text);
});
