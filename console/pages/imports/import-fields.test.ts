import { expect, test } from "vitest";
import { doubledFields, importTargets, remapped } from "./import-fields.ts";

const own = [
  { id: "1", version: 1, of: "contact", key: "score", label: "Score", type: "number", options: [] },
] as const;

test("offers the declared fields and the organization's own of that kind", () => {
  const contact = importTargets("contact", own).map((target) => target.value);
  expect(contact[0]).toBe("");
  expect(contact).toContain("firstName");
  expect(contact.at(-1)).toBe("custom:score");
  expect(importTargets("account", own).map((target) => target.value)).not.toContain("custom:score");
});

test("finds single-valued fields that two columns feed", () => {
  const mapping = ["email", "email", "otherEmails", "otherEmails", null, null].map((field, column) => ({
    column,
    field,
  }));
  expect(doubledFields("contact", mapping)).toEqual(["email"]);
});

test("gives one column another field", () => {
  const mapping = [
    { column: 0, field: "email", kind: "work" },
    { column: 1, field: null },
  ];
  expect(remapped(mapping, 0, "")).toEqual([{ column: 0, field: null, confidence: 1 }, mapping[1]]);
});
