import { randomBytes } from "node:crypto";
import {
  checksumOf,
  inBase62,
  type KeyClass,
  type KeyEnvironment,
  keyIdLength,
  keyPrefixes,
  keySecretLength,
} from "../../../contract/api-key.ts";

export interface NewApiKey {
  /** The whole key: shown once; keep only its hash. */
  readonly token: string;
  /** Its public part, to tell it from others. */
  readonly id: string;
}

/** A new API key of this class: a random id, 256 random bits, and a checksum over all of it. */
export function newApiKey(keyClass: KeyClass, environment: KeyEnvironment = "live"): NewApiKey {
  const id = randomText(keyIdLength, 9);
  const open = `${keyPrefixes[keyClass]}_${environment}_${id}_${randomText(keySecretLength, 32)}`;
  return { token: `${open}${checksumOf(open)}`, id };
}

/** So many random bytes as digits of base 62; `length` digits have room for all of them. */
function randomText(length: number, bytes: number): string {
  return inBase62(BigInt(`0x${randomBytes(bytes).toString("hex")}`), length);
}
