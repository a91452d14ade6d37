import { expect, test } from "vitest";
import { safeReturnPath } from "./safe-return-path.ts";

test.each([
  [undefined, "/"],
  ["/o/acme/contacts?q=ada", "/o/acme/contacts?q=ada"],
  ["//evil.example/", "/"],
  ["/\\evil.example", "/"],
  ["https://evil.example/", "/"],
  ["javascript:alert(1)", "/"],
  ["/sign-in?to=/x", "/"],
])("a return path of %s leads to %s", (to, path) => {
  expect(safeReturnPath(to)).toBe(path);
});
