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
  readonly askedAt: string | null;
  readonly givenAt: string | null;
  readonly givenBy: string | null;
  readonly until: string | null;
  readonly firstUsedAt: string | null;
  readonly endedAt: string | null;
}

export interface GrantWish {
  readonly operator: string;
  readonly reason: string;
  readonly hours: number;
  readonly reference?: string;
}

/** Who of the platform's staff may come in, has asked to, or was in before. */
export function fetchGrants(organization: string): Promise<Page<SupportGrant>> {
  return send("GET", door(organization, "/support-grants"));
}

/** Lets one of the platform's staff in, to read, for so many hours. */
export function giveGrant(organization: string, wish: GrantWish): Promise<SupportGrant> {
  return send("POST", door(organization, "/support-grants"), { body: wish });
}

/** Gives what an operator has asked for. */
export function approveGrant(organization: string, id: string): Promise<SupportGrant> {
  return send("POST", door(organization, `/support-grants/${id}/approve`), { body: {} });
}

/** Ends a grant, or refuses one that was asked for. */
export function endGrant(organization: string, id: string): Promise<unknown> {
  return send("DELETE", door(organization, `/support-grants/${id}`));
}
