import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * A process as something that a later process cannot be mistaken for: pids are used again, start times are not.
 *
 * Null when no such process runs. A zombie does not run: as pid 1 of a container nobody reaps an adopted server.
 */
export function processIdentity(pid: number): string | null {
  if (!Number.isSafeInteger(pid) || pid <= 0 || !exists(pid)) return null;
  if (process.platform === "linux") return linuxIdentity(pid);
  return process.platform === "win32" ? String(pid) : psIdentity(pid);
}

/** Whether this live process is a PostgreSQL server of that data directory. */
export function servesCluster(pid: number, cluster: string): boolean {
  if (processIdentity(pid) === null) return false;
  // A server changes into its data directory when it starts, and so do its backends.
  if (process.platform === "linux") return workingDirectory(pid) === cluster;
  if (process.platform === "win32") return true;
  return ask("ps", ["-o", "command=", "-p", String(pid)]).includes(cluster);
}

/** Whether certainly no process works in the data directory; false where this platform cannot tell. */
export function surelyIdle(cluster: string): boolean {
  if (process.platform !== "linux" || workingDirectory(process.pid) === null) return false;
  const pids = readdirSync("/proc").map(Number).filter(Number.isSafeInteger);
  return !pids.some((pid) => workingDirectory(pid) === cluster);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: there, but another user's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function linuxIdentity(pid: number): string | null {
  try {
    // proc(5): after the name in parentheses, field 3 is the state and field 22 the start in ticks since boot.
    const line = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    return fields[0] === "Z" || fields[0] === "X" ? null : `${pid} ${fields[19]} ${boot}`;
  } catch {
    // Ended this very moment, or /proc is hidden from us: then it counts as the one that was meant.
    return exists(pid) ? String(pid) : null;
  }
}

function psIdentity(pid: number): string | null {
  const started = ask("ps", ["-o", "lstart=", "-p", String(pid)]);
  return started === "" ? null : `${pid} ${started}`;
}

function ask(program: string, args: readonly string[]): string {
  try {
    return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "";
  }
}

function workingDirectory(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}
