import type { Page } from "./page.ts";
import { send } from "./send.ts";
import { door } from "./tenant.ts";

export interface SupportGrant {
  readonly id: string;
  readonly operatorEmail: string;
  readonly operatorName: string | null;
  readonly state: string;
  readonly permissions: readonly string[];
  readonly reason: string;
  readonly reference: string | null;
  readonly hours: number;
  /** Given by two of the staff and not by the organization. */
  readonly emergency: boolean;
  readonly askedAt: string | null;
  readonly givenAt: string | null;
  readonly givenBy: string | null;
  readonly until: string | null;
  readonly firstUsedAt: string | null;
  readonly endedAt: string | null;
  readonly endedBy: string | null;
  readonly endedWhy: string | null;
}

/** Whether the platform's staff could come in without the organization's consent. */
export interface SupportPolicy {
  readonly emergencyRefused: boolean;
  /** The installation has emergencies, and the organization does not refuse them. */
  readonly emergencyPossible: boolean;
  /** The permissions that a grant may name at all, and those that it names unless it says otherwise. */
  readonly lendable: readonly string[];
  readonly lentByDefault: readonly string[];
}

export interface GrantWish {
  readonly operator: string;
  readonly permissions: readonly string[];
  readonly reason: string;
  readonly hours: number;
  readonly reference?: string;
}

/** Who of the platform's staff may come in, has asked to, or was in before: by the organization's consent, or in an emergency without it. */
export function fetchGrants(
  organization: string,
  emergency: boolean,
  after?: string,
): Promise<Page<SupportGrant>> {
  return send("GET", door(organization, "/support-grants"), { query: { emergency, after } });
}

/** Whether anybody may come in without the organization's consent, and what a grant may name. */
export function fetchSupportPolicy(organization: string): Promise<SupportPolicy> {
  return send("GET", door(organization, "/support-policy"));
}

/** Refuses that for good, which ends what is under way, or takes the refusal back. */
export function refuseEmergencies(organization: string, emergencyRefused: boolean): Promise<unknown> {
  return send("PATCH", door(organization, "/support-policy"), { body: { emergencyRefused } });
}

/** Lets one of the platform's staff in, for what is named, for so many hours. */
export function giveGrant(organization: string, wish: GrantWish): Promise<SupportGrant> {
  return send("POST", door(organization, "/support-grants"), { body: wish });
}

/** Gives what an operator has asked for, or less of it. */
export function approveGrant(
  organization: string,
  id: string,
  given: { readonly permissions: readonly string[]; readonly hours: number },
): Promise<SupportGrant> {
  return send("POST", door(organization, `/support-grants/${id}/approve`), { body: given });
}

/** Ends a grant, or refuses one that was asked for. */
export function endGrant(organization: string, id: string): Promise<unknown> {
  return send("DELETE", door(organization, `/support-grants/${id}`));
}
