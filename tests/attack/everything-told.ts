import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import type { Client } from "pg";
import { expect } from "vitest";
import type { DoorRole } from "../../server/kernel/install/index.ts";
import type { InstalledDatabase } from "../installed-database.ts";

/** Everything that came back from these statements, rows, errors and notices alike, without its blanks: by psql, or where there is none by a client. */
export async function everythingTold(
  db: InstalledDatabase,
  role: DoorRole,
  statements: readonly string[],
): Promise<string> {
  const psql = ["/usr/bin/psql", "/usr/local/bin/psql"].find((path) => existsSync(path));
  if (psql === undefined) return toldToClient(await db.connectAs(role), statements);
  const url = new URL(db.dsnFor(role));
  const env = { PGPASSWORD: url.password, PGCONNECT_TIMEOUT: "10" };
  url.password = "";
  const script = [
    "\\set ON_ERROR_ROLLBACK on",
    "\\set VERBOSITY verbose",
    ...statements.map((text) => `${text};`),
  ].join("\n");
  const { stdout, stderr, status } = spawnSync(psql, ["-X", "-q", "-A", "-d", url.href, "-f", "-"], {
    input: script,
    encoding: "utf8",
    env,
    maxBuffer: 2 ** 28,
    timeout: 60_000,
  });
  expect(status, stderr.slice(-500)).toBe(0);
  return unwrapped(`${stdout}\n${stderr}`);
}

async function toldToClient(client: Client, statements: readonly string[]): Promise<string> {
  const heard: string[] = [];
  client.on("notice", (notice) => heard.push(JSON.stringify(notice), notice.message ?? ""));
  const bound = statements[0] === "begin";
  for (const [at, text] of statements.entries()) {
    const apart = bound && at > 1 && text !== "commit";
    if (apart) await client.query("savepoint apart");
    const answer: unknown = await client.query(text).catch((error: unknown) => error);
    if (apart)
      await client.query(answer instanceof Error ? "rollback to savepoint apart" : "release savepoint apart");
    heard.push(JSON.stringify(answer), String(answer));
  }
  return unwrapped(heard.join("\n"));
}

/** PostgreSQL breaks the lines of a printed plan in the middle of a constant, even of one of its numbers. */
function unwrapped(text: string): string {
  return text.replaceAll(/\s+/g, "");
}
