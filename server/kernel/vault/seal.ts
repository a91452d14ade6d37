import { randomBytes } from "../../foundation/ids/index.ts";
import { envelopeOf, headerOf, plaintextBytesMax } from "./envelope.ts";
import { decrypt, encrypt, nonceBytes } from "./gcm.ts";
import { lengthPrefixed } from "./length-prefixed.ts";
import { fieldKey, type TenantKeys } from "./tenant-keys.ts";
import { UnsealError } from "./unseal-error.ts";

const identifier = /^[a-z_][a-z0-9_]{0,62}$/;

/** The cell that a sealed value belongs to. It opens in no other, whoever moves it. */
export interface Where {
  readonly table: string;
  readonly column: string;
  readonly rowId: string;
}

/** Seals a value for one cell of one tenant, at the cost of 33 bytes. Two seals of the same value look unrelated. */
export function seal(keys: TenantKeys, where: Where, plaintext: Buffer): Buffer {
  if (!names(where)) throw new RangeError("This is not the place of a sealed value.");
  if (plaintext.length > plaintextBytesMax) throw new RangeError("This is too large to be sealed.");
  const key = fieldKey(keys, keys.currentKeyId, where.table, where.column);
  if (key === null) throw new Error("The keys of this tenant were put away.");
  const header = headerOf(keys.currentKeyId);
  const nonce = randomBytes(nonceBytes);
  return Buffer.concat([header, nonce, encrypt(key, nonce, about(keys, where, header), plaintext)]);
}

/**
 * Opens what was sealed for exactly this tenant, table, column and row; whatever else is wrong, it throws `UnsealError`.
 *
 * Prefer `useOpened`, which overwrites the plaintext afterwards; otherwise the caller does.
 */
export function open(keys: TenantKeys, where: Where, sealed: Buffer): Buffer {
  const envelope = envelopeOf(sealed);
  if (envelope === null || !names(where)) throw new UnsealError();
  const key = fieldKey(keys, envelope.keyId, where.table, where.column);
  if (key === null) throw new UnsealError();
  return decrypt(key, envelope.nonce, about(keys, where, envelope.header), envelope.body);
}

/** Opens a value for the time of `work` only, and overwrites it then. */
export async function useOpened<T>(
  keys: TenantKeys,
  where: Where,
  sealed: Buffer,
  work: (plaintext: Buffer) => T | Promise<T>,
): Promise<T> {
  const plaintext = open(keys, where, sealed);
  try {
    return await work(plaintext);
  } finally {
    plaintext.fill(0);
  }
}

/** True for a value under an older key, which the sweeper opens and seals anew after a rotation. */
export function needsReseal(keys: TenantKeys, sealed: Buffer): boolean {
  return envelopeOf(sealed)?.keyId !== keys.currentKeyId;
}

function about({ tenantId }: TenantKeys, { table, column, rowId }: Where, header: Buffer): Buffer {
  return lengthPrefixed(["ringfence sealed field", header, tenantId, table, column, rowId]);
}

function names({ table, column, rowId }: Where): boolean {
  return identifier.test(table) && identifier.test(column) && rowId !== "" && rowId.length <= 200;
}
