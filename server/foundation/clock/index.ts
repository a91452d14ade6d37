/** The present moment in UTC. Only this room reads the clock, so that a test can move the time of the whole product. */
export function now(): Date {
  return new Date(nowMs());
}

/** Milliseconds since 1970 (UTC); may jump when the machine's clock is set, so never measure a duration with it. */
export function nowMs(): number {
  return Date.now();
}

/** Milliseconds since the process began; never runs backwards, so durations and deadlines are measured with it. */
export function monotonicMs(): number {
  return performance.now();
}
