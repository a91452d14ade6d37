import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { filesBelow } from "./house/modules.ts";

/** Whether the built console is missing or older than one of the files it is made from. */
export function consoleIsStale(root: string): boolean {
  const built = join(root, "console/dist/index.html");
  if (!existsSync(built)) return true;
  const builtAt = statSync(built).mtimeMs;
  return [...filesBelow(root, ["console", "contract"]), "package-lock.json"].some(
    (path) => statSync(join(root, path)).mtimeMs > builtAt,
  );
}
