import { expect, test } from "vitest";
import { mannWhitney, median } from "./mann-whitney.ts";

test("agrees with a worked example", () => {
  // Hollander and Wolfe, table 4.1: W = 35 for ten and five; by the normal approximation p is 0.245 with the correction for continuity.
  const x = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
  const y = [1.15, 0.88, 0.9, 0.74, 1.21];
  expect(mannWhitney(x, y).p).toBeCloseTo(0.2446, 3);
  expect(median(x)).toBeCloseTo(1.415);
});

test("sees a shift, and none where there is none", () => {
  const values = Array.from({ length: 200 }, (_, at) => ((at * 7919) % 200) / 10);
  expect(mannWhitney(values, values).p).toBeGreaterThan(0.99);
  expect(
    mannWhitney(
      values.map((value) => value + 3),
      values,
    ).p,
  ).toBeLessThan(1e-4);
  expect(mannWhitney([1, 1, 1], [1, 1, 1])).toMatchObject({ p: expect.closeTo(1, 5), medianDifference: 0 });
});
