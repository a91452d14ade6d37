/**
 * Failures of others that cannot happen here, each with the reason in one line: what they went wrong in does not exist here.
 *
 * Ids as their finders write them, in alphabetical order; `docs/generated/attacks.md` lists them beside those that a test is named after.
 */
export const notOurs: Readonly<Record<string, string>> = {
  "better-auth #8091": "Nobody signs up: an account begins with an invitation.",
  "better-auth #8839": "Nobody signs up: an account begins with an invitation.",
  "CVE-2026-14614":
    "There are no scopes that clients are assigned: what is given by name is a role, under the ceiling of thunderid #2103.",
  "CVE-2026-14615":
    "Whoever may read a kind of record may read all of it, so no list shows what a single door hides.",
  "CVE-2026-9099": "No group stands above another one: what somebody may comes from their roles alone.",
};
