import { deriveKey, sha256 } from "../../../foundation/ids/index.ts";

/** What a proof is for. One that was made for one use is worth nothing for any other. */
export type ProofUse = "second-factor" | "proof" | "enrolment" | "passkey-sign-in";

/** A checked factor, as the functions of the database take it; the MAC is missing from what was found wrong. */
export interface FactorProof {
  readonly method: "totp" | "backup-code" | "passkey" | "password";
  readonly factor: string | null;
  /** The step of a code, or the counter of a passkey. */
  readonly number: number | null;
  readonly mac: Buffer | null;
  /** The digest of a backup code, what was derived from a password, or the digest of a passkey's challenge. */
  readonly secretHash: Buffer | null;
}

/** What kernel.factor keeps of the keys of a factor's MAC: one, and a digest of the other. */
export interface KeptKeys {
  readonly inner: Buffer;
  readonly outerDigest: Buffer;
}

const padBytes = 64;

/** For a new factor. Who has the database or a backup of it still lacks the outer key, and so can vouch for nothing. */
export function keptKeysOf(factorKey: Buffer, person: string, factor: string): KeptKeys {
  const { inner, outer } = keysOf(factorKey, person, factor);
  return { inner, outerDigest: sha256(outer) };
}

export interface Vouched {
  readonly person: string;
  readonly use: ProofUse;
  readonly method: "totp" | "passkey";
  /** The digest of the token, or of the challenge, that the proof was given for: it serves no other. */
  readonly anchor: Buffer;
  readonly factor: string;
  readonly number: number;
}

/**
 * Tells the database that this code or signature was checked: the MAC, and the outer one of its keys, of which the database knows only
 * the digest (kernel.vouched).
 */
export function vouchFor(factorKey: Buffer, vouched: Vouched): Buffer {
  const { person, use, method, anchor, factor, number } = vouched;
  const { inner, outer } = keysOf(factorKey, person, factor);
  const payload = Buffer.from([use, method, anchor.toString("hex"), factor, number].join("|"), "utf8");
  const mac = sha256(Buffer.concat([outer, sha256(Buffer.concat([inner, payload]))]));
  return Buffer.concat([mac, outer]);
}

/** Made from the installation's secret for one factor of one person; the password of the door that signs people in makes neither. */
function keysOf(factorKey: Buffer, person: string, factor: string): { inner: Buffer; outer: Buffer } {
  const both = deriveKey(factorKey, `factor ${person} ${factor}`, 2 * padBytes);
  return { inner: both.subarray(0, padBytes), outer: both.subarray(padBytes) };
}
