import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Block, blocksOf } from "../guide.ts";
import { proves } from "../proves.ts";

// Does what docs/guide/adding-a-resource.md says, word by word, in a copy of the tree.

const root = join(import.meta.dirname, "../..");
const run = promisify(execFile);
const linesMax = 20;

let scratch: string;
let blocks: readonly Block[];

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "ringfence-tutorial-"));
  const left = new Set(["node_modules", ".git", "data", "dist", "coverage"]);
  await cp(root, scratch, {
    recursive: true,
    filter: (source) => !left.has(relative(root, source).split("/").at(-1) ?? ""),
  });
  await symlink(join(root, "node_modules"), join(scratch, "node_modules"));
  blocks = blocksOf(await readFile(join(root, "docs/guide/adding-a-resource.md"), "utf8"));
}, 60_000);
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** The lines that a reader adds to a file: all of a new one, or those that a difference marks with a plus. */
function addedLines({ language, text }: Block): string[] {
  const lines = text.split("\n").slice(0, -1);
  if (language !== "diff") return lines;
  return lines.filter((line) => line.startsWith("+")).map((line) => line.slice(1));
}

/** Puts each marked line behind the unmarked one above it, which must stand in the file exactly once. */
function patched(source: string, difference: Block): string {
  const lines = source.split("\n");
  let at = -1;
  for (const line of difference.text.split("\n").slice(0, -1)) {
    if (line.startsWith("+")) {
      lines.splice(at + 1, 0, line.slice(1));
      at += 1;
    } else {
      const found = lines.filter((one) => one === line.slice(1)).length;
      if (found !== 1) throw new Error(`${difference.marks["file"]} has ${found} lines "${line.slice(1)}"`);
      at = lines.indexOf(line.slice(1));
    }
  }
  return lines.join("\n");
}

async function inScratch(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run(program, [...args], {
    cwd: scratch,
    // A run inside a run: it must not take itself for a worker of the outer one.
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST"))),
    maxBuffer: 2 ** 26,
  }).catch((error: { stdout?: string; stderr?: string }) => {
    throw new Error(
      `${program} ${args.join(" ")} failed:\n${error.stdout ?? ""}\n${error.stderr ?? ""}`.slice(-8_000),
    );
  });
  return stdout;
}

describe("the tutorial", () => {
  proves("ISO-5");

  test(`adds a resource in under ${linesMax} lines`, async () => {
    const edits = blocks.filter(({ marks }) => marks["file"] !== undefined);
    expect(edits.length).toBeGreaterThan(2);
    const added = edits.flatMap(addedLines).filter((line) => line.trim() !== "");
    expect(added.length).toBeLessThan(linesMax);
    for (const edit of edits) {
      const path = join(scratch, edit.marks["file"] ?? "");
      const text = edit.language === "diff" ? patched(await readFile(path, "utf8"), edit) : edit.text;
      await writeFile(path, text);
    }
  });

  test("lets migrations, catalog, client and documents follow, and the types hold", async () => {
    // As `npm run docs` does, which has the migrations and the catalog follow too.
    await inScratch(process.execPath, ["--import", "tsx", "tools/docs.ts", "--without-attacks"]);
    const client = await readFile(join(scratch, "contract/generated/api.ts"), "utf8");
    expect(client).toContain("readonly listProjects: {");
    const matrix = await readFile(join(scratch, "docs/generated/access-matrix.md"), "utf8");
    expect(matrix).toContain("`POST /projects/bulk/archive`");
    await inScratch("node_modules/.bin/tsc", ["-p", "tsconfig.json"]);
  }, 180_000);

  test("gives the new doors their attack tests, and all of them pass", async () => {
    const report = join(scratch, "report.json");
    await inScratch("node_modules/.bin/vitest", [
      "run",
      "--project",
      "attack",
      "tests/attack/doors.test.ts",
      "--testNamePattern",
      "/projects",
      "--reporter",
      "json",
      `--outputFile=${report}`,
    ]);
    const read: unknown = JSON.parse(await readFile(report, "utf8"));
    const tests = (
      read as { testResults: { assertionResults: { fullName: string; status: string }[] }[] }
    ).testResults.flatMap(({ assertionResults }) => assertionResults);
    const ours = tests.filter(({ fullName }) => fullName.includes("/projects"));
    console.info(`${ours.length} of ${tests.length} attack tests are about the tutorial's resource`);
    expect(ours.length).toBeGreaterThan(100);
    expect(ours.filter(({ status }) => status !== "passed")).toEqual([]);
  }, 300_000);
});
