import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { proves } from "../../../tests/proves.ts";
import { type BlockRules, blocksInMemory } from "./index.ts";

const minute = 60_000;
const rules: BlockRules = {
  points: 100,
  windowMs: 10 * minute,
  firstMs: minute,
  longestMs: 60 * minute,
  callersMax: 1_000,
};

function clocked(over: Partial<BlockRules> = {}) {
  const clock = { ms: 5_000 };
  return { clock, blocks: blocksInMemory({ ...rules, ...over }, () => clock.ms) };
}

describe("a block", () => {
  proves("LIM-6");

  test("begins with exactly the point that the rules name", () => {
    const { blocks } = clocked();
    for (let at = 0; at < 99; at += 1) expect(blocks.offend("a", 1)).toBeNull();
    expect(blocks.waitMs("a")).toBe(0);
    expect(blocks.offend("a", 1)).toEqual({ seconds: 60, repetition: 1 });
    expect(blocks.waitMs("a")).toBe(minute);
    expect(blocks.waitMs("b")).toBe(0);
  });

  test("does not begin for the same points spread over more than the window", () => {
    const { blocks, clock } = clocked();
    for (let at = 0; at < 1_000; at += 1) {
      expect(blocks.offend("a", 4)).toBeNull();
      clock.ms += 24_001;
    }
  });

  test("ends by itself, and is told with what it turned away", () => {
    const { blocks, clock } = clocked();
    blocks.offend("a", 100);
    blocks.refused("a");
    blocks.refused("a");
    clock.ms += minute - 1;
    expect(blocks.waitMs("a")).toBe(1);
    expect(blocks.release()).toEqual([]);
    clock.ms += 1;
    expect(blocks.waitMs("a")).toBe(0);
    expect(blocks.release()).toEqual([{ key: "a", refused: 2 }]);
    expect(blocks.release()).toEqual([]);
    expect(blocks.size).toBe(0);
  });

  test("lasts twice as long each time, up to the bound, and a quiet day forgives", () => {
    const { blocks, clock } = clocked();
    const lengths = [];
    for (let at = 0; at < 9; at += 1) {
      lengths.push(blocks.offend("a", 100)?.seconds);
      clock.ms += blocks.waitMs("a");
    }
    expect(lengths).toEqual([60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
    clock.ms += 24 * 60 * minute;
    expect(blocks.offend("a", 100)).toEqual({ seconds: 60, repetition: 1 });
  });

  test("is not made longer by what comes while it lasts", () => {
    const { blocks, clock } = clocked();
    blocks.offend("a", 100);
    clock.ms += minute / 2;
    expect(blocks.offend("a", 1_000)).toBeNull();
    expect(blocks.waitMs("a")).toBe(minute / 2);
  });

  test("that follows another before its end was told leaves both told", () => {
    const { blocks, clock } = clocked();
    blocks.offend("a", 100);
    blocks.refused("a");
    clock.ms += minute;
    blocks.offend("a", 100);
    expect(blocks.release()).toEqual([{ key: "a", refused: 1 }]);
    expect(blocks.size).toBe(1);
  });
});

describe("memory", () => {
  proves("LIM-6");

  test("is bounded: more blocks than fit end the oldest, and say so", () => {
    const { blocks } = clocked({ callersMax: 100 });
    for (let at = 0; at < 250; at += 1) blocks.offend(`k${at}`, 100);
    expect(blocks.size).toBe(100);
    expect(blocks.waitMs("k149")).toBe(0);
    expect(blocks.waitMs("k150")).toBe(minute);
    expect(blocks.release()).toHaveLength(150);
  });

  test("is bounded: of more suspects than fit the least recent is forgotten", () => {
    const { blocks } = clocked({ callersMax: 10 });
    blocks.offend("old", 99);
    blocks.offend("busy", 98);
    for (let at = 0; at < 9; at += 1) blocks.offend(`k${at}`, 1);
    expect(blocks.offend("old", 1)).toBeNull();
    expect(blocks.offend("k0", 99)).not.toBeNull();
  });
});

test("whatever happens, nobody is blocked longer than the bound, and who does nothing never is", () => {
  const step = fc.record({
    key: fc.constantFrom("a", "b", "c"),
    points: fc.integer({ min: 1, max: 50 }),
    waitMs: fc.nat({ max: 10 * minute }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const { blocks, clock } = clocked({ callersMax: 2 });
      for (const { key, points, waitMs } of steps) {
        blocks.offend(key, points);
        clock.ms += waitMs;
        expect(blocks.waitMs(key)).toBeLessThanOrEqual(rules.longestMs);
        expect(blocks.waitMs("innocent")).toBe(0);
        expect(blocks.size).toBeLessThanOrEqual(2);
      }
      clock.ms += rules.longestMs;
      blocks.release();
      expect(blocks.size).toBe(0);
    }),
  );
});
