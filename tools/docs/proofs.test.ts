import { describe, expect, test } from "vitest";
import type { PromiseId } from "../../contract/promises.ts";
import type { Report, ReportedTest } from "../report.ts";
import { claimsIn, ledgerFaults, promisesPage } from "./proofs.ts";

describe("reading what tests claim", () => {
  test("ids are found wherever proves() is called", () => {
    const text = 'proves("ISO-1", "ISO-2");\ndescribe("a", () => {\n  proves(`AUD-1`);\n});\n';
    expect(claimsIn("a.test.ts", text)).toEqual([
      { id: "ISO-1", line: 1 },
      { id: "ISO-2", line: 1 },
      { id: "AUD-1", line: 3 },
    ]);
  });

  test("an id that is not written out cannot be read", () => {
    expect(claimsIn("a.test.ts", "proves(id, ...ids);")).toEqual([
      { id: null, line: 1 },
      { id: null, line: 1 },
    ]);
  });
});

test("the page names the files that prove a promise", () => {
  const page = promisesPage({ filesById: new Map([["ISO-1", ["tests/attack/walls.test.ts"]]]), faults: [] });
  expect(page).toMatch(/^\| ISO-1 \| .+ \| (kept|planned) \| `tests\/attack\/walls\.test\.ts` \|$/m);
});

test("the page says what of a planned promise is left", () => {
  const page = promisesPage({ filesById: new Map(), faults: [] });
  expect(page).toMatch(/^\| IAM-18 \| .+ \| planned: revenue alone is left; .+ \|  \|$/m);
});

describe("holding the ledger against a run", () => {
  const id: PromiseId = "ISO-1";
  const claims = { filesById: new Map([[id, ["tests/browser/walls.test.ts"]]]), faults: [] };
  const promised = new Map([[id, { says: "Walls stand.", state: "kept" as const }]]);
  const seen = (...statuses: ReportedTest["status"][]): Report => ({
    files: [
      { path: "a", tests: statuses.map((status) => ({ name: "a", status, proves: [id], attack: null })) },
    ],
    totals: { passed: 0, failed: 0, skipped: 0 },
  });
  const faults = (report: Report, left = false): string[] =>
    ledgerFaults(claims, report, () => left, promised);

  test("a kept promise needs a test that passed", () => {
    expect(faults(seen("passed", "skipped"))).toEqual([]);
    expect(faults(seen("skipped"))).toEqual(["ISO-1 is said to be kept, but no test that passed proves it"]);
    expect(faults(seen())).toHaveLength(1);
  });

  test("one failed test breaks it", () => {
    expect(faults(seen("passed", "failed"))).toEqual(["ISO-1 is said to be kept, but a test of it failed"]);
  });

  test("a promise that only tests prove which did not run here is left open", () => {
    expect(faults(seen(), true)).toEqual([]);
  });

  test("a planned promise needs nothing", () => {
    const planned = new Map([[id, { says: "Walls stand.", state: "planned" as const }]]);
    expect(ledgerFaults(claims, seen(), () => false, planned)).toEqual([]);
  });
});
