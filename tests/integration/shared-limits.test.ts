import { createClient } from "@redis/client";
import fc from "fast-check";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openRedis, type Redis } from "../../server/foundation/redis/index.ts";
import {
  type Charge,
  type Decision,
  type Limiter,
  limiterInMemory,
  limiterInRedis,
  limitTrial,
  type WhenRedisIsDown,
} from "../../server/kernel/limits/index.ts";
import { proves } from "../proves.ts";
import { redisProgram, redisServer, type RedisServer } from "../redis-server.ts";

const hour = 3_600_000;
const key = Buffer.alloc(32, 9);
const charge = (over: Partial<Charge> = {}): Charge => ({
  name: "address",
  key: "address:a",
  limit: 100,
  periodMs: hour,
  ...over,
});

interface Node {
  readonly limiter: Limiter;
  readonly redis: Redis;
  /** What it was told, in order: null for "it answers". */
  readonly heard: (string | null)[];
}

interface Wish {
  readonly whenDown?: WhenRedisIsDown;
  readonly deadlineMs?: number;
  readonly key?: Buffer;
}

/** Patient unless told otherwise: a busy machine must not turn a test of exactness into one of lateness. */
async function nodeAt(url: string, wish: Wish = {}): Promise<Node> {
  const { whenDown = "local", deadlineMs = 10_000 } = wish;
  const heard: (string | null)[] = [];
  const redis = await openRedis({
    url,
    trial: limitTrial,
    deadlineMs,
    heed: (fault) => heard.push(fault),
  });
  const limiter = limiterInRedis({ redis, local: limiterInMemory(), whenDown, key: wish.key ?? key });
  return { limiter, redis, heard };
}

async function allowedOf(decisions: readonly (Decision | Promise<Decision>)[]): Promise<number> {
  return (await Promise.all(decisions)).filter(({ allowed }) => allowed).length;
}

async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !holds(); turn += 1) await pause(10);
  expect(holds()).toBe(true);
}

