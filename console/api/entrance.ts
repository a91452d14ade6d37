import { send } from "./send.ts";

/** What the person can do to get into an organization of theirs that demands more than this session has. */
export interface Entrance {
  readonly hasSecondFactor: boolean;
  /** The session is the word of the organization's identity provider: no factor is added from it. */
  readonly byProvider: boolean;
  /** The providers that may speak for the person, the one used last first. */
  readonly connections: readonly { readonly id: string; readonly name: string }[];
}

export function fetchEntrance(organization: string): Promise<Entrance> {
  return send("GET", `/auth/entrances/${encodeURIComponent(organization)}`);
}

/** Where a browser goes to sign in by a connection, and from there back to a page of the organization. */
export function ssoAddress(connection: string, returnTo: string | undefined, fresh = false): string {
  const wishes = new URLSearchParams({
    ...(returnTo === undefined ? {} : { returnTo }),
    ...(fresh ? { fresh: "1" } : {}),
  }).toString();
  return `/auth/sso/${connection}${wishes === "" ? "" : `?${wishes}`}`;
}
