export { faultsOfPlace, slugOf, unknownPlace } from "./organization.ts";
export type { IdentityOptions } from "./inputs.ts";
export { identityRoutes } from "./routes.ts";
