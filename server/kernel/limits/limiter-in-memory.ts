import { monotonicMs } from "../../foundation/clock/index.ts";
import { decide } from "./decide.ts";
import { forced } from "./gcra.ts";
import type { Charge, Decision, Limiter } from "./limiter.ts";

interface Options {
  /** The most buckets that are remembered; about 120 bytes each. */
  readonly bucketsMax?: number;
  readonly nowMs?: () => number;
}

const sweptPerInsert = 4;
const sweptWhenFull = 512;

/**
 * A limiter in this process, of bounded memory.
 *
 * It forgets a bucket only once it is full again, which changes no later answer. When all that it may remember is
 * still in use, it refuses whoever is new with `capacity` rather than letting a flood push out the buckets that
 * restrain it. Each call runs to its end without giving way to another, which makes it atomic.
 */
export function limiterInMemory({ bucketsMax = 200_000, nowMs = monotonicMs }: Options = {}): Limiter {
  const buckets = new Map<string, number>();
  let sweeper = buckets.entries();

  const sweep = (count: number, nowUs: number): void => {
    for (let swept = 0; swept < count; swept += 1) {
      const next = sweeper.next();
      if (next.done === true) {
        sweeper = buckets.entries();
        return;
      }
      if (next.value[1] <= nowUs) buckets.delete(next.value[0]);
    }
  };

  const hasRoomFor = (charges: readonly Charge[], nowUs: number): boolean => {
    let added = 0;
    for (const { key } of charges) if (!buckets.has(key)) added += 1;
    if (added === 0) return true;
    sweep(sweptPerInsert, nowUs);
    if (buckets.size + added > bucketsMax) sweep(sweptWhenFull, nowUs);
    return buckets.size + added <= bucketsMax;
  };

  return {
    check(charges) {
      const nowUs = Math.floor(nowMs() * 1000);
      if (!hasRoomFor(charges, nowUs)) return full;
      return decide(charges, buckets, nowUs);
    },
    penalise(charges) {
      const nowUs = Math.floor(nowMs() * 1000);
      if (!hasRoomFor(charges, nowUs)) return;
      for (const charge of charges) {
        buckets.set(charge.key, forced(buckets.get(charge.key) ?? 0, nowUs, charge));
      }
    },
  };
}

const full: Decision = Object.freeze({
  allowed: false,
  retryAfterSeconds: 1,
  remaining: 0,
  resetSeconds: 1,
  bucket: "capacity",
});
