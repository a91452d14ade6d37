import { openHome, writeRecord, type Home } from "./home.ts";
import { takeInstanceLock, type InstanceLock } from "./instance-lock.ts";
import { prepareCluster, type PreparedCluster } from "./prepare-cluster.ts";
import { banner } from "./security-floor.ts";
import { serveCluster, type ServedCluster } from "./serve-cluster.ts";

export interface EmbeddedPostgresOptions {
  /** Ours alone: the cluster, its superuser's password, the lock. Made if missing. */
  readonly dataDirectory: string;
  /** None: the remembered one, else a free one. */
  readonly port?: number;
  /** Takes the banner and whatever an operator should know, a line each. Never a secret. */
  readonly log: (line: string) => void;
  /** The folder `native` with the programs; the installed npm package by default. */
  readonly native?: string;
  /** Where root puts what the server's account cannot reach in its own place. */
  readonly elsewhere?: string;
  /** The list of users from which root picks the server's account. */
  readonly passwd?: string;
}

export interface EmbeddedPostgres {
  /** As superuser, database `postgres`, over loopback: for installing, never for serving. */
  readonly connectionString: string;
  readonly version: string;
  readonly port: number;
  /** Whether it was found running rather than started. */
  readonly adopted: boolean;
  /** PostgreSQL's own data directory. */
  readonly cluster: string;
  readonly banner: string;
  /** Fast shutdown; resolves when the server has ended. Calling it again is harmless. */
  stop(): Promise<void>;
}

/**
 * A real PostgreSQL on loopback for this data directory, created on the first start and adopted if still running.
 *
 * Rejects with a `PostgresRefusal` that says what is wrong and what to do; nothing half made stays behind.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const home = openHome(options.dataDirectory, process.getuid?.());
  const lock = await takeInstanceLock(home.lock, home.directory);
  try {
    const prepared = await prepareCluster(options, home);
    const served = await serveCluster(options, prepared);
    await remember(home, prepared, served);
    const line = banner({ ...served, version: prepared.binaries.version, cluster: prepared.cluster });
    options.log(line);
    return handle(prepared, served, line, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** A full disk may refuse even this: then the server does not stay behind without its supervisor. */
async function remember(home: Home, { relocated }: PreparedCluster, served: ServedCluster): Promise<void> {
  try {
    writeRecord(home, { relocated, port: served.port });
  } catch (error) {
    await served.stop();
    throw error;
  }
}

function handle(
  prepared: PreparedCluster,
  served: ServedCluster,
  line: string,
  lock: InstanceLock,
): EmbeddedPostgres {
  const { password, binaries, cluster } = prepared;
  const { port, adopted } = served;
  let stopped: Promise<void> | undefined;
  return {
    connectionString: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    version: binaries.version,
    port,
    adopted,
    cluster,
    banner: line,
    stop: () => (stopped ??= served.stop().finally(() => lock.release())),
  };
}
