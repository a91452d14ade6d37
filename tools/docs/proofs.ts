import { literalText, parse, walk } from "../syntax.ts";
import { filesBelow } from "../house/modules.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chapters, promises } from "../../contract/promises.ts";
import type { Vow } from "../../contract/promises/promise.ts";
import type { Report } from "../report.ts";

/** Which test files say that they prove which promise, from reading the source; nothing is run. */
export interface Claims {
  readonly filesById: ReadonlyMap<string, readonly string[]>;
  readonly faults: readonly string[];
}

/** Reads each `proves("…")` of the test files. */
export function readClaims(root: string): Claims {
  const filesById = new Map<string, string[]>();
  const faults: string[] = [];
  const folders = ["contract", "server", "console", "tracker", "tests", "tools", "bench"];
  for (const path of filesBelow(root, folders).filter((file) => /\.test(-d)?\.tsx?$/.test(file))) {
    for (const { id, line } of claimsIn(path, readFileSync(join(root, path), "utf8"))) {
      if (id === null)
        faults.push(`${path}:${line} proves what cannot be read; write the ids out as literals`);
      else if (!promises.has(id))
        faults.push(`${path}:${line} proves ${id}, which contract/promises.ts does not list`);
      else filesById.set(id, [...new Set([...(filesById.get(id) ?? []), path])]);
    }
  }
  return { filesById, faults };
}

/** The ids that one test file claims; null for an argument that is no literal. */
export function claimsIn(path: string, text: string): { id: string | null; line: number }[] {
  if (!text.includes("proves(")) return [];
  const claims: { id: string | null; line: number }[] = [];
  const { program, lineAt } = parse(path, text);
  walk(program, (node) => {
    if (node.type !== "CallExpression" || node.callee.type !== "Identifier" || node.callee.name !== "proves")
      return;
    const line = lineAt(node.start);
    for (const argument of node.arguments) claims.push({ id: literalText(argument), line });
  });
  return claims;
}

/** The ledger as a page: each promise, whether it is kept, and the test files that prove it. */
export function promisesPage({ filesById }: Claims): string {
  const vows = [...promises.values()];
  const keptOnes = vows.filter(({ state }) => state === "kept").length;
  const sections = chapters.map(({ title, promises: ofChapter }) =>
    [
      `## ${title}`,
      "",
      "| id | promise | state | proven by |",
      "| --- | --- | --- | --- |",
      ...Object.entries<Vow>(ofChapter).map(([id, vow]) => row(id, vow, filesById.get(id) ?? [])),
      "",
    ].join("\n"),
  );
  return [
    "# Promises",
    "",
    "Written by `npm run docs` from `contract/promises.ts` and the tests; do not edit. The build fails when a promise that is",
    "kept has no passing test. A planned promise may already have tests for a part of it; what is left then stands beside its state.",
    "",
    `${keptOnes} kept, ${vows.length - keptOnes} planned.`,
    "",
    ...sections,
  ].join("\n");
}

/**
 * Compares the ledger with what a run of all tests saw: each kept promise needs a test that passed and none that
 * failed. Files of projects that did not run are excused by `left`, so that a run without a browser says so only once.
 */
export function ledgerFaults(
  { filesById }: Claims,
  report: Report,
  left: (path: string) => boolean,
  promised: ReadonlyMap<string, Vow> = promises,
): string[] {
  const tests = report.files.flatMap((file) => file.tests);
  const faults: string[] = [];
  for (const [id, { state }] of promised) {
    if (state !== "kept") continue;
    const proofs = tests.filter((test) => test.proves.includes(id));
    const claimed = filesById.get(id) ?? [];
    if (proofs.some(({ status }) => status === "failed"))
      faults.push(`${id} is said to be kept, but a test of it failed`);
    else if (!proofs.some(({ status }) => status === "passed")) {
      if (claimed.length === 0 || !claimed.every(left))
        faults.push(`${id} is said to be kept, but no test that passed proves it`);
    }
  }
  return faults;
}

function row(id: string, { says, state, waitsFor }: Vow, files: readonly string[]): string {
  const left = waitsFor === undefined ? "" : `: ${waitsFor}`;
  return `| ${id} | ${says} | ${state}${left} | ${files.map((file) => `\`${file}\``).join(", ")} |`;
}
