import { send } from "./send.ts";
import { door } from "./tenant.ts";

export type May = "all" | "own" | "no";

export interface HeldPermission {
  readonly permission: string;
  readonly may: May;
  /** The roles that give it. */
  readonly roles: readonly string[];
  readonly dangerous: boolean;
}

/** One session or key of a member, and whether it may. */
export interface Way {
  readonly kind: string;
  readonly name: string | null;
  readonly lastSeenAt: string | null;
  readonly may: May;
  /** The problem that it would be answered with. */
  readonly problem: string | null;
}

export interface Explained extends HeldPermission {
  readonly ways: readonly Way[];
}

/** What a member can do, and which of their roles give it. */
export function fetchAccess(
  organization: string,
  memberId: string,
): Promise<{ readonly items: readonly HeldPermission[] }> {
  return send("GET", door(organization, `/members/${memberId}/access`));
}

/** Whether a member can do one thing by each of their sessions and keys, judged by what judges requests. */
export function explainAccess(organization: string, member: string, permission: string): Promise<Explained> {
  return send("GET", door(organization, "/access/explain"), { query: { member, permission } });
}
