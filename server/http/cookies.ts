import { Problem } from "../foundation/problem/index.ts";

export const sessionCookie = "__Host-sid";
/** Binds the CSRF token before anybody is signed in. */
export const preSessionCookie = "__Host-pre";

/**
 * The one cookie of this name, or null. A second one of the same name is refused: whoever could plant it could choose
 * which of the two counts.
 */
export function cookieValue(header: string | undefined, name: string): string | null {
  if (header === undefined || !header.includes(name)) return null;
  let found: string | null = null;
  for (const pair of header.split(";")) {
    const at = pair.indexOf("=");
    if (at < 0 || pair.slice(0, at).trim() !== name) continue;
    if (found !== null) throw new Problem("bad-request", { detail: `The cookie ${name} was sent twice.` });
    found = pair.slice(at + 1).trim();
  }
  return found;
}

/** A `Set-Cookie` value with all that ASVS 3.3 asks for; `__Host-` has browsers refuse it from a sibling domain. */
export function setCookie(
  name: string,
  value: string,
  maxAgeSeconds: number,
  sameSite: "Lax" | "None" = "Lax",
): string {
  return `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; Secure; HttpOnly; SameSite=${sameSite}`;
}

/** A `Set-Cookie` value that takes the cookie away. */
export function dropCookie(name: string): string {
  return setCookie(name, "", 0);
}
