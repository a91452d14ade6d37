import type { KeyAddress } from "./key-provider.ts";

/** A tenant's key as it is kept: useless without the master key, and for any other tenant. */
export interface WrappedKey extends KeyAddress {
  readonly wrapped: Buffer;
}

/**
 * Where wrapped keys live. To destroy a tenant's keys there, and call `forget`, is to erase all that they sealed,
 * in every backup that does not contain this store.
 */
export interface KeyStore {
  /** All keys of the tenant; none for one that never had any or whose keys were destroyed. */
  read(tenantId: string): Promise<readonly WrappedKey[]>;
  /** Keeps the key unless the tenant has one of that number already: the first writer wins, the other is no error. */
  add(key: WrappedKey): Promise<void>;
  /** Replaces the wrapping of a key that is still wrapped as `before`; a destroyed key stays destroyed. */
  rewrap(key: WrappedKey, before: Buffer): Promise<void>;
}
