import { expect, test } from "vitest";
import type { AttackRow } from "../../tests/attack/attack.ts";
import type { Report } from "../report.ts";
import { attacksPage } from "./attacks-page.ts";

function runOf(...rows: AttackRow[]): Report {
  const tests = rows.map((attack) => ({ name: attack.id, status: "passed" as const, proves: [], attack }));
  return {
    files: [{ path: "tests/attack/walls.test.ts", tests }],
    totals: { passed: 0, failed: 0, skipped: 0 },
  };
}

test("attacks stand in the order of their ids, with what was seen", () => {
  const page = attacksPage(
    runOf(
      { id: "B10", title: "read a | b", expected: "nothing", seen: "0 rows" },
      { id: "B2", title: "write", expected: "refusal", seen: "42501" },
      { id: "C1", title: "later", expected: "refusal", seen: null, because: "no door yet" },
    ),
  );
  expect(page).toContain("2 attacks run, 1 listed that cannot run yet.");
  expect(page.indexOf("| B2 |")).toBeLessThan(page.indexOf("| B10 |"));
  expect(page).toContain("| B10 | read a \\| b | nothing | 0 rows | `tests/attack/walls.test.ts` |");
  expect(page).toContain("| C1 | later | refusal | no door yet |");
});

test("two attacks may not share an id", () => {
  const row = { id: "B2", title: "write", expected: "refusal", seen: "42501" };
  expect(() => attacksPage(runOf(row, row))).toThrow("attacks that share an id: B2");
});