describe("limits shared through Redis", () => {
  if (redisProgram === null) {
    test.skip("they are tested: redis-server is not installed here", () => undefined);
    return;
  }
  proves("LIM-2");

  let server: RedisServer;
  const opened: Node[] = [];
  const node = async (wish?: Wish): Promise<Node> => {
    const one = await nodeAt(server.url, wish);
    opened.push(one);
    return one;
  };

  beforeAll(async () => {
    server = await redisServer();
  });
  beforeEach(() => command(["FLUSHALL"]));
  afterEach(() => {
    for (const { redis } of opened.splice(0)) redis.close();
  });
  afterAll(() => server.stop());

  async function command(words: readonly string[], url = server.url): Promise<unknown> {
    const client = createClient({ url, socket: { reconnectStrategy: false } });
    client.on("error", () => undefined);
    await client.connect();
    const answer = await client.sendCommand([...words]);
    client.destroy();
    return answer;
  }

  test.each([1, 7, 63, 64, 100, 1000])("a limit of %i lets exactly that many through", async (limit) => {
    const { limiter } = await node();
    const all = Array.from({ length: limit + 64 }, () => limiter.check([charge({ limit })]));
    expect(await allowedOf(all)).toBe(limit);
  });

  test("two nodes share one bucket to the unit, 64 callers at once", async () => {
    const [one, other] = [await node(), await node()];
    const caller = async (_: unknown, at: number): Promise<Decision[]> => {
      const seen: Decision[] = [];
      for (let turn = 0; turn < 10; turn += 1) {
        seen.push(await (at % 2 === 0 ? one : other).limiter.check([charge({ limit: 321 })]));
      }
      return seen;
    };
    const all = (await Promise.all(Array.from({ length: 64 }, caller))).flat();
    expect(await allowedOf(all)).toBe(321);
    expect(await other.limiter.check([charge({ limit: 321 })])).toMatchObject({
      allowed: false,
      remaining: 0,
      bucket: "address",
    });
  });

  test("several buckets are charged all or none, and the tightest one is told", async () => {
    const { limiter } = await node();
    const person = charge({ name: "person", key: "person:p", limit: 2 });
    const address = charge({ limit: 10 });
    expect(await limiter.check([address, person])).toMatchObject({ bucket: "person", remaining: 1 });
    for (let at = 0; at < 4; at += 1) await limiter.check([address, person]);
    expect(await limiter.check([address, person])).toMatchObject({ allowed: false, bucket: "person" });
    expect((await limiter.check([address])).remaining).toBe(10 - 2 - 1);
  });

  test("decisions are those of the limiter in memory, whatever is asked", async () => {
    const { redis } = await node();
    const clock = { us: 0 };
    const watched: Pick<Redis, "run"> = {
      run: (...asked) =>
        redis.run(...asked)?.then((answer) => {
          clock.us = Array.isArray(answer) ? Number(answer[0]) : Number.NaN;
          return answer;
        }) ?? null,
    };
    let run = 0;
    const policy = fc.record({
      limit: fc.integer({ min: 1, max: 30 }),
      periodMs: fc.integer({ min: 10, max: 300 }),
      burst: fc.option(fc.integer({ min: 1, max: 40 }), { nil: 1 }),
    });
    const step = fc.record({
      waitMs: fc.constantFrom(0, 0, 0, 1, 3, 12),
      asks: fc.uniqueArray(fc.record({ which: fc.nat({ max: 2 }), cost: fc.integer({ min: 1, max: 12 }) }), {
        minLength: 1,
        selector: ({ which }) => which,
      }),
      penalty: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(policy, policy, policy),
        fc.array(step, { maxLength: 25 }),
        async (policies, steps) => {
          run += 1;
          const limiter = limiterInRedis({
            redis: watched,
            local: limiterInMemory(),
            whenDown: "refuse",
            key,
          });
          // Half a microsecond more, so that dividing and multiplying by 1000 cannot round down to the one before.
          const twin = limiterInMemory({ nowMs: () => (clock.us + 0.5) / 1000 });
          for (const { waitMs, asks, penalty } of steps) {
            if (waitMs > 0) await pause(waitMs);
            const charges = asks.map(({ which, cost }) =>
              charge({ ...policies[which], cost, name: `p${which}`, key: `${run}:${which}` }),
            );
            if (penalty) {
              await limiter.penalise(charges);
              await twin.penalise(charges);
            } else {
              const decision = await limiter.check(charges);
              expect(decision).toEqual(await twin.check(charges));
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("times are kept to the microsecond", async () => {
    const { redis } = await node();
    const seen: number[] = [];
    const run: Redis["run"] = (...asked) =>
      redis.run(...asked)?.then((answer) => {
        seen.push(...[answer].flat().map(Number));
        return answer;
      }) ?? null;
    const limiter = limiterInRedis({ redis: { run }, local: limiterInMemory(), whenDown: "refuse", key });
    const odd = charge({ limit: 7, periodMs: 1_234_567 });
    for (let at = 0; at < 5; at += 1) await limiter.check([odd]);
    const [first = 0] = seen;
    const interval = Math.ceil(1_234_567_000 / 7);
    expect(seen.filter((_, at) => at % 2 === 1)).toEqual(
      [0, 1, 2, 3, 4].map((at) => (at === 0 ? 0 : first + at * interval)),
    );
  });

  test("a penalty empties the bucket for all nodes, and never more than that", async () => {
    const [one, other] = [await node(), await node()];
    const short = charge({ limit: 10, periodMs: 500 });
    for (let at = 0; at < 50; at += 1) await one.limiter.penalise([{ ...short, cost: 10 }]);
    expect(await other.limiter.check([short])).toMatchObject({ allowed: false, retryAfterSeconds: 1 });
    await pause(520);
    expect(
      await allowedOf(Array.from({ length: 30 }, () => other.limiter.check([short]))),
    ).toBeGreaterThanOrEqual(10);
  });

  test("a bucket that is full again takes no room", async () => {
    const { limiter } = await node();
    await limiter.check([charge({ limit: 4, periodMs: 4000 }), charge({ key: "address:b" })]);
    expect(await command(["KEYS", "*"])).toHaveLength(2);
    await pause(1100);
    expect(await command(["KEYS", "*"])).toHaveLength(1);
  });

  test("nothing in Redis tells who was here, and other installations count for themselves", async () => {
    const [ours, theirs] = [await node(), await node({ key: Buffer.alloc(32, 1) })];
    const who = charge({ key: "person:0198c0de-0000-7000-8000-00000000000b", limit: 1 });
    expect((await ours.limiter.check([who])).allowed).toBe(true);
    expect((await theirs.limiter.check([who])).allowed).toBe(true);
    expect((await ours.limiter.check([who])).allowed).toBe(false);
    const names = await command(["KEYS", "*"]);
    expect(names).toHaveLength(2);
    expect(String(names)).toMatch(/^(?:ringfence:\{limits\}:[\w-]{8}:[\w-]{20},?){2}$/);
    expect(String(names)).not.toContain("0198c0de");
  });

  test("a server that has forgotten the script is told it again", async () => {
    const { limiter, redis } = await node();
    for (let at = 0; at < 3; at += 1) {
      await command(["SCRIPT", "FLUSH"]);
      expect((await limiter.check([charge({ limit: 4 })])).remaining).toBe(3 - at);
    }
    expect(redis.fault).toBeNull();
  });

  test("a cluster works through the node that has the limits, and is refused through any other", async () => {
    const cluster = await redisServer(["--cluster-enabled", "yes"]);
    const ask = (...words: string[]): Promise<unknown> => command(words, cluster.url);
    await ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    await expect.poll(() => ask("CLUSTER", "INFO"), { timeout: 10_000 }).toContain("cluster_state:ok");
    const { limiter, redis } = await nodeAt(cluster.url);
    const all = Array.from({ length: 9 }, () => limiter.check([charge({ limit: 3 }), charge({ key: "b" })]));
    expect(await allowedOf(all)).toBe(3);
    await ask("CLUSTER", "DELSLOTS", String(await ask("CLUSTER", "KEYSLOT", "ringfence:{limits}:")));
    expect((await limiter.check([charge({ limit: 3 })])).allowed).toBe(false);
    expect(redis.fault).toMatch(/is part of a cluster/);
    redis.close();
    await cluster.stop();
  });

  test("a clock that was set back locks nobody out for longer than one period", async () => {
    const { limiter } = await node();
    const short = charge({ limit: 10, periodMs: 500 });
    await limiter.penalise([{ ...short, cost: 10 }]);
    const [name = ""] = [await command(["KEYS", "*"])].flat().map(String);
    await command(["SET", name, String((Date.now() + 10 * hour) * 1000)]);
    expect((await limiter.check([short])).allowed).toBe(false);
    await pause(520);
    expect((await limiter.check([short])).allowed).toBe(true);
  });

  describe("when Redis goes away", () => {
    afterEach(async () => {
      server.thaw();
      await server.kill();
      await server.start();
    });

    test("each node counts alone, from where it was, and shares again when it is back", async () => {
      const [one, other] = [await node(), await node()];
      const five = charge({ limit: 5 });
      for (let at = 0; at < 5; at += 1) await one.limiter.check([five]);
      await server.kill();
      await until(() => [one, other].every(({ redis }) => redis.fault?.includes("refuses") === true));
      expect(one.redis.fault).toBe(
        `Redis at 127.0.0.1:${server.port} refuses connections: nothing listens there.`,
      );
      const alone = one.limiter.check([five]);
      expect(alone).not.toBeInstanceOf(Promise);
      expect((await alone).allowed).toBe(false);
      expect(await allowedOf(Array.from({ length: 9 }, () => other.limiter.check([five])))).toBe(5);
      await server.start();
      await until(() => one.redis.fault === null && other.redis.fault === null);
      const fresh = charge({ key: "address:fresh", limit: 4 });
      const all = Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? one : other).limiter.check([fresh]));
      expect(await allowedOf(all)).toBe(4);
      expect([one.heard.at(0), one.heard.at(-1)]).toEqual([null, null]);
    });

    test("requests are refused where the operator wants that", async () => {
      const { limiter, redis } = await node({ whenDown: "refuse" });
      await server.kill();
      await until(() => redis.fault !== null);
      expect(() => limiter.check([charge()])).toThrow(
        expect.objectContaining({ key: "busy", retryAfterSeconds: 2 }),
      );
      await expect(Promise.resolve(limiter.penalise([charge()]))).resolves.toBeUndefined();
      await server.start();
      await until(() => redis.fault === null);
      expect((await limiter.check([charge()])).allowed).toBe(true);
    });

    test.each(["local", "refuse"] as const)(
      "one that is frozen holds requests up for its deadline once, then for nothing (%s)",
      async (whenDown) => {
        const { limiter, redis } = await node({ whenDown, deadlineMs: 50 });
        await limiter.check([charge()]);
        server.freeze();
        const began = performance.now();
        const settled = await Promise.allSettled(
          Array.from({ length: 64 }, async () => limiter.check([charge()])),
        );
        expect(performance.now() - began).toBeLessThan(500);
        expect(new Set(settled.map(({ status }) => status))).toEqual(
          new Set([whenDown === "local" ? "fulfilled" : "rejected"]),
        );
        expect(redis.fault).toContain("gave no answer within");
        // Long enough for a second attempt to reach it.
        await pause(700);
        const again = performance.now();
        for (let at = 0; at < 1000; at += 1) {
          try {
            expect(limiter.check([charge({ key: "address:b" })])).not.toBeInstanceOf(Promise);
          } catch (error) {
            if (whenDown === "local") throw error;
          }
        }
        expect(performance.now() - again).toBeLessThan(500);
        server.thaw();
        await until(() => redis.fault === null);
        expect((await limiter.check([charge({ key: "address:c" })])).allowed).toBe(true);
      },
    );

    test("one that dies with requests on their way leaves none of them waiting", async () => {
      const { limiter, redis } = await node();
      const ten = charge({ limit: 10 });
      await limiter.check([ten]);
      server.freeze();
      const waiting = Array.from({ length: 64 }, async () => limiter.check([ten]));
      await pause(20);
      await server.kill();
      expect(await allowedOf(await Promise.all(waiting))).toBe(10 - 1);
      expect(redis.fault).not.toBeNull();
    });

    test("closing leaves no connection and no timer behind", async () => {
      const { limiter, redis } = await node();
      await limiter.check([charge()]);
      redis.close();
      expect((await limiter.check([charge()])).allowed).toBe(true);
      await server.kill();
      await server.start();
      expect(
        String(await command(["CLIENT", "LIST"]))
          .trim()
          .split("\n"),
      ).toHaveLength(1);
    });
  });
});
