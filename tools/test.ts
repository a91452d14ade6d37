import { appendFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromiumPath } from "./chromium.ts";
import { consoleIsStale } from "../server/cli/build-console.ts";
import { closingLine, readReport, sum, type Totals } from "./report.ts";
import { outcomeLine, root, runStep, type Outcome, type Step } from "./steps.ts";

// `npm test`: builds the console if need be, runs all test projects, then holds the house, the generated pages and the
// ledger of promises against what was seen. `--projects a,b` runs only these; `--totals FILE` adds the closing line to a file.

const everyProject = ["unit", "types", "integration", "attack", "browser"];
const { values: asked } = parseArgs({
  options: { projects: { type: "string", default: everyProject.join(",") }, totals: { type: "string" } },
});
const wanted = asked.projects.split(",");
const unknown = wanted.filter((project) => !everyProject.includes(project));
if (unknown.length > 0)
  throw new Error(`no such test project: ${unknown.join(", ")} (there are ${everyProject.join(", ")})`);

const browserMissing = wanted.includes("browser") && chromiumPath() === null;
const projects = wanted.filter((project) => project !== "browser" || !browserMissing);
const skipNotice =
  "The browser tests were skipped: no Chromium at /usr/bin/chromium. Install it (Debian: apt-get install chromium), " +
  "or name another with CHROMIUM_PATH.";

const folder = mkdtempSync(join(tmpdir(), "ringfence-test-"));
const reportFile = join(folder, "report.json");
const outcomes: Outcome[] = [];
try {
  if (projects.includes("browser") && consoleIsStale(root))
    await take({ name: "console build", run: ["npm", "run", "build"] });
  const totals = [await runTests()];
  if (wanted.length === everyProject.length && existsSync(reportFile)) await checkPages();
  conclude(totals);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function runTests(): Promise<Totals> {
  const run: Step["run"] = [
    "vitest",
    "run",
    ...projects.flatMap((project) => ["--project", project]),
    "--reporter",
    "default",
    "--reporter",
    "json",
    `--outputFile.json=${reportFile}`,
  ];
  const outcome = await runStep({ name: `tests (${projects.join(", ")})`, run }, true);
  outcomes.push(outcome);
  if (!existsSync(reportFile)) return { passed: 0, failed: 1, skipped: 0 };
  const { totals } = readReport(reportFile, root);
  // Vitest also fails for what belongs to no test: an unhandled rejection, a setup that threw.
  return outcome.ok || totals.failed > 0 ? totals : sum([totals, { passed: 0, failed: 1, skipped: 0 }]);
}

async function checkPages(): Promise<void> {
  await take({ name: "house", run: ["tsx", "tools/house.ts", "--check"] });
  const without = browserMissing ? ["--without", "browser"] : [];
  await take({
    name: "pages and promises",
    run: ["tsx", "tools/docs.ts", "--check", "--report", reportFile, ...without],
  });
}

async function take(step: Step): Promise<void> {
  const outcome = await runStep(step);
  outcomes.push(outcome);
  if (!outcome.ok) console.log(`\n── ${step.name}\n${outcome.output.trimEnd()}`);
}

/** Every step beside the tests counts as one check; a run of nothing is a failure. */
function conclude(totals: Totals[]): void {
  const besides = outcomes.filter(({ name }) => !name.startsWith("tests ("));
  const checks = {
    passed: besides.filter(({ ok }) => ok).length,
    failed: besides.filter(({ ok }) => !ok).length,
    skipped: 0,
  };
  const tests = sum(totals);
  const all = sum([tests, checks, { passed: 0, failed: 0, skipped: browserMissing ? 1 : 0 }]);
  console.log(`\n${outcomes.map(outcomeLine).join("\n")}`);
  if (browserMissing) console.log(skipNotice);
  if (tests.passed + tests.failed === 0) console.log("No test ran.");
  const ok = all.failed === 0 && tests.passed > 0;
  process.exitCode = ok ? 0 : 1;
  if (asked.totals !== undefined) appendFileSync(asked.totals, `${closingLine(all)}\n`);
  console.log(closingLine(all));
}
