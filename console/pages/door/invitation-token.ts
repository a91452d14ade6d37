import { hashToken } from "./hash-token.ts";

const storageKey = "ringfence.invitation";

/**
 * The invitation's token: from the fragment, the path, or this tab's memory after signing in.
 *
 * It is moved out of the address at once, so that it stays out of history, screenshots and referrers.
 */
export function invitationToken(fromPath: string): string {
  const given = hashToken() || (/^[\w-]{43}$/u.test(fromPath) ? fromPath : "");
  if (given === "") return sessionStorage.getItem(storageKey) ?? "";
  sessionStorage.setItem(storageKey, given);
  window.history.replaceState(window.history.state, "", "/invitation/accept");
  return given;
}

/** Forgets the token, once it has been used. */
export function forgetInvitation(): void {
  sessionStorage.removeItem(storageKey);
}
