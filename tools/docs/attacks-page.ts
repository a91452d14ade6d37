import type { AttackRow } from "../../tests/attack/attack.ts";
import { notOurs } from "../../tests/attack/not-ours.ts";
import type { Report } from "../report.ts";
import { knownFailures } from "./known-failures.ts";
import { tableLine } from "./table-line.ts";

interface FoundAttack extends AttackRow {
  readonly file: string;
  readonly status: "passed" | "failed" | "skipped";
}

/** The attacks of a run, in the order of their ids; an id that two tests use is a fault and throws. */
export function attacksOf(report: Report): FoundAttack[] {
  const found = report.files
    .filter(({ path }) => path.startsWith("tests/attack/"))
    .flatMap(({ path, tests }) =>
      tests.flatMap(({ attack, status }) => (attack === null ? [] : [{ ...attack, file: path, status }])),
    );
  const ids = found.map(({ id }) => id);
  const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
  if (twice.length > 0) throw new Error(`attacks that share an id: ${[...new Set(twice)].join(", ")}`);
  return found.toSorted((one, other) => one.id.localeCompare(other.id, "en", { numeric: true }));
}

/** The table of attacks: what was tried, what must happen, what the run saw; then the same by what went wrong elsewhere. */
export function attacksPage(report: Report): string {
  const all = attacksOf(report);
  const run = all.filter(({ seen }) => seen !== null);
  const later = all.filter(({ seen }) => seen === null);
  return [
    "# Attacks",
    "",
    "Written by `npm run docs` from a run of the attack tests; do not edit. `npm test` fails when it sees anything else.",
    "Besides these, each door is attacked from its own declaration: see `access-matrix.md`.",
    "",
    `${run.length} attacks run, ${later.length} listed that cannot run yet.`,
    "",
    "| id | attack | expected | seen | test |",
    "| --- | --- | --- | --- | --- |",
    ...run.map(({ id, title, expected, seen, file }) =>
      tableLine([id, title, expected, seen ?? "", `\`${file}\``]),
    ),
    "",
    ...(later.length === 0
      ? []
      : ["## Not yet run", "", "| id | attack | expected | why not yet |", "| --- | --- | --- | --- |"]),
    ...later.map(({ id, title, expected, because = "" }) => tableLine([id, title, expected, because])),
    ...(later.length === 0 ? [] : [""]),
    knownFailures(report, notOurs),
  ].join("\n");
}
