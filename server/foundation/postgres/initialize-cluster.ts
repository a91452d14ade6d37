import { chownSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { newToken } from "../ids/index.ts";
import { explainFailure } from "./explain-failure.ts";
import { runProgram } from "./run-program.ts";
import type { Account } from "./server-account.ts";

interface Initialization {
  readonly initdb: string;
  readonly cluster: string;
  readonly password: string;
  readonly account: Account | null;
}

const draftPrefix = "initdb-";

/**
 * Makes a new cluster: UTF-8, sorted by code point whatever the system's libraries say (builtin C.UTF-8), passwords
 * by SCRAM, superuser `postgres`.
 *
 * It appears under its name only when it is whole and on disk. A failed or killed attempt leaves nothing that a
 * later one would take for a cluster, and no password file.
 */
export async function initializeCluster({
  initdb,
  cluster,
  password,
  account,
}: Initialization): Promise<void> {
  const base = path.dirname(cluster);
  const draft = path.join(base, `${draftPrefix}${newToken()}`);
  try {
    const passwordFile = preparePrivate(draft, password, account);
    const data = path.join(draft, "cluster");
    const made = await runProgram(initdb, initdbArguments(data, passwordFile), { account, cwd: base });
    if (!made.ok) throw explainFailure(`The database could not be created in ${base}`, made.complaint);
    await rename(data, cluster);
    await syncDirectory(base);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/**
 * What a killed attempt left behind; only called under the instance lock, so it is nobody's work in progress. Its
 * orphaned initdb may still be writing for a second: then the rest goes at a later start.
 */
export async function removeDrafts(base: string): Promise<void> {
  const drafts = readdirSync(base).filter((name) => name.startsWith(draftPrefix));
  const removals = drafts.map((name) => rm(path.join(base, name), { recursive: true, force: true }));
  await Promise.allSettled(removals);
}

/** The password goes in while the directory is still ours alone; then both go to the account. */
function preparePrivate(draft: string, password: string, account: Account | null): string {
  mkdirSync(draft, { mode: 0o700 });
  const passwordFile = path.join(draft, "password");
  writeFileSync(passwordFile, password, { mode: 0o600, flag: "wx" });
  if (account !== null) for (const made of [passwordFile, draft]) chownSync(made, account.uid, account.gid);
  return passwordFile;
}

function initdbArguments(data: string, passwordFile: string): string[] {
  const locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"];
  const access = ["--username=postgres", `--pwfile=${passwordFile}`, "--auth=scram-sha-256"];
  return ["-D", data, "--encoding=UTF8", ...locale, ...access, "--data-checksums"];
}

async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
