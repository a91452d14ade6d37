import { send } from "./send.ts";
import type { Connection } from "./sso.ts";

/** The draft that a setup link is for. */
export interface Draft extends Pick<
  Connection,
  "id" | "kind" | "name" | "settings" | "hasSecret" | "callbackUrl" | "logoutUrl"
> {
  readonly organization: string;
}

/** The draft behind a link. */
export function fetchDraft(token: string): Promise<Draft> {
  return send("GET", `/auth/sso-setup/${encodeURIComponent(token)}`);
}

/** Sets the draft up. */
export function changeDraft(
  token: string,
  change: { readonly settings: Readonly<Record<string, unknown>>; readonly secret?: string },
): Promise<Draft> {
  return send("PATCH", `/auth/sso-setup/${encodeURIComponent(token)}`, { body: change });
}

/** Says that the draft is ready; the link dies. */
export function finishDraft(token: string): Promise<unknown> {
  return send("POST", `/auth/sso-setup/${encodeURIComponent(token)}/finish`);
}
