import type { Page } from "./page.ts";
import { send } from "./send.ts";
import { door } from "./tenant.ts";

export interface Member {
  readonly id: string;
  readonly personId: string;
  readonly name: string | null;
  readonly email: string;
  readonly roles: readonly string[];
  readonly version?: number;
  readonly state: string;
  readonly createdAt: string;
  readonly lastSeenAt: string | null;
}

export interface Invitation {
  readonly id: string;
  readonly email: string;
  readonly roles: readonly string[];
  readonly createdAt?: string;
  readonly expiresAt?: string | null;
  readonly invitedBy?: string | null;
  readonly state?: string;
}

export interface Role {
  readonly name: string;
  readonly description: string;
  readonly permissions: readonly string[];
}

export interface Roles {
  readonly items: readonly Role[];
  /** Every permission there is, with a sentence for people. */
  readonly permissions: readonly { readonly key: string; readonly description: string }[];
}

/** Everybody who belongs to the organization. */
export function fetchMembers(organization: string): Promise<Page<Member>> {
  return send("GET", door(organization, "/members"), { query: { limit: 200 } });
}

/** Gives a member other roles; it holds from that person's next request. */
export function changeMember(
  organization: string,
  { id, version }: Pick<Member, "id" | "version">,
  roles: readonly string[],
): Promise<Member> {
  return send("PATCH", door(organization, `/members/${id}`), {
    body: { roles },
    ...(version === undefined ? {} : { version }),
  });
}

/** Removes a member; their sessions and keys stop working here from the next request. */
export function removeMember(organization: string, id: string): Promise<unknown> {
  return send("DELETE", door(organization, `/members/${id}`));
}

/** Invitations that nobody has accepted yet. */
export function fetchInvitations(organization: string): Promise<Page<Invitation>> {
  return send("GET", door(organization, "/invitations"));
}

/** Invites somebody by mail. */
export function invite(
  organization: string,
  invitation: { readonly email: string; readonly roles: readonly string[] },
): Promise<Invitation> {
  return send("POST", door(organization, "/invitations"), { body: invitation });
}

/** Takes an invitation back; its link stops working at once. */
export function withdrawInvitation(organization: string, id: string): Promise<unknown> {
  return send("DELETE", door(organization, `/invitations/${id}`));
}

/** What each role may do. */
export function fetchRoles(organization: string): Promise<Roles> {
  return send("GET", door(organization, "/roles"));
}
