/** When a caller counts as an attacker, and for how long it is turned away. */
export interface BlockRules {
  /** So many points of offence ... */
  readonly points: number;
  /** ... within so many milliseconds lead to a block. */
  readonly windowMs: number;
  /** How long the first block lasts; each repetition lasts twice as long as the one before. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** The most callers whose offences are remembered, and the most that are blocked at once; about 200 bytes each. */
  readonly callersMax: number;
}

/** A block that has begun. */
export interface Begun {
  readonly seconds: number;
  /** 1 for the first block of this caller, 2 for the next one ... */
  readonly repetition: number;
}

/** A block that is over. */
export interface Ended {
  readonly key: string;
  /** How many requests were turned away while it lasted. */
  readonly refused: number;
}

/**
 * Callers that are turned away for a while because of what they sent.
 *
 * Invariant: every block ends by itself, at the latest after `longestMs`, and memory stays below what the rules allow
 * however many callers offend.
 */
export interface Blocks {
  /** Milliseconds until this caller is heard again; 0 for everybody who is not blocked, at the price of one look-up. */
  waitMs(key: string): number;
  /** Counts a request that was turned away. */
  refused(key: string): void;
  /** Adds points to a caller's account; says so when that begins a block. */
  offend(key: string, points: number): Begun | null;
  /** Takes out and tells the blocks that have ended. */
  release(): Ended[];
  /** How many callers are blocked. */
  readonly size: number;
}
