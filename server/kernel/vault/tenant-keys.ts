import { deriveKey } from "../../foundation/ids/index.ts";
import { keyBytes } from "./gcm.ts";

/** The opened keys of one tenant. The key bytes are reachable from inside this room only. */
export interface TenantKeys {
  readonly tenantId: string;
  /** The number of the key that seals; older ones only open. */
  readonly currentKeyId: number;
}

interface Held {
  readonly keys: ReadonlyMap<number, Buffer>;
  /** Keys derived per field, by `keyId table.column`. There are as many as the schema has sealed columns. */
  readonly fieldKeys: Map<string, Buffer>;
}

const held = new WeakMap<TenantKeys, Held>();

const keyIdMax = 0xffff_ffff;

/** Holds a tenant's keys by number, the highest for sealing. Takes the buffers over and overwrites them in the end. */
export function tenantKeysOf(tenantId: string, keys: ReadonlyMap<number, Buffer>): TenantKeys {
  const numbers = [...keys.keys()];
  const sound = numbers.every((keyId) => Number.isInteger(keyId) && keyId >= 1 && keyId <= keyIdMax);
  const whole = [...keys.values()].every((key) => key.length === keyBytes);
  if (tenantId === "" || numbers.length === 0 || !sound || !whole)
    throw new RangeError("These are not a tenant's keys.");
  const tenantKeys: TenantKeys = Object.freeze({ tenantId, currentKeyId: Math.max(...numbers) });
  held.set(tenantKeys, { keys, fieldKeys: new Map() });
  return tenantKeys;
}

/**
 * The key of one column under one of the tenant's keys, or null when there is none, or the keys were put away.
 *
 * A key per column keeps each far below the 2^32 seals that random nonces allow (see README), and keeps a fault in one
 * use from reaching another.
 */
export function fieldKey(
  tenantKeys: TenantKeys,
  keyId: number,
  table: string,
  column: string,
): Buffer | null {
  const { keys, fieldKeys } = held.get(tenantKeys) ?? { fieldKeys: new Map<string, Buffer>() };
  const tenantKey = keys?.get(keyId);
  if (tenantKey === undefined) return null;
  const name = `${keyId} ${table}.${column}`;
  const known = fieldKeys.get(name);
  if (known !== undefined) return known;
  const derived = deriveKey(tenantKey, `sealed field ${table}.${column}`);
  fieldKeys.set(name, derived);
  return derived;
}

/** Overwrites the keys. Whoever still holds the object can neither seal nor open with it any more. */
export function putAway(tenantKeys: TenantKeys): void {
  const { keys, fieldKeys } = held.get(tenantKeys) ?? {};
  held.delete(tenantKeys);
  for (const key of keys?.values() ?? []) key.fill(0);
  for (const key of fieldKeys?.values() ?? []) key.fill(0);
}
