import { paperHouse as paperHouseFor } from "../server/cli/edge/paper-house.ts";
import { type HouseOptions, routesOf } from "../server/house.ts";
import type { Route } from "../server/http/index.ts";

/** What the rooms ask for, with databases that cannot be reached: for reading declarations only. */
export const paperHouse: HouseOptions = paperHouseFor(2 ** 30);

/** Every door as it is declared; their handlers lead nowhere. */
export function declaredRoutes(): Route[] {
  return routesOf(paperHouse);
}
