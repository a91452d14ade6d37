import { nonceBytes, tagBytes } from "./gcm.ts";

/** Version 1: AES-256-GCM under the key of the field, derived from the tenant's key with this number. */
export const envelopeVersion = 1;

/** Version (1 byte), number of the tenant's key (4 bytes). */
export const headerBytes = 5;

/** What sealing adds to a value. */
export const overheadBytes = headerBytes + nonceBytes + tagBytes;

/** Credentials are small; what is larger than 64 KiB is not one. */
export const plaintextBytesMax = 65_536;

export interface Envelope {
  readonly header: Buffer;
  readonly keyId: number;
  readonly nonce: Buffer;
  /** Ciphertext and tag. */
  readonly body: Buffer;
}

export function headerOf(keyId: number): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt8(envelopeVersion);
  header.writeUInt32BE(keyId, 1);
  return header;
}

/** The parts of a sealed value, or null where it cannot be one. Nothing here is proven yet: the tag proves it. */
export function envelopeOf(sealed: Buffer): Envelope | null {
  if (sealed.length < overheadBytes || sealed.length > plaintextBytesMax + overheadBytes) return null;
  if (sealed[0] !== envelopeVersion) return null;
  return {
    header: sealed.subarray(0, headerBytes),
    keyId: sealed.readUInt32BE(1),
    nonce: sealed.subarray(headerBytes, headerBytes + nonceBytes),
    body: sealed.subarray(headerBytes + nonceBytes),
  };
}
