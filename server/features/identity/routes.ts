import type { Route } from "../../http/index.ts";
import { factorRoutes } from "./factors/routes.ts";
import type { IdentityOptions } from "./inputs.ts";
import { invitationRoutes } from "./invitation-routes.ts";
import { personRoutes } from "./person-routes.ts";
import { setupRoutes } from "./setup-routes.ts";
import { signInRoutes } from "./sign-in-routes.ts";

/** The doors of a person: setup, sign-in and out, own sessions, own organizations, invitations. */
export function identityRoutes(options: IdentityOptions): Route[] {
  return [
    ...setupRoutes(options),
    ...signInRoutes(options),
    ...factorRoutes(options),
    ...personRoutes(options),
    ...invitationRoutes(options),
  ];
}
