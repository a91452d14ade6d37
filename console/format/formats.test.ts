import { describe, expect, test } from "vitest";
import { formatsFor } from "./formats.ts";

const vienna = formatsFor({ locale: "de-DE", timeZone: "Europe/Vienna", currency: "EUR" });
const paris = formatsFor({ locale: "fr-FR", timeZone: "Europe/Paris", currency: "EUR" });
const cairo = formatsFor({ locale: "ar-EG", timeZone: "Africa/Cairo", currency: "EGP" });
const tokyo = formatsFor({ locale: "en-GB", timeZone: "Asia/Tokyo", currency: "JPY" });

describe("formats of a region", () => {
  test("show an instant in the organization's zone", () => {
    expect(tokyo.day("2026-03-14T20:00:00.000Z")).toBe("15 Mar 2026");
    expect(tokyo.exact("2026-03-14T20:00:00.000Z")).toContain("05:00:00");
  });

  test("show a day without a zone as that day", () => {
    expect(tokyo.plainDay("1815-12-10")).toBe("10 Dec 1815");
    expect(tokyo.plainDay("some day")).toBe("some day");
  });

  test("write numbers and money as the locale does, from minor units", () => {
    expect(vienna.number(1_234_567)).toBe("1.234.567");
    expect(vienna.decimal(0.123_456_7)).toBe("0,1234567");
    expect(vienna.money(123_456)).toContain("1.234,56");
    expect(tokyo.money(5000)).toMatch(/5,000$/u);
  });

  test.each([
    [2, "now"],
    [59, "59 seconds ago"],
    [61, "1 minute ago"],
    [7_300, "2 hours ago"],
    [86_400 * 3, "3 days ago"],
  ])("say how long ago %i seconds are, in the language of the sentences around it", (seconds, text) => {
    const now = Date.parse("2026-03-14T20:00:00.000Z");
    const at = new Date(now - seconds * 1000).toISOString();
    expect([tokyo, vienna, cairo].map(({ ago }) => ago(at, now))).toEqual([text, text, text]);
  });

  test("leave it to the day beyond a month", () => {
    const now = Date.parse("2026-03-14T20:00:00.000Z");
    expect(tokyo.ago("2026-01-01T00:00:00.000Z", now)).toBeNull();
    expect([tokyo.day("2026-01-01T00:00:00.000Z"), vienna.day("2026-01-01T00:00:00.000Z")]).toEqual([
      "1 Jan 2026",
      "01.01.2026",
    ]);
  });

  test("fall back instead of failing on what this browser does not know", () => {
    const odd = formatsFor({ locale: "not_a_locale", timeZone: "Mars/Olympus", currency: "?" });
    expect(odd.region).toEqual({ locale: "en", timeZone: "UTC", currency: "EUR" });
  });

  test("write sizes in short units, with the figures of the locale", () => {
    expect(tokyo.bytes(1_234_567)).toBe("1.2 MB");
    expect(tokyo.bytes(999)).toBe("999 bytes");
    expect(vienna.bytes(1_234_567)).toBe("1,2 MB");
    expect(paris.bytes(38_400)).toBe("38 kB");
  });
});
