import type { Role } from "../../api/members.ts";

/**
 * What a key of this role is limited to, or null for "whatever its maker may".
 *
 * Only what the maker holds in full: a permission for one's own things cannot be put into a key by itself.
 */
export function permissionsFor(
  role: string,
  roles: readonly Role[],
  held: readonly string[],
): string[] | null {
  const permissions = roles.find((one) => one.name === role)?.permissions;
  if (role === "" || permissions === undefined) return null;
  return permissions.filter((permission) => !permission.endsWith(":own") && held.includes(permission));
}
