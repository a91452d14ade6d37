import { readFileSync } from "node:fs";
import { isAbsolute, relative } from "node:path";
import type { AttackRow } from "../tests/attack/attack.ts";

/** What a run of the tests said, as vitest's JSON reporter wrote it down. */
export interface Report {
  readonly files: readonly ReportedFile[];
  readonly totals: Totals;
}

export interface ReportedFile {
  /** From the root of the tree. */
  readonly path: string;
  readonly tests: readonly ReportedTest[];
}

export interface ReportedTest {
  readonly name: string;
  readonly status: "passed" | "failed" | "skipped";
  readonly proves: readonly string[];
  readonly attack: AttackRow | null;
}

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface Written {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly meta?: { readonly proves?: readonly string[]; readonly attack?: AttackRow };
    }[];
  }[];
}

/** Reads a report; paths in it become relative to the root. */
export function readReport(path: string, root: string): Report {
  // Vitest wrote this file a moment ago; its shape is pinned with vitest's version.
  return reportFrom(JSON.parse(readFileSync(path, "utf8")) as Written, root);
}

/** Counts the tests; a file that failed before any of its tests did counts as one failure. */
export function reportFrom(written: Written, root: string): Report {
  const files = written.testResults.map(({ name, assertionResults }) => ({
    path: isAbsolute(name) ? relative(root, name) : name,
    tests: assertionResults.map((result) => ({
      name: result.fullName,
      status: statusOf(result.status),
      proves: result.meta?.proves ?? [],
      attack: result.meta?.attack ?? null,
    })),
  }));
  const broken = written.testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  );
  const tests = files.flatMap((file) => file.tests);
  const count = (status: string): number => tests.filter((test) => test.status === status).length;
  return {
    files,
    totals: { passed: count("passed"), failed: count("failed") + broken.length, skipped: count("skipped") },
  };
}

/** Adds up what several runs said. */
export function sum(totals: readonly Totals[]): Totals {
  return totals.reduce(
    (all, one) => ({
      passed: all.passed + one.passed,
      failed: all.failed + one.failed,
      skipped: all.skipped + one.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
}

/** The closing line of a run. */
export function closingLine({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function statusOf(status: string): ReportedTest["status"] {
  return status === "passed" || status === "failed" ? status : "skipped";
}
