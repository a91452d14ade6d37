import { createCipheriv, createDecipheriv } from "node:crypto";
import { UnsealError } from "./unseal-error.ts";

export const keyBytes = 32;
export const nonceBytes = 12;
export const tagBytes = 16;

/** AES-256-GCM (NIST SP 800-38D), ciphertext followed by the 128 bit tag. The nonce is never used twice with a key. */
export function encrypt(key: Buffer, nonce: Buffer, about: Buffer, plaintext: Buffer): Buffer {
  if (key.length !== keyBytes || nonce.length !== nonceBytes)
    throw new RangeError("AES-256-GCM takes 32 and 12 bytes.");
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(about);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** The plaintext, or `UnsealError` for any other key, nonce, `about`, ciphertext or tag, shortened tags included. */
export function decrypt(key: Buffer, nonce: Buffer, about: Buffer, sealed: Buffer): Buffer {
  if (key.length !== keyBytes || nonce.length !== nonceBytes || sealed.length < tagBytes)
    throw new UnsealError();
  const end = sealed.length - tagBytes;
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(about);
  decipher.setAuthTag(sealed.subarray(end));
  const plaintext = decipher.update(sealed.subarray(0, end));
  try {
    decipher.final();
  } catch {
    // What came out before the tag was checked is nobody's to see.
    plaintext.fill(0);
    throw new UnsealError();
  }
  return plaintext;
}
