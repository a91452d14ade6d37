import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { PostgresRefusal } from "./postgres-refusal.ts";
import { processIdentity, servesCluster, surelyIdle } from "./process-identity.ts";

/** What a server writes into postmaster.pid, one value a line (miscadmin.h, LOCK_FILE_LINE_*). */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
  /** `starting`, `ready`, `stopping`; empty at the very beginning. */
  readonly status: string;
}

/** The file's content; null when there is none. */
export function readPostmasterFile(cluster: string): PostmasterFile | null {
  try {
    const lines = readFileSync(path.join(cluster, "postmaster.pid"), "utf8").split("\n");
    return { pid: Number(lines[0]), port: Number(lines[3]), status: (lines[7] ?? "").trim() };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/**
 * The server that is still running on this data, for example after kill -9 of the process that had started it.
 *
 * A file whose pid now is some other program's is removed, since PostgreSQL itself would take that program for a
 * server; never while any process works in the data directory.
 */
export function runningPostmaster(cluster: string): PostmasterFile | null {
  const found = readPostmasterFile(cluster);
  if (found === null || processIdentity(found.pid) === null) return null;
  if (servesCluster(found.pid, cluster)) return found;
  if (surelyIdle(cluster)) {
    rmSync(path.join(cluster, "postmaster.pid"));
    return null;
  }
  throw new PostgresRefusal({
    detail: `${cluster}/postmaster.pid names process ${found.pid}, which runs but is not its server.`,
    remedy: `If no PostgreSQL works in ${cluster}, delete that file and start again.`,
  });
}
