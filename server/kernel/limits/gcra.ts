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
  const cost = costOf(charge);
  const capacity = capacityOf(charge);
  const taken = Math.max(tat, nowUs) + cost;
  const wait = taken - nowUs - capacity;
  if (wait <= 0) return { taken, wait: 0 };
  return { taken, wait: cost > capacity ? Number.POSITIVE_INFINITY : wait };
}

/** The TAT after a charge that is taken whether it fits or not; the bucket is empty then, and never worse. */
export function forced(tat: number, nowUs: number, charge: Charge): number {
  return Math.min(Math.max(tat, nowUs) + costOf(charge), nowUs + capacityOf(charge));
}

/** How many requests of cost 1 the bucket still takes. */
export function remainingAt(tat: number, nowUs: number, charge: Charge): number {
  return Math.max(0, Math.floor((capacityOf(charge) - Math.max(0, tat - nowUs)) / intervalOf(charge)));
}

/** By how much a charge moves the TAT, in microseconds. */
export function costOf(charge: Charge): number {
  return intervalOf(charge) * (charge.cost ?? 1);
}

/** How far a TAT may lie ahead, in microseconds: the size of the bucket. */
export function capacityOf(charge: Charge): number {
  return intervalOf(charge) * (charge.burst ?? charge.limit);
}

function intervalOf(charge: Charge): number {
  return Math.ceil((charge.periodMs * 1000) / charge.limit);
}
