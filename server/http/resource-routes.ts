import { bulkRoutes } from "./resource/bulk-routes.ts";
import { readRoutes } from "./resource/read-routes.ts";
import type { ResourceDoors } from "./resource/resource-doors.ts";
import { writeRoutes } from "./resource/write-routes.ts";
import type { TenantRoute } from "./route.ts";

/**
 * Every door of a declared resource: list, count, read, history, create, change, archive, restore and bulk.
 *
 * Each binds just what it declares; the statements name no organization, since the policies do.
 */
export function resourceRoutes(doors: ResourceDoors): TenantRoute[] {
  return [...readRoutes(doors), ...writeRoutes(doors), ...bulkRoutes(doors)];
}
