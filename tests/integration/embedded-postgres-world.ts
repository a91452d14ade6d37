import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { Client } from "pg";
import type { Told } from "./embedded-postgres-process.ts";

export const asRoot = process.getuid?.() === 0;

const program = path.join(import.meta.dirname, "embedded-postgres-process.ts");
const loader = import.meta.resolve("tsx");
const rooms: string[] = [];
const servers = new Set<string>();

/** A directory of its own for one test, open to all to pass through; `clearWorld` removes it and ends its servers. */
export function room(mode = 0o755): string {
  const made = mkdtempSync(path.join(tmpdir(), "ringfence-embedded-"));
  chmodSync(made, mode);
  rooms.push(made);
  return made;
}

/** Ends every server of a room and removes the rooms. */
export async function clearWorld(): Promise<void> {
  for (const cluster of servers) await endServer(cluster);
  for (const made of rooms.splice(0)) rmSync(made, { recursive: true, force: true, maxRetries: 5 });
  servers.clear();
}

/** Registers a cluster whose server may be left running by its test. */
export function endAfterwards(cluster: string): void {
  servers.add(cluster);
}

async function endServer(cluster: string): Promise<void> {
  const pid = postmasterPid(cluster);
  if (pid === null) return;
  process.kill(pid, "SIGINT");
  for (let tries = 0; tries < 500 && postmasterPid(cluster) !== null; tries++) await pause(20);
}

/** The pid in postmaster.pid, if there is such a file. */
export function postmasterPid(cluster: string): number | null {
  try {
    return Number.parseInt(readFileSync(path.join(cluster, "postmaster.pid"), "utf8"), 10);
  } catch {
    return null;
  }
}

/** All rows of one statement on a connection of its own. */
export async function ask(connectionString: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** Lets that much time pass. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export interface ProductProcess {
  readonly child: ChildProcess;
  /** All it has told so far. */
  readonly told: Told[];
  /** How its start went. */
  outcome(): Promise<Exclude<Told, { event: "log" }>>;
  stop(): Promise<void>;
  /** As `kill -9` does: it gets no chance to clean up. */
  kill(): Promise<void>;
}

interface Spawning {
  readonly dataDirectory: string;
  readonly umask?: number;
  readonly elsewhere?: string;
  readonly native?: string;
}

/** Starts the product in small as a process of its own; `user` drops root for that uid and gid. */
export function productProcess(options: Spawning, user?: number): ProductProcess {
  const identity = user === undefined ? {} : { uid: user, gid: user };
  const child = spawn(process.execPath, ["--import", loader, program, JSON.stringify(options)], {
    ...identity,
    cwd: "/",
    env: { PATH: "/usr/bin:/bin", HOME: "/nonexistent" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const told: Told[] = [];
  // The process writes nothing but what `Told` names.
  createInterface({ input: child.stdout }).on("line", (line) => told.push(JSON.parse(line) as Told));
  return {
    child,
    told,
    outcome: () => outcomeOf(child, told),
    stop: () => finish(child, () => child.stdin.write("stop\n")),
    kill: () => finish(child, () => child.kill("SIGKILL")),
  };
}

async function outcomeOf(child: ChildProcess, told: Told[]): Promise<Exclude<Told, { event: "log" }>> {
  for (let tries = 0; tries < 1_000; tries++) {
    for (const one of told) if (one.event !== "log") return one;
    if (child.exitCode !== null) break;
    await pause(20);
  }
  throw new Error(`The process told nothing; it ended with ${child.exitCode}`);
}

async function finish(child: ChildProcess, act: () => unknown): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  act();
  await ended;
}
