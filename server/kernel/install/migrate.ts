import { readdir, readFile } from "node:fs/promises";
import type { Administration } from "../../foundation/database/index.ts";
import { sha256 } from "../../foundation/ids/index.ts";
import { withPrefix } from "./roles.ts";

export interface MigrationFile {
  readonly name: string;
  readonly text: string;
  readonly sha256: string;
}

const migrationsDirectory = new URL("../../migrations/", import.meta.url);

/** The checked-in migrations in the order in which they run. A file never changes once it was released. */
export async function readMigrations(directory = migrationsDirectory): Promise<MigrationFile[]> {
  const names = (await readdir(directory)).filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name)).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, directory), "utf8");
      return { name, text, sha256: sha256(text).toString("hex") };
    }),
  );
}

/**
 * Runs what has not run yet, each file in one transaction, as rf_migrate; returns the names of the files that ran.
 *
 * Throws when an applied file is missing or was edited (its sha256 is kept), and when a file fails; nothing of that file
 * is kept then. Two runners wait for each other.
 */
export async function migrate(
  db: Administration,
  prefix: string,
  files: readonly MigrationFile[],
): Promise<string[]> {
  await db.script("set lock_timeout = '60s'");
  await db.script("select pg_catalog.pg_advisory_lock(746002)");
  try {
    await db.script("set lock_timeout = '3s'");
    const applied = await appliedMigrations(db);
    for (const [name, hash] of applied) {
      const file = files.find((candidate) => candidate.name === name);
      if (file === undefined)
        throw new Error(`this database has run ${name}, which this version does not know`);
      if (file.sha256 !== hash) throw new Error(`${name} was changed after it had run here`);
    }
    const pending = files.filter(({ name }) => !applied.has(name));
    for (const file of pending) await runOne(db, prefix, file);
    return pending.map(({ name }) => name);
  } finally {
    await db.script("select pg_catalog.pg_advisory_unlock(746002)");
  }
}

async function appliedMigrations(db: Administration): Promise<Map<string, string>> {
  const [exists] = await db.query("select to_regclass('kernel.migration') is not null as yes");
  if (exists?.["yes"] !== true) return new Map();
  const rows = await db.query("select name, sha256 from kernel.migration order by name");
  return new Map(rows.map((row) => [String(row["name"]), String(row["sha256"])]));
}

async function runOne(
  db: Administration,
  prefix: string,
  { name, text, sha256: hash }: MigrationFile,
): Promise<void> {
  try {
    await db.script("begin");
    await db.script(withPrefix(text, prefix));
    await db.script(withPrefix(bookkeeping, prefix));
    await db.query("insert into kernel.migration (name, sha256) values ($1, $2)", [name, hash]);
    await db.script("commit");
  } catch (error) {
    await db.script("rollback");
    throw new Error(`migration ${name} failed: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

const bookkeeping = `
reset role;
set local role rf_kernel;
create table if not exists kernel.migration (name text primary key, sha256 text not null, at timestamptz not null default now());
grant select, insert on kernel.migration to rf_migrate;
set local role rf_migrate;
`;
