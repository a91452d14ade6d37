const digestsMax = 50_000;

/**
 * Remembers to whom a credential belonged when the database last recognised it, to count a person's requests in one
 * bucket. A hint for limits only: nothing is ever allowed because of it, and the oldest is forgotten first.
 */
export interface KnownDigests {
  personOf(digest: string): string | null;
  learn(digest: string, personId: string): void;
}

/** A new, empty memory of digests. */
export function knownDigests(): KnownDigests {
  const people = new Map<string, string>();
  return {
    personOf: (digest) => people.get(digest) ?? null,
    learn(digest, personId) {
      if (people.size >= digestsMax) {
        for (const oldest of people.keys()) {
          people.delete(oldest);
          break;
        }
      }
      people.set(digest, personId);
    },
  };
}
