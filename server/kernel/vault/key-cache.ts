import { putAway, type TenantKeys } from "./tenant-keys.ts";
import { UnsealError } from "./unseal-error.ts";

interface KeyCacheParts {
  readonly load: (tenantId: string) => Promise<TenantKeys>;
  readonly openMax: number;
  readonly openMsMax: number;
  readonly clockMs: () => number;
}

export interface KeyCache {
  /** The opened keys; loaded anew when `keyId` is newer than what is known, as after a rotation on another node. */
  keysOf(tenantId: string, keyId?: number): Promise<TenantKeys>;
  forget(tenantId: string): void;
}

interface Entry {
  readonly keys: TenantKeys;
  readonly loadedMs: number;
}

/** At most so many loads a second for keys that are unknown: a made-up key number must not become a query each. */
const reloadMsMin = 1000;

/**
 * Opened keys by tenant: the least recently used go first, none stays beyond its time, many askers make one load, and
 * whatever leaves is overwritten.
 */
export function openKeyCache({ load, openMax, openMsMax, clockMs }: KeyCacheParts): KeyCache {
  const entries = new Map<string, Entry>();
  const loading = new Map<string, Promise<TenantKeys>>();

  const drop = (tenantId: string): void => {
    const entry = entries.get(tenantId);
    entries.delete(tenantId);
    if (entry !== undefined) putAway(entry.keys);
  };

  const keep = (tenantId: string, keys: TenantKeys): void => {
    drop(tenantId);
    for (const [other, { loadedMs }] of entries) if (clockMs() - loadedMs >= openMsMax) drop(other);
    const [leastUsed] = entries.keys();
    if (entries.size >= openMax && leastUsed !== undefined) drop(leastUsed);
    entries.set(tenantId, { keys, loadedMs: clockMs() });
  };

  const loadOnce = (tenantId: string): Promise<TenantKeys> => {
    const going = loading.get(tenantId);
    if (going !== undefined) return going;
    const started = load(tenantId).then(
      (keys) => {
        if (loading.get(tenantId) === started) {
          loading.delete(tenantId);
          keep(tenantId, keys);
          return keys;
        }
        // Forgotten while it was loading: what was read may be destroyed by now.
        putAway(keys);
        throw new UnsealError();
      },
      (cause: unknown) => {
        if (loading.get(tenantId) === started) loading.delete(tenantId);
        throw cause;
      },
    );
    loading.set(tenantId, started);
    return started;
  };

  return {
    async keysOf(tenantId, keyId = 0) {
      const entry = entries.get(tenantId);
      const ageMs = clockMs() - (entry?.loadedMs ?? 0);
      if (entry === undefined || ageMs >= openMsMax) return loadOnce(tenantId);
      if (keyId > entry.keys.currentKeyId && ageMs >= reloadMsMin) return loadOnce(tenantId);
      entries.delete(tenantId);
      entries.set(tenantId, entry);
      return entry.keys;
    },
    forget(tenantId) {
      loading.delete(tenantId);
      drop(tenantId);
    },
  };
}
