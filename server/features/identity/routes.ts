import type { Route } from "../../http/index.ts";
import type { IdentityOptions } from "./inputs.ts";
import { invitationRoutes } from "./invitation-routes.ts";
import { personRoutes } from "./person-routes.ts";
import { setupRoutes } from "./setup-routes.ts";
import { signInRoutes } from "./sign-in-routes.ts";
import { tokenRoutes } from "./tokens/token-routes.ts";

/** The doors of a person: setup, sign-in and out, own sessions, own organizations, invitations. */
export function identityRoutes(options: IdentityOptions): Route[] {
  return [
    ...setupRoutes(options),
    ...signInRoutes(options),
    ...personRoutes(options),
    ...tokenRoutes(options),
    ...invitationRoutes(options),
  ];
}
