import { readFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow } from "../house/modules.ts";
import type { Report, ReportedTest } from "../report.ts";
import { tableLine } from "./table-line.ts";

const folders = ["contract", "server", "tools", "console", "tracker", "tests"];
const browser = "tests/browser/";
const ran = ["tests/attack/", browser];

interface FailureTest {
  readonly id: string;
  readonly file: string;
  readonly title: string;
  readonly status: ReportedTest["status"];
}

// One digit after # is a standard's number (PKCS #1). A commit has a letter and a digit, or the word before it: numbers are no commits.
const advisory = String.raw`\bCVE-\d{4}-\d{4,}|\bGHSA(?:-[0-9a-z]{4}){3}\b`;
const issue = String.raw`\b[A-Za-z][\w./-]*(?: PR)? #\d{2,}\b`;
const commit = String.raw`\b[A-Za-z][\w-]* (?:commit (?=[0-9a-f]*\d)|(?=[0-9]*[a-f])(?=[a-f]*\d))[0-9a-f]{7,12}\b(?!-)`;
const named = new RegExp(`${advisory}|${issue}|${commit}`, "g");

/** The failures of others that a title names, each once and in one spelling. */
export function failuresNamedIn(title: string): string[] {
  return [...new Set(Array.from(title.matchAll(named), ([id]) => id.replace(/ PR(?= #)| commit(?= )/, "")))];
}

/** The part of the page of attacks that is ordered by what went wrong elsewhere: which test would notice it here, or why it cannot happen. */
export function knownFailures(report: Report, notOurs: Readonly<Record<string, string>>): string {
  const byId = grouped(testsOf(report));
  const both = Object.keys(notOurs).filter((id) => byId.has(id));
  if (both.length > 0) throw new Error(`failures that have a test and cannot happen: ${both.join(", ")}`);
  const others = Object.entries(notOurs);
  return [
    "## Known failures of others",
    "",
    "Advisories, issues and commits of other products, by the tests whose titles name them.",
    "",
    `${byId.size} failures have a test, ${others.length} cannot happen here.`,
    "",
    "| failure | test | state |",
    "| --- | --- | --- |",
    ...inOrder([...byId]).map(([id, tests]) =>
      tableLine([id, tests.map(({ file, title }) => `\`${file}\`: ${title}`).join("<br>"), stateOf(tests)]),
    ),
    "",
    ...(others.length === 0 ? [] : ["| failure | why it cannot happen here |", "| --- | --- |"]),
    ...inOrder(others).map((cells) => tableLine(cells)),
    ...(others.length === 0 ? [] : [""]),
  ].join("\n");
}

/** The test files that may name a failure, beside the attacks, so that a run for the page alone sees what a run of everything sees. */
export function filesThatNameFailures(root: string): string[] {
  return filesBelow(root, folders)
    .filter((path) => /\.test\.tsx?$/.test(path) && !ran.some((folder) => path.startsWith(folder)))
    .filter((path) => failuresNamedIn(readFileSync(join(root, path), "utf8")).length > 0);
}

/** A machine without a browser makes the same page, so what only a browser test names is not on it. */
function testsOf({ files }: Report): FailureTest[] {
  return files
    .filter(({ path }) => !path.startsWith(browser))
    .flatMap(({ path, tests }) =>
      tests.flatMap(({ name, status }) =>
        failuresNamedIn(name).map((id) => ({ id, file: path, title: name, status })),
      ),
    )
    .toSorted((one, other) => order(`${one.file} ${one.title}`, `${other.file} ${other.title}`));
}

function grouped(tests: readonly FailureTest[]): Map<string, FailureTest[]> {
  const byId = new Map<string, FailureTest[]>();
  for (const test of tests) byId.set(test.id, [...(byId.get(test.id) ?? []), test]);
  return byId;
}

function stateOf(tests: readonly FailureTest[]): string {
  return (
    (["failed", "skipped"] as const).find((bad) => tests.some(({ status }) => status === bad)) ?? "passed"
  );
}

function inOrder<T>(rows: readonly (readonly [string, T])[]): (readonly [string, T])[] {
  return rows.toSorted(([one], [other]) => order(one, other));
}

function order(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}
