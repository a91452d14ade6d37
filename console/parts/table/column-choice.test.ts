import { describe, expect, test } from "vitest";
import { clampWidth, moveColumn, readChoice } from "./column-choice.ts";

const columns = [{ id: "name" }, { id: "email" }, { id: "phone", hiddenAtFirst: true }];

describe("a saved column choice", () => {
  test("is the default when nothing or nonsense was saved", () => {
    const standard = { order: ["name", "email", "phone"], hidden: ["phone"], widths: {} };
    for (const saved of [null, "", "{", "7", '"x"']) expect(readChoice(saved, columns)).toEqual(standard);
  });

  test("keeps order, hiding and widths", () => {
    const saved = JSON.stringify({
      order: ["email", "name", "phone"],
      hidden: ["name"],
      widths: { email: 300 },
    });
    expect(readChoice(saved, columns)).toEqual({
      order: ["email", "name", "phone"],
      hidden: ["name"],
      widths: { email: 300 },
    });
  });

  test("forgets columns that went and appends those that came", () => {
    const saved = JSON.stringify({
      order: ["gone", "email"],
      hidden: ["gone"],
      widths: { gone: 1, email: 9e9 },
    });
    expect(readChoice(saved, columns)).toEqual({
      order: ["email", "name", "phone"],
      hidden: ["phone"],
      widths: { email: 640 },
    });
  });
});

test("moves a column to the place of another, in both directions", () => {
  expect(moveColumn(["a", "b", "c"], "a", "c")).toEqual(["b", "c", "a"]);
  expect(moveColumn(["a", "b", "c"], "c", "a")).toEqual(["c", "a", "b"]);
  expect(moveColumn(["a", "b", "c"], "x", "a")).toEqual(["a", "b", "c"]);
  expect(moveColumn(["a", "b", "c"], "b", "b")).toEqual(["a", "b", "c"]);
});

test("keeps widths usable", () => {
  expect([clampWidth(1), clampWidth(200.4), clampWidth(99_999)]).toEqual([64, 200, 640]);
});
