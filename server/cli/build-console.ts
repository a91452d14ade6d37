import { spawn } from "node:child_process";
import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Whether the console's files are missing or older than what they are made from. Never in an installed package, which
 * brings them along and has no sources to make them from.
 */
export function consoleIsStale(tree = root): boolean {
  if (!existsSync(join(tree, "console/main.tsx"))) return false;
  const built = join(tree, "console/dist/index.html");
  if (!existsSync(built)) return true;
  const builtAt = statSync(built).mtimeMs;
  return newest([join(tree, "console"), join(tree, "contract"), join(tree, "package-lock.json")]) > builtAt;
}

/**
 * Builds the console if need be, and says so; the server serves its API all the same where that fails. It is made in a
 * folder of its own and then put in place, so that two starts at once do not take each other's files away.
 */
export async function buildConsoleIfStale(say: (line: string) => void): Promise<void> {
  if (!consoleIsStale()) return;
  const vite = join(root, "node_modules/vite/bin/vite.js");
  if (!existsSync(vite)) {
    say("The console is not built, and what builds it is not installed: run npm install without --omit=dev.");
    return;
  }
  say("Building the console; this takes a few seconds, once.");
  const draft = join(root, `console/dist-${process.pid}`);
  try {
    const code = await ended(vite, [
      "build",
      "--config",
      "console/vite.config.ts",
      "--outDir",
      draft,
      "--emptyOutDir",
    ]);
    if (code === 0) putInPlace(draft);
    else say("The console could not be built: `npm run build` shows why. The API works without it.");
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function putInPlace(draft: string): void {
  const place = join(root, "console/dist");
  rmSync(place, { recursive: true, force: true });
  renameSync(draft, place);
}

function ended(script: string, args: readonly string[]): Promise<number | null> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, ...args], { cwd: root, stdio: "ignore" });
    child.once("error", () => resolve(null));
    child.once("close", resolve);
  });
}

/** The time of the youngest file below these places; what was built, and tests, aside. */
function newest(places: readonly string[]): number {
  const times = places.map((place) => {
    if (!statSync(place).isDirectory()) return statSync(place).mtimeMs;
    const inside = readdirSync(place)
      .filter((name) => !name.startsWith("dist") && !/\.test\.tsx?$/.test(name))
      .map((name) => join(place, name));
    return newest(inside);
  });
  return Math.max(0, ...times);
}
