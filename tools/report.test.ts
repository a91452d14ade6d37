import { expect, test } from "vitest";
import { closingLine, reportFrom, sum } from "./report.ts";

const passed = { fullName: "a", status: "passed", meta: { proves: ["ISO-1"] } };

test("tests are counted, and what did not run counts as skipped", () => {
  const { totals, files } = reportFrom(
    {
      success: false,
      testResults: [
        {
          name: "/tree/tests/a.test.ts",
          status: "failed",
          assertionResults: [
            passed,
            { fullName: "b", status: "failed" },
            { fullName: "c", status: "pending" },
          ],
        },
      ],
    },
    "/tree",
  );
  expect(totals).toEqual({ passed: 1, failed: 1, skipped: 1 });
  expect(files[0]).toMatchObject({ path: "tests/a.test.ts", tests: [{ proves: ["ISO-1"] }, {}, {}] });
});

test("a file that fails before its tests do is a failure", () => {
  const { totals } = reportFrom(
    { success: false, testResults: [{ name: "a.test.ts", status: "failed", assertionResults: [] }] },
    "/tree",
  );
  expect(totals).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test("the closing line adds up", () => {
  const one = { passed: 2, failed: 0, skipped: 1 };
  expect(closingLine(sum([one, one]))).toBe("4 passed, 0 failed, 2 skipped");
});
