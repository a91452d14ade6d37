export {
  catalogText,
  declaredCatalog,
  dsnAs,
  install,
  InstallRefused,
  type Installed,
  type InstallOptions,
} from "./install.ts";
export { type CatalogFact, differences, readCatalog } from "./catalog.ts";
export { type MigrationFile, readMigrations } from "./migrate.ts";
export { doorRoles, type DoorRole } from "./roles.ts";
export { openMeasures, type RefusedMeasure } from "./take-depth-measures.ts";
