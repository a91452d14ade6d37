import { readFileSync, writeFileSync, mkdirSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { drawHouse } from "./house/drawing.ts";
import { describeHouse } from "./house/page.ts";
import { idleDoors, survey } from "./house/survey.ts";

// The import check. Plain: names every fault and draws the house anew. With --check: also fails when the
// drawing that is checked in is out of date.

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const found = survey(root);
const faults = [...found.faults];
const pages = {
  "docs/generated/house.svg": drawHouse(found),
  "docs/generated/house.md": describeHouse(found),
};

for (const [path, text] of Object.entries(pages)) {
  const target = join(root, path);
  if (!process.argv.includes("--check")) {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  } else if (!existsSync(target) || readFileSync(target, "utf8") !== text) {
    faults.push(`${path} is out of date: run \`npm run docs\``);
  }
}

for (const fault of faults) console.error(fault);
const idle = idleDoors(found);
if (idle.length > 0) console.log(`Listed doors that nobody uses: ${idle.join(", ")}`);
const said = `${found.modules.length} modules, ${found.plan.rooms.length} rooms`;
console.log(
  faults.length === 0 ? `The house stands: ${said}, no fault.` : `${said}, ${faults.length} faults.`,
);
process.exitCode = faults.length === 0 ? 0 : 1;
