import type { Route } from "../../../http/index.ts";
import type { IdentityOptions } from "../inputs.ts";
import { passkeyRoutes } from "./passkey-routes.ts";
import { passkeySignInRoutes } from "./passkey-sign-in-routes.ts";
import { proveRoutes } from "./prove-routes.ts";
import { rememberedRoutes } from "./remembered-routes.ts";
import { resetRoute } from "./reset-route.ts";
import { secondFactorRoutes } from "./second-factor-routes.ts";
import { securityRoutes } from "./security-routes.ts";
import { totpRoutes } from "./totp-routes.ts";

/** The doors of second factors: the second step of a sign-in, passkeys, step-up, and the factors themselves. */
export function factorRoutes(options: IdentityOptions): Route[] {
  return [
    ...secondFactorRoutes(options),
    ...rememberedRoutes(options),
    ...passkeySignInRoutes(options),
    ...proveRoutes(options),
    ...securityRoutes(options),
    ...totpRoutes(options),
    ...passkeyRoutes(options),
    resetRoute(options),
  ];
}
