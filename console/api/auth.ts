import { forgetCsrf } from "./csrf.ts";
import type { Page } from "./page.ts";
import { send } from "./send.ts";

export interface Organization {
  readonly slug: string;
  readonly name: string;
  /** The person's membership here; records name their owner by it. */
  readonly memberId?: string;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly locale: string;
  readonly timeZone: string;
  readonly currency: string;
  readonly demo: boolean;
  /** From when on this session, which was opened without a second factor, does not get in; null where none is asked. */
  readonly secondFactorBy?: string | null;
  /** Set when the person is here as the platform's support, by the organization's leave. */
  readonly support?: {
    readonly grant: string;
    readonly until: string;
    readonly reason: string;
    /** Two of the platform's staff have let the person in, not the organization. */
    readonly emergency?: boolean;
  } | null;
}

export interface Me {
  readonly person: { readonly id: string; readonly email: string; readonly name: string };
  readonly organizations: readonly Organization[];
}

export interface Session {
  readonly id: string;
  readonly device: string | null;
  readonly ip: string | null;
  /** Such as "Vienna, AT", when the installation has a file of places. */
  readonly place: string | null;
  /** How many programs hold tokens of this session. */
  readonly programs: number;
  readonly createdAt: string;
  readonly lastSeenAt: string | null;
  readonly current: boolean;
}

export interface NewOrganization {
  readonly name: string;
  readonly locale: string;
  readonly timeZone: string;
  readonly currency: string;
}

export interface Setup {
  readonly token: string;
  readonly organization: NewOrganization;
  readonly person: { readonly name: string; readonly email: string; readonly password: string };
}

/** Where the person has arrived: the organization's part of the address. */
export interface Joined {
  readonly organization: string;
}

export interface InvitationOffer {
  readonly organization: string;
  readonly slug?: string;
  readonly invitedBy?: string | null;
  readonly expiresAt?: string;
  readonly email: string;
  readonly roles: readonly string[];
  /** Whether a person with this address exists already; they accept with their own session. */
  readonly known: boolean;
}

/** Who is signed in and where they belong; the source of every permission that the console shows or hides. */
export function fetchMe(signal?: AbortSignal): Promise<Me> {
  return send("GET", "/auth/me", { signal });
}

/** Whether this installation has an owner already. */
export function fetchClaimed(): Promise<{ readonly claimed: boolean }> {
  return send("GET", "/auth/setup");
}

/** Ends this session on the server and forgets what was bound to it. */
export function signOut(): Promise<unknown> {
  return afterwardsForgetCsrf(send("POST", "/auth/sign-out"));
}

/** Claims the installation with the one-time link and signs its owner in. */
export function claim(setup: Setup): Promise<Joined> {
  return afterwardsForgetCsrf(send("POST", "/auth/setup", { body: setup }));
}

/** Opens another organization for the person who is signed in. */
export function openOrganization(organization: NewOrganization): Promise<Joined> {
  return send("POST", "/auth/organizations", { body: organization });
}

/** Leaves an organization for good; to come back takes an invitation. */
export function leaveOrganization(slug: string): Promise<unknown> {
  return send("DELETE", `/auth/organizations/${slug}`);
}

/** What an invitation offers, before anybody accepts it. */
export function fetchInvitation(token: string): Promise<InvitationOffer> {
  return send("GET", `/auth/invitations/${encodeURIComponent(token)}`);
}

/** Joins with a new account: a name and a password of one's own choice. */
export function acceptInvitation(
  token: string,
  account: { name: string; password: string },
): Promise<Joined> {
  return afterwardsForgetCsrf(
    send("POST", `/auth/invitations/${encodeURIComponent(token)}`, { body: account }),
  );
}

/** Joins with the account that is signed in; refused for any other address than the invited one. */
export function joinAsMyself(token: string): Promise<Joined> {
  return send("POST", `/auth/invitations/${encodeURIComponent(token)}/accept`);
}

/** Every place where this person is signed in. */
export function fetchSessions(): Promise<Pick<Page<Session>, "items">> {
  return send("GET", "/auth/sessions");
}

/** Ends every session but this one. */
export function endOtherSessions(): Promise<{ readonly ended: number }> {
  return send("DELETE", "/auth/sessions");
}

/** Ends every session, this one too. */
export function endAllSessions(): Promise<{ readonly ended: number }> {
  return send("DELETE", "/auth/sessions?all=true");
}

/** A browser that stands in for the person's second factor. */
export interface RememberedDevice {
  readonly id: string;
  readonly device: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly lastUsedAt: string | null;
  readonly current: boolean;
}

/** Every browser in which the second factor is not asked for. */
export function fetchRemembered(): Promise<Pick<Page<RememberedDevice>, "items">> {
  return send("GET", "/auth/remembered-devices");
}

/** Has one of them ask for it again. */
export function forgetDevice(id: string): Promise<unknown> {
  return send("DELETE", `/auth/remembered-devices/${id}`);
}

/** Ends one session; it holds from that session's next request. */
export function endSession(id: string): Promise<unknown> {
  return send("DELETE", `/auth/sessions/${id}`);
}

/** For whatever changes the session: the CSRF token is bound to it. */
export async function afterwardsForgetCsrf<T>(work: Promise<T>): Promise<T> {
  const result = await work;
  forgetCsrf();
  return result;
}
