import { send } from "./send.ts";
import { door } from "./tenant.ts";

export interface ReviewedMember {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly kind: string;
  readonly roles: readonly string[];
  readonly since: string;
  readonly lastSeenAt: string | null;
  readonly secondFactor: boolean;
  readonly secondFactorBy: "own" | "provider" | null;
  readonly breakGlass: boolean;
  /** Who answers for a service account. */
  readonly answerable: string | null;
  readonly flags: readonly string[];
}

export interface ReviewedKey {
  readonly id: string;
  readonly name: string | null;
  readonly hint: string | null;
  readonly class: string;
  readonly owner: string;
  readonly madeBy: string | null;
  readonly permissions: readonly string[] | null;
  readonly networks: readonly string[] | null;
  readonly createdAt: string;
  readonly lastSeenAt: string | null;
  readonly expiresAt: string | null;
  readonly flags: readonly string[];
}

export interface ReviewedPublicKey {
  readonly id: string;
  readonly name: string;
  readonly thumbprint: string;
  readonly alg: string;
  readonly owner: string;
  readonly madeBy: string | null;
  readonly createdAt: string;
  readonly lastSeenAt: string | null;
  readonly expiresAt: string | null;
}

export interface ReviewedInvitation {
  readonly id: string;
  readonly email: string;
  readonly roles: readonly string[];
  readonly expiresAt: string;
}

export interface ReviewedGrant {
  readonly id: string;
  readonly email: string;
  readonly permissions: readonly string[];
  readonly reason: string;
  readonly until: string | null;
  readonly firstUsedAt: string | null;
}

export interface SignOff {
  readonly at: string;
  readonly email: string;
  readonly note: string | null;
  readonly counts: { readonly members: number; readonly keys: number; readonly supportGrants: number };
}

/** Everybody and everything that gets in. */
export interface AccessReview {
  readonly members: readonly ReviewedMember[];
  readonly keys: readonly ReviewedKey[];
  readonly publicKeys: readonly ReviewedPublicKey[];
  readonly invitations: readonly ReviewedInvitation[];
  readonly supportGrants: readonly ReviewedGrant[];
  readonly lastSignOff: SignOff | null;
}

/** Everybody and everything with access to the organization, and what deserves a second look. */
export async function fetchAccessReview(organization: string): Promise<AccessReview> {
  const review = await send<AccessReview>("GET", door(organization, "/access-review"));
  // A service account's address is made up, and its name is what people know it by.
  const names = new Map(
    review.members.filter(({ kind }) => kind === "service").map(({ email, name }) => [email, name]),
  );
  const named = <Item extends { readonly owner: string }>(items: readonly Item[]): Item[] =>
    items.map((item) => ({ ...item, owner: names.get(item.owner) ?? item.owner }));
  return { ...review, keys: named(review.keys), publicKeys: named(review.publicKeys) };
}

/** Where the browser downloads the review from. */
export function accessReviewExportPath(organization: string): string {
  return door(organization, "/access-review/export.csv");
}

/** Says that everybody with access was gone over; the trail keeps who said so. */
export function signOffAccessReview(organization: string, note: string): Promise<unknown> {
  const trimmed = note.trim();
  return send("POST", door(organization, "/access-review/sign-offs"), {
    body: trimmed === "" ? {} : { note: trimmed },
  });
}
