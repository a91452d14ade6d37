import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CsvFault } from "./csv-fault.ts";
import { byteOrderMark, csvLine } from "./csv-line.ts";
import { readCsv, type CsvOptions } from "./read-csv.ts";

async function* inChunks(bytes: Buffer, size = bytes.length || 1): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(content: string | Buffer, options: CsvOptions = {}, chunk?: number) {
  const reading = await readCsv(inChunks(Buffer.from(content as string), chunk), options);
  const rows = [];
  let fault: CsvFault | null = null;
  try {
    for await (const batch of reading.batches) rows.push(...batch.rows);
  } catch (error) {
    if (!(error instanceof CsvFault)) throw error;
    fault = error;
  }
  return {
    ...reading,
    names: reading.columns.map(({ name }) => name),
    rows,
    fault,
    encoding: reading.encoding(),
  };
}

test("rows carry their record number and the line they start on", async () => {
  const { names, rows } = await read('Name,Note\nAnna,"one\ntwo"\n\n,,\nBen,three\n');
  expect(names).toEqual(["Name", "Note"]);
  expect(rows).toEqual([
    { record: 1, line: 2, cells: ["Anna", "one\ntwo"], fault: null },
    { record: 2, line: 6, cells: ["Ben", "three"], fault: null },
  ]);
});

test.each([
  [",", "Name,Mail\nHuber; Anna,a@x.at\nBauer; Ben,b@x.at\n"],
  [";", "Name;Mail\nHuber, Anna;a@x.at\nBauer, Ben;b@x.at\n"],
  ["\t", "Name\tMail\nHuber, Anna\ta@x.at\nBauer, Ben\tb@x.at\n"],
  ["|", "Name|Mail\nHuber, Anna|a@x.at\nBauer, Ben|b@x.at\n"],
  [";", 'sep=;\r\nName;Mail\r\n"Huber, Anna";a@x.at\r\n'],
  [";", '"Name";"Note"\n"Anna";"1,2,3,4,5"\n"Ben";"1,2"\n'],
  [",", "Name\nAnna\n"],
])("the delimiter %j is found", async (delimiter, text) => {
  const reading = await read(text);
  expect(reading.delimiter).toBe(delimiter);
  expect(reading.names[0]).toBe("Name");
  expect(reading.rows[0]?.line).toBe(text.startsWith("sep=") ? 3 : 2);
});

test("a delimiter, an encoding and a header row can be given", async () => {
  const options = { delimiter: ";", encoding: "windows-1252", headerRow: false } as const;
  const { names, rows } = await read(Buffer.from("a;Zo\xeb,1\n", "latin1"), options);
  expect(names).toEqual(["Column 1", "Column 2"]);
  expect(rows[0]?.cells).toEqual(["a", "Zoë,1"]);
});

test("a first row of data is not taken for a header", async () => {
  const { headerRow, rows } = await read("Anna,anna@x.at,+43 1 5131\nBen,ben@x.at,\n");
  expect(headerRow).toBe(false);
  expect(rows.map(({ record }) => record)).toEqual([1, 2]);
});

test("empty and repeated names are told apart", async () => {
  const { names } = await read("E-Mail,,e-mail, Name\u00a0\u0000 ,\nx,,,,\n");
  expect(names).toEqual(["E-Mail", "Column 2", "e-mail (2)", "Name", "Column 5"]);
});

test("uneven rows are faults with their numbers, and reading goes on", async () => {
  const { rows } = await read("a,b\n1\n1,2,3\n1,2,,\nname,4\n");
  expect(rows.map(({ record, line, fault }) => [record, line, fault?.code ?? null])).toEqual([
    [1, 2, "too-few-cells"],
    [2, 3, "too-many-cells"],
    [3, 4, null],
    [4, 5, null],
  ]);
  expect(rows[2]?.cells).toEqual(["1", "2"]);
});

test("joined files: marks in the middle vanish, a second header row is a fault", async () => {
  const { rows } = await read(
    `${byteOrderMark}Name,Ort\nAnna,Wien\n${byteOrderMark}Name,Ort\n${byteOrderMark}Ben,Graz\n`,
  );
  expect(rows.map(({ cells, fault }) => [cells[0], fault?.code])).toEqual([
    ["Anna", undefined],
    ["Name", "repeated-header"],
    ["Ben", undefined],
  ]);
});

test.each([
  ["utf-8", Buffer.from(`${byteOrderMark}Name,Ort\nZoë,Köln\n`)],
  ["utf-8", Buffer.from("Name,Ort\nZoë,Köln\n")],
  ["windows-1252", Buffer.from("Name,Ort\nZo\xeb,K\xf6ln\n", "latin1")],
  ["utf-16le", Buffer.from(`${byteOrderMark}Name,Ort\nZoë,Köln\n`, "utf16le")],
  ["utf-16be", Buffer.from("Name,Ort\nZoë,Köln\n", "utf16le").swap16()],
])("%s is read", async (encoding, bytes) => {
  const reading = await read(bytes, {}, 3);
  expect(reading.encoding).toBe(encoding);
  expect(reading.names).toEqual(["Name", "Ort"]);
  expect(reading.rows[0]?.cells).toEqual(["Zoë", "Köln"]);
});

