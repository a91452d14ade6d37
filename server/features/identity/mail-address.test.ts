import { expect, test } from "vitest";
import { Problem } from "../../foundation/problem/index.ts";
import { mailAddress } from "./mail-address.ts";

const alike: [typed: string, kept: string][] = [
  ["ada@example.com", "ada@example.com"],
  ["  Ada@Example.COM ", "ada@example.com"],
  [
    "\uff41\uff44\uff41\uff20\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45\uff0e\uff43\uff4f\uff4d",
    "ada@example.com",
  ],
  ["\u212Aim@example.com", "kim@example.com"],
  ["ada@b\u00fccher.example", "ada@xn--bcher-kva.example"],
  ["ada+news@example.com", "ada+news@example.com"],
];
test.each(alike)("%s is %s", (typed, kept) => {
  expect(mailAddress(typed)).toBe(kept);
});

test("a domain in look-alike letters is another domain, and seen to be one", () => {
  expect(mailAddress("ada@\u0435\u0445\u0430mple.com")).toMatch(/^ada@xn--/);
});

const refused = [
  "",
  "ada",
  "@example.com",
  "ada@",
  "ada@example.com,eve@evil.example",
  "ada@example.com\uff0ceve@evil.example",
  "ada@evil.example\uff20example.com",
  "ada\ufe6bevil.example@example.com",
  "\u0430da@example.com",
  "ada@example.com\r\nBcc: eve@evil.example",
  "a da@example.com",
  '"ada"@example.com',
  "ada@exa mple.com",
  "ada@example.com\0",
  "ada.@example.com",
  "ada\u200b@example.com",
  "\u0131@example.com",
  `${"a".repeat(65)}@example.com`,
  `ada@${"a".repeat(250)}.com`,
];
test.each(refused)("%j is no address", (typed) => {
  expect(() => mailAddress(typed)).toThrow(Problem);
});
