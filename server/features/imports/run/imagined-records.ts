import { sha256 } from "../../../foundation/ids/index.ts";
import type { Imagined, KnownRecord } from "./known.ts";

const idBytes = 16;
const withKey = 1;
const withExternalId = 2;

/**
 * Remembers what a dry run would have written, in about 70 bytes a record outside of the heap, so that row 900,000 is
 * known to repeat row 7. Keeps 52 bits of a key's digest: among a million keys one pair is mistaken for equal once in
 * 9,000 files.
 */
export function createImagined(): Imagined {
  const keys = numbersByDigest();
  let ids = Buffer.alloc(1024 * idBytes);
  let flags = new Uint8Array(1024);
  let count = 0;
  const byDigest = (digest: number): KnownRecord | null => {
    const at = keys.get(digest);
    if (at === null) return null;
    const has = flags[at] ?? 0;
    return { id: uuidAt(ids, at), hasKey: (has & withKey) > 0, hasExternalId: (has & withExternalId) > 0 };
  };
  const append = (id: string): number => {
    if (count === flags.length) {
      ids = Buffer.concat([ids, Buffer.alloc(ids.length)]);
      const wider = new Uint8Array(flags.length * 2);
      wider.set(flags);
      flags = wider;
    }
    ids.write(id.replaceAll("-", ""), count * idBytes, "hex");
    return count++;
  };
  return {
    byKey: (key) => byDigest(digestOf(`key ${key}`)),
    byExternalId: (externalId) => byDigest(digestOf(`id ${externalId}`)),
    note: ({ id, hasKey, hasExternalId }, { key, externalId }) => {
      const digests = [
        key === null ? [] : digestOf(`key ${key}`),
        externalId === null ? [] : digestOf(`id ${externalId}`),
      ].flat();
      if (digests.length === 0) return;
      const known = digests.map((digest) => keys.get(digest)).find((at) => at !== null);
      const at = known ?? append(id);
      flags[at] = (hasKey ? withKey : 0) | (hasExternalId ? withExternalId : 0);
      for (const digest of digests) keys.set(digest, at);
    },
  };
}

interface Numbers {
  get(digest: number): number | null;
  set(digest: number, value: number): void;
}

/** A hash table with open addressing in two typed arrays, at most three quarters full. */
function numbersByDigest(): Numbers {
  let digests = new Float64Array(1 << 12);
  let values = new Int32Array(1 << 12);
  let used = 0;
  const placeOf = (table: Float64Array, digest: number): number => {
    let at = digest % table.length;
    while (table[at] !== 0 && table[at] !== digest) at = (at + 1) % table.length;
    return at;
  };
  const grow = (): void => {
    const wider = new Float64Array(digests.length * 2);
    const widerValues = new Int32Array(wider.length);
    for (const [from, digest] of digests.entries()) {
      if (digest === 0) continue;
      const to = placeOf(wider, digest);
      wider[to] = digest;
      widerValues[to] = values[from] ?? 0;
    }
    digests = wider;
    values = widerValues;
  };
  return {
    get: (digest) => {
      const at = placeOf(digests, digest);
      return digests[at] === 0 ? null : (values[at] ?? null);
    },
    set: (digest, value) => {
      if ((used + 1) * 4 > digests.length * 3) grow();
      const at = placeOf(digests, digest);
      if (digests[at] === 0) used += 1;
      digests[at] = digest;
      values[at] = value;
    },
  };
}

/** Never 0, which marks an empty slot. */
function digestOf(key: string): number {
  return sha256(key).readUIntBE(0, 6) * 16 + 1;
}

function uuidAt(ids: Buffer, at: number): string {
  const hex = ids.toString("hex", at * idBytes, (at + 1) * idBytes);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
