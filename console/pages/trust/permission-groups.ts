import type { Role } from "../../api/members.ts";

/** Whether a role holds a permission: not, for its own things only, or fully. */
export type Held = "no" | "own" | "yes";

interface Permission {
  readonly key: string;
  readonly action: string;
  /** In the order of the roles. */
  readonly held: readonly Held[];
}

export interface PermissionGroup {
  readonly resource: string;
  readonly permissions: readonly Permission[];
}

/** Every permission that any of the roles holds, by resource, and how each role holds it. */
export function permissionGroups(roles: readonly Role[]): PermissionGroup[] {
  const keys = new Set(
    roles.flatMap((role) => role.permissions.map((permission) => permission.replace(/:own$/u, ""))),
  );
  const sorted = [...keys].toSorted();
  const resources = [...new Set(sorted.map((key) => key.split(".")[0] ?? key))];
  return resources.map((resource) => ({
    resource,
    permissions: sorted
      .filter((key) => key.startsWith(`${resource}.`))
      .map((key) => ({
        key,
        action: key.slice(resource.length + 1),
        held: roles.map((role) => heldBy(role, key)),
      })),
  }));
}

function heldBy({ permissions }: Role, key: string): Held {
  if (permissions.includes(key)) return "yes";
  return permissions.includes(`${key}:own`) ? "own" : "no";
}
