import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { generators, runGenerators } from "./docs/generators.ts";
import { filesThatNameFailures } from "./docs/known-failures.ts";
import { ledgerFaults, readClaims } from "./docs/proofs.ts";
import { survey } from "./house/survey.ts";
import { readReport, type Report } from "./report.ts";
import { root, runStep } from "./steps.ts";

// `npm run docs` writes the generated pages; for the table of attacks it runs the attack tests, and what other tests are
// named after a failure of others. With --check it writes nothing and fails on a page that is out of date. With --report it
// reads a run that has been made already and, if that was a run of all tests, also holds the ledger of promises against it
// (--without names what was left out).
// The migrations that follow from declarations come first, and the catalog that they make; that takes a database, so a
// plain --check leaves the catalog to the checks of a whole run. --without-attacks leaves the table of attacks as it is.

const { values: asked } = parseArgs({
  options: {
    check: { type: "boolean", default: false },
    report: { type: "string" },
    without: { type: "string", multiple: true, default: [] },
    "without-attacks": { type: "boolean", default: false },
  },
});

const faults: string[] = [];
const claims = readClaims(root);
faults.push(...claims.faults);

await followDeclarations("migrations", "tools/migrations.ts");
if (!asked.check || asked.report !== undefined) await followDeclarations("catalog", "tools/catalog.ts");

const pages = new Map<string, string>();
const given = { house: survey(root), claims };
for (const { path, write } of generators) pages.set(path, await write(given));

const report = await reportOfRun();
if (report !== null) for (const { path, write } of runGenerators) pages.set(path, write(report));
if (report !== null && asked.report !== undefined) {
  const left = (path: string): boolean =>
    asked.without.some((project) => path.startsWith(`tests/${project}/`));
  faults.push(...ledgerFaults(claims, report, left));
}

for (const [path, text] of pages) {
  const target = join(root, path);
  const changed = !existsSync(target) || readFileSync(target, "utf8") !== text;
  if (changed && asked.check) faults.push(`${path} is out of date: run \`npm run docs\``);
  if (!changed || asked.check) continue;
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
  console.log(`wrote ${path}`);
}

for (const fault of faults) console.error(fault);
console.log(
  faults.length === 0 ? `${pages.size} generated pages are up to date.` : `${faults.length} faults.`,
);
process.exitCode = faults.length === 0 ? 0 : 1;

async function followDeclarations(name: string, script: string): Promise<void> {
  const { ok, output } = await runStep({ name, run: ["tsx", script, ...(asked.check ? ["--check"] : [])] });
  if (!ok) faults.push(output.trimEnd());
  else if (/\bwrote|written\b/.test(output)) console.log(output.trimEnd());
}

async function reportOfRun(): Promise<Report | null> {
  if (asked.report !== undefined) return readReport(asked.report, root);
  if (asked.check || asked["without-attacks"]) return null;
  const folder = mkdtempSync(join(tmpdir(), "ringfence-docs-"));
  try {
    const file = join(folder, "report.json");
    const { ok, output } = await runStep({
      name: "attacks",
      run: [
        "vitest",
        "run",
        ...["attack", "integration", "unit"].flatMap((project) => ["--project", project]),
        "tests/attack/",
        ...filesThatNameFailures(root),
        "--passWithNoTests",
        "--reporter",
        "dot",
        "--reporter",
        "json",
        `--outputFile.json=${file}`,
      ],
    });
    if (ok) return readReport(file, root);
    faults.push(
      `the attack tests failed, so docs/generated/attacks.md stays as it was:\n${output.trimEnd()}`,
    );
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
