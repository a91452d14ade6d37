import { expect, test } from "vitest";
import { accessMatrixPage, openDoorsPage, type Door } from "./access-pages.ts";

const doors: Door[] = [
  { kind: "tenant", method: "POST", path: "/contacts", needs: ["contact.create", "contact.read"] },
  { kind: "tenant", method: "GET", path: "/audit-events/export.csv", needs: ["audit.read", "audit.export"] },
  { kind: "person", method: "GET", path: "/auth/sessions" },
  { kind: "open", method: "GET", path: "/livez", openBecause: "load balancers have no account" },
];
const catalogue = new Map([
  ["contact.read", "See contacts"],
  ["contact.create", "Add contacts"],
  ["audit.read", "Read the audit trail"],
  ["audit.export", "Take the audit trail away"],
]);
const roles = [
  { role: "viewer", holds: ["contact.read"] },
  { role: "member", holds: ["contact.read", "contact.create:own"] },
  { role: "owner", holds: ["contact.read", "contact.create", "audit.read", "audit.export"] },
];

test("the matrix says for each role and permission, and for each role and door, who may", () => {
  const page = accessMatrixPage(doors, catalogue, [{ preset: "crm", roles }]);
  expect(page).toContain("| contact.create | Add contacts | ✘ | own | ✔ |");
  expect(page).toContain("| `POST /contacts` | contact.create, contact.read | ✘ | own | ✔ |  |");
  expect(page).toContain("| `GET /audit-events/export.csv` | audit.read, audit.export | ✘ | ✘ | ✔ | yes |");
  expect(page).toContain("- `GET /auth/sessions`");
  expect(page).not.toContain("/livez");
});

test("every open door stands in the list with its reason", () => {
  expect(openDoorsPage(doors)).toContain("| `GET /livez` | load balancers have no account |  |");
  expect(openDoorsPage(doors)).not.toContain("/contacts");
});
