/** A source of chance that falls the same way for the same seed, on every machine. */
export interface Dice {
  /** From 0 up to, but not including, 1. */
  next(): number;
  /** A whole number between both, both included. */
  between(least: number, most: number): number;
  /** True so often: 0.2 is one time in five. */
  chance(share: number): boolean;
  pick<T>(from: readonly T[]): T;
}

/** Dice for one part of the demo. Each part has its own, so that a change to one leaves the others as they were. */
export function diceOf(seed: string): Dice {
  let state = hashOf(seed);
  // mulberry32: 32 bits of state are plenty for made-up names, and nothing secret comes from here.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const between = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    between,
    chance: (share) => next() < share,
    pick: (from) => {
      const chosen = from[between(0, from.length - 1)];
      if (chosen === undefined) throw new Error("there is nothing to pick from");
      return chosen;
    },
  };
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, "utf8")) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}
