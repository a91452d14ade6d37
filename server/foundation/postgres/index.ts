export { rememberedPort } from "./remembered-port.ts";
export { installedBinaries, usableBinaries } from "./binaries.ts";
export { PostgresRefusal } from "./postgres-refusal.ts";
export { postgresSecurity, type PostgresSecurity } from "./security-floor.ts";
export { serverAccount, type Account } from "./server-account.ts";
export {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from "./start-embedded-postgres.ts";
