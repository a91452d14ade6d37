import { deriveKey, randomBytes } from "../../foundation/ids/index.ts";
import { decrypt, encrypt, keyBytes, nonceBytes, tagBytes } from "./gcm.ts";
import type { KeyAddress, KeyProvider } from "./key-provider.ts";
import { lengthPrefixed } from "./length-prefixed.ts";
import { UnsealError } from "./unseal-error.ts";

const wrappedVersion = 1;
const masterIdBytes = 4;
const wrappedBytes = 1 + masterIdBytes + nonceBytes + keyBytes + tagBytes;

interface Master {
  readonly id: Buffer;
  readonly key: Buffer;
}

/**
 * A provider whose master key is derived from the installation's secret; earlier secrets may be given to unwrap what
 * they wrapped, until all is wrapped anew.
 *
 * Wrapped by GCM and not by RFC 3394: that has no room for the address, and Node answers its empty input with an
 * empty key instead of an error.
 */
export function installationKeys(secret: Buffer, earlierSecrets: readonly Buffer[] = []): KeyProvider {
  const current = masterOf(secret);
  const masters = [current, ...earlierSecrets.map(masterOf)];
  const masterFor = (wrapped: Buffer): Master | undefined =>
    wrapped.length === wrappedBytes && wrapped[0] === wrappedVersion
      ? masters.find(({ id }) => id.equals(wrapped.subarray(1, 1 + masterIdBytes)))
      : undefined;

  return {
    async wrap(key, address) {
      if (key.length !== keyBytes) throw new RangeError("A tenant's key has 32 bytes.");
      const header = Buffer.concat([Buffer.from([wrappedVersion]), current.id]);
      const nonce = randomBytes(nonceBytes);
      return Buffer.concat([header, nonce, encrypt(current.key, nonce, about(header, address), key)]);
    },
    async unwrap(wrapped, address) {
      const master = masterFor(wrapped);
      if (master === undefined) throw new UnsealError();
      const header = wrapped.subarray(0, 1 + masterIdBytes);
      const nonce = wrapped.subarray(header.length, header.length + nonceBytes);
      return decrypt(master.key, nonce, about(header, address), wrapped.subarray(header.length + nonceBytes));
    },
    isCurrent: (wrapped) => masterFor(wrapped) === current,
  };
}

function masterOf(secret: Buffer): Master {
  // The id only tells which secret it was; being derived, it says nothing about the key.
  return {
    id: deriveKey(secret, "vault master key id", masterIdBytes),
    key: deriveKey(secret, "vault master key"),
  };
}

function about(header: Buffer, { tenantId, keyId }: KeyAddress): Buffer {
  return lengthPrefixed(["ringfence tenant key", header, tenantId, String(keyId)]);
}
