import { expect, test } from "vitest";
import { formatsFor } from "../../format/formats.ts";
import { isAlarming, noticeText, unusualIn } from "./notice-words.ts";

const formats = formatsFor({ locale: "en-GB", timeZone: "UTC", currency: "EUR" });

test.each([
  [
    "new-device",
    { device: "Firefox on Linux", signals: ["new-device"] },
    "A new device has signed in: Firefox on Linux",
  ],
  [
    "key-made",
    { name: "Rack 4", class: "service", account: "Robot", madeBy: "ada@acme.example" },
    "An API key of the service account Robot, for which you answer, was made in Acme by ada@acme.example: Rack 4",
  ],
  ["key-made", { class: "scim", account: "Entra" }, "A token for the directory Entra was made in Acme"],
  [
    "directory-left",
    { directory: "Entra", former: "eve@acme.example", answers: "ada@acme.example" },
    "eve@acme.example, who knows the token of the directory Entra in Acme, may manage it no longer: give it a new one. ada@acme.example answers for it now",
  ],
  ["organization-left", {}, "You have left Acme"],
  ["member-left", { member: "eve@acme.example" }, "eve@acme.example has left Acme"],
  ["key-made", { name: "Nightly" }, "An API key was made for you in Acme: Nightly"],
  [
    "support-lent",
    { until: "2026-03-14T09:00:00+00:00" },
    "Acme has let you in until 14 Mar 2026, 09:00:00 UTC",
  ],
  [
    "second-factor-asked",
    { until: "2026-03-14T09:00:00.000Z" },
    "Acme asks you for a second factor from 14 Mar 2026, 09:00:00 UTC on: add a passkey or an authenticator app",
  ],
  [
    "second-factor-due",
    { until: "2026-03-14T09:00:00.000Z" },
    "Add a second factor soon: Acme lets you in by one only from 14 Mar 2026, 09:00:00 UTC on",
  ],
  ["something-later", {}, "Your account has changed: something later"],
])("says %s in words", (kind, details, text) => {
  expect(noticeText({ kind, details }, "Acme", formats)).toBe(text);
});

test("says what was unusual, and of which notices to beware", () => {
  const details = { signals: ["new-country", "long-absence"] };
  expect(unusualIn({ kind: "unusual-sign-in", details })).toBe(
    "from a country that it was not used from before, after more than thirty days",
  );
  expect(unusualIn({ kind: "key-made", details: { signals: "new-country" } })).toBe("");
  expect(isAlarming({ kind: "unusual-sign-in" })).toBe(true);
  expect(isAlarming({ kind: "key-made" })).toBe(false);
});
