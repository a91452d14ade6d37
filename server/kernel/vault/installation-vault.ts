import { deriveKey } from "../../foundation/ids/index.ts";
import { seal, useOpened, type Where } from "./seal.ts";
import { tenantKeysOf } from "./tenant-keys.ts";

/** Seals and opens what belongs to a person or to the installation, and to no organization. */
export interface InstallationVault {
  seal(where: Where, plaintext: Buffer): Buffer;
  /** Opens for the time of `work`, and overwrites the plaintext then. */
  use<T>(where: Where, sealed: Buffer, work: (plaintext: Buffer) => T | Promise<T>): Promise<T>;
}

/**
 * The vault of the cells that no organization owns, under a key that is derived from the installation's secret.
 *
 * No organization can be called `installation`, since theirs are UUIDs: what is sealed for the one opens in none of the others.
 */
export function installationVault(secret: Buffer): InstallationVault {
  const keys = tenantKeysOf("installation", new Map([[1, deriveKey(secret, "vault installation cells")]]));
  return {
    seal: (where, plaintext) => seal(keys, where, plaintext),
    use: (where, sealed, work) => useOpened(keys, where, sealed, work),
  };
}
