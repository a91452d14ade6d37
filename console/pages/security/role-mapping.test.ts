import { describe, expect, test } from "vitest";
import { linesOf, readMapping } from "./role-mapping.ts";

const known = [
  { name: "admin" },
  { name: "manager" },
  { name: "member" },
  { name: "book-keeper", label: "Book keeper" },
];

describe("groups that give roles", () => {
  test("come back as they were, also with an equals sign in a group's name", () => {
    const groups = [
      { group: "Sales managers", roles: ["manager", "member"] },
      { group: "CN=Staff,OU=Vienna", roles: ["member"] },
    ];
    expect(readMapping(linesOf(groups), known)).toEqual({ groups, fault: undefined });
  });

  test("may call a role what people call it, and have empty lines between them", () => {
    expect(readMapping("\n Finance = Book Keeper \n\nIT=ADMIN", known).groups).toEqual([
      { group: "Finance", roles: ["book-keeper"] },
      { group: "IT", roles: ["admin"] },
    ]);
  });

  test.each([
    ["Staff = member\nSales", "Line 2 has no equals sign: “Sales”."],
    [" = admin", "Line 1 names no group before the equals sign."],
    ["Staff =", "Line 1 gives “Staff” no role after the equals sign."],
    ["Staff = managr", "Line 1 names a role that there is not: “managr”."],
    ["Staff = member\n\nStaff = admin", "Line 3 names the group “Staff” again."],
  ])("that cannot be read are not left out without a word: %j", (text, fault) => {
    expect(readMapping(text, known).fault).toBe(fault);
  });

  test("have one role where one is the most", () => {
    expect(readMapping("Staff = member, admin", known, 1).fault).toBe(
      "Line 1 gives “Staff” 2 roles, and 1 at most can be given.",
    );
  });

  test("name no unknown role while the roles are not there yet", () => {
    expect(readMapping("Staff = anything", []).groups).toEqual([{ group: "Staff", roles: ["anything"] }]);
  });
});
