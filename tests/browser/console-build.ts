import { execFile } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const root = join(import.meta.dirname, "..", "..");
const page = join(root, "console", "dist", "index.html");

/** Builds the console unless the build is newer than everything it is made from. */
export async function buildConsole(): Promise<void> {
  if (existsSync(page) && statSync(page).mtimeMs > newest(join(root, "console"), join(root, "contract")))
    return;
  await promisify(execFile)(
    process.execPath,
    [join(root, "node_modules", "vite", "bin", "vite.js"), "build", "--config", "console/vite.config.ts"],
    { cwd: root, timeout: 120_000 },
  );
}

function newest(...folders: readonly string[]): number {
  const times = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => !name.startsWith("dist") && /\.(?:tsx?|css|svg|html)$/u.test(name))
      .map((name) => statSync(join(folder, name)).mtimeMs),
  );
  return Math.max(0, ...times);
}
