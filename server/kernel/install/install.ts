import { readFile } from "node:fs/promises";
import { openAdministration } from "../../foundation/database/index.ts";
import { type CatalogFact, differences, readCatalog } from "./catalog.ts";
import { migrate, type MigrationFile, readMigrations } from "./migrate.ts";
import { prepareCluster } from "./prepare-cluster.ts";
import type { RefusedMeasure } from "./take-depth-measures.ts";

export interface InstallOptions {
  /** As the installer: a superuser, or the CREATEROLE owner of the database. */
  readonly installerDsn: string;
  readonly prefix: string;
  readonly passwordOf: (role: string) => string;
  readonly region: string;
  /** HMAC of a fixed word under the installation secret. */
  readonly keyCheck: Buffer;
  /** By which the database knows the server's words at the sign-in door. */
  readonly doorWord: { readonly inner: Buffer; readonly outerDigest: Buffer };
  readonly migrations?: readonly MigrationFile[];
}

export interface Installed {
  readonly applied: readonly string[];
  /** Measures of depth that this platform does not allow; the must tier holds without them. */
  readonly refused: readonly RefusedMeasure[];
}

/** Why the server will not start on this database, in sentences for the operator. */
export class InstallRefused extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
    this.name = "InstallRefused";
    this.faults = faults;
  }
}

/**
 * Brings a database to what this version declares: roles, revokes, migrations; then proves it. Safe to run at each start.
 *
 * Throws InstallRefused when the secret is not the one this database was made with, or when the live catalog differs from
 * the declarations in any way that isolation rests on. Nothing serves before this has returned.
 */
export async function install(options: InstallOptions): Promise<Installed> {
  const { installerDsn, prefix, passwordOf } = options;
  const installer = await openAdministration(installerDsn);
  let refused: RefusedMeasure[];
  try {
    refused = await prepareCluster(installer, { prefix, passwordOf });
  } finally {
    await installer.close();
  }
  const db = await openAdministration(dsnAs(installerDsn, `${prefix}_migrate`, passwordOf("migrate")));
  try {
    const applied = await migrate(db, prefix, options.migrations ?? (await readMigrations()));
    const [noted] = await db.query("select * from kernel.note_installation($1, $2, $3, $4)", [
      options.keyCheck,
      options.region,
      options.doorWord.inner,
      options.doorWord.outerDigest,
    ]);
    const check = noted?.["key_check"];
    if (!Buffer.isBuffer(check) || !check.equals(options.keyCheck)) {
      throw new InstallRefused(["RINGFENCE_SECRET is not the secret that this database was set up with"]);
    }
    if (noted?.["region"] !== options.region) {
      throw new InstallRefused([
        `this database belongs to the region "${String(noted?.["region"])}"; RINGFENCE_REGION says otherwise`,
      ]);
    }
    if (options.migrations === undefined) {
      const faults = differences(await declaredCatalog(), await readCatalog(db, prefix));
      if (faults.length > 0) throw new InstallRefused(faults);
    }
    return { applied, refused };
  } finally {
    await db.close();
  }
}

/** The catalog as the checked-in migrations make it; a golden file that `npm run docs` writes. */
export async function declaredCatalog(): Promise<CatalogFact[]> {
  const text = await readFile(new URL("../../migrations/catalog.jsonl", import.meta.url), "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      // Written by catalogText below: three strings a line.
      const [kind, name, definition] = JSON.parse(line) as [string, string, string];
      return { kind, name, definition };
    });
}

/** The text of that golden file. */
export function catalogText(facts: readonly CatalogFact[]): string {
  return facts.map(({ kind, name, definition }) => `${JSON.stringify([kind, name, definition])}\n`).join("");
}

/** The same server and database as somebody else. */
export function dsnAs(dsn: string, user: string, password: string): string {
  const url = new URL(dsn);
  url.username = user;
  url.password = password;
  return url.href;
}
