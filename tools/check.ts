import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { filesBelow } from "./house/modules.ts";
import { outcomeLine, root, runBeside, type Step } from "./steps.ts";

// `npm run check`: everything that needs no database, in under a minute. Prints the output of what failed only.
// `--without-tests` leaves out what `npm test` does too, for a run that does all of that anyway.

const projects = [
  "tsconfig.json",
  ...filesBelow(root, ["contract", "server", "console", "tracker", "tests"]),
].filter((path) => path.split("/").at(-1) === "tsconfig.json" && existsSync(join(root, path)));

const alsoTested: Step[] = [
  { name: "unit tests", run: ["vitest", "run", "--project", "unit", "--reporter", "dot"] },
  { name: "house", run: ["tsx", "tools/house.ts", "--check"] },
  { name: "generated pages", run: ["tsx", "tools/docs.ts", "--check"] },
];
const steps: Step[] = [
  ...(process.argv.includes("--without-tests") ? [] : alsoTested),
  { name: "lint (oxlint)", run: ["oxlint", "--type-aware", "--deny-warnings"] },
  ...projects.map((project): Step => ({ name: `types (${project})`, run: ["tsc", "-p", project] })),
  { name: "unused code (knip)", run: ["knip"] },
  { name: "format (oxfmt)", run: ["oxfmt", "--check", "."] },
];

const outcomes = await runBeside(steps, Math.min(2, availableParallelism()), (outcome) => {
  console.log(outcomeLine(outcome));
});
const failed = outcomes.filter(({ ok }) => !ok);
for (const { name, output } of failed) console.log(`\n── ${name}\n${output.trimEnd()}`);
const said =
  failed.length === 0
    ? "all passed"
    : `${failed.length} failed: ${failed.map(({ name }) => name).join(", ")}`;
console.log(`\n${outcomes.length} checks, ${said}`);
process.exitCode = failed.length === 0 ? 0 : 1;
