import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from "@simplewebauthn/browser";

export type PasskeyWish = PublicKeyCredentialRequestOptionsJSON;
export type PasskeyAnswer = AuthenticationResponseJSON;
export type NewPasskeyWish = PublicKeyCredentialCreationOptionsJSON;
export type NewPasskey = RegistrationResponseJSON;

/** Whether this browser has passkeys at all; it needs a secure context. */
export function hasPasskeys(): boolean {
  return typeof window.PublicKeyCredential === "function";
}

/** Lets the browser ask for a passkey. With `autofill` it is offered in the e-mail field, and asks nobody by itself. */
export async function presentPasskey(optionsJSON: PasskeyWish, autofill = false): Promise<PasskeyAnswer> {
  const { startAuthentication } = await import("@simplewebauthn/browser");
  return startAuthentication({ optionsJSON, useBrowserAutofill: autofill });
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
  return startRegistration({ optionsJSON });
}
