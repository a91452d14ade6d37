import { type Config } from "../foundation/config/index.ts";
import { DatabaseError, openPool, type Pool } from "../foundation/database/index.ts";
import { configureLog } from "../foundation/log/index.ts";
import { Problem } from "../foundation/problem/index.ts";
import { installationSecret, rolePassword } from "../foundation/secrets/index.ts";
import { type DoorRole, dsnAs, InstallRefused } from "../kernel/install/index.ts";
import { openBase, roleDsn } from "../base.ts";

/** An installation's database, for a command: through the narrow doors only. */
export interface Reached {
  readonly secret: Buffer;
  /** True when a server (or another command) has it running already. */
  readonly wasRunning: boolean;
  door(role: DoorRole): Pool;
  /** The connection string of a role; it holds a password. */
  dsnOf(role: DoorRole | "migrate"): string;
  close(): Promise<void>;
}

/**
 * Finds the installation's database whether or not a server runs on it: joined when it answers, otherwise started,
 * brought to this version and proven, and stopped again by `close`. The log goes to standard error meanwhile.
 */
export async function reach(config: Config): Promise<Reached> {
  configureLog({ level: "warn", pretty: false, write: (line) => void process.stderr.write(line) });
  const running = await answers(config);
  if (running !== null)
    return reached(
      running.secret,
      true,
      (role) => running.dsnOf(role),
      async () => undefined,
    );
  const base = await openBase({ ...config, logLevel: "warn" }, () => undefined).catch(explainRefusal);
  return reached(
    base.secret,
    false,
    (role) => base.dsnOf(role),
    () => base.close(),
  );
}

type DsnOf = (role: DoorRole | "migrate") => string;

/** How to get in when the database runs already, which it shows by taking our derived password; else null. */
async function answers(config: Config): Promise<{ readonly secret: Buffer; readonly dsnOf: DsnOf } | null> {
  try {
    const dsn = await roleDsn(config, "auth");
    const pool = openDoor(dsn, 1);
    try {
      await pool.batch([{ text: "select claimed from kernel.installation_state()", values: [] }]);
    } finally {
      await pool.close();
    }
    const secret = installationSecret(config);
    return {
      secret,
      dsnOf: (role) => dsnAs(dsn, `${config.rolePrefix}_${role}`, rolePassword(secret, role)),
    };
  } catch (error) {
    if (error instanceof DatabaseError || error instanceof Problem) return null;
    throw error;
  }
}

function reached(secret: Buffer, wasRunning: boolean, dsnOf: DsnOf, end: () => Promise<void>): Reached {
  const pools = new Map<DoorRole, Pool>();
  return {
    secret,
    wasRunning,
    dsnOf,
    door: (role) => {
      const pool = pools.get(role) ?? openDoor(dsnOf(role), 2);
      pools.set(role, pool);
      return pool;
    },
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
      await end();
    },
  };
}

function openDoor(connectionString: string, max: number): Pool {
  return openPool({
    connectionString,
    max,
    applicationName: "ringfence command",
    statementTimeoutMs: 10_000,
    transactionTimeoutMs: 12_000,
  });
}

function explainRefusal(error: unknown): never {
  if (!(error instanceof InstallRefused)) throw error;
  throw new Problem("wrong-state", { detail: error.faults.join("\n"), cause: error });
}
