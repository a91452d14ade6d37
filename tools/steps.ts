import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the tree. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** A named command of a check. */
export interface Step {
  readonly name: string;
  /** The program and its arguments; a bare name is one of the tools in node_modules. */
  readonly run: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Outcome {
  readonly name: string;
  readonly ok: boolean;
  readonly output: string;
  readonly seconds: number;
}

/** Runs a step to its end. `show` passes its output on as it comes; otherwise it is kept for the outcome. */
export function runStep({ name, run: [program, ...args], env = {} }: Step, show = false): Promise<Outcome> {
  const started = performance.now();
  return new Promise((resolve) => {
    const end = (ok: boolean, output: string): void => {
      resolve({ name, ok, output, seconds: (performance.now() - started) / 1000 });
    };
    const child = spawn(locate(program), args, {
      cwd: root,
      env: { ...process.env, ...(process.stdout.isTTY ? {} : { NO_COLOR: "1" }), ...env },
      stdio: ["ignore", show ? "inherit" : "pipe", show ? "inherit" : "pipe"],
    });
    const output: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => output.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => output.push(chunk));
    child.once("error", (error) => end(false, `${program} could not be started: ${error.message}`));
    child.once("close", (code) => end(code === 0, Buffer.concat(output).toString("utf8")));
  });
}

/** Runs steps beside each other, so many at a time, and tells of each as it ends. */
export async function runBeside(
  steps: readonly Step[],
  atATime: number,
  tell: (outcome: Outcome) => void,
): Promise<Outcome[]> {
  const waiting = [...steps];
  const outcomes: Outcome[] = [];
  const work = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const outcome = await runStep(step);
      tell(outcome);
      outcomes.push(outcome);
    }
  };
  await Promise.all(Array.from({ length: atATime }, work));
  return outcomes;
}

/** One line about a step: a mark, the name, the time. */
export function outcomeLine({ name, ok, seconds }: Outcome): string {
  return `${ok ? "✓" : "✗"} ${name.padEnd(28)} ${seconds.toFixed(1).padStart(6)} s`;
}

function locate(program: string): string {
  if (program === "node") return process.execPath;
  return program.includes("/") || program === "npm" ? program : join(root, "node_modules/.bin", program);
}
