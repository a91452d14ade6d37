import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { monotonicMs } from "../clock/index.ts";
import { explainFailure } from "./explain-failure.ts";
import { readPostmasterFile } from "./postmaster-file.ts";
import { PostgresRefusal } from "./postgres-refusal.ts";
import { processIdentity } from "./process-identity.ts";
import { programEnvironment, runProgram } from "./run-program.ts";
import { lastServerLines } from "./server-log.ts";
import type { Account } from "./server-account.ts";

export interface Launch {
  readonly postgres: string;
  readonly pgCtl: string;
  readonly cluster: string;
  readonly config: string;
  readonly account: Account | null;
  readonly log: (line: string) => void;
  /** Called when a server that we launched and that had been ready ends, for whatever reason. */
  readonly ended: () => void;
}

const pollMs = 5;
const windows = process.platform === "win32";
// Crash recovery replays up to max_wal_size and more; as long as the server lives and says so, we wait.
const startMinutesMax = 15;
const stopMinutesMax = 5;
const impatienceMs = 5_000;

/**
 * Starts the server in a session of its own, so that Ctrl-C at the terminal and the death of this process leave it
 * alone, and resolves with its pid when it accepts connections.
 */
export async function launchPostmaster(launch: Launch): Promise<number> {
  const base = path.dirname(launch.cluster);
  const output = path.join(base, "start.log");
  if (windows) return launchOnWindows(launch, output);
  const log = openSync(output, "w", 0o600);
  const identity = { ...launch.account, ...programEnvironment(), cwd: base };
  const args = ["-D", launch.cluster, `--config-file=${launch.config}`];
  const server = spawn(launch.postgres, args, { ...identity, detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  server.unref();
  const pid = await pidOf(server, launch);
  await untilReady(launch, pid, () => failureOf(server, launch, output));
  server.once("exit", launch.ended);
  return pid;
}

async function pidOf(server: ChildProcess, { cluster }: Launch): Promise<number> {
  if (server.pid !== undefined) return server.pid;
  // Without a process the reason comes as an event.
  const reason = await new Promise((resolve) => server.once("error", resolve));
  throw explainFailure(`PostgreSQL did not start on ${cluster}`, String(reason));
}

function failureOf(server: ChildProcess, { cluster }: Launch, output: string): PostgresRefusal | null {
  if (server.exitCode === null && server.signalCode === null) return null;
  const said = [readFileSync(output, "utf8"), lastServerLines(cluster)].join("\n");
  return explainFailure(`PostgreSQL did not start on ${cluster}`, said);
}

/** PostgreSQL refuses an administrator there; pg_ctl gives up those rights first. */
async function launchOnWindows(launch: Launch, output: string): Promise<number> {
  const options = `--config-file="${launch.config}"`;
  const args = ["start", "-w", "-D", launch.cluster, "-l", output, "-o", options];
  const cwd = path.dirname(launch.cluster);
  const { ok, complaint } = await runProgram(launch.pgCtl, args, { account: null, cwd });
  const file = readPostmasterFile(launch.cluster);
  if (ok && file !== null) return file.pid;
  throw explainFailure(`PostgreSQL did not start on ${launch.cluster}`, complaint);
}

/** Resolves when the adopted server accepts connections; it may still be starting. */
export async function untilServing(launch: Launch, pid: number): Promise<void> {
  await untilReady(launch, pid, () => {
    if (processIdentity(pid) !== null) return null;
    return new PostgresRefusal({
      detail: `The PostgreSQL (process ${pid}) that ran on ${launch.cluster} has just ended.`,
      remedy: "Start again.",
    });
  });
}

async function untilReady(
  { cluster, log }: Launch,
  pid: number,
  failure: () => PostgresRefusal | null,
): Promise<void> {
  const begun = monotonicMs();
  let told = false;
  while (monotonicMs() - begun < startMinutesMax * 60_000) {
    const file = readPostmasterFile(cluster);
    // The file of a killed server says ready too, with another pid.
    if (file?.pid === pid && file.status === "ready") return;
    const failed = failure();
    if (failed !== null) throw failed;
    if (!told && monotonicMs() - begun > impatienceMs) {
      told = true;
      log("PostgreSQL is starting slowly: after a crash it first brings its data into order.");
    }
    await sleep(pollMs);
  }
  throw new PostgresRefusal({
    detail: `PostgreSQL on ${cluster} was not ready after ${startMinutesMax} minutes.`,
    remedy: `It goes on by itself; read the newest file in ${path.join(cluster, "log")}, then start again.`,
  });
}

/**
 * Stops the server by fast shutdown: transactions are rolled back, a checkpoint is written, the next start needs no
 * recovery. Never harder than that: it rather waits, and says so when it takes too long.
 */
export async function stopPostmaster(launch: Launch, pid: number): Promise<void> {
  const identity = processIdentity(pid);
  if (identity === null) return;
  if (windows) {
    const args = ["stop", "-W", "-m", "fast", "-D", launch.cluster];
    await runProgram(launch.pgCtl, args, { account: null, cwd: path.dirname(launch.cluster) });
  } else interrupt(pid);
  const begun = monotonicMs();
  while (processIdentity(pid) === identity) {
    if (monotonicMs() - begun > stopMinutesMax * 60_000) throw stillStopping(launch.cluster, pid);
    await sleep(pollMs);
  }
}

function interrupt(pid: number): void {
  try {
    process.kill(pid, "SIGINT");
  } catch (error) {
    const alreadyGone = error instanceof Error && "code" in error && error.code === "ESRCH";
    if (!alreadyGone) throw error;
  }
}

function stillStopping(cluster: string, pid: number): PostgresRefusal {
  return new PostgresRefusal({
    detail: `PostgreSQL (process ${pid}) on ${cluster} was told to stop and still writes after ${stopMinutesMax} minutes.`,
    remedy: "Leave it to finish; do not kill it.",
  });
}
