import { expect, test } from "vitest";
import type { Report, ReportedTest } from "../report.ts";
import { failuresNamedIn, knownFailures } from "./known-failures.ts";

function runOf(tests: Readonly<Record<string, readonly string[]>>, status: ReportedTest["status"]): Report {
  return {
    files: Object.entries(tests).map(([path, names]) => ({
      path,
      tests: names.map((name) => ({ name, status, proves: [], attack: null })),
    })),
    totals: { passed: 0, failed: 0, skipped: 0 },
  };
}

const [advisory, older] = ["CVE-2026-12345", "CVE-2025-998"].map((id) => id.padEnd(14, "1"));

test.each([
  [
    "of an advisory, twice",
    `${advisory} and GHSA-ab12-cd34-ef56, ${advisory}`,
    [advisory, "GHSA-ab12-cd34-ef56"],
  ],
  [
    "of issues",
    "as (better-auth #10004, decocms/studio PR #3250)",
    ["better-auth #10004", "decocms/studio #3250"],
  ],
  ["of commits", "Kratos be5e98716; Polis commit 8947367", ["Kratos be5e98716", "Polis 8947367"]],
  ["not of a standard", "PKCS #1 and RFC 9700 section 4.5", []],
  ["not of numbers", "took 12.5 ms for 1048576 rows at 20000000000", []],
  ["not of the id of a record", "leaves 018f2c3a-7b1c-7def-8123-456789abcdef, and words as effaced", []],
])("a title names failures: %s", (_, title, ids) => {
  expect(failuresNamedIn(title)).toEqual(ids);
});

test("each failure has one row, whatever kind of test names it, with those that cannot happen behind", () => {
  const page = knownFailures(
    runOf(
      {
        "tests/integration/b.test.ts": [`says no | at once (${advisory})`],
        "server/http/a.test.ts": ["of nothing", `says no (${older}, ${advisory})`],
        "tests/browser/c.test.ts": ["shows it (better-auth #10004)"],
      },
      "passed",
    ),
    { "Zoo #20": "There are no animals." },
  );
  expect(page.split("\n").filter((line) => line.startsWith("|"))).toEqual([
    "| failure | test | state |",
    "| --- | --- | --- |",
    `| ${older} | \`server/http/a.test.ts\`: says no (${older}, ${advisory}) | passed |`,
    `| ${advisory} | \`server/http/a.test.ts\`: says no (${older}, ${advisory})<br>\`tests/integration/b.test.ts\`: says no \\| at once (${advisory}) | passed |`,
    "| failure | why it cannot happen here |",
    "| --- | --- |",
    "| Zoo #20 | There are no animals. |",
  ]);
  expect(page).toContain("2 failures have a test, 1 cannot happen here.");
});

test("a test that did not run is not shown as passed", () => {
  const page = knownFailures(runOf({ "tests/attack/a.test.ts": [String(advisory)] }, "skipped"), {});
  expect(page).toContain(`${advisory} | skipped |`);
});

test("a failure that has a test cannot be one that cannot happen", () => {
  const report = runOf({ "tests/attack/a.test.ts": [String(advisory)] }, "passed");
  expect(() => knownFailures(report, { [String(advisory)]: "No." })).toThrow(
    `failures that have a test and cannot happen: ${advisory}`,
  );
});
