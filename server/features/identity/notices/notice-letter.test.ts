import { expect, test } from "vitest";
import { noticeLetter } from "./notice-letter.ts";

const told = {
  at: "2026-11-22T10:00:00.000Z",
  organization: "Acme",
  ip: "203.0.113.9",
  device: null,
};
const textOf = (kind: string, details: Readonly<Record<string, unknown>>): string =>
  noticeLetter({ ...told, kind, details }, "https://crm.example.com").letter.text;

test.each([
  [
    "key-made",
    { name: "Nightly", class: "personal", hint: "8Zk4" },
    "An API key was made for you in Acme: Nightly (8Zk4).",
  ],
  [
    "key-made",
    { name: "Nightly", class: "service", hint: "8Zk4", account: "Robot", madeBy: "eve@acme.example" },
    'An API key of the service account "Robot", for which you answer, was made in Acme by eve@acme.example: Nightly (8Zk4).',
  ],
  [
    "key-made",
    { name: "Entra", class: "scim", hint: "8Zk4", account: "Entra", madeBy: "eve@acme.example" },
    'A token was made by eve@acme.example with which the directory "Entra" adds, changes and ends members of Acme (8Zk4).',
  ],
  [
    "public-key-made",
    { name: "CI", account: "Robot", madeBy: "eve@acme.example" },
    'A public key of "Robot", for which you answer, was registered in Acme by eve@acme.example: CI.',
  ],
  [
    "directory-left",
    { directory: "Entra", former: "eve@acme.example", answers: "ada@acme.example" },
    "It goes on, and ada@acme.example answers for it now.",
  ],
  [
    "directory-left",
    { directory: "Entra", former: "eve@acme.example" },
    "Nobody is left who may: it stands still",
  ],
  ["organization-left", {}, "You have left Acme: your keys and the invitations"],
])("tells of %s whose it is and who made it", (kind, details, said) => {
  expect(textOf(kind, details)).toContain(said);
});

test("advises what helps: a key that somebody else made is ended, and no password changed", () => {
  const service = textOf("key-made", { name: "x", class: "service", account: "Robot" });
  expect(service).toContain("end the key in Acme");
  expect(service).not.toContain("password");
  expect(textOf("key-made", { name: "x", class: "personal" })).toContain("change your password");
});
