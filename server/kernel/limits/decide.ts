import { judge, remainingAt } from "./gcra.ts";
import type { Charge, Decision } from "./limiter.ts";

/**
 * Charges all of these buckets or none, and says what clients are told about it. `buckets` holds the TAT of each by its
 * key; a bucket that is not in it is full.
 */
export function decide(charges: readonly Charge[], buckets: Map<string, number>, nowUs: number): Decision {
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
}

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
