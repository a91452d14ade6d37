import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { newToken } from "../ids/index.ts";
import { PostgresRefusal } from "./postgres-refusal.ts";
import { processIdentity } from "./process-identity.ts";

export interface InstanceLock {
  release(): void;
}

const triesMax = 5;
const settleMs = 50;

/**
 * Makes this process the only one that manages the data directory, or says which one does already.
 *
 * The file names a process with its start time, so a lock left by kill -9 is known to be stale even when its pid
 * was given out again, and is taken over.
 */
export async function takeInstanceLock(file: string, dataDirectory: string): Promise<InstanceLock> {
  const own = `${processIdentity(process.pid)} ${newToken()}`;
  let tookOver = false;
  for (let tries = 0; tries < triesMax; tries += 1) {
    if (claim(file, own) && (!tookOver || (await stillOurs(file, own)))) {
      return { release: () => releaseOwn(file, own) };
    }
    const other = read(file);
    if (other === null) continue;
    const holder = holderOf(other);
    if (holder !== null) throw inUse(dataDirectory, holder);
    removeStale(file, other);
    tookOver = true;
  }
  throw inUse(dataDirectory, Number.parseInt(read(file) ?? "", 10));
}

/** A rival that had read the stale lock as well may have moved ours for a moment, and a third have slipped in. */
async function stillOurs(file: string, own: string): Promise<boolean> {
  await sleep(settleMs);
  return read(file) === own;
}

/** A link appears with its content or not at all, and never over another: two starts cannot both succeed. */
function claim(file: string, own: string): boolean {
  const draft = `${file}.${newToken()}`;
  writeFileSync(draft, own, { mode: 0o600, flag: "wx" });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    unlinkSync(draft);
  }
}

/** The pid of the lock's holder if that very process still runs. */
function holderOf(content: string): number | null {
  const pid = Number.parseInt(content, 10);
  const identity = processIdentity(pid);
  return identity !== null && content.startsWith(`${identity} `) ? pid : null;
}

/** Only one of several rivals gets the stale file by renaming; who got a fresh one instead puts it back. */
function removeStale(file: string, stale: string): void {
  const aside = `${file}.${newToken()}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  try {
    if (read(aside) !== stale) linkSync(aside, file);
  } catch {
    // A third one has the place: whoever we disturbed looks again before it trusts its lock.
  } finally {
    unlinkSync(aside);
  }
}

function releaseOwn(file: string, own: string): void {
  if (read(file) === own) unlinkSync(file);
}

function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

function inUse(dataDirectory: string, pid: number): PostgresRefusal {
  return new PostgresRefusal({
    detail: `Another Ringfence (process ${pid}) is running with the data in ${dataDirectory}.`,
    remedy: "Stop that one first, or start this one with another RINGFENCE_DATA.",
  });
}
