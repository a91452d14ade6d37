import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hmacSha256 } from "../server/foundation/ids/index.ts";
import type { Ground } from "./ground.ts";
import type { Answer, Ask } from "./http-load.ts";
import { tokenOf } from "./session-seed.ts";

/** A server that is asked who is signed in. */
export interface Arm {
  readonly name: string;
  readonly process: ChildProcess;
  readonly port: number;
  /** Where its check is called in a loop, without HTTP in between. */
  readonly loopPort: number;
  readonly loopPath: "loop" | "organization";
  readonly applicationName: string;
  readonly cookieOf: (session: number) => string;
  readonly check: (cookie: string) => Ask;
  readonly signOut: (session: number, cookie: string) => Ask;
  /** A try with a wrong password, for an address that nobody has, from one of many networks. */
  readonly guess: (network: number, turn: number) => Ask;
  /** Whether an answer says that somebody is signed in. */
  readonly says: (answer: Answer) => boolean;
}

const running: ChildProcess[] = [];

/** Ends every server that was started here. */
export function endServers(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** The product's doors of a person. */
export async function serveOurs({ dsnOf }: Ground): Promise<Arm> {
  const file = fileURLToPath(new URL("session-server.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", file, dsnOf("auth"), dsnOf("api")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ports = await portsOf(child);
  const pair = await csrfPair(ports.port);
  return {
    name: "ringfence",
    process: child,
    ...ports,
    loopPath: "loop",
    applicationName: "bench ringfence",
    cookieOf: (session) => `__Host-sid=${tokenOf(session)}`,
    check: (cookie) => ({ method: "GET", path: "/auth/me", headers: { cookie }, body: "" }),
    signOut: (session) => ({
      method: "POST",
      path: "/auth/sign-out",
      headers: { authorization: `Bearer ${tokenOf(session)}` },
      body: "",
    }),
    guess: (network, turn) => ({
      method: "POST",
      path: "/auth/sign-in",
      headers: {
        ...pair,
        "content-type": "application/json",
        "x-forwarded-for": `10.${network}.${(turn >> 8) & 255}.${turn & 255}`,
      },
      body: JSON.stringify(wrong(turn)),
    }),
    says: ({ status }) => status === 200,
  };
}

const wrong = (turn: number): object => ({
  email: `nobody-${turn}@bench.example`,
  password: "not the password of anybody 71",
});

/** What a browser has before it signs in. */
async function csrfPair(port: number): Promise<Record<string, string>> {
  const answer = await fetch(`http://127.0.0.1:${port}/auth/csrf`);
  // The answer schema of /auth/csrf.
  const { token } = (await answer.json()) as { readonly token: string };
  const cookie = answer.headers.getSetCookie().map((line) => line.split(";")[0] ?? "");
  return { "x-csrf-token": token, cookie: cookie.join("; "), origin: "http://127.0.0.1" };
}

export const rivalFile = fileURLToPath(new URL("session-rival.mjs", import.meta.url));
const rivalSecret = "a secret of the bench, long enough for anybody";

/** better-auth, whose sessions are read in this mode. */
export async function serveRival(folder: string, { dsn }: Ground, mode: string): Promise<Arm> {
  const child = spawn(process.execPath, [rivalFile, folder, dsn, mode], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, NODE_ENV: "production" },
  });
  const headersFor = (cookie: string): Record<string, string> => ({ cookie, origin: "http://127.0.0.1" });
  return {
    name: `better-auth ${mode}`,
    process: child,
    ...(await portsOf(child)),
    loopPath: "loop",
    applicationName: `bench better-auth ${mode}`,
    cookieOf: (session) => {
      const token = tokenOf(session).slice(0, 32);
      const signature = hmacSha256(rivalSecret, token).toString("base64");
      return `better-auth.session_token=${encodeURIComponent(`${token}.${signature}`)}`;
    },
    check: (cookie) => ({ method: "GET", path: "/", headers: headersFor(cookie), body: "" }),
    signOut: (_, cookie) => ({ method: "POST", path: "/", headers: headersFor(cookie), body: "" }),
    guess: (_, turn) => ({
      method: "POST",
      path: "/sign-in",
      headers: { origin: "http://127.0.0.1", "content-type": "application/json" },
      body: JSON.stringify(wrong(turn)),
    }),
    says: ({ body }) => body !== "null",
  };
}

/** The folder of better-auth; null where npm cannot be reached. It is no dependency: it is installed beside the temporary files. */
export async function installRival(): Promise<string | null> {
  const folder = join(tmpdir(), "ringfence-bench-auth");
  const installed = join(folder, "node_modules/better-auth/package.json");
  if (!existsSync(installed)) {
    await mkdir(folder, { recursive: true });
    const options = ["--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts"];
    const packages = ["better-auth@1.7.25", "pg@8.23.1"];
    const npm = spawn("npm", ["install", ...options, ...packages], { stdio: "ignore" });
    await new Promise((resolve) => npm.once("exit", resolve).once("error", resolve));
  }
  if (existsSync(installed)) return folder;
  console.log("better-auth could not be installed (npm cannot be reached): its arms are left out.");
  return null;
}

/** Waits for the line in which a server says its ports; what else it says to its error output is passed on. */
async function portsOf(child: ChildProcess): Promise<Pick<Arm, "port" | "loopPort">> {
  running.push(child);
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`a server ended with ${code}`)));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      const [, port, loopPort] = /\{"port":(\d+),"loopPort":(\d+)\}/.exec(text) ?? [];
      if (port === undefined) process.stderr.write(text);
      else resolve({ port: Number(port), loopPort: Number(loopPort) });
    });
  });
}
