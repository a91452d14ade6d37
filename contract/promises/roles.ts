import { kept, type Chapter } from "./promise.ts";

export const roles = {
  title: "Roles and permissions",
  promises: {
    "RBAC-1": kept(
      "The roles owner, admin, manager, member and viewer are enforced by the server on every request.",
    ),
    "RBAC-2": kept("An organization may define roles of its own, and a person may hold several."),
    "RBAC-3": kept("Permissions are per resource and action, and nobody can grant what they do not hold."),
    "RBAC-4": kept("Changes of roles are audited."),
    "RBAC-5": kept(
      "Owners may do everything; admins all but billing; managers also archive, work in bulk and export; members create and edit records; viewers read. Analytics and calling have presets of their own.",
    ),
  },
} as const satisfies Chapter;
