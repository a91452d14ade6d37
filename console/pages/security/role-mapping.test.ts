import { expect, test } from "vitest";
import { linesOf, mappingFrom } from "./role-mapping.ts";

test("a mapping comes back as it was, also with an equals sign in a group's name", () => {
  const mapping = { "Sales managers": "manager", "CN=Staff,OU=Vienna": "member" };
  expect(mappingFrom(linesOf(mapping))).toEqual(mapping);
});

test("a line that says nothing whole is left out", () => {
  expect(mappingFrom("\n = admin\nStaff =\nStaff\n  Staff=viewer  ")).toEqual({ Staff: "viewer" });
});
