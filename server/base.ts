import { monotonicMs, now } from "./foundation/clock/index.ts";
import type { Config } from "./foundation/config/index.ts";
import { openAdministration } from "./foundation/database/index.ts";
import { hmacSha256 } from "./foundation/ids/index.ts";
import { configureLog, log } from "./foundation/log/index.ts";
import { Problem } from "./foundation/problem/index.ts";
import { type EmbeddedPostgres, rememberedPort, startEmbeddedPostgres } from "./foundation/postgres/index.ts";
import { installationSecret, keyFor, rolePassword } from "./foundation/secrets/index.ts";
import { doorRoles, type DoorRole, dsnAs, install, type Installed } from "./kernel/install/index.ts";
import { doorWordKeys, keptKeys } from "./kernel/vault/index.ts";

/** A database that is installed and proven, with the way to its doors. */
export interface Base {
  readonly config: Config;
  readonly secret: Buffer;
  /** As the installer. */
  readonly installerDsn: string;
  readonly installed: Installed;
  /** When the catalog was found to be as declared. */
  readonly provenAt: Date;
  readonly embedded: EmbeddedPostgres | null;
  dsnOf(role: DoorRole | "migrate"): string;
  close(): Promise<void>;
}

/** Finds or starts the database, brings it to this version and proves it; nothing listens yet. */
export async function openBase(config: Config, say: (line: string) => void): Promise<Base> {
  if (config.logLevel !== null) configureLog({ level: config.logLevel });
  const embedded =
    config.databaseUrl === null
      ? await startEmbeddedPostgres({ dataDirectory: `${config.dataFolder}/postgres`, log: say })
      : null;
  try {
    const secret = installationSecret(config);
    const installerDsn = config.databaseUrl ?? (await ownDatabase(embedded));
    const passwordOf = (role: string): string => rolePassword(secret, role);
    const startedAt = monotonicMs();
    const installed = await install({
      installerDsn,
      prefix: config.rolePrefix,
      passwordOf,
      region: config.region,
      keyCheck: hmacSha256(keyFor(secret, "key-check"), "ringfence installation"),
      doorWord: keptKeys(doorWordKeys(secret)),
    });
    log.event("migrations-finished", {
      applied: installed.applied.length,
      milliseconds: Math.round(monotonicMs() - startedAt),
    });
    for (const { measure, reason } of installed.refused)
      log.event("proof-reported", { measure, fault: reason });
    return {
      config,
      secret,
      installerDsn,
      installed,
      provenAt: now(),
      embedded,
      dsnOf: (role) => dsnAs(installerDsn, `${config.rolePrefix}_${role}`, passwordOf(role)),
      close: async () => embedded?.stop(),
    };
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

/** The embedded server's database; made at the first start. */
async function ownDatabase(embedded: EmbeddedPostgres | null): Promise<string> {
  if (embedded === null) throw new Error("there is no database to work on");
  const db = await openAdministration(embedded.connectionString);
  try {
    const [there] = await db.query("select 1 from pg_database where datname = 'ringfence'");
    if (there === undefined) await db.script("create database ringfence");
  } finally {
    await db.close();
  }
  const url = new URL(embedded.connectionString);
  url.pathname = "/ringfence";
  return url.href;
}

/** The connection string of a door's role, for tools; throws Problem("not-valid") for a role that is no door. */
export async function roleDsn(config: Config, role: string): Promise<string> {
  const door = doorRoles.find(
    (name) => role === name || role === `rf_${name}` || role === `${config.rolePrefix}_${name}`,
  );
  if (door === undefined) {
    throw new Problem("not-valid", {
      detail: `There is no role "${role}"; there are ${doorRoles.map((name) => `rf_${name}`).join(", ")}.`,
    });
  }
  const dsn = config.databaseUrl ?? (await embeddedAddress(`${config.dataFolder}/postgres`));
  return dsnAs(dsn, `${config.rolePrefix}_${door}`, rolePassword(installationSecret(config), door));
}

async function embeddedAddress(directory: string): Promise<string> {
  const port = await rememberedPort(directory);
  if (port === null) {
    throw new Problem("wrong-state", {
      detail: "This installation has no database yet. Start it once, or set DATABASE_URL.",
    });
  }
  return `postgres://127.0.0.1:${port}/ringfence`;
}
