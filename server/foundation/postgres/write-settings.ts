import { chmodSync, existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { writePrivate } from "./home.ts";
import { PostgresRefusal } from "./postgres-refusal.ts";
import { runProgram } from "./run-program.ts";
import type { Account } from "./server-account.ts";

export interface SettingsFiles {
  /** For `postgres --config-file`. */
  readonly config: string;
  /** Whether they differ from what the last start wrote. */
  readonly changed: boolean;
}

/**
 * Writes our settings, and who may connect, into files of our own beside the cluster.
 *
 * An operator's lines in the cluster's postgresql.conf are read first and ours after them. We never write into the
 * cluster: as root we would follow whatever link the server's account put there.
 */
export function writeSettings(cluster: string, settings: Readonly<Record<string, string>>): SettingsFiles {
  const [config, hba] = ["postgresql.conf", "pg_hba.conf"].map((name) =>
    path.join(path.dirname(cluster), name),
  );
  if (config === undefined || hba === undefined) throw new RangeError("two names give two paths");
  const head = "# Written by Ringfence at each start: changes here are lost.";
  const include = `include_if_exists = ${quoted(path.join(cluster, "postgresql.conf"))}`;
  const all = Object.entries({ ...settings, hba_file: hba });
  const lines = all.map(([name, value]) => `${name} = ${quoted(value)}`);
  const yours = "# Your own settings go into the file that is included first.";
  const news = [
    publish(config, [head, yours, include, ...lines]),
    publish(hba, [head, "host all all 127.0.0.1/32 scram-sha-256"]),
  ];
  return { config, changed: news.includes(true) };
}

/** As the configuration file wants it: quotes doubled, backslashes (Windows paths) too. */
function quoted(value: string): string {
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}

function publish(file: string, lines: readonly string[]): boolean {
  const content = `${lines.join("\n")}\n`;
  if (existsSync(file) && readFileSync(file, "utf8") === content) return false;
  writePrivate(file, content);
  // The server's account reads it, and it holds no secret.
  chmodSync(file, 0o644);
  return true;
}

interface Check {
  readonly postgres: string;
  readonly cluster: string;
  readonly config: string;
  readonly account: Account | null;
}

const indispensable = { fsync: "on", full_page_writes: "on", listen_addresses: "127.0.0.1" };

/**
 * Refuses settings under which acknowledged data could be lost or others could reach the server.
 *
 * The server itself is asked (`-C`), since postgresql.auto.conf is read after our file and could undo it.
 */
export async function checkSettings({ postgres, cluster, config, account }: Check): Promise<void> {
  const checks = Object.entries(indispensable).map(async ([name, wanted]) => {
    const args = ["-D", cluster, `--config-file=${config}`, "-C", name];
    const { ok, output, complaint } = await runProgram(postgres, args, {
      account,
      cwd: path.dirname(cluster),
    });
    if (!ok)
      throw new PostgresRefusal({
        detail: `The settings are not valid: ${complaint}`,
        remedy: whereToLook(cluster),
      });
    if (output.trim() === wanted) return;
    throw new PostgresRefusal({
      detail: `${name} is '${output.trim()}', and Ringfence starts with '${wanted}' only.`,
      remedy: whereToLook(cluster),
    });
  });
  await Promise.all(checks);
}

function whereToLook(cluster: string): string {
  return `Look into postgresql.auto.conf and postgresql.conf in ${cluster} and remove the line.`;
}
