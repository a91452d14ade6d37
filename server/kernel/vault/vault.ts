import { monotonicMs } from "../../foundation/clock/index.ts";
import { randomBytes } from "../../foundation/ids/index.ts";
import { envelopeOf } from "./envelope.ts";
import { keyBytes } from "./gcm.ts";
import { openKeyCache } from "./key-cache.ts";
import type { KeyProvider } from "./key-provider.ts";
import type { KeyStore, WrappedKey } from "./key-store.ts";
import { seal, useOpened, type Where } from "./seal.ts";
import { tenantKeysOf, type TenantKeys } from "./tenant-keys.ts";
import { UnsealError } from "./unseal-error.ts";

export interface Vault {
  /** Makes the first key of a new tenant. Nothing else does: an erased tenant must not come by a new key unnoticed. */
  create(tenantId: string): Promise<void>;
  seal(tenantId: string, where: Where, plaintext: Buffer): Promise<Buffer>;
  /** Opens for the time of `work`, at the moment of the outbound call, and overwrites the plaintext then. */
  use<T>(
    tenantId: string,
    where: Where,
    sealed: Buffer,
    work: (plaintext: Buffer) => T | Promise<T>,
  ): Promise<T>;
  /** The opened keys, for sealing many values in one go. Use them at once; they may be put away between two awaits. */
  keysOf(tenantId: string): Promise<TenantKeys>;
  /** Adds a key that seals from now on; older ones still open. Other nodes follow within five minutes. */
  rotate(tenantId: string): Promise<void>;
  /** Wraps with the current master key what an earlier one wrapped. No sealed value changes. */
  rewrap(tenantId: string): Promise<number>;
  /** Overwrites the opened keys, at once and for those who hold them: call it when the stored ones are destroyed. */
  forget(tenantId: string): void;
}

interface VaultParts {
  readonly provider: KeyProvider;
  readonly store: KeyStore;
  /** Tenants whose keys are kept opened. */
  readonly openMax?: number;
  readonly openMsMax?: number;
  readonly clockMs?: () => number;
}

/** Seals and opens for all tenants, each under its own keys, which it keeps opened for five minutes. */
export function openVault({
  provider,
  store,
  openMax = 1000,
  openMsMax = 300_000,
  clockMs = monotonicMs,
}: VaultParts): Vault {
  const load = async (tenantId: string): Promise<TenantKeys> =>
    unwrapAll(provider, tenantId, await store.read(tenantId));
  const cache = openKeyCache({ load, openMax, openMsMax, clockMs });
  const add = async (tenantId: string, keyId: number): Promise<void> => {
    const key = randomBytes(keyBytes);
    try {
      await store.add({ tenantId, keyId, wrapped: await provider.wrap(key, { tenantId, keyId }) });
    } finally {
      key.fill(0);
    }
    cache.forget(tenantId);
  };

  return {
    create: (tenantId) => add(tenantId, 1),
    seal: async (tenantId, where, plaintext) => seal(await cache.keysOf(tenantId), where, plaintext),
    async use(tenantId, where, sealed, work) {
      const keyId = envelopeOf(sealed)?.keyId ?? 0;
      return useOpened(await cache.keysOf(tenantId, keyId), where, sealed, work);
    },
    keysOf: (tenantId) => cache.keysOf(tenantId),
    rotate: async (tenantId) => add(tenantId, highest(await store.read(tenantId)) + 1),
    async rewrap(tenantId) {
      const stale = (await store.read(tenantId)).filter(({ wrapped }) => !provider.isCurrent(wrapped));
      for (const key of stale) await rewrapOne(provider, store, key);
      return stale.length;
    },
    forget: (tenantId) => cache.forget(tenantId),
  };
}

async function unwrapAll(
  provider: KeyProvider,
  tenantId: string,
  stored: readonly WrappedKey[],
): Promise<TenantKeys> {
  const opened = new Map<number, Buffer>();
  try {
    // The tenant asked for, not the one the row names: a row of another tenant must not open here.
    for (const { keyId, wrapped } of stored)
      opened.set(keyId, await provider.unwrap(wrapped, { tenantId, keyId }));
    highest(stored);
    return tenantKeysOf(tenantId, opened);
  } catch (cause) {
    for (const key of opened.values()) key.fill(0);
    throw cause;
  }
}

async function rewrapOne(
  provider: KeyProvider,
  store: KeyStore,
  { tenantId, keyId, wrapped }: WrappedKey,
): Promise<void> {
  const key = await provider.unwrap(wrapped, { tenantId, keyId });
  try {
    await store.rewrap({ tenantId, keyId, wrapped: await provider.wrap(key, { tenantId, keyId }) }, wrapped);
  } finally {
    key.fill(0);
  }
}

function highest(stored: readonly WrappedKey[]): number {
  if (stored.length === 0) throw new UnsealError();
  return Math.max(...stored.map(({ keyId }) => keyId));
}
