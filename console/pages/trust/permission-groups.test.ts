import { expect, test } from "vitest";
import { permissionGroups } from "./permission-groups.ts";

test("shows for each permission which role holds it, and which for its own things only", () => {
  const groups = permissionGroups([
    { name: "member", description: "", permissions: ["contact.read", "key.read:own"] },
    { name: "admin", description: "", permissions: ["contact.read", "contact.archive", "key.read"] },
  ]);
  expect(groups).toEqual([
    {
      resource: "contact",
      permissions: [
        { key: "contact.archive", action: "archive", held: ["no", "yes"] },
        { key: "contact.read", action: "read", held: ["yes", "yes"] },
      ],
    },
    { resource: "key", permissions: [{ key: "key.read", action: "read", held: ["own", "yes"] }] },
  ]);
});
