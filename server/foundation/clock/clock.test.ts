import { afterEach, expect, test, vi } from "vitest";
import { monotonicMs, now, nowMs } from "./index.ts";

afterEach(() => {
  vi.useRealTimers();
});

test("a test can move the time of the whole product", () => {
  vi.useFakeTimers({ now: Date.UTC(2031, 0, 2, 3, 4, 5, 678) });
  expect(now().toISOString()).toBe("2031-01-02T03:04:05.678Z");
  expect(nowMs()).toBe(now().getTime());
});

test("the monotonic clock never runs backwards", () => {
  let before = monotonicMs();
  for (let step = 0; step < 10_000; step += 1) {
    const after = monotonicMs();
    expect(after).toBeGreaterThanOrEqual(before);
    before = after;
  }
});
