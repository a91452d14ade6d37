import { expect, test } from "vitest";
import { formatsFor } from "../../format/formats.ts";
import { differencesOf, fieldLabel, valueText } from "./diff.ts";

test("shows what changed, and neither bookkeeping nor one empty value for another", () => {
  const differences = differencesOf(
    { title: "Engineer", phone: null, tags: [], version: 1, city: "Graz" },
    { title: "Director", phone: "", tags: ["vip"], version: 2, city: "Graz" },
  );
  expect(differences).toEqual([
    { field: "title", before: "Engineer", after: "Director" },
    { field: "tags", before: [], after: ["vip"] },
  ]);
});

test("shows the values of something new", () => {
  expect(differencesOf(null, { name: "Acme", notes: null })).toEqual([
    { field: "name", before: null, after: "Acme" },
  ]);
});

test("writes values and fields as people read them", () => {
  expect(valueText([{ kind: "work", address: "a@b.c" }], berlin)).toBe("kind: work, address: a@b.c");
  expect(valueText(false, berlin)).toBe("no");
  expect(valueText({}, berlin)).toBe("nothing");
  expect([fieldLabel("postal_code"), fieldLabel("ownerId"), fieldLabel("doNotCall")]).toEqual([
    "Postal code",
    "Owner",
    "Do not call",
  ]);
});

test("writes numbers, days and instants as the organization does, and nothing else that looks like one", () => {
  expect(valueText({ size: 38.5, renewal: "2026-03-14" }, berlin)).toBe("size: 38,5, renewal: 14.03.2026");
  expect(valueText("2026-07-01T22:30:00.123456+00:00", berlin)).toBe("02.07.2026, 00:30:00 MESZ");
  expect(valueText("2026-99-99T22:30:00Z", berlin)).toBe("2026-99-99T22:30:00Z");
  expect(valueText("on 2026-03-14", berlin)).toBe("on 2026-03-14");
});

const berlin = formatsFor({ locale: "de-DE", timeZone: "Europe/Berlin", currency: "EUR" });
