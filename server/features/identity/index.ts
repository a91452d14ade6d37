export { faultsOfPlace, slugOf, unknownPlace } from "./organization.ts";
export { type IdentityOptions, identityRoutes } from "./routes.ts";