test("ASCII for longer than a block, then windows-1252, is read as windows-1252", async () => {
  const start = `Name,Ort\n${"Anna,Wien\n".repeat(10_000)}`;
  const { rows, fault, encoding } = await read(Buffer.from(`${start}Zo\xeb,K\xf6ln\n`, "latin1"));
  expect(fault).toBeNull();
  expect(encoding).toBe("windows-1252");
  expect(rows.at(-1)?.cells).toEqual(["Zoë", "Köln"]);
});

test("UTF-8 that turns into something else later gives the rows before it, then a fault with its line", async () => {
  const start = Buffer.from(`Name,Ort\n${"Zoë,Wien\n".repeat(20_000)}`);
  const { rows, fault } = await read(
    Buffer.concat([start, Buffer.from("Zo\xeb,Graz\nBen,Linz\n", "latin1")]),
  );
  expect(rows).toHaveLength(20_000);
  expect(fault).toMatchObject({ code: "not-utf8", line: 20_002 });
  expect(fault?.message).toMatch(/^Line 20002: .*windows-1252/);
});

test("header only, and nothing at all", async () => {
  expect((await read("Name,Ort\n")).rows).toEqual([]);
  expect((await read("Name,Ort")).names).toEqual(["Name", "Ort"]);
  for (const nothing of ["", byteOrderMark, "\n\n\r\n", "sep=;\n"]) {
    await expect(read(nothing)).rejects.toMatchObject({ code: "empty-file" });
  }
});

test("ten thousand columns are read, more than allowed are refused", async () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `Column name ${index}`);
  const reading = await read(csvLine(names) + csvLine(names.map((_, index) => index)));
  expect(reading.rows[0]?.cells).toHaveLength(10_000);
  await expect(read(csvLine(names), { columnsMax: 9_999 })).rejects.toMatchObject({
    code: "too-many-columns",
    line: 1,
  });
});

test("a quote that is never closed in the header is a fault of the file", async () => {
  await expect(read('"Name,Ort\nAnna,Wien\n')).rejects.toMatchObject({
    code: "header-not-readable",
    line: 1,
  });
});

test("any chunking gives the same rows, over the borders of blocks", async () => {
  const row = fc.array(fc.string({ unit: "grapheme", maxLength: 8 }), { minLength: 3, maxLength: 3 });
  const filler = csvLine(["Anna", 'The "large" plan\nfor Zoë 😀', "x".repeat(40)]).repeat(900);
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { maxLength: 5 }),
      fc.integer({ min: 1, max: 70_000 }),
      async (rows, size) => {
        const text =
          csvLine(["a", "b", "c"]) + filler + rows.map((cells) => csvLine(cells)).join("") + filler;
        const { rows: whole } = await read(text);
        const { rows: cut } = await read(text, { batchRows: 7 }, size);
        expect(cut).toEqual(whole);
      },
    ),
    { numRuns: 8 },
  );
});

async function* fileWithHugeField(): AsyncGenerator<Buffer> {
  yield Buffer.from('a,b\n1,2\n3,"');
  for (let block = 0; block < 1600; block++) yield Buffer.alloc(65_536, block % 9 === 0 ? "\n" : "x");
  yield Buffer.from('"\n5,6\n');
}

test("a field of 100 MB is a fault of its row, in flat memory", async () => {
  const before = process.memoryUsage().rss;
  const reading = await readCsv(fileWithHugeField());
  const rows = [];
  let peak = 0;
  for await (const batch of reading.batches) {
    rows.push(...batch.rows);
    peak = Math.max(peak, process.memoryUsage().rss);
  }
  expect(rows.map(({ record, fault }) => [record, fault?.code])).toEqual([
    [1, undefined],
    [2, "row-too-long"],
    [3, undefined],
  ]);
  expect(rows[2]).toMatchObject({ cells: ["5", "6"], line: 4 + 178 * 65_536 });
  // Kept, it would be 100 MB as bytes and as much again as text; below that, it is the collector's leisure.
  expect(peak - before).toBeLessThan(120 * 1024 * 1024);
});

test("batches hold as many rows as asked for, and count the bytes", async () => {
  const text = `a,b\n${"1,2\n".repeat(2500)}`;
  const reading = await readCsv(inChunks(Buffer.from(text), 1000), { batchRows: 1000 });
  const sizes = [];
  let bytesRead = 0;
  for await (const batch of reading.batches) {
    sizes.push(batch.rows.length);
    bytesRead = batch.bytesRead;
  }
  expect(sizes).toEqual([1000, 1000, 500]);
  expect(bytesRead).toBe(text.length);
});

test("leaving early closes the source, with or without a walk", async () => {
  let open = 0;
  async function* file(): AsyncGenerator<Buffer> {
    open++;
    try {
      for (;;) {
        await sleep(0);
        yield Buffer.from("a,b\n1,2\n".repeat(50_000));
      }
    } finally {
      open--;
    }
  }
  for await (const batch of (await readCsv(file())).batches) {
    expect(batch.rows.length).toBeGreaterThan(0);
    break;
  }
  expect(open).toBe(0);
  await (await readCsv(file())).close();
  expect(open).toBe(0);
});
