import { execFile, spawn, type ChildProcess } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildConsole } from "./console-build.ts";

const root = join(import.meta.dirname, "..", "..");

const program = "server/cli/ringfence.mjs";

export interface RunningServer {
  readonly origin: string;
  /** The one-time link that the start has printed. */
  readonly setupLink: string;
  /** Runs a command of the product on this installation, as whoever runs it would, and returns what it says: `command("operator", "add", …)`. */
  command(...words: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

/**
 * The real product as `npm start` runs it, with a data folder and a database of its own. Passkeys want it to be called by
 * a name.
 */
export async function startServer(host: "127.0.0.1" | "localhost" = "127.0.0.1"): Promise<RunningServer> {
  await buildConsole();
  const data = mkdtempSync(join(tmpdir(), "ringfence-browser-"));
  // Started as root, the database runs as somebody else, who must be able to pass through here.
  chmodSync(data, 0o755);
  const port = await freePort();
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: data,
    RINGFENCE_DATA: data,
    PORT: String(port),
    ...(host === "localhost" ? { RINGFENCE_PUBLIC_URL: `http://localhost:${port}` } : {}),
  };
  const child = spawn(process.execPath, [program, "start"], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const command = async (...words: readonly string[]): Promise<string> => {
    const options = { cwd: root, env, timeout: 60_000 };
    return (await promisify(execFile)(process.execPath, [program, ...words], options)).stdout;
  };
  const stop = async (): Promise<void> => {
    await ended(child);
    rmSync(data, { recursive: true, force: true });
  };
  try {
    return { origin: `http://${host}:${port}`, setupLink: await linkFrom(child), command, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function linkFrom(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const timer = setTimeout(() => reject(new Error(`no setup link within 90 s:\n${said}`)), 90_000);
    const listen = (chunk: Buffer): void => {
      said += chunk.toString("utf8");
      const link = /https?:\/\/\S+\/setup#token=[\w-]+/u.exec(said)?.[0];
      if (link === undefined) return;
      clearTimeout(timer);
      resolve(link);
    };
    child.stdout?.on("data", listen);
    child.stderr?.on("data", listen);
    child.once("exit", (code) => reject(new Error(`the server ended with ${String(code)}:\n${said}`)));
  });
}

/** Asks the server to stop, and waits until it has; its database stops with it. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  await gone;
  clearTimeout(timer);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
