import { constants, createDecipheriv, createPrivateKey, privateDecrypt } from "node:crypto";

const nonceBytes = 12;
const tagBytes = 16;

/** What was encrypted with AES-GCM under a key that was wrapped with RSA-OAEP, as XML encryption 1.1 packs both. */
export interface HybridCiphertext {
  readonly wrappedKey: Uint8Array;
  /** The hash of OAEP and of its mask generation, which are the same. */
  readonly oaepHash: "sha1" | "sha256" | "sha384" | "sha512";
  readonly keyBytes: 16 | 24 | 32;
  /** Nonce, ciphertext and tag, one after the other. */
  readonly sealed: Buffer;
}

/** The plaintext, or null. It never says what was wrong: which step failed is what a padding oracle would ask. */
export function openHybrid(privateKey: string, given: HybridCiphertext): Buffer | null {
  const { wrappedKey, oaepHash, keyBytes, sealed } = given;
  if (sealed.length < nonceBytes + tagBytes) return null;
  try {
    const key = privateDecrypt(
      { key: createPrivateKey(privateKey), padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash },
      wrappedKey,
    );
    if (key.length !== keyBytes) return null;
    const decipher = createDecipheriv(gcmOf[keyBytes], key, sealed.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    });
    decipher.setAuthTag(sealed.subarray(-tagBytes));
    return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]);
  } catch {
    return null;
  }
}

const gcmOf = { 16: "aes-128-gcm", 24: "aes-192-gcm", 32: "aes-256-gcm" } as const;
