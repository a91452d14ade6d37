import { spawn } from "node:child_process";
import { openSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import { startThrowawayCluster } from "../throwaway-cluster.ts";

/** A server of a test's own, which it may stop and start again. */
export interface Restartable {
  readonly dsn: string;
  stop(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

export async function startRestartable(): Promise<Restartable> {
  const cluster = await startThrowawayCluster(process.env["RINGFENCE_TEST_POSTGRES_BIN"] || undefined);
  const { data, bin } = await placesOf(cluster.superuserDsn);
  const stop = async (): Promise<void> => {
    const pid = postmasterOf(data);
    if (pid === null) return;
    process.kill(pid, "SIGINT");
    while (postmasterOf(data) !== null) await pause(20);
  };
  return {
    dsn: cluster.superuserDsn,
    stop,
    start: () => start(bin, data, cluster.superuserDsn),
    remove: async () => {
      await stop();
      await cluster.stop();
    },
  };
}

async function placesOf(dsn: string): Promise<{ data: string; bin: string }> {
  const client = new Client({ connectionString: dsn });
  await client.connect();
  const { rows } = await client.query<{ data: string; bin: string }>(
    "select current_setting('data_directory') as data, setting as bin from pg_config where name = 'BINDIR'",
  );
  await client.end();
  if (rows[0] === undefined) throw new Error("PostgreSQL does not tell where it lives");
  return rows[0];
}

/** The process in the pid file, or null when the server has removed it. */
function postmasterOf(data: string): number | null {
  try {
    return Number(readFileSync(path.join(data, "postmaster.pid"), "utf8").split("\n")[0]);
  } catch {
    return null;
  }
}

async function start(bin: string, data: string, dsn: string): Promise<void> {
  const { uid, gid } = statSync(data);
  const identity = process.getuid?.() === 0 ? { uid, gid } : {};
  const log = openSync(path.join(path.dirname(data), "again.log"), "a");
  const server = spawn(path.join(bin, "postgres"), ["-D", data], {
    ...identity,
    env: {},
    cwd: "/",
    stdio: ["ignore", log, log],
  });
  server.unref();
  for (let tries = 0; tries < 500; tries++) {
    const client = new Client({ connectionString: dsn });
    client.on("error", () => undefined);
    const up = await client.connect().then(
      () => true,
      () => false,
    );
    await client.end().catch(() => undefined);
    if (up) return;
    await pause(20);
  }
  throw new Error("PostgreSQL did not come back");
}
