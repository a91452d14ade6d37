import { describe, expect, test } from "vitest";
import { planOf } from "./plan.ts";
import { namesPerConnectionMax, PreparedNames } from "./prepared-names.ts";

describe("prepared names", () => {
  test("are the same for the same text and differ for others", () => {
    expect(planOf("select 1").name).toBe(planOf("select 1").name);
    expect(planOf("select 1").name).not.toBe(planOf("select 2").name);
    expect(planOf("select 1").name).toMatch(/^[\w-]{22}$/);
  });

  test("that collide never run the other text: the second goes without a name", () => {
    const names = new PreparedNames();
    const first = planOf("select 'mine'");
    const second = { ...planOf("select 'yours'"), name: first.name };
    expect(names.take(first, false).plan).toBe(first);
    expect(names.take(second, false).plan).toMatchObject({ name: "", text: "select 'yours'" });
    expect(names.take(first, false).plan).toBe(first);
  });

  test("end at the bound, and go on without", () => {
    const names = new PreparedNames();
    for (let at = 0; at < namesPerConnectionMax; at++)
      expect(names.take(planOf(`select ${at}`), false).plan.name).not.toBe("");
    expect(names.full).toBe(true);
    expect(names.take(planOf("one more"), false).plan.name).toBe("");
    expect(names.take(planOf("select 0"), false).plan.name).not.toBe("");
  });

  test("that the server did not confirm are forgotten", () => {
    const names = new PreparedNames();
    const prepared = names.take(planOf("select 1"), false);
    prepared.parseSent = true;
    names.unlearn(prepared);
    expect(names.take(planOf("select 1"), false)).not.toBe(prepared);
    const kept = names.take(planOf("select 1"), false);
    kept.parsed = true;
    names.unlearn(kept);
    expect(names.take(planOf("select 1"), false)).toBe(kept);
  });
});
