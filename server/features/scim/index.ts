import type { Route } from "../../http/index.ts";
import { bulkRoute } from "./bulk-route.ts";
import { connectionRoutes } from "./connection-routes.ts";
import { discoveryRoutes } from "./discovery-routes.ts";
import { groupRoutes } from "./group-routes.ts";
import { scim } from "./refusal.ts";
import { userRoutes } from "./user-routes.ts";

export interface ScimOptions {
  /** The origin that directories are given, without a slash at its end. */
  readonly publicUrl: () => string;
}

/** The SCIM 2.0 server for directories, and the administration of their connections. */
export function scimRoutes({ publicUrl }: ScimOptions): Route[] {
  const base = (): string => `${publicUrl()}${scim.prefix}`;
  return [
    ...userRoutes(base),
    ...groupRoutes(base),
    bulkRoute(base),
    ...discoveryRoutes(base),
    ...connectionRoutes(base),
  ];
}
