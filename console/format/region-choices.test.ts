import { expect, test } from "vitest";
import { currencyChoices, suggestedRegion, timeZoneChoices, withPresent } from "./region-choices.ts";

test.each([
  ["de-AT", "Europe/Vienna", { locale: "de-AT", timeZone: "Europe/Vienna", currency: "EUR" }],
  ["en-US", "America/New_York", { locale: "en-US", timeZone: "America/New_York", currency: "USD" }],
  ["fr", "Europe/Paris", { locale: "fr-FR", timeZone: "Europe/Paris", currency: "EUR" }],
  ["xx", "", { locale: "en-GB", timeZone: "UTC", currency: "GBP" }],
])("suggests a region for %s in %s", (language, zone, region) => {
  expect(suggestedRegion(language, zone)).toEqual(region);
});

test("offers every zone and currency, and always the present value", () => {
  expect(timeZoneChoices()[0]).toEqual({ value: "UTC", label: "UTC" });
  expect(timeZoneChoices().some((zone) => zone.value === "Europe/Vienna")).toBe(true);
  expect(currencyChoices().some((currency) => currency.value === "CHF")).toBe(true);
  expect(withPresent([], "Mars/Olympus")).toEqual([{ value: "Mars/Olympus", label: "Mars/Olympus" }]);
});
