import type { Page } from "./page.ts";
import { send } from "./send.ts";
import { door } from "./tenant.ts";

export interface Key {
  readonly id: string;
  readonly name: string;
  /** Its last characters, to tell it apart by. */
  readonly hint?: string | null;
  readonly personName?: string | null;
  readonly memberId?: string;
  readonly madeBy?: string | null;
  readonly class?: string;
  readonly permissions?: readonly string[] | null;
  readonly networks?: readonly string[] | null;
  /** The key that takes its place. */
  readonly replacedBy?: string | null;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastSeenAt?: string | null;
}

export interface NewKey {
  readonly name: string;
  /** What the key may do at most; null for whatever its maker may. */
  readonly permissions: readonly string[] | null;
  readonly class?: string;
  /** The only networks that it is taken from; null for any. */
  readonly networks?: readonly string[] | null;
  readonly expiresAt: string | null;
}

/** The organization's API keys; never the keys themselves, which are stored only as hashes. */
export function fetchKeys(organization: string): Promise<Page<Key>> {
  return send("GET", door(organization, "/keys"));
}

/** Makes a key; the answer holds it in full this one time. */
export function createKey(
  organization: string,
  key: NewKey,
): Promise<{ readonly key: string; readonly id?: string }> {
  return send("POST", door(organization, "/keys"), { body: key });
}

/** Ends a key; it is refused from its next request. */
export function endKey(organization: string, id: string): Promise<unknown> {
  return send("DELETE", door(organization, `/keys/${id}`));
}

/** Makes a key like this one in its place; the old one goes on for so long. */
export function rerollKey(
  organization: string,
  id: string,
  overlapSeconds: number,
): Promise<{ readonly key: string }> {
  return send("POST", door(organization, `/keys/${id}/reroll`), { body: { overlapSeconds } });
}
