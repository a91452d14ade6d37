import { execFile } from "node:child_process";
import type { Account } from "./server-account.ts";

export interface Ran {
  readonly ok: boolean;
  readonly output: string;
  /** What it said on its error stream, or why it could not be run at all. */
  readonly complaint: string;
}

interface Running {
  readonly account: Account | null;
  /** A directory that the account may enter; ours may be closed to it. */
  readonly cwd: string;
}

const outputBytesMax = 1024 * 1024;
const minutesMax = 5;

/**
 * Runs one of PostgreSQL's programs to its end; never rejects.
 *
 * With an account it drops root for that uid and gid and for no further group. The environment is empty, so that
 * PG* variables steer nothing and our secrets do not lie about in /proc/<pid>/environ.
 */
export function runProgram(file: string, args: readonly string[], { account, cwd }: Running): Promise<Ran> {
  const limits = { timeout: minutesMax * 60_000, maxBuffer: outputBytesMax };
  const options = { ...account, ...programEnvironment(), ...limits, cwd, encoding: "utf8" as const };
  return new Promise((resolve) => {
    execFile(file, args, options, (error, stdout, stderr) => {
      resolve({ ok: error === null, output: stdout, complaint: stderr.trim() || (error?.message ?? "") });
    });
  });
}

/** Windows programs do not start without SystemRoot and the like, so there the environment is passed on. */
export function programEnvironment(): { env?: Record<string, string> } {
  return process.platform === "win32" ? {} : { env: { LC_ALL: "C", TZ: "UTC" } };
}
