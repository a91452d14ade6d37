import { sha256 } from "../../../foundation/ids/index.ts";

/**
 * Remembers millions of keys in 16 bytes each, for a dry run that writes nothing and must still notice that row 900,000
 * repeats row 7. Keeps 52 bits of a digest: among a million keys one pair is mistaken for equal once in 9,000 files.
 */
export interface SeenKeys {
  /** Whether the key was seen before; from now on it was. */
  sawBefore(key: string): boolean;
}

export function createSeenKeys(): SeenKeys {
  let slots = new Float64Array(1 << 16);
  let used = 0;
  const place = (table: Float64Array, value: number): boolean => {
    let at = value % table.length;
    while (table[at] !== 0) {
      if (table[at] === value) return true;
      at = (at + 1) % table.length;
    }
    table[at] = value;
    return false;
  };
  return {
    sawBefore: (key) => {
      if (used * 2 > slots.length) {
        const wider = new Float64Array(slots.length * 2);
        for (const value of slots) if (value !== 0) place(wider, value);
        slots = wider;
      }
      // Never 0, which marks an empty slot.
      const value = sha256(key).readUIntBE(0, 6) * 16 + 1;
      const seen = place(slots, value);
      if (!seen) used += 1;
      return seen;
    },
  };
}
