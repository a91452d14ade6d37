import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { openRedis } from "../server/foundation/redis/index.ts";
import {
  type Charge,
  type Limiter,
  limiterInMemory,
  limiterInRedis,
  limitTrial,
} from "../server/kernel/limits/index.ts";
import { redisProgram, redisServer, type RedisServer } from "../tests/redis-server.ts";
import { median, processCpu } from "./process-cpu.ts";

/**
 * CPU per decision about one bucket and about three, in memory and through Redis (of this process and of Redis), against
 * rate-limiter-flexible; then how many more than the limit each lets through when 64 callers reach it at once, and what a
 * refusal by one bucket costs the others. `npm run bench limits`
 */

const rounds = 7;
const callers = 64;
/** Names that no two arms share. */
let series = 0;
const decisions = { memory: 200_000, redis: 20_000 } as const;
const day = 86_400;

/** Asks about this many buckets of a caller; says whether the request may go on. */
type Ask = (caller: number, buckets: number) => boolean | Promise<boolean>;

interface Arm {
  readonly name: string;
  readonly where: keyof typeof decisions;
  /** Buckets that hold so many requests each, under names that no other arm uses. */
  limited(limit: number): Ask;
  close(): void;
}

const server = redisProgram === null ? null : await redisServer();
if (server === null) console.log("Redis is not installed here: those arms are left out.");
const arms = [ours(), ...(server === null ? [] : [await oursInRedis(server)]), ...(await rivals(server))];
try {
  for (const where of ["memory", "redis"] as const) {
    const asked = arms.filter((arm) => arm.where === where);
    for (const buckets of [1, 3]) await costs(asked, where, buckets);
  }
  console.log(`\n${callers} callers reach a limit of 1000 at once:`);
  for (const arm of arms) await boundary(arm);
} finally {
  for (const arm of arms) arm.close();
  await server?.stop();
}

async function costs(asked: readonly Arm[], where: keyof typeof decisions, buckets: number): Promise<void> {
  const readings = new Map<Arm, { node: number; redis: number }[]>(asked.map((arm) => [arm, []]));
  const asks = new Map(asked.map((arm) => [arm, arm.limited(1_000_000_000)]));
  // The first round warms up.
  for (let round = 0; round <= rounds; round += 1) {
    for (const [arm, ask] of asks) {
      const reading = await cost(ask, decisions[where], buckets);
      if (round > 0) readings.get(arm)?.push(reading);
    }
  }
  console.log(
    `\n${where}, ${buckets === 1 ? "one bucket" : `${buckets} buckets`} a request; medians of ${rounds} rounds, node ${process.version}`,
  );
  for (const [{ name }, all] of readings) {
    const [node, redis] = [median(all.map((one) => one.node)), median(all.map((one) => one.redis))];
    const theirs = where === "redis" ? ` + ${redis.toFixed(1)} of Redis` : "";
    console.log(`${name.padEnd(26)} ${node.toFixed(2).padStart(7)} µs of CPU${theirs}`);
  }
}

/** Microseconds of CPU per decision, asked by 64 callers at once. */
async function cost(ask: Ask, times: number, buckets: number): Promise<{ node: number; redis: number }> {
  const pid = server?.pid;
  const redisBefore = pid === undefined ? 0 : processCpu(pid);
  const before = process.cpuUsage();
  const caller = async (_: unknown, at: number): Promise<void> => {
    for (let turn = at; turn < times; turn += callers) {
      const allowed = ask(turn % 1000, buckets);
      if (!(allowed instanceof Promise ? await allowed : allowed)) throw new Error("a request was refused");
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const { user, system } = process.cpuUsage(before);
  const redis = pid === undefined ? 0 : processCpu(pid) - redisBefore;
  return { node: (user + system) / times, redis: redis / times };
}

/** Both at once: the limit itself, and a first bucket that has room while the second is empty. */
async function boundary({ name, where, limited }: Arm): Promise<void> {
  const ask = limited(1000);
  let through = 0;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (let turn = 0; turn < 32; turn += 1) if (await ask(0, 1)) through += 1;
    }),
  );
  const several = limited(100);
  for (let at = 0; at < 100; at += 1) await several(0, 2);
  const refused = await Promise.all(Array.from({ length: callers }, async () => several(0, 3)));
  // The third bucket has seen nothing but refused requests.
  let left = 0;
  while (left < 200 && (await several(0, -3))) left += 1;
  console.log(
    `${`${name}, ${where}`.padEnd(34)} ${through - 1000} too many; ${refused.filter(Boolean).length} of ${callers} pass an empty bucket, which costs the full one beside it ${100 - left} of 100`,
  );
}

