/** Which tenant's key this is, and its number. It is part of what is wrapped: a wrapped key serves no other tenant. */
export interface KeyAddress {
  readonly tenantId: string;
  readonly keyId: number;
}

/**
 * Where the master key lives: here derived from the installation's secret, elsewhere in an HSM or a key service.
 *
 * A provider never hands the master key out; it wraps and unwraps the tenants' keys, and refuses by `UnsealError`.
 */
export interface KeyProvider {
  wrap(key: Buffer, address: KeyAddress): Promise<Buffer>;
  /** The 32 bytes of the key. The caller overwrites them when done. */
  unwrap(wrapped: Buffer, address: KeyAddress): Promise<Buffer>;
  /** False for what an older master key wrapped, which is to be wrapped anew. */
  isCurrent(wrapped: Buffer): boolean;
}
