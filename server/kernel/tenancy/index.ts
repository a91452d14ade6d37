export { openTenancy, type DoorPools, type Tenancy } from "./open-tenancy.ts";
export { createRefusalRecorder, type RefusalRecorder, type RefusedRequest } from "./record-refusals.ts";
export type { Caller, Entered, PersonScope, TenantScope, Whose } from "./scope.ts";
export type { Sightings } from "./sightings.ts";
export { withSealingVault, withTenantVault } from "./tenant-vault.ts";
