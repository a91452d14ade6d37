export { faultsOfPlace, organizationOf, unknownPlace } from "./organization.ts";
export { keptPassword } from "./password-proof.ts";
export type { IdentityOptions } from "./inputs.ts";
export { identityRoutes } from "./routes.ts";
