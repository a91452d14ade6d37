import { generateURI, ScureBase32Plugin, verifySync } from "otplib";
import { randomBytes } from "../../../foundation/ids/index.ts";
import type { InstallationVault, Where } from "../../../kernel/vault/index.ts";
import type { FactorGround } from "./factor-ground.ts";
import { type FactorProof, type ProofUse, vouchFor } from "./factor-proof.ts";

const base32 = new ScureBase32Plugin();
const secretBytes = 20;
const stepSeconds = 30;

/** A new secret for an authenticator app: as many bits as RFC 4226 (section 4) recommends. */
export function newTotpSecret(): Buffer {
  return randomBytes(secretBytes);
}

/** How an authenticator app is told: the secret to be typed, and an address to be shown as a QR code. */
export function shownTotp(secret: Buffer, issuer: string, email: string): { secret: string; uri: string } {
  const text = base32.encode(secret, { padding: false });
  return { secret: text, uri: generateURI({ issuer, label: email, secret: text }) };
}

/** The cell that a secret is sealed for: moved to another person or another factor, it does not open. */
export function totpSecret(person: string, factor: string): Where {
  return { table: "factor", column: "secret", rowId: `${person}/${factor}` };
}

/**
 * The step that a code stands for, one before and one after allowed for clocks that differ (RFC 6238, section 5.2), or null.
 * Steps up to `lastStep` are past: their codes were used, or are older than one that was.
 */
export function stepOf(secret: Buffer, code: string, seconds: number, lastStep: number): number | null {
  if (!/^[0-9]{6}$/.test(code)) return null;
  if (lastStep > Math.floor(seconds / stepSeconds)) return null;
  const found = verifySync({
    secret,
    token: code,
    epoch: seconds,
    epochTolerance: stepSeconds,
    afterTimeStep: lastStep,
  });
  return found.valid && "timeStep" in found ? found.timeStep : null;
}

interface Checked {
  readonly code: string;
  readonly use: ProofUse;
  readonly anchor: Buffer;
  /** The enrolment that the code is to confirm; otherwise it may be any confirmed app's. */
  readonly enrolling?: string;
}

interface Keys {
  readonly factorKey: Buffer;
  readonly personVault: InstallationVault;
}

/** What a typed code proves. A wrong one becomes a proof without MAC, so that the database counts it. */
export async function totpProof(
  { factorKey, personVault }: Keys,
  { person, seconds, totp }: FactorGround,
  { code, use, anchor, enrolling }: Checked,
): Promise<FactorProof> {
  const digits = code.replaceAll(" ", "");
  for (const { id, secret, lastStep, confirmed } of totp) {
    if (enrolling === undefined ? !confirmed : confirmed || id !== enrolling) continue;
    const step = await personVault.use(totpSecret(person, id), Buffer.from(secret, "base64"), (opened) =>
      stepOf(opened, digits, seconds, lastStep),
    );
    if (step === null) continue;
    const mac = vouchFor(factorKey, { person, use, method: "totp", anchor, factor: id, number: step });
    return { method: "totp", factor: id, number: step, mac, secretHash: null };
  }
  return { method: "totp", factor: null, number: null, mac: null, secretHash: null };
}
