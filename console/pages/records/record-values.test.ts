import { describe, expect, test } from "vitest";
import type { Contact } from "../../api/records.ts";
import { contactSpec, type FieldSpec } from "./record-spec.ts";
import { changeBetween, changedKeys, draftOf, emptyDraft, nameOf } from "./record-values.ts";

const ada: Contact = {
  id: "1", version: 3, firstName: "Ada", lastName: "Lovelace", email: "ada@example.org", otherEmails: [], phone: null,
  otherPhones: [], title: null, accountId: null, ownerId: null, stage: "lead", source: null, birthday: null,
  street: null, city: null, region: null, postalCode: null, country: null, tags: ["math"], notes: null, website: null,
  externalId: null, custom: { score: 7, vip: true }, doNotCall: false, emailOptOut: false,
  createdAt: "2026-01-01T00:00:00.000Z", updatedAt: "2026-01-01T00:00:00.000Z", archivedAt: null,
}; // prettier-ignore

const fields: readonly FieldSpec[] = [
  ...contactSpec.fields,
  { key: "custom.score", label: "Score", kind: "number", group: "Own" },
  { key: "custom.vip", label: "VIP", kind: "boolean", group: "Own" },
];

describe("an edit", () => {
  const base = draftOf(ada, fields);

  test("that changes nothing sends nothing", () => {
    expect(changedKeys(base, base)).toEqual([]);
    expect(changeBetween(base, { ...base }, fields)).toEqual({});
  });

  test("sends only what changed; an emptied text as null", () => {
    const now = { ...base, lastName: "", title: " Countess " };
    expect(changeBetween(base, now, fields)).toEqual({ lastName: null, title: "Countess" });
  });

  test("sends the organization's own fields as one whole map, numbers as numbers", () => {
    expect(changeBetween(base, { ...base, "custom.score": "9" }, fields)).toEqual({
      custom: { score: 9, vip: true },
    });
    expect(changeBetween(base, { ...base, "custom.score": "" }, fields)).toEqual({ custom: { vip: true } });
  });
});

test("a new contact begins with the first stage", () => {
  expect(emptyDraft(fields)["stage"]).toBe("lead");
});

test("a contact is called by name, else by what tells it apart", () => {
  expect(nameOf(ada)).toBe("Ada Lovelace");
  expect(nameOf({ ...ada, firstName: null, lastName: null })).toBe("ada@example.org");
  expect(nameOf({ ...ada, firstName: null, lastName: null, email: null })).toBe("Without a name");
});
