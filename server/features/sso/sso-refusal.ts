/** Why an answer of a provider was not taken. The words are ours and for the trail alone; outside, every refusal is the same. */
export class SsoRefusal extends Error {
  override readonly name = "SsoRefusal";
}

/** The reason in words that hold no value of what was sent: our own, or a library's code with the claim that it looked at. */
export function reasonOf(error: unknown): string {
  if (error instanceof SsoRefusal) return error.message;
  const words: string[] = [];
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const code = "code" in at && typeof at.code === "string" ? at.code : null;
    // The library's own sentences are constants; what it looked at stands in the causes, which are not repeated.
    if (code !== null) words.push(code.startsWith("OAUTH_") ? `${code} (${at.message})` : code);
    if ("error" in at && typeof at.error === "string") words.push(plain(at.error));
    if (at.name === "EgressRefusal") words.push(at.message);
    const claim = claimIn(at.cause);
    if (claim !== null) words.push(`claim ${claim}`);
  }
  return [...new Set(words)].join(", ").slice(0, 300) || "the answer could not be read";
}

/** Codes of RFC 6749; whatever else a provider writes there is not repeated. */
function plain(code: string): string {
  return /^[a-z_]{1,50}$/.test(code) ? code : "an error without a code";
}

function claimIn(cause: unknown): string | null {
  if (typeof cause !== "object" || cause === null || !("claim" in cause)) return null;
  return /^[a-z_]{1,20}$/.test(String(cause.claim)) ? String(cause.claim) : null;
}
