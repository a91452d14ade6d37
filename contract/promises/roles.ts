import { planned, type Chapter } from "./promise.ts";

export const roles = {
  title: "Roles and permissions",
  promises: {
    "RBAC-1": planned(
      "The roles owner, admin, manager, member and viewer are enforced by the server on every request.",
    ),
    "RBAC-2": planned("An organization may define roles of its own, and a person may hold several."),
    "RBAC-3": planned("Permissions are per resource and action, and nobody can grant what they do not hold."),
    "RBAC-4": planned("Changes of roles are audited."),
    "RBAC-5": planned(
      "Owners may do everything; admins all but billing; managers archive, edit in bulk and see reports of their team; members create and edit records; viewers read.",
    ),
  },
} as const satisfies Chapter;
