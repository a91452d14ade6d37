import { randomBytes } from "node:crypto";
import { Client, escapeIdentifier } from "pg";
import { inject } from "vitest";
import "./cluster-setup.ts";

/** A database of its own for a test; `drop` ends whatever is still connected to it. */
export interface TestDatabase {
  readonly name: string;
  /** As superuser. */
  readonly dsn: string;
  drop(): Promise<void>;
}

/** The run's cluster as its superuser, database `postgres`; loopback, so nothing outside this machine can use it. */
export function superuserDsn(): string {
  return inject("superuserDsn");
}

/** The same server and superuser, another database. */
export function dsnOf(database: string): string {
  const url = new URL(superuserDsn());
  url.pathname = `/${database}`;
  return url.href;
}

/** A fresh database with nothing in it; the name gets a random tail, so that files may run side by side. */
export async function emptyDatabase(name = "test"): Promise<TestDatabase> {
  return createDatabase(name, "template0");
}

/**
 * A copy of the database that `build` made once per run under the name `template`.
 *
 * Whoever comes first builds it while the other test processes wait on an advisory lock; a build that fails leaves
 * no template behind. Cloning is then one file-level copy, far cheaper than migrating for each test file.
 */
export async function clonedDatabase(
  template: string,
  build: (dsn: string) => Promise<void>,
): Promise<TestDatabase> {
  await inTurn(template, async (client) => {
    const found = await client.query("select from pg_database where datname = $1", [template]);
    if (found.rowCount === 0) await buildTemplate(client, template, build);
  });
  return createDatabase(template, template);
}

/** One at a time among all test processes of the run; the others wait. */
export async function inTurn(what: string, work: (client: Client) => Promise<void>): Promise<void> {
  await withClient(superuserDsn(), async (client) => {
    await client.query("select pg_advisory_lock(hashtext($1))", [what]);
    await work(client);
  });
}

async function buildTemplate(
  client: Client,
  template: string,
  build: (dsn: string) => Promise<void>,
): Promise<void> {
  const draft = await emptyDatabase(`${template}_draft`);
  try {
    await build(draft.dsn);
    // A template may have no visitor while it is copied: from now on nobody connects.
    await client.query(`alter database ${escapeIdentifier(draft.name)} with allow_connections false`);
    await client.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = $1`, [
      draft.name,
    ]);
    await client.query(
      `alter database ${escapeIdentifier(draft.name)} rename to ${escapeIdentifier(template)}`,
    );
  } catch (error) {
    await draft.drop();
    throw error;
  }
}

async function createDatabase(name: string, template: string): Promise<TestDatabase> {
  const unique = `${name}_${randomBytes(5).toString("hex")}`;
  await command(`create database ${escapeIdentifier(unique)} template ${escapeIdentifier(template)}`);
  return {
    name: unique,
    dsn: dsnOf(unique),
    drop: () => command(`drop database if exists ${escapeIdentifier(unique)} with (force)`),
  };
}

async function command(text: string): Promise<void> {
  await withClient(superuserDsn(), async (client) => {
    await client.query(text);
  });
}

async function withClient(dsn: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: dsn });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
