import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { csvLine } from "./csv-line.ts";
import type { Dialect } from "./read-record.ts";
import { createScanner, type ScannedRecord } from "./scan-records.ts";

const limits = { cellCharsMax: 1000, rowCharsMax: 4000 };
const comma: Dialect = { delimiter: ",", lineEnd: "lf" };

function scan(text: string, cuts: readonly number[] = [], dialect = comma, given = limits): ScannedRecord[] {
  const scanner = createScanner(dialect, given, 1);
  const records: ScannedRecord[] = [];
  let from = 0;
  for (const cut of [...cuts].filter((at) => at < text.length).toSorted((a, b) => a - b)) {
    records.push(...scanner.push(text.slice(from, cut), false));
    from = cut;
  }
  records.push(...scanner.push(text.slice(from), false), ...scanner.push("", true));
  return records;
}

const cellsOf = (records: readonly ScannedRecord[]) => records.map(({ cells }) => cells);
const cell = fc.string({
  unit: fc.constantFrom("a", "ü", '"', ",", ";", "\n", "\r", " ", "=", "😀"),
  maxLength: 6,
});
const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 6 });
const messy = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", " "), maxLength: 40 });

test("what csvLine writes is read back, wherever it is cut", () => {
  fc.assert(
    fc.property(table, fc.array(fc.nat(200)), (rows, cuts) => {
      const text = rows.map((row) => csvLine(row, { asWritten: true })).join("");
      expect(cellsOf(scan(text, cuts))).toEqual(rows);
    }),
  );
});

test("any text gives the same records wherever it is cut, also when records are too long", () => {
  fc.assert(
    fc.property(messy, fc.array(fc.nat(40)), fc.integer({ min: 1, max: 50 }), (text, cuts, rowCharsMax) => {
      const given = { cellCharsMax: 5, rowCharsMax };
      const whole = scan(text, [], comma, given);
      const cut = scan(text, cuts, comma, given);
      expect(cut.map(({ line }) => line)).toEqual(whole.map(({ line }) => line));
      if (rowCharsMax > text.length) expect(cut).toEqual(whole);
    }),
    { numRuns: 2000, examples: [['"" "\na', [2], 1]] },
  );
});

test("well-formed text reads as csv-parse reads it", () => {
  const options = { relax_column_count: true, record_delimiter: ["\r\n", "\n"] };
  const lineEnd = fc.constantFrom("\n", "\r\n");
  fc.assert(
    fc.property(table, lineEnd, fc.boolean(), (rows, end, quoteAll) => {
      const write = (value: string): string =>
        quoteAll || /[",\r\n ]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
      const text = rows.map((row) => row.map(write).join(",") + end).join("");
      expect(cellsOf(scan(text))).toEqual(parse(text, options));
    }),
  );
});

test.each<[string, string, string[][]]>([
  [
    "no line end at the end",
    "a,b\n1,2",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  [
    "an empty last cell",
    "a,\n1,",
    [
      ["a", ""],
      ["1", ""],
    ],
  ],
  [
    "blank lines",
    "\n\na,b\n\r\n\n1,2\n\n",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  [
    "doubled carriage returns",
    "a,b\r\r\n1,2\r\r\n",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  ["a carriage return inside a cell", "a\rb,c\n", [["a\rb", "c"]]],
  ["blanks around quotes", 'a, "b,c" ,d\n', [["a", "b,c", "d"]]],
  ["an inch sign", 'a,5" pipe\n', [["a", '5" pipe']]],
  ["a quoted empty cell", '"",""\n', [["", ""]]],
  ["quoted line ends", '"a\r\nb","c\nd"\n', [["a\r\nb", "c\nd"]]],
  ["formulas", '=1+1,"=HYPERLINK(""x"")"\n', [["=1+1", '=HYPERLINK("x")']]],
])("%s", (_, text, expected) => {
  const records = scan(text);
  expect(cellsOf(records)).toEqual(expected);
  expect(records.every(({ fault }) => fault === null)).toBe(true);
});

test("quotes that were not doubled are read as written when the cell closes on its line", () => {
  expect(scan('1,"John "Johnny" Smith",x\n2,b,y\n')).toEqual([
    { line: 1, cells: ["1", 'John "Johnny" Smith', "x"], fault: "quotes-not-doubled" },
    { line: 2, cells: ["2", "b", "y"], fault: null },
  ]);
});

test("a misplaced quote costs its line, not the rest of the file", () => {
  expect(scan('1,"x"y\n3,4\n')).toEqual([
    { line: 1, cells: ["1"], fault: "misplaced-quote" },
    { line: 2, cells: ["3", "4"], fault: null },
  ]);
});

test("a quote that is never closed is told by the line where it opens", () => {
  const expected = [
    { line: 1, cells: ["a", "b"], fault: null },
    { line: 2, cells: expect.anything(), fault: "unterminated-quote" },
  ];
  expect(scan('a,b\n1,"x\n3,4\n5,6\n')).toEqual(expected);
  expect(scan('a,b\n1,"x\n3,4\n5,6\n', [5, 9], comma, { cellCharsMax: 4, rowCharsMax: 4 })).toEqual(expected);
});

test("too long a cell or row is passed over, and lines are still counted", () => {
  const text = `a,b\n1,"${"x\n".repeat(600)}"\n2,3\n4,"${"x\n".repeat(5000)}""y"\n5,6\n`;
  const expected = [
    { line: 1, cells: ["a", "b"], fault: null },
    { line: 2, cells: [], fault: "cell-too-long" },
    { line: 603, cells: ["2", "3"], fault: null },
    { line: 604, cells: [], fault: "row-too-long" },
    { line: 5605, cells: ["5", "6"], fault: null },
  ];
  const everyHundred = Array.from({ length: 120 }, (_, index) => index * 100);
  expect(scan(text, everyHundred)).toEqual(expected);
});

test("old Mac line ends", () => {
  const records = scan('a,b\r1,"x\ry"\r2,3', [], { delimiter: ",", lineEnd: "cr" });
  expect(records).toEqual([
    { line: 1, cells: ["a", "b"], fault: null },
    { line: 2, cells: ["1", "x\ry"], fault: null },
    { line: 4, cells: ["2", "3"], fault: null },
  ]);
});
