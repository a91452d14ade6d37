/**
 * Failures of others that cannot happen here, each with the reason in one line: what they went wrong in does not exist here.
 *
 * Ids as their finders write them, in alphabetical order; `docs/generated/attacks.md` lists them beside those that a test is named after.
 */
export const notOurs: Readonly<Record<string, string>> = {};
