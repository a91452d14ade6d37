import { expect, test } from "vitest";
import { endReason, grantState, isOpen, scopeBegins } from "./grant-words.ts";

const given = "2026-03-14T20:00:00.000Z";

test.each([
  ["asked", false, null, "Asks for access"],
  ["asked", true, null, "Waits for a second operator"],
  ["live", false, given, "Has access"],
  ["live", true, given, "May read now"],
  ["refused", true, null, "Refused"],
  ["ended", true, given, "Ended"],
  ["lapsed", true, null, "Nobody confirmed it"],
  ["lapsed", true, given, "Over"],
])("a grant that is %s (emergency: %s) says so", (state, emergency, givenAt, word) => {
  expect(grantState({ state, emergency, givenAt }).word).toBe(word);
  expect(isOpen({ state })).toBe(state === "asked" || state === "live");
});

test("why it ended is said where that is more than who ended it", () => {
  expect(["given back", "revoked", "refused", null].map(endReason)).toEqual([
    "they gave it back",
    "",
    "",
    "",
  ]);
});

test("what it is for is said of what is asked, lent and over", () => {
  expect(scopeBegins({ state: "asked", givenAt: null })).toBe("Asked to");
  expect(scopeBegins({ state: "live", givenAt: given })).toBe("May");
  expect(scopeBegins({ state: "ended", givenAt: given })).toBe("Could");
  expect(scopeBegins({ state: "refused", givenAt: null })).toBe("Asked to");
});
