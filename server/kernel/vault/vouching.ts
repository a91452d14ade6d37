import { deriveKey, sha256 } from "../../foundation/ids/index.ts";

/** The keys of a MAC with which the server tells the database that it has checked something; made from the installation's secret. */
export interface VouchingKeys {
  readonly inner: Buffer;
  readonly outer: Buffer;
}

/** What the database keeps of them: one, and a digest of the other, which comes with each word. */
export interface KeptKeys {
  readonly inner: Buffer;
  readonly outerDigest: Buffer;
}

const padBytes = 64;

/** Keys for one kind of word. Neither the password of a database door nor a copy of the database makes them. */
export function vouchingKeys(key: Buffer, label: string): VouchingKeys {
  const both = deriveKey(key, label, 2 * padBytes);
  return { inner: both.subarray(0, padBytes), outer: both.subarray(padBytes) };
}

/** For the database to keep. Who has it, or a backup of it, still lacks the outer key, and so can vouch for nothing. */
export function keptKeys({ inner, outer }: VouchingKeys): KeptKeys {
  return { inner, outerDigest: sha256(outer) };
}

/** The word for this payload: the MAC, and the outer one of its keys, of which the database knows only the digest (kernel.vouched). */
export function vouch({ inner, outer }: VouchingKeys, payload: string): Buffer {
  const mac = sha256(Buffer.concat([outer, sha256(Buffer.concat([inner, Buffer.from(payload, "utf8")]))]));
  return Buffer.concat([mac, outer]);
}

/** For what the sign-in door asks where no credential is shown: its password alone mails no link and mints no token. */
export function doorWordKeys(secret: Buffer): VouchingKeys {
  return vouchingKeys(secret, "words of the sign-in door");
}

/** Joined as kernel.demand_word's callers do it. */
export function doorWord(keys: VouchingKeys, ...said: readonly (string | Buffer)[]): Buffer {
  return vouch(keys, said.map((part) => (typeof part === "string" ? part : part.toString("hex"))).join("|"));
}
