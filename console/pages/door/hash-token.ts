/**
 * Takes the one-time token out of the address's fragment, and the fragment out of the address.
 *
 * Fragments never reach a server or its logs; removing it keeps the token out of history and screenshots as well.
 */
export function hashToken(): string {
  const token = new URLSearchParams(window.location.hash.slice(1)).get("token") ?? "";
  if (token !== "") window.history.replaceState(window.history.state, "", window.location.pathname);
  return token;
}
