import { expect, test } from "vitest";
import { mergeThreeWay } from "./merge.ts";

const base = { title: "Engineer", phone: "1", tags: ["a"], notes: "" };

test("keeps both changes when they touch different fields", () => {
  const merge = mergeThreeWay(base, { ...base, title: "Director" }, { ...base, phone: "2" });
  expect(merge).toEqual({
    draft: { ...base, title: "Director", phone: "2" },
    clashes: [],
    theirsOnly: ["phone"],
  });
});

test("names a clash and keeps mine until the person decides", () => {
  const merge = mergeThreeWay(base, { ...base, tags: ["a", "b"] }, { ...base, tags: [] });
  expect(merge.clashes).toEqual([{ key: "tags", mine: ["a", "b"], theirs: [] }]);
  expect(merge.draft["tags"]).toEqual(["a", "b"]);
});

test("sees no clash when both made the same change", () => {
  const merge = mergeThreeWay(base, { ...base, title: "CTO" }, { ...base, title: "CTO" });
  expect(merge).toEqual({ draft: { ...base, title: "CTO" }, clashes: [], theirsOnly: [] });
});
