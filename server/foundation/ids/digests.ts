import { createHmac, hash, hkdfSync, timingSafeEqual } from "node:crypto";

type Data = string | Uint8Array;

/** The SHA-256 of the data; strings count as UTF-8. */
export function sha256(data: Data): Buffer {
  // In one call, without a Hash object: each request takes several.
  return Buffer.from(hash("sha256", data, "binary"), "binary");
}

/** The HMAC-SHA256 of the data under the key; compare it with `equalInConstantTime` only. */
export function hmacSha256(key: Data, data: Data): Buffer {
  return createHmac("sha256", key).update(data).digest();
}

/** Whether two values are the same, in a time that tells neither where they differ nor how long the other one is. */
export function equalInConstantTime(a: Data, b: Data): boolean {
  return timingSafeEqual(sha256(a), sha256(b));
}

/**
 * A key of its own for one purpose (HKDF-SHA256, RFC 5869): who learns it learns neither the master nor a sibling.
 *
 * The label names the purpose and never changes, or whatever was sealed under it cannot be opened any more.
 */
export function deriveKey(master: Uint8Array, label: string, bytes = 32): Buffer {
  if (master.length < 32) throw new RangeError("A master key has at least 32 bytes");
  if (label === "") throw new RangeError("A derived key has a label");
  return Buffer.from(hkdfSync("sha256", master, new Uint8Array(), label, bytes));
}

/** The SHA-1 of a text in upper-case hex: for looking it up in lists that others keep by it, and for nothing else. */
export function sha1Hex(text: string): string {
  return hash("sha1", text, "hex").toUpperCase();
}
