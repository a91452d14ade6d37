import { afterwardsForgetCsrf } from "./auth.ts";
import type { PasskeyAnswer, PasskeyWish } from "./passkeys.ts";
import { send } from "./send.ts";

/** How far a first proof led: in, or to what is still asked. */
export interface SignedIn {
  readonly signedIn: boolean;
  readonly next: "second-factor" | "code" | null;
  /** Shown where a link was opened in another browser: the one that asked for it wants to be told. */
  readonly code?: string;
}

export type FactorKind = "totp" | "passkey" | "backup-code";

export interface Connection {
  readonly id: string;
  readonly name: string;
  readonly organization: string;
}

/** Signs in; the session travels in a cookie that scripts cannot read. */
export function signIn(credentials: { email: string; password: string }): Promise<SignedIn> {
  return proving("/auth/sign-in", credentials);
}

/** Which identity providers let people with addresses of this domain in; asked by the domain alone. */
export function discover(email: string): Promise<{ readonly connections: readonly Connection[] }> {
  return send("POST", "/auth/discover", { body: { email } });
}

/** How a sign-in that waits for its second factor can go on. */
export interface SecondStep {
  readonly methods: readonly FactorKind[];
  /** Whether this browser may be remembered, which an organization may not want. */
  readonly mayRemember: boolean;
  /** How far this browser itself led, where it was remembered. */
  readonly proven: SignedIn | null;
}

/** What the person may show as the second factor; where this browser stands in for it, that is used at once. */
export async function takeSecondStep(): Promise<SecondStep> {
  const { remembered, ...step } = await send<Omit<SecondStep, "proven"> & { readonly remembered: boolean }>(
    "GET",
    "/auth/second-factor",
  );
  return { ...step, proven: remembered ? await proving("/auth/second-factor/remembered") : null };
}

/** The second factor as a code. */
export function giveCode(method: "totp" | "backup-code", code: string, remember: boolean): Promise<SignedIn> {
  return proving("/auth/second-factor", { method, code, remember });
}

/** The second factor as a passkey: what the browser is to ask for. */
export function fetchSecondPasskey(): Promise<PasskeyWish> {
  return optionsFrom("/auth/second-factor/passkey-options");
}

/** The second factor as a passkey. */
export function giveSecondPasskey(response: PasskeyAnswer, remember: boolean): Promise<SignedIn> {
  return proving("/auth/second-factor/passkey", { response, remember });
}

/** A passkey in place of everything: what the browser is to ask for. */
export function fetchPasskeyWish(): Promise<PasskeyWish> {
  return optionsFrom("/auth/passkey/options");
}

/** Signs in with a passkey alone. */
export function givePasskey(response: PasskeyAnswer): Promise<SignedIn> {
  return proving("/auth/passkey", { response });
}

/** Asks for a mail with which the password can be set anew; answers alike whether the address is known. */
export function askForReset(email: string): Promise<unknown> {
  return send("POST", "/auth/password-reset", { body: { email } });
}

/** Sets the password with what the mail brought. It signs nobody in. */
export function resetPassword(token: string, password: string): Promise<unknown> {
  return send("POST", "/auth/password-reset/redeem", { body: { token, password } });
}

/** Asks for a mail with a link that signs in; answers alike whether the address is known. */
export function askForLink(email: string): Promise<unknown> {
  return send("POST", "/auth/magic-link", { body: { email } });
}

/** Uses the link from the mail up. */
export function followLink(token: string): Promise<SignedIn> {
  return proving("/auth/magic-link/redeem", { token });
}

/** Types the code that another browser showed for the link asked for here. */
export function giveLinkCode(code: string): Promise<SignedIn> {
  return proving("/auth/magic-link/code", { code });
}

/** Opens an account again that too many wrong passwords had closed. */
export function unlock(token: string): Promise<unknown> {
  return send("POST", "/auth/unlock/redeem", { body: { token } });
}

/** Confirms a change of address, at the old or the new one. */
export function confirmEmail(token: string): Promise<{ readonly done: boolean }> {
  return send("POST", "/auth/email/redeem", { body: { token } });
}

function proving(path: string, body?: unknown): Promise<SignedIn> {
  return afterwardsForgetCsrf(send("POST", path, { body }));
}

async function optionsFrom(path: string): Promise<PasskeyWish> {
  return (await send<{ readonly options: PasskeyWish }>("POST", path)).options;
}

/** Whose way back an operator's link is; it is not used up. */
export function whoseRestore(
  token: string,
): Promise<{ readonly email: string; readonly name: string; readonly organization: string }> {
  return send("POST", "/auth/owner-restore", { body: { token } });
}

/** Signs the owner in by the operator's link; every other session and every second factor ends. */
export function restoreOwner(token: string, password: string): Promise<{ readonly organization: string }> {
  const body = password === "" ? { token } : { token, password };
  return afterwardsForgetCsrf(send("POST", "/auth/owner-restore/redeem", { body }));
}
