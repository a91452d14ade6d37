import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The server with demo data, started anew when its source changes, and the console, built anew when its own does. */
const commands: readonly (readonly [string, readonly string[]])[] = [
  ["tsx", ["watch", "--clear-screen=false", "server/cli/index.ts", "start", "--demo"]],
  ["vite", ["build", "--config", "console/vite.config.ts", "--watch", "--logLevel", "warn"]],
];

const children: ChildProcess[] = commands.map(([name, args]) =>
  spawn(process.execPath, [`${root}node_modules/.bin/${name}`, ...args], { cwd: root, stdio: "inherit" }),
);
let ending = false;
for (const child of children) child.on("exit", (code) => stop(code ?? 0));
process.on("SIGINT", () => stop(0));
process.on("SIGTERM", () => stop(0));

/** One of the two alone is of no use: when either ends, so does the other. */
function stop(code: number): void {
  if (ending) return;
  ending = true;
  process.exitCode = code;
  for (const child of children) child.kill("SIGTERM");
}
