import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { openAdministration } from "../server/foundation/database/index.ts";
import { catalogText, dsnAs, install, readCatalog, readMigrations } from "../server/kernel/install/index.ts";
import { startThrowawayCluster } from "../tests/throwaway-cluster.ts";
import { installOptionsFor, testPassword } from "../tests/installed-database.ts";
import { root } from "./steps.ts";

// `tsx tools/catalog.ts` runs the checked-in migrations in a cluster of its own and writes server/migrations/catalog.jsonl,
// which `install` holds every live database against. With --check it writes nothing and fails when the file is out of date.

const { values: asked } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const path = join(root, "server/migrations/catalog.jsonl");
const text = await catalogOfMigrations();
const stale = readFileSync(path, "utf8") !== text;
if (stale && !asked.check) writeFileSync(path, text);
console.log(stale ? `${path} ${asked.check ? "is out of date" : "written"}` : "The catalog is up to date.");
process.exitCode = stale && asked.check ? 1 : 0;

async function catalogOfMigrations(): Promise<string> {
  const cluster = await startThrowawayCluster(process.env["RINGFENCE_TEST_POSTGRES_BIN"] || undefined);
  try {
    const dsn = await scratchDatabase(cluster.superuserDsn);
    // With migrations given, install does not compare with the file that is to be written.
    await install({ ...installOptionsFor(dsn), migrations: await readMigrations() });
    const db = await openAdministration(dsnAs(dsn, "rf_migrate", testPassword("migrate")));
    try {
      return catalogText(await readCatalog(db, "rf"));
    } finally {
      await db.close();
    }
  } finally {
    await cluster.stop();
  }
}

/** Not `postgres`: a fresh database has nothing but what PostgreSQL puts there. */
async function scratchDatabase(superuserDsn: string): Promise<string> {
  const client = new pg.Client({ connectionString: superuserDsn });
  await client.connect();
  await client.query("create database catalog template template0");
  await client.end();
  const url = new URL(superuserDsn);
  url.pathname = "/catalog";
  return url.href;
}
