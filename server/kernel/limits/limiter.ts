/** What one request takes from one bucket. */
export interface Charge {
  /** What clients are told: the name of the policy, such as `address`. */
  readonly name: string;
  /** Whose bucket: unique among all policies, named once in a request, and never a raw address or token. */
  readonly key: string;
  /** So many requests ... */
  readonly limit: number;
  /** ... in so many milliseconds, as a steady flow. */
  readonly periodMs: number;
  /** How many may come at once after a rest; the whole limit unless said otherwise. */
  readonly burst?: number;
  readonly cost?: number;
}

/** The answer of a limiter about all buckets of one request. */
export interface Decision {
  readonly allowed: boolean;
  /** 0 when allowed; otherwise the whole seconds after which the same request is allowed if nobody else asks. */
  readonly retryAfterSeconds: number;
  /** What is left in the tightest bucket. */
  readonly remaining: number;
  /** Whole seconds until the tightest bucket is full again. */
  readonly resetSeconds: number;
  /** The name of the tightest bucket's policy; `capacity` when the limiter itself is full. */
  readonly bucket: string;
}

/**
 * Buckets that refill steadily (GCRA), wherever they are kept: in this process, or in a store that nodes share.
 *
 * Invariant: one call is one atomic step over all its buckets. Either each is charged or none is, and whatever runs
 * at the same time sees the step whole, so that a limit of N lets exactly N through.
 */
export interface Limiter {
  check(charges: readonly Charge[]): Decision | Promise<Decision>;
  /** Charges without asking, after a failed credential; never more than empties the bucket, so that nobody can be locked out for long. */
  penalise(charges: readonly Charge[]): void | Promise<void>;
}
