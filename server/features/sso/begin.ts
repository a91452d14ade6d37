import type { Asked, Respond } from "../../http/index.ts";
import { newToken } from "../../foundation/ids/index.ts";
import type { SsoClient } from "./sso-client.ts";

/** Binds a sign-in to the browser that began it: what comes back in another one is refused (RFC 6819 section 4.4.1.8). */
export const browserCookie = "__Host-sso";
const browserSeconds = 600;
/** The same where the answer comes by a form of the provider's own page: a browser sends no other cookie with that. */
export const postedCookie = "__Host-sso-post";

/** What a kind of connection needs in order to send a browser to its provider. */
export interface Beginning {
  readonly client: SsoClient;
  /** What this browser holds in its cookie. */
  readonly browser: string;
  /** The ticket's token, which comes back with the answer. */
  readonly state: string;
  /** Whether the person must show the provider anew who they are. */
  readonly fresh: boolean;
}

/** Where the browser goes, and what the answer will be compared with; nothing of it secret. */
export interface Departure {
  readonly url: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** One kind of single sign-on, as far as its beginning and its settings go. */
export interface SsoKind {
  /** The purpose of its tickets. */
  readonly wanted: "oidc-state" | "saml-request";
  depart(beginning: Beginning): Promise<Departure>;
}

/** The browser's value, kept when it has one: two tabs may be under way at once. */
export function browserOf(request: Asked, respond: Respond): string {
  const kept = request.cookie(browserCookie);
  const browser = kept !== null && /^[A-Za-z0-9_-]{43}$/.test(kept) ? kept : newToken();
  respond.keepCookie(browserCookie, browser, browserSeconds);
  respond.keepCookie(postedCookie, browser, browserSeconds, "any-site");
  return browser;
}

/** Where to go on in the console after signing in: a path of the organization itself, or null. No address of another site passes. */
export function returnPath(wanted: string | undefined, organization: string): string | null {
  if (
    wanted === undefined ||
    !/^\/o\/[a-z0-9-]+(?:\/[A-Za-z0-9_-]+)*(?:\?[A-Za-z0-9_.~%&=+,:-]*)?$/.test(wanted)
  )
    return null;
  const [path = ""] = wanted.split("?");
  return path === `/o/${organization}` || path.startsWith(`/o/${organization}/`) ? wanted : null;
}
