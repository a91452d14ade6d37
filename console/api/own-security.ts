import { afterwardsForgetCsrf } from "./auth.ts";
import type { NewPasskey, NewPasskeyWish, PasskeyAnswer, PasskeyWish } from "./passkeys.ts";
import { send } from "./send.ts";

export interface Factor {
  readonly id: string;
  readonly kind: "totp" | "passkey";
  readonly name: string;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
}

export interface OwnSecurity {
  readonly password: { readonly set: boolean; readonly changedAt?: string | null };
  readonly factors: readonly Factor[];
  readonly backupCodesLeft: number;
  /** How long dangerous acts are open to this session without another proof. */
  readonly freshSeconds: number;
  /** A remembered browser opened this session: a password does not prove anew who holds it. */
  readonly remembered?: boolean;
}

export interface NewAuthenticator {
  readonly id: string;
  readonly secret: string;
  readonly uri: string;
}

/** One of the ways to prove again who one is. */
export type Proof =
  | { readonly password: string }
  | { readonly code: string }
  | { readonly backupCode: string }
  | { readonly passkey: PasskeyAnswer };

/** How the person gets in: password, factors, backup codes left. */
export function fetchOwnSecurity(): Promise<OwnSecurity> {
  return send("GET", "/auth/security");
}

/** Proves again who one is; the session gets a new token, and dangerous acts are open for ten minutes. */
export function prove(proof: Proof): Promise<unknown> {
  return afterwardsForgetCsrf(send("POST", "/auth/prove", { body: proof }));
}

/** What the browser is to ask for when the proof is a passkey. */
export function fetchProofWish(): Promise<PasskeyWish> {
  return optionsFrom("/auth/prove/options");
}

/** Changes the password; the other sessions may end with the old one. */
export function changePassword(change: {
  readonly current: string;
  readonly password: string;
  readonly endOthers: boolean;
}): Promise<unknown> {
  return afterwardsForgetCsrf(send("POST", "/auth/password", { body: change }));
}

/** Asks for another address; mails go to both, and it holds when both were confirmed. */
export function changeEmail(email: string): Promise<unknown> {
  return send("POST", "/auth/email", { body: { email } });
}

/** A new authenticator's secret, which counts only after its first code. */
export function beginAuthenticator(): Promise<NewAuthenticator> {
  return send("POST", "/auth/totp");
}

/** The first code of a new authenticator; answers with backup codes when it is the first factor. */
export function confirmAuthenticator(confirmation: {
  readonly id: string;
  readonly code: string;
  readonly name: string;
}): Promise<{ readonly backupCodes: readonly string[] | null }> {
  return afterwardsForgetCsrf(send("POST", "/auth/totp/confirm", { body: confirmation }));
}

/** What the device is to make a passkey of. */
export function fetchNewPasskeyWish(): Promise<NewPasskeyWish> {
  return optionsFrom("/auth/passkeys/options");
}

/** Keeps the passkey that the device made. */
export function addPasskey(
  name: string,
  response: NewPasskey,
): Promise<{ readonly backupCodes?: readonly string[] | null }> {
  return afterwardsForgetCsrf(send("POST", "/auth/passkeys", { body: { name, response } }));
}

/** Takes a factor away. */
export function removeFactor(id: string): Promise<unknown> {
  return afterwardsForgetCsrf(send("DELETE", `/auth/factors/${id}`));
}

/** New backup codes in place of the old ones; shown this one time. */
export function renewBackupCodes(): Promise<{ readonly codes: readonly string[] }> {
  return send("POST", "/auth/backup-codes");
}

async function optionsFrom<T>(path: string): Promise<T> {
  return (await send<{ readonly options: T }>("POST", path)).options;
}
