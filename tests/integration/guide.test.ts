import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { blocksOf } from "../guide.ts";
import { prepared } from "../prepared-installation.ts";
import { startProduct, surroundings, type RunningProduct } from "../running-product.ts";

// Documents that run: what stands in a block that a shell can run is run, and what the page says it shows is compared.
// ```sh run=start   starts the product; the page's commands run beside it
// ```sh run         runs, with the variables of the blocks before it
// ```json shows     the output of the block before it, where … stands for anything
// ```text said      what the product has printed

const root = join(import.meta.dirname, "../..");
const fresh = ["README.md", "docs/guide/getting-started.md"];
const pages = [
  ...fresh,
  "docs/guide/api.md",
  "docs/guide/signing-in.md",
  "docs/guide/single-sign-on.md",
  "docs/guide/directories.md",
  "docs/guide/keys.md",
  "docs/guide/who-gets-in.md",
  "docs/guide/operating.md",
];

interface Step {
  readonly script: string;
  shows: string | null;
}

// Two at once (`maxConcurrency`): each waits much, for its database and for one command after another.
describe.concurrent.each(pages)("%s", (page) => {
  test("does what it says", async () => {
    const blocks = blocksOf(await readFile(join(root, page), "utf8"));
    const start = blocks.find(({ marks }) => marks["run"] === "start");
    if (start === undefined) throw new Error("the page starts nothing");
    // What the very first start does is tried by the pages that are about it.
    const begins = fresh.includes(page) ? {} : { fill: prepared };
    const product = await startProduct(["bash", "-c", `exec ${start.text.trim()}`], begins);
    try {
      await product.hears(/Ringfence is ready/);
      for (const { text } of blocks.filter(({ marks }) => "said" in marks)) {
        await product.hears(pattern(text, product));
      }
      await runSteps(stepsOf(page, blocks), product, fresh.includes(page));
    } finally {
      await product.stop();
    }
  }, 300_000);
});

function stepsOf(page: string, blocks: ReturnType<typeof blocksOf>): Step[] {
  const steps: Step[] = [];
  for (const { language, marks, text } of blocks) {
    const last = steps.at(-1);
    if (language === "sh" && marks["run"] === "") steps.push({ script: text, shows: null });
    else if ("shows" in marks && last !== undefined) last.shows = text;
    else if ("shows" in marks) throw new Error(`${page} shows the output of nothing`);
  }
  return steps;
}

async function runSteps(steps: readonly Step[], product: RunningProduct, throughNpm: boolean): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), "ringfence-guide-"));
  try {
    const path = throughNpm ? {} : { PATH: `${withOwnNpx(scratch)}:${process.env["PATH"] ?? ""}` };
    const script = steps.map(({ script: text }, index) => `${text}\necho; echo "@@${index}@@"`).join("\n");
    const outputs = await shell(onPort(script, product), { ...product.env, ...path, TMP: scratch });
    for (const [index, { script: text, shows }] of steps.entries()) {
      if (shows !== null) expect(outputs[index], text).toMatch(pattern(shows, product));
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** That npm finds the command is tried by the pages about the very first start; it takes as long as the command itself. */
function withOwnNpx(folder: string): string {
  const command = `test "$1" = ringfence && shift && exec node "${join(root, "server/cli/ringfence.mjs")}" "$@"`;
  writeFileSync(join(folder, "npx"), `#!/bin/sh\n${command}\n`, { mode: 0o755 });
  return folder;
}

/** One shell for all steps, so that their variables live on; the output of each, by the marker behind it. */
function shell(script: string, env: Readonly<Record<string, string>>): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn("bash", ["-euo", "pipefail", "-c", script], {
      cwd: root,
      env: { ...surroundings(), npm_config_loglevel: "error", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.once("error", reject);
    child.once("close", (code) => {
      const said = Buffer.concat(out).toString("utf8");
      if (code === 0) resolve(said.split(/\n@@\d+@@\n/));
      else
        reject(
          new Error(
            `the page's commands ended with ${code}:\n${said}\n${Buffer.concat(err).toString("utf8")}`,
          ),
        );
    });
  });
}

/** The pages speak of the default port; the product that is tried has one of its own. */
function onPort(text: string, { port }: RunningProduct): string {
  return text.replaceAll("127.0.0.1:7460", `127.0.0.1:${port}`);
}

/** What a page shows, as a pattern: blanks may differ, and … stands for anything. */
function pattern(text: string, product: RunningProduct): RegExp {
  const parts = onPort(text.trim(), product).split("…");
  const exact = parts.map((part) =>
    part
      .trim()
      .split(/\s+/)
      .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join("\\s+"),
  );
  return new RegExp(exact.join("[\\s\\S]*?"));
}
