import { expect, test } from "vitest";
import { dayInFigures, nextDay, plainDayText, readDay, startOfDay } from "./plain-days.ts";

test.each([
  ["de-DE", "14.03.2026", "14.03.2026"],
  ["en-US", "03/14/2026", "Mar 14, 2026"],
  ["en-GB", "14/03/2026", "14 Mar 2026"],
])("a day under %s is %s in figures, and reads back", (locale, typed, text) => {
  expect(dayInFigures(locale, "2026-03-14")).toBe(typed);
  expect(readDay(locale, typed)).toBe("2026-03-14");
  expect(plainDayText(locale, "2026-03-14")).toBe(text);
});

test.each([
  ["de-DE", "1.2.2026", "2026-02-01"],
  ["en-US", "1/2/2026", "2026-01-02"],
  ["ko-KR", "2026. 3. 14.", "2026-03-14"],
  ["de-DE", "2026-03-14", "2026-03-14"],
  ["de-DE", "31.02.2026", null],
  ["de-DE", "03/14/2026", null],
  ["de-DE", "1.2.26", null],
  ["de-DE", "soon", null],
])("under %s, %s means %s", (locale, typed, day) => {
  expect(readDay(locale, typed)).toBe(day);
});

test.each([
  ["2026-11-22", "Europe/Berlin", "2026-11-21T23:00:00.000Z"],
  ["2026-07-01", "America/New_York", "2026-07-01T04:00:00.000Z"],
  ["2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00.000Z"],
  ["2026-04-24", "Africa/Cairo", "2026-04-23T22:00:00.000Z"],
  ["2026-01-01", "Pacific/Kiritimati", "2025-12-31T10:00:00.000Z"],
])("%s begins in %s at %s", (day, timeZone, start) => {
  expect(startOfDay(day, timeZone)).toBe(start);
});

test("what is no day has no beginning; the day after crosses years", () => {
  expect(startOfDay("2026-02-31", "UTC")).toBeNull();
  expect(nextDay("2026-02-31")).toBeNull();
  expect(nextDay("2026-12-31")).toBe("2027-01-01");
});
