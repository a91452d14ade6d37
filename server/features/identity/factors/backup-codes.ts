import { ScureBase32Plugin } from "otplib";
import { randomBytes, sha256 } from "../../../foundation/ids/index.ts";
import type { FactorProof } from "./factor-proof.ts";

const base32 = new ScureBase32Plugin();
const codes = 10;
const codeBytes = 15;

/** Ten codes for the day on which the phone is lost, and what the database keeps of them. */
export interface BackupCodes {
  readonly shown: readonly string[];
  readonly hashes: readonly Buffer[];
}

/** 120 bits each, in groups that people can copy; being random, they need no slow hash (ASVS 6.5.2). */
export function newBackupCodes(): BackupCodes {
  const shown = Array.from({ length: codes }, () =>
    grouped(base32.encode(randomBytes(codeBytes), { padding: false })),
  );
  return { shown, hashes: shown.map(backupCodeHash) };
}

/** However it was typed: small letters, spaces and hyphens do not matter. */
export function backupCodeHash(code: string): Buffer {
  return sha256(code.replace(/[\s-]/g, "").toUpperCase());
}

/** A typed backup code; whether it is one, the database finds out. */
export function backupCodeProof(code: string): FactorProof {
  return { method: "backup-code", factor: null, number: null, mac: null, secretHash: backupCodeHash(code) };
}

function grouped(text: string): string {
  return (text.match(/.{1,4}/g) ?? []).join("-");
}
