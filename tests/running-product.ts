import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const root = join(import.meta.dirname, "..");
const secondsAllowed = 90;

/** The product as its users start it: a process of its own, with a data folder and a port that nobody else has. */
export interface RunningProduct {
  readonly origin: string;
  readonly port: number;
  /** The folder of its data. */
  readonly data: string;
  /** What commands of the same installation need: PORT and RINGFENCE_DATA. */
  readonly env: Readonly<Record<string, string>>;
  /** All that it has printed. */
  said(): string;
  /** Waits until it has printed something like this, and returns the match. */
  hears(words: RegExp): Promise<RegExpExecArray>;
  /** Ends it the same way and leaves its data. */
  end(): Promise<void>;
  /** Ends it the way a terminal does, and removes its data; rejects when it does not stop by itself. */
  stop(): Promise<void>;
}

interface Beginning {
  /** Fills the data folder, which is not there yet; left out, the product begins with nothing. */
  readonly fill?: (data: string) => Promise<void>;
  readonly settings?: (port: number) => Readonly<Record<string, string>>;
}

/** Runs `command`, such as `["npm", "start"]`, in the tree; resolves before anything listens. */
export async function startProduct(
  command: readonly [string, ...string[]],
  { fill, settings }: Beginning = {},
): Promise<RunningProduct> {
  const folder = mkdtempSync(join(tmpdir(), "ringfence-product-"));
  // Started by root, the database runs as somebody else, who must be able to get to its own folder.
  chmodSync(folder, 0o711);
  const port = await freePort();
  const data = join(folder, "data");
  await fill?.(data);
  const env = { RINGFENCE_DATA: data, PORT: String(port), ...settings?.(port) };
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd: root,
    env: { ...surroundings(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: npm starts the server as its child.
    detached: true,
  });
  let said = "";
  const listen = (chunk: Buffer): void => {
    said += chunk.toString("utf8");
  };
  child.stdout.on("data", listen);
  child.stderr.on("data", listen);
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const hears = async (words: RegExp): Promise<RegExpExecArray> => {
    for (const started = performance.now(); performance.now() - started < secondsAllowed * 1000;) {
      const heard = words.exec(said);
      if (heard !== null) return heard;
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${said}`);
      await pause(20);
    }
    throw new Error(`it did not say ${String(words)} within ${secondsAllowed} s:\n${said}`);
  };
  const end = (): Promise<void> => endGroup(child.pid, child.exitCode, ended);
  const stop = async (): Promise<void> => {
    try {
      await end();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  return { origin: `http://127.0.0.1:${port}`, port, data, env, said: () => said, hears, end, stop };
}

/** The environment without what belongs to the test runner or to another installation. */
export function surroundings(): Record<string, string> {
  const own = Object.entries(process.env).filter(
    ([name, value]) =>
      value !== undefined && !/^(?:VITEST|RINGFENCE_|DATABASE_URL$|PORT$|NODE_ENV$)/.test(name),
  );
  return Object.fromEntries(own) as Record<string, string>; // as: what is undefined was left out
}

async function endGroup(
  pid: number | undefined,
  exitCode: number | null,
  ended: Promise<void>,
): Promise<void> {
  if (pid === undefined || exitCode !== null) return;
  process.kill(-pid, "SIGINT");
  const inTime = await Promise.race([ended.then(() => true), pause(20_000, false, { ref: false })]);
  if (inTime) return;
  process.kill(-pid, "SIGKILL");
  throw new Error("it did not stop within 20 s");
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
