const digestsMax = 50_000;

/**
 * Remembers to whom a credential belonged when the database last recognised it, to count a person's requests in one
 * bucket and to hear its holder from a blocked address. A hint for limits only: no permission ever follows from it,
 * and the oldest is forgotten first.
 */
export interface KnownDigests {
  personOf(digest: string): string | null;
  learn(digest: string, personId: string): void;
  /** Forgets a digest that the database did not recognise any more. */
  forget(digest: string): void;
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
    forget: (digest) => void people.delete(digest),
  };
}
