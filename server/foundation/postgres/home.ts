import { accessSync, chmodSync, constants, existsSync, mkdirSync } from "node:fs";
import { readFileSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { newToken, sha256 } from "../ids/index.ts";
import { PostgresRefusal } from "./postgres-refusal.ts";
import { barrier } from "./reachable.ts";
import type { Account } from "./server-account.ts";

/** The files beside the cluster; all but the cluster belong to us, not to the server's account. */
export interface Home {
  readonly directory: string;
  readonly lock: string;
  readonly password: string;
  readonly record: string;
}

/** What one start remembers for the next. */
export interface ClusterRecord {
  /** Null: in the home, wherever that was moved to meanwhile. */
  readonly relocated: string | null;
  readonly port: number;
}

/**
 * The home directory, made where it is missing, with every missing parent.
 *
 * What is made here may be passed but not listed by others where the server runs as another account, whatever the
 * umask; directories that were there before keep their mode.
 */
export function openHome(directory: string, ownUid: number | undefined): Home {
  const mode = ownUid === 0 ? 0o711 : 0o700;
  try {
    makeDirectories(path.resolve(directory), mode);
    chmodSync(directory, mode);
    accessSync(directory, constants.W_OK);
  } catch (cause) {
    throw new PostgresRefusal({
      detail: `The directory ${path.resolve(directory)} cannot be used: ${String(cause)}`,
      remedy: "Give this user the directory, or choose another RINGFENCE_DATA.",
      cause,
    });
  }
  // A running server is recognised by the real path of its directory.
  const real = realpathSync(directory);
  const file = (name: string): string => path.join(real, name);
  return {
    directory: real,
    lock: file("lock"),
    password: file("superuser.password"),
    record: file("cluster.json"),
  };
}

/** Where PostgreSQL's own data directory is or will be. */
export interface ClusterPlace {
  readonly cluster: string;
  /** The directory that holds it when that is not the home. */
  readonly relocated: string | null;
}

/** The place for a new cluster: in the home, or below `elsewhere` when the account cannot get there. */
export function placeForCluster(
  home: Home,
  account: Account | null,
  { elsewhere, log }: { readonly elsewhere: string; readonly log: (line: string) => void },
): ClusterPlace {
  const closed = barrier(home.directory, account);
  if (closed === null) return { cluster: path.join(home.directory, "cluster"), relocated: null };
  const name = sha256(home.directory).toString("hex").slice(0, 12);
  const relocated = path.join(elsewhere, `data-${name}`);
  makeDirectories(relocated, 0o711);
  log(`The database goes to ${relocated}, because user ${account?.uid} may not pass ${closed}`);
  return { cluster: path.join(relocated, "cluster"), relocated };
}

/**
 * What the last start wrote, if a cluster was made.
 *
 * A record whose data is gone is refused: an empty new cluster in its place would hide the loss.
 */
export function readRecord(home: Home): (ClusterPlace & ClusterRecord) | null {
  if (!existsSync(home.record)) return null;
  const record: unknown = JSON.parse(readFileSync(home.record, "utf8"));
  if (!isRecord(record)) throw gone(home, "is not readable");
  const cluster = path.join(record.relocated ?? home.directory, "cluster");
  if (existsSync(path.join(cluster, "PG_VERSION"))) return { ...record, cluster };
  throw gone(home, `tells of a database in ${cluster}, and there is none (any more)`);
}

/** Replaces the record as a whole, so that a crash leaves the old one or the new one. */
export function writeRecord(home: Home, record: ClusterRecord): void {
  writePrivate(home.record, `${JSON.stringify(record)}\n`);
}

/** Writes a file that only we can read, in one step. */
export function writePrivate(file: string, content: string): void {
  const draft = `${file}.${newToken()}`;
  writeFileSync(draft, content, { mode: 0o600, flag: "wx", flush: true });
  renameSync(draft, file);
}

function makeDirectories(directory: string, mode: number): void {
  if (existsSync(directory)) return;
  makeDirectories(path.dirname(directory), mode);
  mkdirSync(directory);
  // After mkdir, since mkdir's mode is cut by the umask.
  chmodSync(directory, mode);
}

function isRecord(record: unknown): record is ClusterRecord {
  if (typeof record !== "object" || record === null || !("relocated" in record) || !("port" in record))
    return false;
  return (
    (typeof record.relocated === "string" || record.relocated === null) && typeof record.port === "number"
  );
}

function gone(home: Home, what: string): PostgresRefusal {
  return new PostgresRefusal({
    detail: `${home.record} ${what}.`,
    remedy: `Bring the data back. Only if it may be lost: delete ${home.directory} to begin with an empty database.`,
  });
}
