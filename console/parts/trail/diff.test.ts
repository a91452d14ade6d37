import { expect, test } from "vitest";
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
  expect(valueText([{ kind: "work", address: "a@b.c" }])).toBe("kind: work, address: a@b.c");
  expect(valueText(false)).toBe("no");
  expect(valueText({})).toBe("nothing");
  expect([fieldLabel("postal_code"), fieldLabel("ownerId"), fieldLabel("doNotCall")]).toEqual([
    "Postal code",
    "Owner",
    "Do not call",
  ]);
});
