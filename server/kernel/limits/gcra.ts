import type { Charge } from "./limiter.ts";

/**
 * The state of a bucket is one number: the theoretical arrival time (TAT), the moment at which it will be full again.
 * All times are whole microseconds, since fractions of a float would add up to one request too many or too few.
 */
export interface Judged {
  /** The TAT if this charge is taken. */
  readonly taken: number;
  /** Microseconds until it fits; 0 when it fits now, Infinity when it never will. */
  readonly wait: number;
}

/** Says what a charge would do to a bucket, without doing it. */
export function judge(tat: number, nowUs: number, charge: Charge): Judged {
  const interval = intervalOf(charge);
  const capacity = capacityOf(charge);
  const from = Math.max(tat, nowUs);
  const taken = from + interval * (charge.cost ?? 1);
  const wait = taken - nowUs - capacity;
  if (wait <= 0) return { taken, wait: 0 };
  return { taken, wait: interval * (charge.cost ?? 1) > capacity ? Number.POSITIVE_INFINITY : wait };
}

/** The TAT after a charge that is taken whether it fits or not; the bucket is empty then, and never worse. */
export function forced(tat: number, nowUs: number, charge: Charge): number {
  const wanted = Math.max(tat, nowUs) + intervalOf(charge) * (charge.cost ?? 1);
  return Math.min(wanted, nowUs + capacityOf(charge));
}

/** How many requests of cost 1 the bucket still takes. */
export function remainingAt(tat: number, nowUs: number, charge: Charge): number {
  return Math.max(0, Math.floor((capacityOf(charge) - Math.max(0, tat - nowUs)) / intervalOf(charge)));
}

function intervalOf(charge: Charge): number {
  return Math.ceil((charge.periodMs * 1000) / charge.limit);
}

function capacityOf(charge: Charge): number {
  return intervalOf(charge) * (charge.burst ?? charge.limit);
}