/** The buckets of a request: the first so many of a caller, or (negative) the one at that place alone. */
function places(buckets: number): readonly number[] {
  return buckets < 0 ? [-buckets] : Array.from({ length: buckets }, (_, at) => at + 1);
}

function askOf(limiter: Limiter, limit: number): Ask {
  const name = `s${(series += 1)}`;
  return (caller, buckets) => {
    const charges: Charge[] = places(buckets).map((place) => ({
      name: `b${place}`,
      key: `${name}:b${place}:${caller}`,
      limit,
      periodMs: day * 1000,
    }));
    const decision = limiter.check(charges);
    return decision instanceof Promise ? decision.then(({ allowed }) => allowed) : decision.allowed;
  };
}

function ours(): Arm {
  const limiter = limiterInMemory();
  return {
    name: "ringfence",
    where: "memory",
    limited: (limit) => askOf(limiter, limit),
    close: () => undefined,
  };
}

async function oursInRedis({ url }: RedisServer): Promise<Arm> {
  const redis = await openRedis({
    url,
    trial: limitTrial,
    deadlineMs: 10_000,
    heed: () => undefined,
  });
  const limiter = limiterInRedis({
    redis,
    local: limiterInMemory(),
    whenDown: "refuse",
    key: Buffer.alloc(32, 1),
  });
  return { name: "ringfence", where: "redis", limited: (limit) => askOf(limiter, limit), close: redis.close };
}

/** What of rate-limiter-flexible is used here. */
interface Rival {
  consume(key: string): Promise<unknown>;
}
type RivalClass = new (options: object) => Rival;

/** It is no dependency: it is installed beside the temporary files, and left out where npm cannot be reached. */
async function rivals(redis: RedisServer | null): Promise<Arm[]> {
  const folder = path.join(tmpdir(), "ringfence-bench-limits");
  if (!existsSync(path.join(folder, "node_modules/ioredis"))) {
    mkdirSync(folder, { recursive: true });
    const args = ["install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts"];
    const npm = spawn("npm", [...args, "rate-limiter-flexible@11.4.0", "ioredis@6.0.0"], { stdio: "ignore" });
    await new Promise((resolve) => npm.once("exit", resolve).once("error", resolve));
  }
  const load = createRequire(path.join(folder, "package.json"));
  try {
    // as: what the rivals export, as their documentation says.
    const { RateLimiterMemory, RateLimiterRedis } = load("rate-limiter-flexible") as Record<
      string,
      RivalClass
    >;
    const { Redis: Connection } = load("ioredis") as { Redis: new (url: string) => { disconnect(): void } };
    if (RateLimiterMemory === undefined || RateLimiterRedis === undefined) return [];
    const name = "rate-limiter-flexible";
    const inMemory: Arm = {
      name,
      where: "memory",
      limited: (limit) =>
        rivalAsk(
          (place) =>
            new RateLimiterMemory({ points: limit, duration: day, keyPrefix: `m${(series += 1)}b${place}` }),
        ),
      close: () => undefined,
    };
    if (redis === null) return [inMemory];
    const connection = new Connection(redis.url);
    const inRedis: Arm = {
      name,
      where: "redis",
      limited: (limit) =>
        rivalAsk(
          (place) =>
            new RateLimiterRedis({
              storeClient: connection,
              points: limit,
              duration: day,
              keyPrefix: `r${(series += 1)}b${place}`,
            }),
        ),
      close: () => connection.disconnect(),
    };
    return [inMemory, inRedis];
  } catch {
    console.log("rate-limiter-flexible could not be installed (npm cannot be reached): it is left out.");
    return [];
  }
}

/** A limiter for each bucket, all asked at once, as its RateLimiterUnion does. */
function rivalAsk(limiterOf: (place: number) => Rival): Ask {
  const limiters = new Map([1, 2, 3].map((place) => [place, limiterOf(place)]));
  return async (caller, buckets) => {
    const asked = places(buckets).map((place) => limiters.get(place)?.consume(String(caller)));
    const settled = await Promise.allSettled(asked);
    return settled.every(({ status }) => status === "fulfilled");
  };
}
