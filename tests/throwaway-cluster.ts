import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chmodSync, chownSync, closeSync, existsSync, mkdirSync, mkdtempSync, openSync } from "node:fs";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { installedBinaries, serverAccount, usableBinaries } from "../server/foundation/postgres/index.ts";
import type { Account } from "../server/foundation/postgres/index.ts";

/** One PostgreSQL cluster that lives as long as a test run, and not a moment longer. */
export interface ThrowawayCluster {
  readonly superuserDsn: string;
  stop(): Promise<void>;
}

const prefix = "ringfence-test-cluster-";
const settings = [
  "listen_addresses = '127.0.0.1'",
  "unix_socket_directories = ''",
  "max_connections = 200",
  "shared_buffers = 256MB",
  // Nothing here outlives the run, so nothing has to survive a power cut.
  "fsync = off",
  "synchronous_commit = off",
  "full_page_writes = off",
  "wal_level = minimal",
  "max_wal_senders = 0",
  "max_wal_size = 4GB",
  "jit = off",
  "log_min_messages = log",
  "log_checkpoints = off",
];

/**
 * Starts a fresh cluster from the programs in `chosen` (default: the embedded PostgreSQL) on a free loopback port, superuser with a random password.
 *
 * As root it runs as `postgres` or, without that user, as `nobody`, since PostgreSQL refuses root. Where setpriv
 * exists the server dies with this process, even after kill -9; what a killed run left on disk goes at the next start.
 */
export async function startThrowawayCluster(chosen: string | undefined): Promise<ThrowawayCluster> {
  sweepLeftovers();
  const account = serverAccount({ ownUid: process.getuid?.(), cluster: null });
  const bin = chosen ?? (await embeddedPrograms(account));
  const home = mkdtempSync(path.join(tmpdir(), prefix));
  writeFileSync(path.join(home, "owner.pid"), String(process.pid));
  chmodSync(home, 0o711);
  const password = randomBytes(18).toString("hex");
  const port = await freePort();
  const data = initialize({ bin, home, password, port, account });
  const server = launch(bin, data, home, account);
  await untilReady(server, data, home);
  return {
    superuserDsn: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    stop: () => stop(server, home),
  };
}

async function embeddedPrograms(account: Account | null): Promise<string> {
  const copies = path.join(tmpdir(), "ringfence-test-programs");
  const found = await usableBinaries({ native: installedBinaries(), account, copies, log: console.error });
  return path.dirname(found.postgres);
}

interface Initialization {
  readonly bin: string;
  readonly home: string;
  readonly password: string;
  readonly port: number;
  readonly account: Account | null;
}

function initialize({ bin, home, password, port, account }: Initialization): string {
  const data = path.join(home, "data");
  const passwordFile = path.join(home, "password");
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account) for (const file of [data, passwordFile]) chownSync(file, account.uid, account.gid);
  const builtin = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  const locale = majorOf(bin) >= 17 ? builtin : ["--locale=C.UTF-8"];
  const options = ["--username=postgres", `--pwfile=${passwordFile}`, "--auth=scram-sha-256", "--no-sync"];
  const made = spawnSync(path.join(bin, "initdb"), ["-D", data, "--encoding=UTF8", ...locale, ...options], {
    ...account,
    encoding: "utf8",
    env: {},
    cwd: "/",
  });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr || String(made.error)}`);
  writeFileSync(path.join(data, "postgresql.conf"), `${[...settings, `port = ${port}`].join("\n")}\n`);
  return data;
}

function majorOf(bin: string): number {
  const said = spawnSync(path.join(bin, "postgres"), ["--version"], { encoding: "utf8" }).stdout;
  const major = /(\d+)\./.exec(said)?.[1];
  if (major === undefined) throw new Error(`${bin}/postgres does not start`);
  return Number(major);
}

function launch(bin: string, data: string, home: string, account: Account | null): ChildProcess {
  const log = openSync(path.join(home, "server.log"), "a");
  const command = [path.join(bin, "postgres"), "-D", data];
  const guard = existsSync("/usr/bin/setpriv");
  const drop = account ? [`--reuid=${account.uid}`, `--regid=${account.gid}`, "--clear-groups"] : [];
  const [program = "", ...rest] = guard
    ? ["/usr/bin/setpriv", "--pdeathsig=INT", ...drop, ...command]
    : command;
  const identity = guard ? {} : account;
  const server = spawn(program, rest, { ...identity, env: {}, cwd: "/", stdio: ["ignore", log, log] });
  closeSync(log);
  server.unref();
  return server;
}

async function untilReady(server: ChildProcess, data: string, home: string): Promise<void> {
  const statusLine = 7;
  for (let tries = 0; tries < 1500 && server.exitCode === null; tries++) {
    const pidFile = path.join(data, "postmaster.pid");
    const lines = existsSync(pidFile) ? readFileSync(pidFile, "utf8").split("\n") : [];
    if (lines[statusLine]?.trim() === "ready") return;
    await sleep(20);
  }
  server.kill("SIGQUIT");
  throw new Error(`PostgreSQL did not start:\n${readFileSync(path.join(home, "server.log"), "utf8")}`);
}

/** Immediate shutdown: nothing has to be written for files that are about to go. */
async function stop(server: ChildProcess, home: string): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.ref();
    server.kill("SIGQUIT");
    await ended;
  }
  rmSync(home, { recursive: true, force: true });
}

function sweepLeftovers(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(prefix))) {
    const home = path.join(tmpdir(), name);
    try {
      const owner = Number(readFileSync(path.join(home, "owner.pid"), "utf8"));
      if (owner > 0 && !alive(owner)) rmSync(home, { recursive: true, force: true });
    } catch {
      // Somebody else's, or being made or swept right now.
    }
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      // A listening TCP server has an AddressInfo, never a pipe's string.
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
