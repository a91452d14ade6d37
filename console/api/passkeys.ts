import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from "@simplewebauthn/browser";

import { ProblemError } from "./problem-error.ts";

export type PasskeyWish = PublicKeyCredentialRequestOptionsJSON;
export type PasskeyAnswer = AuthenticationResponseJSON;
export type NewPasskeyWish = PublicKeyCredentialCreationOptionsJSON;
export type NewPasskey = RegistrationResponseJSON;

/** Whether passkeys can be made for this address: it needs a secure context, and a name, since they belong to no number. */
export function hasPasskeys(): boolean {
  return typeof window.PublicKeyCredential === "function" && !/^[\d.]+$|:/u.test(window.location.hostname);
}

/** Lets the browser ask for a passkey. With `autofill` it is offered in the e-mail field, and asks nobody by itself. */
export async function presentPasskey(optionsJSON: PasskeyWish, autofill = false): Promise<PasskeyAnswer> {
  const { startAuthentication } = await import("@simplewebauthn/browser");
  return startAuthentication({ optionsJSON, useBrowserAutofill: autofill }).catch(asNoPasskey);
}

/** Whether the browser can offer passkeys in a form's e-mail field. */
export async function offersPasskeys(): Promise<boolean> {
  if (!hasPasskeys()) return false;
  const { browserSupportsWebAuthnAutofill } = await import("@simplewebauthn/browser");
  return browserSupportsWebAuthnAutofill();
}

/** Has the device make a passkey for this installation. */
export async function makePasskey(optionsJSON: NewPasskeyWish): Promise<NewPasskey> {
  const { startRegistration } = await import("@simplewebauthn/browser");
  return startRegistration({ optionsJSON }).catch(asNoPasskey);
}

/** Browsers say the same when the person closed their dialog, waited too long, or has no passkey here. */
function asNoPasskey(error: unknown): never {
  if (error instanceof Error && error.name === "InvalidStateError")
    throw new ProblemError("already-exists", "This device holds a passkey of yours already");
  if (!(error instanceof Error) || !/^(?:NotAllowed|Abort)Error$/u.test(error.name)) throw error;
  throw new ProblemError("no-passkey", undefined, {
    detail: "It was called off, or this device has none for you. Try once more, or take another way.",
  });
}
