const digestsMax = 50_000;
/** Of whoever works in more organizations, the oldest is asked for again. */
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
  /** `tenantId` is null for whoever does not belong to it. */
  learn(digest: string, personId: string, slug: string | null, tenantId: string | null): void;
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
      const tenants = before?.personId === personId ? before.tenants : new Map<string | null, string>();
      if (before === undefined) dropOldest(known, digestsMax);
      if (before?.personId !== personId) known.set(digest, { personId, tenants });
      if (tenantId === null) return;
      dropOldest(tenants, tenantsMax);
      tenants.set(slug, tenantId);
    },
    forget: (digest) => void known.delete(digest),
  };
}

/** Makes room for one more: the oldest entry goes. */
function dropOldest(entries: Map<unknown, unknown>, most: number): void {
  if (entries.size < most) return;
  for (const oldest of entries.keys()) {
    entries.delete(oldest);
    break;
  }
}
