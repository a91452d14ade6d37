import { monotonicMs } from "../../foundation/clock/index.ts";
import { forced, judge, remainingAt } from "./gcra.ts";
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
      let refusal: Waiting | null = null;
      for (const charge of charges) {
        const { wait } = judge(buckets.get(charge.key) ?? 0, nowUs, charge);
        if (wait > (refusal?.wait ?? 0)) refusal = { charge, wait };
      }
      if (refusal !== null) return refused(refusal, buckets.get(refusal.charge.key) ?? 0, nowUs);
      let tightest = unlimited;
      for (const charge of charges) {
        const { taken } = judge(buckets.get(charge.key) ?? 0, nowUs, charge);
        buckets.set(charge.key, taken);
        const remaining = remainingAt(taken, nowUs, charge);
        if (remaining < tightest.remaining) tightest = allowed(charge, remaining, taken - nowUs);
      }
      return tightest;
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

interface Waiting {
  readonly charge: Charge;
  readonly wait: number;
}

function refused({ charge, wait }: Waiting, tat: number, nowUs: number): Decision {
  return {
    allowed: false,
    retryAfterSeconds: seconds(Math.min(wait, charge.periodMs * 1000)),
    remaining: remainingAt(tat, nowUs, charge),
    resetSeconds: seconds(tat - nowUs),
    bucket: charge.name,
  };
}

function allowed({ name }: Charge, remaining: number, untilFullUs: number): Decision {
  return { allowed: true, retryAfterSeconds: 0, remaining, resetSeconds: seconds(untilFullUs), bucket: name };
}

const unlimited: Decision = Object.freeze({
  allowed: true,
  retryAfterSeconds: 0,
  remaining: Number.MAX_SAFE_INTEGER,
  resetSeconds: 0,
  bucket: "none",
});

function seconds(us: number): number {
  return Math.max(1, Math.ceil(us / 1_000_000));
}
