import { execFile } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect } from "vitest";
import { surroundings } from "../running-product.ts";
import { attack } from "./attack.ts";

const root = join(import.meta.dirname, "../..");
// Newer Node runs the source by itself.
const withTsx = !Reflect.get(process.features, "typescript");

async function helped(folder: string, ...program: readonly string[]): Promise<string> {
  const env = { ...surroundings(), TMPDIR: folder };
  return (await promisify(execFile)(process.execPath, [...program, "help"], { cwd: root, env })).stdout;
}

/** Puts other words into whatever tsx keeps there, as whoever may write to its folder can. */
async function poison(folder: string): Promise<void> {
  const [kept = ""] = await readdir(folder);
  await chmod(join(folder, kept), 0o777);
  for (const name of await readdir(join(folder, kept))) {
    const path = join(folder, kept, name);
    await writeFile(path, (await readFile(path, "utf8")).replaceAll("ringfence COMMAND", "poisoned"));
  }
}

describe.runIf(withTsx)("what loads the source", () => {
  attack(
    {
      id: "P-loader-cache",
      title:
        "have the command run code of another account of the machine, left where tsx keeps what it has translated",
      expected: "not run",
    },
    async () => {
      const folder = await mkdtemp(join(tmpdir(), "ringfence-loader-"));
      try {
        const command = ["server/cli/ringfence.mjs"];
        const said = await helped(folder, ...command);
        await poison(folder);
        expect(await helped(folder, "--import", "tsx", "server/cli/index.ts")).toContain("poisoned");
        expect(await helped(folder, ...command)).toBe(said);
        return "not run";
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  );
});
