import { expect, test } from "vitest";
import { factorWords, flaggedCount, isFlagged, reasonsIn } from "./review-words.ts";

test("says in words what deserves a second look, and leaves an unknown reason readable", () => {
  expect(reasonsIn(["no-second-factor", "something-later"])).toEqual(["No second factor", "something later"]);
});

test("does not hold it against a service account that it is one", () => {
  expect(isFlagged({ flags: ["service-account"] })).toBe(false);
  expect(isFlagged({ flags: ["service-account", "nobody-answers"] })).toBe(true);
});

test("counts members and keys that deserve a second look", () => {
  const flagged = { flags: ["never-ends"] };
  const fine = { flags: ["service-account"] };
  // as: only the flags are looked at.
  expect(flaggedCount({ members: [flagged, fine] as never, keys: [flagged] as never })).toBe(2);
});

test("says whose the second factor is", () => {
  expect(factorWords({ secondFactorBy: "provider" })).toBe("Second factor by provider");
  expect(factorWords({ secondFactorBy: "own" })).toBe("Second factor");
});
