import { expect, test } from "vitest";
import { inReadingOrder, scopeWords } from "./scope-words.ts";

test("says in words what a grant lets somebody see, and what they could change", () => {
  expect(scopeWords(["contact.change", "contact.read", "own_field.read", "audit.read"])).toBe(
    "see contacts, own fields, and the audit log; change contacts",
  );
  expect(scopeWords(["organization.read"])).toBe("see the organization’s settings");
});

test("puts first what is only looked at", () => {
  expect(inReadingOrder(["role.read", "contact.archive", "contact.change", "contact.read"])).toEqual([
    "contact.read",
    "contact.change",
    "contact.archive",
    "role.read",
  ]);
});
