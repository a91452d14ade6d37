import type { Route } from "../../http/index.ts";
import { emergencyRoutes } from "./emergency-routes.ts";
import { grantRoutes } from "./grant-routes.ts";
import { requestRoutes } from "./request-routes.ts";

export { allowEmergencies, emergencies, type Emergency } from "./emergencies.ts";
export { addOperator, type Operator, operators, removeOperator } from "./operators.ts";

/** The doors of support access, on the organization's side and on the operator's. */
export function supportRoutes(): Route[] {
  return [...grantRoutes(), ...requestRoutes(), ...emergencyRoutes()];
}
