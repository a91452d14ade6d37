import { expect, test } from "vitest";
import { lookWords } from "./look-words.ts";

const words = (door: string): string => lookWords({ resourceType: "contact", after: { door } });

test("says what was looked at in words", () => {
  expect(
    [
      "GET /contacts",
      "GET /contacts?q",
      "GET /contacts?q&tag",
      "GET /contacts?accountId&tag",
      "GET /contacts/count?q",
      "GET /contacts/:id",
      "GET /accounts/:id/history",
      "GET /imports/:id/errors.csv",
      "GET /contacts/export.csv",
      "GET /service-accounts/:id",
      "GET /organization",
      "GET /access",
      "GET /members/:id/access",
    ].map(words),
  ).toEqual([
    "listed contacts",
    "searched contacts",
    "searched contacts by tag",
    "listed contacts by account and tag",
    "counted contacts by a search",
    "opened a contact",
    "opened the history of an account",
    "downloaded the errors of an import",
    "asked for an export of contacts",
    "opened a service account",
    "looked at the organization",
    "looked at the access",
    "opened the access of a member",
  ]);
});

test("says of what would change something that it was asked for", () => {
  expect(
    [
      "POST /contacts",
      "PATCH /accounts/:id",
      "DELETE /members/:id",
      "POST /contacts/:id/archive",
      "POST /contacts/bulk/change",
    ].map(words),
  ).toEqual([
    "asked to add a contact",
    "asked to change an account",
    "asked to remove a member",
    "asked to archive a contact",
    "asked to change several contacts",
  ]);
});

test("says at least of which kind it was, where no door is known", () => {
  expect(lookWords({ resourceType: "own_field", after: { permission: ["own_field.read"] } })).toBe(
    "looked at own field",
  );
  expect(lookWords({ resourceType: null, after: null })).toBe("looked at something");
});
