import type { Config } from "../../foundation/config/index.ts";
import { deriveKey } from "../../foundation/ids/index.ts";
import { log } from "../../foundation/log/index.ts";
import { openRedis } from "../../foundation/redis/index.ts";
import type { Limiter } from "./limiter.ts";
import { limiterInMemory } from "./limiter-in-memory.ts";
import { limiterInRedis, limitTrial } from "./limiter-in-redis.ts";

/** The limiter of this node, and what says whether it shares its buckets with the others. */
export interface NodeLimiter {
  readonly limiter: Limiter;
  /** Nothing where each process counts alone; `optional` where it does so while Redis is down. */
  readonly probes: readonly {
    readonly name: string;
    readonly optional: boolean;
    check(): Promise<void>;
  }[];
  close(): void;
}

type Settings = Pick<Config, "redisUrl" | "limitWhenRedisIsDown">;

/** Opens the limiter that the settings ask for. A Redis that does not answer delays this by two seconds, and prevents nothing. */
export async function openLimiter(settings: Settings, secret: Buffer): Promise<NodeLimiter> {
  const { redisUrl: url, limitWhenRedisIsDown: whenDown } = settings;
  const local = limiterInMemory();
  if (url === null) return { limiter: local, probes: [], close: () => undefined };
  const redis = await openRedis({
    url,
    trial: limitTrial,
    heed(fault) {
      if (fault === null) log.event("limits-shared", {});
      else log.event("limits-not-shared", { meanwhile: whenDown, reason: fault });
    },
  });
  const check = async (): Promise<void> => {
    if (redis.fault !== null) throw new Error(redis.fault);
  };
  return {
    limiter: limiterInRedis({ redis, local, whenDown, key: deriveKey(secret, "shared limits") }),
    probes: [{ name: "redis", optional: whenDown === "local", check }],
    close: () => redis.close(),
  };
}

/** What keeps limits from being shared through the Redis behind this URL, in a sentence for operators; null when nothing does. */
export async function sharingFault(url: string): Promise<string | null> {
  const redis = await openRedis({ url, trial: limitTrial, deadlineMs: 1000, heed: () => undefined });
  const { fault } = redis;
  redis.close();
  return fault;
}
