import type { Key } from "./keys.ts";
import type { Page } from "./page.ts";
import { send } from "./send.ts";
import { door } from "./tenant.ts";

/** A member that is a program. */
export interface ServiceAccount {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly version: number;
  /** Null when whoever answered for it has left: it may do nothing until somebody else answers. */
  readonly answerableId: string | null;
  readonly answerableName: string;
  readonly answerableEmail: string;
  readonly createdAt: string;
  readonly lastSeenAt: string | null;
}

export interface AccountWish {
  readonly name: string;
  readonly roles: readonly string[];
  readonly answerableId?: string;
}

/** How far a key of a service account reaches. */
export interface KeyLimits {
  readonly name: string;
  readonly permissions: readonly string[] | null;
  readonly networks: readonly string[] | null;
  readonly expiresAt: string | null;
}

/** A public key that a service account's assertions are checked by. */
export interface PublicKey {
  readonly id: string;
  readonly name: string;
  readonly alg: string;
  readonly thumbprint: string;
  readonly permissions: readonly string[] | null;
  readonly networks: readonly string[] | null;
  readonly madeBy: string | null;
  readonly createdAt: string;
  readonly usedAt: string | null;
  readonly expiresAt: string | null;
}

/** A public key as RFC 7517 writes it. */
export type Jwk = Readonly<Record<string, string>>;

/** The organization's service accounts, with who answers for each. */
export function fetchServiceAccounts(organization: string, after?: string): Promise<Page<ServiceAccount>> {
  return send("GET", door(organization, "/service-accounts"), { query: { limit: 100, after } });
}

/** One service account. */
export function fetchServiceAccount(organization: string, id: string): Promise<ServiceAccount> {
  return send("GET", door(organization, `/service-accounts/${id}`));
}

/** Makes a service account, or changes one; it never may more than whoever answers for it. */
export function saveServiceAccount(
  organization: string,
  was: Pick<ServiceAccount, "id" | "version"> | null,
  wish: AccountWish,
): Promise<ServiceAccount> {
  if (was === null) return send("POST", door(organization, "/service-accounts"), { body: wish });
  return send("PATCH", door(organization, `/service-accounts/${was.id}`), {
    body: wish,
    version: was.version,
  });
}

/** Ends a service account with all its keys. */
export function endServiceAccount(organization: string, id: string): Promise<unknown> {
  return send("DELETE", door(organization, `/service-accounts/${id}`));
}

/** The keys of one service account; the API lists keys together, so that the account's own are picked out here. */
export async function fetchServiceKeys(organization: string, id: string): Promise<readonly Key[]> {
  const found: Key[] = [];
  let after: string | undefined;
  do {
    const page: Page<Key> = await send("GET", door(organization, "/keys"), { query: { limit: 200, after } });
    found.push(...page.items.filter(({ memberId }) => memberId === id));
    after = page.next ?? undefined;
  } while (after !== undefined);
  return found;
}

/** Makes a key for a service account; the answer holds it in full this one time. */
export function createServiceKey(
  organization: string,
  id: string,
  limits: KeyLimits,
): Promise<{ readonly key: string }> {
  return send("POST", door(organization, `/service-accounts/${id}/keys`), { body: limits });
}

/** The public keys of a service account. */
export function fetchPublicKeys(
  organization: string,
  id: string,
): Promise<{ readonly items: readonly PublicKey[] }> {
  return send("GET", door(organization, `/service-accounts/${id}/public-keys`));
}

/** Registers a public key; the private one never leaves the program. */
export function addPublicKey(
  organization: string,
  id: string,
  wish: KeyLimits & { readonly jwk: Jwk },
): Promise<PublicKey> {
  return send("POST", door(organization, `/service-accounts/${id}/public-keys`), { body: wish });
}

/** Ends a public key with every token that was given for it. */
export function endPublicKey(organization: string, id: string): Promise<unknown> {
  return send("DELETE", door(organization, `/public-keys/${id}`));
}
