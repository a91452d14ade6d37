const digestsMax = 50_000;
/** Of whoever works in more organizations, requests to the others are counted there too, but late and refused by none. */
const tenantsMax = 50;

interface Known {
  readonly personId: string;
  readonly tenants: Map<string | null, string>;
}

/**
 * Remembers to whom a credential belonged when the database last recognised it, and in which organizations, to count a
 * person's and an organization's requests in one bucket and to hear the holder from a blocked address. A hint for limits
 * only: no permission ever follows from it, and the oldest is forgotten first.
 */
export interface KnownDigests {
  personOf(digest: string): string | null;
  /** The organization that an address names by this slug; null is the one to which a key belongs. */
  tenantOf(digest: string, slug: string | null): string | null;
  learn(digest: string, personId: string, slug: string | null, tenantId: string): void;
  /** Forgets a digest that the database did not recognise any more. */
  forget(digest: string): void;
}

/** A new, empty memory of digests. */
export function knownDigests(): KnownDigests {
  const known = new Map<string, Known>();
  return {
    personOf: (digest) => known.get(digest)?.personId ?? null,
    tenantOf: (digest, slug) => known.get(digest)?.tenants.get(slug) ?? null,
    learn(digest, personId, slug, tenantId) {
      const before = known.get(digest);
      if (before?.personId === personId) {
        if (before.tenants.size < tenantsMax) before.tenants.set(slug, tenantId);
        return;
      }
      if (known.size >= digestsMax) {
        for (const oldest of known.keys()) {
          known.delete(oldest);
          break;
        }
      }
      known.set(digest, { personId, tenants: new Map([[slug, tenantId]]) });
    },
    forget: (digest) => void known.delete(digest),
  };
}
