import {
  type KeptKeys,
  keptKeys,
  vouch,
  type VouchingKeys,
  vouchingKeys,
} from "../../../kernel/vault/index.ts";

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

/** For a new factor. Who has the database or a backup of it still lacks the outer key, and so can vouch for nothing. */
export function keptKeysOf(factorKey: Buffer, person: string, factor: string): KeptKeys {
  return keptKeys(keysOf(factorKey, person, factor));
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

/** Tells the database that this code or signature was checked. */
export function vouchFor(factorKey: Buffer, vouched: Vouched): Buffer {
  const { person, use, method, anchor, factor, number } = vouched;
  const payload = [use, method, anchor.toString("hex"), factor, number].join("|");
  return vouch(keysOf(factorKey, person, factor), payload);
}

/** Made from the installation's secret for one factor of one person. */
function keysOf(factorKey: Buffer, person: string, factor: string): VouchingKeys {
  return vouchingKeys(factorKey, `factor ${person} ${factor}`);
}
