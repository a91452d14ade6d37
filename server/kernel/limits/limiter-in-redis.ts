import { hmacSha256 } from "../../foundation/ids/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import type { Link, Redis } from "../../foundation/redis/index.ts";
import { decide } from "./decide.ts";
import { capacityOf, costOf } from "./gcra.ts";
import { gcraScript } from "./gcra-script.ts";
import type { Charge, Decision, Limiter } from "./limiter.ts";

/** What becomes of requests while Redis does not answer: each node counts alone, or all are refused. */
export type WhenRedisIsDown = "local" | "refuse";

interface Options {
  readonly redis: Pick<Redis, "run">;
  /** What this node alone has let through. */
  readonly local: Limiter;
  readonly whenDown: WhenRedisIsDown;
  /** The same on all nodes that share buckets. */
  readonly key: Buffer;
}

const retryAfterSeconds = 2;

/**
 * Buckets that nodes share through Redis or Valkey: one step there over all buckets of a request.
 *
 * The names of buckets are keyed digests, so that nobody can read from Redis who was here or what the database takes
 * for a credential. The local limiter counts along: when Redis goes away, no bucket is suddenly full again on a node
 * that helped to empty it.
 */
export function limiterInRedis({ redis, local, whenDown, key }: Options): Limiter {
  const nameOf = namesUnder(key);
  const ask = (how: "check" | "force", charges: readonly Charge[]): Promise<unknown> | null =>
    redis.run(
      gcraScript,
      charges.map((charge) => nameOf(charge.key)),
      [how, ...charges.flatMap((charge) => [String(costOf(charge)), String(capacityOf(charge))])],
    );
  const alone = (charges: readonly Charge[]): Decision | Promise<Decision> => {
    if (whenDown === "refuse") throw new Problem("busy", { retryAfterSeconds });
    return local.check(charges);
  };
  const shared = async (answer: Promise<unknown>, charges: readonly Charge[]): Promise<Decision> => {
    let times: readonly number[];
    try {
      times = timesIn(await answer, charges.length);
    } catch {
      return alone(charges);
    }
    const [nowUs = 0, ...tats] = times;
    const buckets = new Map(charges.map((charge, at) => [charge.key, tats[at] ?? 0]));
    const decision = decide(charges, buckets, nowUs);
    if (decision.allowed) void local.check(charges);
    return decision;
  };
  return {
    check(charges) {
      if (charges.length === 0) return local.check(charges);
      const answer = ask("check", charges);
      return answer === null ? alone(charges) : shared(answer, charges);
    },
    penalise(charges) {
      void local.penalise(charges);
      if (charges.length === 0) return;
      // Whoever waits for this waits for nothing; a penalty that Redis missed is counted here.
      return ask("force", charges)?.then(nothing, nothing);
    },
  };
}

/** Charges a bucket of nobody's, which is full again a millisecond later: all that limits need, writing included. */
export async function limitTrial(link: Link): Promise<void> {
  timesIn(await link.run(gcraScript, [`${prefix}trial`], ["force", "1", "1"]), 1);
}

/** All names share one hash tag and hence one slot: a node of a cluster that takes one of them takes all. */
const prefix = "ringfence:{limits}:";
const namesMax = 20_000;

/** The names under which Redis knows buckets; those of installations with other secrets do not meet them. */
function namesUnder(key: Buffer): (bucket: string) => string {
  const ours = `${prefix}${digest(key, "installation", 6)}:`;
  const known = new Map<string, string>();
  return (bucket) => {
    const before = known.get(bucket);
    if (before !== undefined) return before;
    const name = ours + digest(key, `bucket ${bucket}`, 15);
    if (known.size >= namesMax) known.clear();
    known.set(bucket, name);
    return name;
  };
}

function digest(key: Buffer, what: string, bytes: number): string {
  return hmacSha256(key, what).toString("base64url", 0, bytes);
}

/** The server's time and one TAT for each bucket, in microseconds. */
function timesIn(answer: unknown, buckets: number): readonly number[] {
  const isTime = (one: unknown): one is number => Number.isSafeInteger(one);
  if (Array.isArray(answer) && answer.length === buckets + 1 && answer.every(isTime)) return answer;
  throw new TypeError("Redis answered with something else than times");
}

function nothing(): void {
  // The limiter's answer does not depend on it.
}
