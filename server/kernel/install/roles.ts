/** The roles of an installation. `{prefix}_` stands before each name, so that several can share one cluster. */
export const ownerRoles = ["kernel", "owner"] as const;

/** The doors: each logs in with its own password, is a member of nothing and owns nothing. */
export const doorRoles = ["api", "auth", "ingest", "worker", "live", "public", "ops"] as const;

export type DoorRole = (typeof doorRoles)[number];

const allRoles = [...ownerRoles, "migrate", ...doorRoles];

/** Puts the installation's prefix in the place of `rf_` before every role name in a script. */
export function withPrefix(script: string, prefix: string): string {
  return script.replace(new RegExp(`\\brf_(${allRoles.join("|")})\\b`, "g"), `${prefix}_$1`);
}

/** The reverse, so that catalogs of differently prefixed installations compare equal. */
export function withoutPrefix(text: string, prefix: string): string {
  return text.replace(new RegExp(`\\b${prefix}_(${allRoles.join("|")})\\b`, "g"), "rf_$1");
}
