import { expect, test } from "vitest";
import { permissionsFor } from "./key-permissions.ts";

const roles = [
  { name: "viewer", description: "", permissions: ["contact.read", "key.read:own", "audit.read"] },
];

test("limits a key to what a role may and its maker holds", () => {
  expect(permissionsFor("viewer", roles, ["contact.read", "key.read"])).toEqual(["contact.read"]);
});

test("leaves a key without a role as strong as its maker", () => {
  expect(permissionsFor("", roles, ["contact.read"])).toBeNull();
});
