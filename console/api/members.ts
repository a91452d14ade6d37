import type { Page } from "./page.ts";
import { send, withQuery } from "./send.ts";
import { door } from "./tenant.ts";

export interface Member {
  readonly id: string;
  readonly personId: string;
  readonly name: string | null;
  readonly email: string;
  readonly roles: readonly string[];
  readonly version?: number;
  readonly state: string;
  /** A person, or a program that is a member: a service account. */
  readonly kind?: string;
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
  /** How the letter's sending goes; `held` where nobody sends it. Null once the letter is forgotten. */
  readonly delivery: "waiting" | "sent" | "failed" | "held" | null;
  readonly lastError: string | null;
}

export interface Role {
  /** Null for a role of the product, which nobody changes. */
  readonly id?: string | null;
  readonly name: string;
  /** What people call it. */
  readonly label?: string;
  readonly members?: number;
  readonly version?: number | null;
  readonly description: string;
  readonly permissions: readonly string[];
}

export interface Roles {
  readonly items: readonly Role[];
  /** Every permission there is, with a sentence for people. */
  readonly permissions: readonly Permission[];
}

export interface Permission {
  readonly key: string;
  readonly description: string;
  /** Whether it may stand in a role of the organization's own. */
  readonly composable?: boolean;
  /** Whether it may be given for one's own records only. */
  readonly own?: boolean;
}

/** What a role of the organization's own says of itself. */
export interface RoleWish {
  readonly label: string;
  readonly description: string;
  readonly permissions: readonly string[];
}

const membersPagesMax = 50;

/** Everybody who belongs to the organization, up to 10,000. */
export async function fetchMembers(organization: string): Promise<Page<Member>> {
  const items: Member[] = [];
  let next: string | null = null;
  for (let read = 0; read < membersPagesMax; read++) {
    const query = { limit: 200, ...(next === null ? {} : { after: next }) };
    const page: Page<Member> = await send("GET", door(organization, "/members"), { query });
    items.push(...page.items);
    next = page.next;
    if (next === null) break;
  }
  return { items, next };
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

/** Has a member sign in again: no session of theirs from before is taken in this organization. */
export function endMemberSessions(organization: string, id: string): Promise<unknown> {
  return send("POST", door(organization, `/members/${id}/end-sessions`));
}

/** Takes the second factor, the backup codes and the sessions from a member who has lost the factor. */
export function resetFactors(organization: string, id: string): Promise<unknown> {
  return send("POST", door(organization, `/members/${id}/reset-factors`));
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

/** Makes a role of the organization's own, or changes one; it holds from the next request of everybody who has it. */
export function saveRole(
  organization: string,
  was: Pick<Role, "id" | "version"> | null,
  wish: RoleWish,
): Promise<Role> {
  if (was === null) return send("POST", door(organization, "/roles"), { body: wish });
  const version = was.version ?? undefined;
  return send("PATCH", door(organization, `/roles/${was.id}`), {
    body: wish,
    ...(version === undefined ? {} : { version }),
  });
}

/** Ends a role; whoever has it gets the replacement. */
export function endRole(organization: string, id: string, replacement: string): Promise<unknown> {
  return send("DELETE", withQuery(door(organization, `/roles/${id}`), { replacement }));
}
