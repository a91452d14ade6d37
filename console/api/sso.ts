import { send } from "./send.ts";
import { door } from "./tenant.ts";

export interface Connection {
  readonly id: string;
  readonly kind: "oidc" | "saml";
  readonly name: string;
  readonly state: "draft" | "enabled" | "disabled";
  readonly settings: Readonly<Record<string, unknown>>;
  readonly hasSecret: boolean;
  readonly formerSecretUntil: string | null;
  readonly domains: readonly string[];
  readonly provisions: boolean;
  readonly defaultRoles: readonly string[];
  /** Which roles a group at the provider gives. */
  readonly roleMap: readonly { readonly group: string; readonly roles: readonly string[] }[];
  /** Whether members that it made get their roles anew at each sign-in. */
  readonly followsGroups: boolean;
  /** The organization's word that the provider asks everybody for a second factor. */
  readonly asksSecondFactor: boolean;
  readonly people: number;
  /** How much came to its doors within a day and belongs to no sign-in that was begun here. */
  readonly turnedAway: number;
  readonly lastSignInAt: string | null;
  readonly setupLinkUntil: string | null;
  /** Where the provider sends people back to. */
  readonly callbackUrl: string;
  /** Where an OpenID provider says that somebody has signed out there. */
  readonly logoutUrl: string | null;
  readonly version: number;
}

/** What can be changed of a connection. A setting that is not named stays, and null takes one away; a secret goes in and never comes out. */
export interface ConnectionChange extends Partial<
  Pick<
    Connection,
    | "name"
    | "settings"
    | "domains"
    | "provisions"
    | "defaultRoles"
    | "roleMap"
    | "followsGroups"
    | "asksSecondFactor"
  >
> {
  readonly secret?: string;
  /** Makes a new key of ours; the one before it stays published. */
  readonly newKey?: boolean;
}

/** Somebody who came by a connection. */
export interface ConnectionPerson {
  readonly memberId: string;
  readonly name: string;
  readonly email: string;
  /** The address that the provider told, which may be another. */
  readonly asserted: string | null;
  /** Who they are at the provider. */
  readonly subject: string;
  /** Whether it made them a member. */
  readonly provisioned: boolean;
  readonly signedInAt: string;
}

export interface Domain {
  readonly id: string;
  readonly name: string;
  readonly verifiedAt: string | null;
  readonly checkedAt: string | null;
  /** Until when a domain counts whose record is gone; null while it is there. */
  readonly verifiedUntil: string | null;
  /** The record that shows that the domain is the organization's own. */
  readonly record: { readonly name: string; readonly type: "TXT"; readonly value: string };
}

export interface Enforcement {
  readonly enforced: boolean;
  readonly breakGlass: readonly {
    readonly memberId: string;
    readonly name: string;
    readonly email: string;
    readonly secondFactor: boolean;
  }[];
  /** What single sign-on does not close. */
  readonly keys: readonly { readonly id: string; readonly name: string | null; readonly owner: string }[];
}

interface Items<T> {
  readonly items: readonly T[];
}

/** The organization's identity providers. */
export function fetchConnections(organization: string): Promise<Items<Connection>> {
  return send("GET", door(organization, "/sso-connections"));
}

/** Something that came to a connection's doors, and belongs to no sign-in that was begun here. */
export interface TurnedAway {
  readonly at: string;
  readonly door: string;
  readonly reason: string;
  /** How often the same came within an hour. */
  readonly times: number;
  readonly ip: string | null;
  readonly requestId: string | null;
}

/** What came to a connection's doors of late, the newest first. */
export function fetchTurnedAway(organization: string, id: string): Promise<Items<TurnedAway>> {
  return send("GET", door(organization, `/sso-connections/${id}/refusals`));
}

/** Adds an identity provider as a draft, which lets nobody in. */
export function addConnection(
  organization: string,
  draft: { readonly kind: "oidc" | "saml"; readonly name: string },
): Promise<Connection> {
  return send("POST", door(organization, "/sso-connections"), { body: draft });
}

/** Changes an identity provider. */
export function changeConnection(
  organization: string,
  { id, version }: Pick<Connection, "id" | "version">,
  change: ConnectionChange,
): Promise<Connection> {
  return send("PATCH", door(organization, `/sso-connections/${id}`), { body: change, version });
}

/** Switches an identity provider on, or off with every session that it opened. */
export function switchConnection(
  organization: string,
  id: string,
  act: "enable" | "disable",
): Promise<unknown> {
  return send("POST", door(organization, `/sso-connections/${id}/${act}`));
}

/** Ends an identity provider for good, and where that is wanted the memberships that it made. */
export function endConnection(
  organization: string,
  id: string,
  offBoard: boolean,
): Promise<{ readonly offBoarded: number }> {
  return send("POST", door(organization, `/sso-connections/${id}/end`), { body: { offBoard } });
}

/** Where to go in order to try a connection out oneself. */
export function tryConnection(organization: string, id: string): Promise<{ readonly location: string }> {
  return send("POST", door(organization, `/sso-connections/${id}/test`));
}

/** Who came by a connection, the latest first. */
export function fetchConnectionPeople(organization: string, id: string): Promise<Items<ConnectionPerson>> {
  return send("GET", door(organization, `/sso-connections/${id}/people`));
}

/** Forgets which account at the provider a member has, so that another can take its place. */
export function unlinkPerson(organization: string, id: string, memberId: string): Promise<unknown> {
  return send("DELETE", door(organization, `/sso-connections/${id}/people/${memberId}`));
}

/** A link by which whoever runs the provider sets the draft up, without an account here. */
export function openSetupLink(
  organization: string,
  connectionId: string,
): Promise<{ readonly link: string; readonly expiresAt: string }> {
  return send("POST", door(organization, "/sso-setup-links"), { body: { connectionId } });
}

/** The organization's domains. */
export function fetchDomains(organization: string): Promise<Items<Domain>> {
  return send("GET", door(organization, "/domains"));
}

/** Adds a domain; it counts once its record was found. */
export function addDomain(organization: string, name: string): Promise<Domain> {
  return send("POST", door(organization, "/domains"), { body: { name } });
}

/** Looks for the domain's record now. */
export function checkDomain(organization: string, id: string): Promise<Domain> {
  return send("POST", door(organization, `/domains/${id}/check`));
}

/** Ends a domain. */
export function endDomain(organization: string, id: string): Promise<unknown> {
  return send("DELETE", door(organization, `/domains/${id}`));
}

/** Whether single sign-on is demanded, and who gets in without. */
export function fetchEnforcement(organization: string): Promise<Enforcement> {
  return send("GET", door(organization, "/sso-enforcement"));
}

/** Demands single sign-on of everybody, or no longer. */
export function enforceSso(organization: string, enforced: boolean): Promise<unknown> {
  return send("PUT", door(organization, "/sso-enforcement"), { body: { enforced } });
}

/** Lets an owner in without single sign-on for the day on which it is down, or no longer. */
export function setBreakGlass(organization: string, memberId: string, breakGlass: boolean): Promise<unknown> {
  return send("PUT", door(organization, `/members/${memberId}/break-glass`), { body: { breakGlass } });
}
