import type { Route } from "../../http/index.ts";
import type { Job } from "../../jobs/index.ts";
import { keyRoutes } from "./key-routes.ts";
import { type OwnerRestoreOptions, ownerRestoreRoutes } from "./owner-restore.ts";
import { reviewRoutes } from "./review-routes.ts";
import { securityRoutes } from "./security-routes.ts";
import { serviceAccountRoutes } from "./service-account-routes.ts";
import { serviceKeyRoutes } from "./service-key-routes.ts";
import { tellOfDemandJob } from "./tell-of-demand.ts";
import { serviceTokenRoute, type ServiceTokenOptions } from "./service-token.ts";
import { warnOfExpiryJob, type WarningOptions } from "./warn-of-expiry.ts";

export { clearNetworks, endAllSessions, openOwnerRestore } from "./owner-restore.ts";

export interface AccessOptions extends ServiceTokenOptions, WarningOptions, OwnerRestoreOptions {}

/** The doors to what gets into an organization without being a person, and to the rules for whoever gets in. */
export function accessRoutes(options: AccessOptions): Route[] {
  return [
    ...keyRoutes(),
    ...serviceAccountRoutes(),
    ...serviceKeyRoutes(),
    serviceTokenRoute(options),
    ...securityRoutes(),
    ...reviewRoutes(),
    ...ownerRestoreRoutes(options),
  ];
}

/** Warnings of keys that are about to end, and of second factors that are demanded. */
export function accessJobs(options: WarningOptions): Job[] {
  return [warnOfExpiryJob(options), tellOfDemandJob];
}
