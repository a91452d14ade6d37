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

/** The keys of a factor's MAC, as kernel.factor keeps them. */
export interface Pads {
  readonly inner: Buffer;
  readonly outer: Buffer;
}

const padBytes = 64;

/**
 * Made from the installation's secret for one factor of one person. The database keeps them, to check by; who has
 * only the password of the door that signs people in has neither them nor the secret.
 */
export function padsOf(factorKey: Buffer, person: string, factor: string): Pads {
  const both = deriveKey(factorKey, `factor ${person} ${factor}`, 2 * padBytes);
  return { inner: both.subarray(0, padBytes), outer: both.subarray(padBytes) };
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

/** The MAC that tells the database that this code or signature was checked; kernel.factor_mac makes the same. */
export function vouchFor(factorKey: Buffer, vouched: Vouched): Buffer {
  const { person, use, method, anchor, factor, number } = vouched;
  const { inner, outer } = padsOf(factorKey, person, factor);
  const payload = Buffer.from([use, method, anchor.toString("hex"), factor, number].join("|"), "utf8");
  return sha256(Buffer.concat([outer, sha256(Buffer.concat([inner, payload]))]));
}
