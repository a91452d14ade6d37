import { describe, expect, test } from "vitest";
import type { Redis } from "../../foundation/redis/index.ts";
import { type Charge, limiterInMemory, limiterInRedis, type WhenRedisIsDown } from "./index.ts";

// What becomes of a request when Redis fails in any way; decisions are tested on a real one, in tests/integration.

const charge: Charge = { name: "address", key: "address:a", limit: 2, periodMs: 60_000 };

function limiterOn(run: Redis["run"], whenDown: WhenRedisIsDown = "local") {
  return limiterInRedis({ redis: { run }, local: limiterInMemory(), whenDown, key: Buffer.alloc(32, 1) });
}

const failures: [string, Redis["run"]][] = [
  ["is away", () => null],
  ["fails", () => Promise.reject(new Error("down"))],
  ["answers with something else", async () => "OK"],
  ["answers too little", async () => [1]],
  ["answers what is no time", async () => [1_700_000_000_000_000, Number.NaN]],
];

describe.each(failures)("when Redis %s", (_, run) => {
  test("this node counts alone, and lets exactly its own limit through", async () => {
    const limiter = limiterOn(run);
    const allowed = [];
    for (let at = 0; at < 4; at += 1) allowed.push((await limiter.check([charge])).allowed);
    expect(allowed).toEqual([true, true, false, false]);
  });

  test("or refuses everything, if the operator wants that", async () => {
    const limiter = limiterOn(run, "refuse");
    await expect(async () => limiter.check([charge])).rejects.toMatchObject({
      key: "busy",
      retryAfterSeconds: 2,
    });
  });

  test("a penalty is counted here, and never rejects", async () => {
    const limiter = limiterOn(run);
    await limiter.penalise([{ ...charge, cost: 2 }]);
    expect((await limiter.check([charge])).allowed).toBe(false);
  });
});

test("what Redis let through counts here too once it is away", async () => {
  let away = false;
  const limiter = limiterOn(() => (away ? null : Promise.resolve([1_700_000_000_000_000, 0])));
  expect(await limiter.check([charge])).toMatchObject({ allowed: true, remaining: 1 });
  expect(await limiter.check([charge])).toMatchObject({ allowed: true, remaining: 1 });
  away = true;
  expect(await limiter.check([charge])).toMatchObject({ allowed: false });
});
