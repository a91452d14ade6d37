import { expect, test } from "vitest";
import { nearestName } from "./index.ts";

test("a near name is found, a far one is not", () => {
  const names = ["start", "doctor", "config explain"];
  expect(nearestName("strat", names)).toBe("start");
  expect(nearestName("doktor", names)).toBe("doctor");
  expect(nearestName("config explian", names)).toBe("config explain");
  expect(nearestName("zebra", names)).toBeNull();
  expect(nearestName("x".repeat(10_000), names)).toBeNull();
});
