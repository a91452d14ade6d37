import { rememberSecrets as rememberSpellings, scrub } from "./scrub.ts";

const textsMax = 4000;
const scrubbed = new Map<string, string>();

/** Like `scrub`, for texts that repeat from line to line (routes, codes, stack frames): each is looked at once. */
export function scrubOnce(text: string): string {
  const before = scrubbed.get(text);
  if (before !== undefined) return before;
  if (scrubbed.size >= textsMax) scrubbed.clear();
  const clean = scrub(text);
  scrubbed.set(text, clean);
  return clean;
}

/** Adds secrets that no line will ever show, in any common spelling; tell it of each as soon as it is read. */
export function rememberSecrets(secrets: Iterable<string>): void {
  rememberSpellings(secrets);
  scrubbed.clear(); // What was clean before may hold a new secret.
}
