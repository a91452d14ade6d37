import type { Route } from "../../http/index.ts";
import { factorRoutes } from "./factors/routes.ts";
import type { IdentityOptions } from "./inputs.ts";
import { emailRoutes } from "./email-routes.ts";
import { invitationRoutes } from "./invitation-routes.ts";
import { magicLinkRoutes } from "./magic-link-routes.ts";
import { passwordRoutes } from "./password-routes.ts";
import { personRoutes } from "./person-routes.ts";
import { resetRoutes } from "./reset-routes.ts";
import { setupRoutes } from "./setup-routes.ts";
import { signInRoutes } from "./sign-in-routes.ts";
import { unlockRoutes } from "./unlock-routes.ts";
import { tokenRoutes } from "./tokens/token-routes.ts";

/** The doors of a person: setup, sign-in and out, own sessions, own organizations, invitations. */
export function identityRoutes(options: IdentityOptions): Route[] {
  return [
    ...setupRoutes(options),
    ...signInRoutes(options),
    ...resetRoutes(options),
    ...magicLinkRoutes(options),
    ...emailRoutes(options),
    ...passwordRoutes(options),
    ...unlockRoutes(options),
    ...factorRoutes(options),
    ...personRoutes(options),
    ...tokenRoutes(options),
    ...invitationRoutes(options),
  ];
}
