import { expect, test } from "vitest";
import type { Connection } from "../../api/sso.ts";
import { changedWishes, mappingOf, wishesOf } from "./connection-wishes.ts";

const connection: Connection = {
  id: "01a20101-0000-4000-8000-000000000000",
  kind: "oidc",
  name: "Company account",
  state: "enabled",
  settings: {},
  hasSecret: true,
  formerSecretUntil: null,
  domains: ["acme.example"],
  provisions: true,
  defaultRoles: ["viewer"],
  roleMap: [{ roles: ["gone"], group: "Staff" }],
  followsGroups: false,
  asksSecondFactor: true,
  people: 0,
  turnedAway: 0,
  lastSignInAt: null,
  setupLinkUntil: null,
  callbackUrl: "",
  logoutUrl: null,
  version: 3,
};
const known = [{ name: "member" }];
const changeOf = (change: object) => {
  const wishes = { ...wishesOf(connection), ...change };
  return changedWishes(connection, wishes, mappingOf(connection, wishes, known).groups);
};

test("a form that nobody touched says the name alone, by which its author answers for the connection", () => {
  expect(changeOf({})).toEqual({ name: "Company account" });
});

test("what was touched is said, and the mapping whole", () => {
  expect(changeOf({ name: " Portal ", domains: [], followsGroups: true, mapping: "Sales = Member" })).toEqual(
    {
      name: "Portal",
      domains: [],
      followsGroups: true,
      roleMap: [{ group: "Sales", roles: ["member"] }],
    },
  );
});

test("a mapping that nobody touched is not held against roles that are gone since", () => {
  expect(mappingOf(connection, wishesOf(connection), known)).toEqual({
    groups: connection.roleMap,
    fault: undefined,
  });
  expect(mappingOf(connection, { mapping: "Staff = gone\nSales = member" }, known).fault).toBeDefined();
});
