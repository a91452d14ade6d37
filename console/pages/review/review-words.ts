import type { AccessReview, ReviewedMember } from "../../api/access-review.ts";

const words: Readonly<Record<string, string>> = {
  "no-second-factor": "No second factor",
  "not-seen-for-90-days": "Not seen for 90 days",
  "nobody-answers": "Nobody answers for it",
  "break-glass": "May come in beside single sign-on",
  "never-ends": "Never runs out",
  "all-permissions": "May do whatever its maker may",
  "not-used-for-90-days": "Not used for 90 days",
  replaced: "Replaced, still good for a while",
};

/** What deserves a second look, in words. That it is a service account is no reason by itself. */
export function reasonsIn(flags: readonly string[]): readonly string[] {
  return flags
    .filter((flag) => flag !== "service-account")
    .map((flag) => words[flag] ?? flag.replaceAll("-", " "));
}

/** Who asks somebody for the second factor that nobody is asked to look at. */
export function factorWords({ secondFactorBy }: Pick<ReviewedMember, "secondFactorBy">): string {
  return secondFactorBy === "provider" ? "Second factor by provider" : "Second factor";
}

/** Whether something of a review deserves a second look. */
export function isFlagged({ flags }: { readonly flags: readonly string[] }): boolean {
  return reasonsIn(flags).length > 0;
}

/** How many members and keys deserve a second look. */
export function flaggedCount({ members, keys }: Pick<AccessReview, "members" | "keys">): number {
  return members.filter(isFlagged).length + keys.filter(isFlagged).length;
}
