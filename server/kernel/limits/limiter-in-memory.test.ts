import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limiterInMemory } from "./index.ts";
import type { Charge, Decision } from "./index.ts";

const minute = 60_000;
const charge = (over: Partial<Charge> = {}): Charge => ({
  name: "address",
  key: "address:a",
  limit: 100,
  periodMs: minute,
  ...over,
});

function clocked(bucketsMax?: number) {
  const clock = { ms: 5_000 };
  const options = bucketsMax === undefined ? {} : { bucketsMax };
  return { clock, limiter: limiterInMemory({ ...options, nowMs: () => clock.ms }) };
}

async function allowedOf(decisions: readonly (Decision | Promise<Decision>)[]): Promise<number> {
  return (await Promise.all(decisions)).filter(({ allowed }) => allowed).length;
}

describe("at the boundary", () => {
  test.each([1, 7, 30, 63, 64, 100, 999, 1000])(
    "a limit of %i lets exactly that many through",
    async (limit) => {
      const { limiter } = clocked();
      const decisions = Array.from({ length: limit + 64 }, () => limiter.check([charge({ limit })]));
      expect(await allowedOf(decisions)).toBe(limit);
    },
  );

  test("64 callers at once share one bucket exactly, whatever they wait for in between", async () => {
    const { limiter } = clocked();
    const caller = async (): Promise<Decision[]> => {
      const seen: Decision[] = [];
      for (let turn = 0; turn < 10; turn += 1) {
        await new Promise((go) => setImmediate(go));
        seen.push(await limiter.check([charge({ limit: 321 })]));
      }
      return seen;
    };
    const all = (await Promise.all(Array.from({ length: 64 }, caller))).flat();
    expect(await allowedOf(all)).toBe(321);
  });

  test("one more fits exactly when Retry-After has passed, and not a moment earlier", async () => {
    const { limiter, clock } = clocked();
    for (let at = 0; at < 100; at += 1) await limiter.check([charge()]);
    const refused = await limiter.check([charge()]);
    expect(refused).toEqual({
      allowed: false,
      retryAfterSeconds: 1,
      remaining: 0,
      resetSeconds: 60,
      bucket: "address",
    });
    clock.ms += 599.999;
    expect((await limiter.check([charge()])).allowed).toBe(false);
    clock.ms += 0.001;
    expect((await limiter.check([charge()])).allowed).toBe(true);
    expect((await limiter.check([charge()])).allowed).toBe(false);
  });

  test("over any stretch no more than burst + rate x time passes", () => {
    const step = fc.record({ waitMs: fc.nat({ max: 5_000 }), asks: fc.integer({ min: 1, max: 20 }) });
    const anyLimit = fc.integer({ min: 1, max: 200 });
    fc.assert(
      fc.property(anyLimit, fc.array(step, { maxLength: 40 }), (limit, steps) => {
        const { limiter, clock } = clocked();
        const start = clock.ms;
        let passed = 0;
        for (const { waitMs, asks } of steps) {
          clock.ms += waitMs;
          for (let ask = 0; ask < asks; ask += 1) {
            const decision = limiter.check([charge({ limit })]);
            if (!(decision instanceof Promise) && decision.allowed) passed += 1;
          }
        }
        expect(passed).toBeLessThanOrEqual(limit + Math.floor(((clock.ms - start) * limit) / minute));
      }),
    );
  });
});

describe("several buckets", () => {
  const person = charge({ name: "person", key: "person:p", limit: 2 });
  const address = charge({ limit: 10 });

  test("are charged all or none", async () => {
    const { limiter } = clocked();
    for (let at = 0; at < 5; at += 1) await limiter.check([address, person]);
    const left = await limiter.check([address]);
    expect(left.remaining).toBe(10 - 2 - 1);
  });

  test("the tightest one is told", async () => {
    const { limiter } = clocked();
    expect(await limiter.check([address, person])).toMatchObject({ bucket: "person", remaining: 1 });
    await limiter.check([address, person]);
    expect(await limiter.check([address, person])).toMatchObject({ allowed: false, bucket: "person" });
  });
});

test("a burst below the limit spreads the flow", async () => {
  const { limiter, clock } = clocked();
  const bursty = charge({ limit: 60, burst: 3 });
  expect(await allowedOf(Array.from({ length: 10 }, () => limiter.check([bursty])))).toBe(3);
  clock.ms += 2_000;
  expect(await allowedOf(Array.from({ length: 10 }, () => limiter.check([bursty])))).toBe(2);
});

test("a cost beyond the whole bucket is refused for good, with a finite Retry-After", async () => {
  const { limiter } = clocked();
  expect(await limiter.check([charge({ limit: 5, cost: 6 })])).toMatchObject({
    allowed: false,
    retryAfterSeconds: 60,
  });
});

test("a penalty empties the bucket at worst, so it is never locked for longer than one period", async () => {
  const { limiter, clock } = clocked();
  for (let at = 0; at < 1000; at += 1) await limiter.penalise([charge({ cost: 10 })]);
  expect((await limiter.check([charge()])).allowed).toBe(false);
  clock.ms += minute;
  expect(await allowedOf(Array.from({ length: 200 }, () => limiter.check([charge()])))).toBe(100);
});

describe("bounded memory", () => {
  test("a full limiter refuses newcomers, and still restrains those it knows", async () => {
    const { limiter, clock } = clocked(100);
    for (let at = 0; at < 100; at += 1) await limiter.check([charge({ key: `k${at}`, limit: 1 })]);
    expect(await limiter.check([charge({ key: "new" })])).toMatchObject({
      allowed: false,
      bucket: "capacity",
    });
    expect(await limiter.check([charge({ key: "k7", limit: 1 })])).toMatchObject({ bucket: "address" });
    clock.ms += minute;
    expect((await limiter.check([charge({ key: "new" })])).allowed).toBe(true);
  });

  test("a flood of names does not loosen anybody's limit", async () => {
    const { limiter, clock } = clocked(1_000);
    const victim = charge({ key: "victim", limit: 3 });
    for (let at = 0; at < 3; at += 1) await limiter.check([victim]);
    for (let at = 0; at < 50_000; at += 1) {
      if (at % 100 === 0) clock.ms += 1;
      await limiter.check([charge({ key: `flood${at}`, limit: 1_000, periodMs: 1_000 })]);
    }
    expect((await limiter.check([victim])).allowed).toBe(false);
  });
});
