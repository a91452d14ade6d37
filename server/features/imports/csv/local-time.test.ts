import { expect, test } from "vitest";
import { localTime } from "./local-time.ts";

test.each([
  ["2026-11-22T13:05:00.000Z", "Europe/Berlin", "2026-11-22T14:05:00.000+01:00"],
  ["2026-07-01T22:30:00.250Z", "Europe/Berlin", "2026-07-02T00:30:00.250+02:00"],
  ["2026-11-22T03:05:00.000Z", "America/New_York", "2026-11-21T22:05:00.000-05:00"],
  ["2026-11-22T03:05:00.000Z", "America/St_Johns", "2026-11-21T23:35:00.000-03:30"],
  ["2026-11-22T03:05:00.000Z", "Asia/Kathmandu", "2026-11-22T08:50:00.000+05:45"],
  ["2026-11-22T03:05:00.000Z", "UTC", "2026-11-22T03:05:00.000+00:00"],
  ["2026-10-25T00:30:00.000Z", "Europe/Berlin", "2026-10-25T02:30:00.000+02:00"],
  ["2026-10-25T01:30:00.000Z", "Europe/Berlin", "2026-10-25T02:30:00.000+01:00"],
])("%s in %s is %s, and the same instant", (iso, timeZone, local) => {
  expect(localTime(iso, timeZone)).toBe(local);
  expect(new Date(local).toISOString()).toBe(iso);
});
