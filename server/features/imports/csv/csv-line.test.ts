import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { csvLine } from "./csv-line.ts";
import { errorReportHeader, errorReportLine } from "./error-report.ts";
import { formulaSafe, withoutFormulaMark } from "./formula-safe.ts";

const marked = [
  "=1+1",
  '=HYPERLINK("http://x","y")',
  "@SUM(A1)",
  "+cmd|' /C calc'!A0",
  "-2+3+cmd|' /C calc'!A0",
  "\t=1+1",
  "\r=1",
  "\n=1",
  " =1+1",
  '"=1+1',
  "'=1+1",
  "\u00a0=1",
  "\uff1d1+1",
  "\uff0b1A",
  "\uff0d1A",
  "\uff20SUM",
  "|calc",
  "-- text",
  "- a point in a list",
  "+43 664 CALL",
  "=",
  "@handle",
];

const untouched = [
  "",
  "Anna",
  "+4366412345",
  "+43 (0)664 / 123-45",
  "(512) 555-0100",
  "-5",
  "-1,234.50",
  "-1.234,50",
  "+1",
  "-",
  "2026-11-22",
  "a@x.example",
  "O'Brien",
  "x=1",
  "1 - 2",
  "Call back\n- ask for a price\n- offer a demo",
  "a, +4366412345; -5",
];

test.each(marked)("%j is marked, and reads back", (cell) => {
  expect(formulaSafe(cell).startsWith("'")).toBe(true);
  expect(withoutFormulaMark(formulaSafe(cell))).toBe(cell);
});

test.each(untouched)("%j is left alone", (cell) => {
  expect(formulaSafe(cell)).toBe(cell);
  expect(withoutFormulaMark(cell)).toBe(cell);
});

test.each([
  ['x;=HYPERLINK("http://x")', `x;'=HYPERLINK("http://x")`],
  ["x\n=cmd|' /C calc'!A0", "x\n'=cmd|' /C calc'!A0"],
  ["x\t -1+SUM(A1)", "x\t '-1+SUM(A1)"],
  ['x,"@SUM(A1)', `x,"'@SUM(A1)`],
])("a formula behind another delimiter is marked: %j", (cell, safe) => {
  expect(formulaSafe(cell)).toBe(safe);
});

test("no cell that is written starts a formula, at whatever delimiter the line is cut", () => {
  const part = fc.constantFrom(
    "=",
    "+",
    "-",
    "@",
    "A1",
    "SUM(",
    "|",
    "!",
    " ",
    "'",
    '"',
    ",",
    ";",
    "\t",
    "\n",
    "1",
  );
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: part, maxLength: 8 }), { minLength: 1, maxLength: 4 }),
      (cells) => {
        const [read = []] = parse(csvLine(cells), { relax_column_count: true });
        expect(read.map(withoutFormulaMark)).toHaveLength(cells.length);
        for (const cell of read) {
          expect(/^[ "']*[=@]/.test(cell) && !cell.startsWith("'")).toBe(false);
          for (const piece of cell.split(/[;,\t|\r\n]/).slice(1)) expect(piece).not.toMatch(/^[ "]*=.*[(!]/);
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test("every cell without a formula reads back as it was", () => {
  const cell = fc.string({ unit: "grapheme" }).filter((value) => formulaSafe(value) === value);
  fc.assert(
    fc.property(
      fc.array(cell, { minLength: 1 }),
      fc.constantFrom<(";" | "," | "\t")[]>(";", ",", "\t"),
      (cells, delimiter) => {
        expect(parse(csvLine(cells, { delimiter }), { delimiter, record_delimiter: "\r\n" })).toEqual([
          cells,
        ]);
      },
    ),
  );
});

test("values of other types, and an only cell that is empty", () => {
  expect(csvLine([1, -2.5, true, null, undefined, "a"])).toBe("1,-2.5,true,,,a\r\n");
  expect(csvLine([""])).toBe('""\r\n');
  expect(csvLine(["sep=;"])).toBe('"sep=;"\r\n');
  expect(csvLine(["=1", " a"], { asWritten: true })).toBe('=1," a"\r\n');
});

test("the error report is safe to open", () => {
  const fault = {
    record: 7,
    line: 9,
    severity: "error",
    reason: "This is no e-mail address.",
    column: "E-Mail",
  } as const;
  expect(errorReportHeader()).toBe("Row,Line,Column,Value,Result,Reason\r\n");
  expect(errorReportLine({ ...fault, value: "=1+1" })).toBe(
    "7,9,E-Mail,'=1+1,not imported,This is no e-mail address.\r\n",
  );
  expect(errorReportLine({ ...fault, value: "x".repeat(300) })).toContain(`${"x".repeat(200)}…,`);
});
