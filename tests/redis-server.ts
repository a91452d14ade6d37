import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** A Redis or Valkey of a test's own, on a loopback port that it keeps when it is started again. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Of the process that runs now; undefined while none does. */
  readonly pid: number | undefined;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again, with nothing in it. */
  start(): Promise<void>;
  /** Has it answer nothing while its connections stay open. */
  freeze(): void;
  thaw(): void;
  /** Ends it for good. */
  stop(): Promise<void>;
}

/** The server program of this machine; null where none is installed. */
export const redisProgram: string | null =
  ["/usr/bin/redis-server", "/usr/bin/valkey-server", "/usr/local/bin/redis-server"].find((file) =>
    existsSync(file),
  ) ?? null;

/** Starts one that keeps nothing on disk; `args` are more of its options. */
export async function redisServer(args: readonly string[] = []): Promise<RedisServer> {
  const program = redisProgram;
  if (program === null) throw new Error("no Redis is installed here");
  const folder = mkdtempSync(path.join(tmpdir(), "ringfence-redis-"));
  const port = await freePort();
  const options = ["--bind", "127.0.0.1", "--port", String(port), "--save", "", "--appendonly", "no"];
  const guard = existsSync("/usr/bin/setpriv") ? ["/usr/bin/setpriv", "--pdeathsig=KILL"] : [];
  const [command = program, ...rest] = [...guard, program, ...options, "--dir", folder, ...args];
  let child: ChildProcess | null = null;
  const kill = async (): Promise<void> => {
    const dying = child;
    child = null;
    if (dying === null || dying.exitCode !== null) return;
    const gone = new Promise((resolve) => dying.once("exit", resolve));
    dying.kill("SIGKILL");
    await gone;
  };
  const start = async (): Promise<void> => {
    await kill();
    child = spawn(command, rest, { stdio: "ignore" });
    await listening(args.includes("--tls-port") ? Number(args[args.indexOf("--tls-port") + 1]) : port);
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return child?.pid;
    },
    kill,
    start,
    freeze: () => void child?.kill("SIGSTOP"),
    thaw: () => void child?.kill("SIGCONT"),
    stop: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const at = probe.address();
      probe.close(() => resolve(typeof at === "object" && at !== null ? at.port : 0));
    });
  });
}

async function listening(port: number): Promise<void> {
  for (let turn = 0; turn < 250; turn += 1) {
    if (await answers(port)) return;
    await pause(20);
  }
  throw new Error("Redis did not start");
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
