import { createReadStream } from "node:fs";
import { parse } from "csv-parse";
import {
  contactNormaliser,
  suggestMapping,
  type ImportDefaults,
} from "../server/features/imports/mapping/index.ts";
import { csvLine, readCsv, type CsvReading } from "../server/features/imports/csv/index.ts";
import { contactLine, contactsCsvHeader, seeded } from "./make-contacts-csv.ts";

/**
 * Measures the pure part of an import, without PostgreSQL, against csv-parse on the same file:
 * `tsx bench/csv.ts [FILE | ROWS]`, with a file of `bench/make-contacts-csv.ts` or as many rows made in memory.
 */

const defaults: ImportDefaults = {
  country: "AT",
  dateOrder: "dmy",
  locale: "de-AT",
  stages: [{ value: "lead" }, { value: "open" }, { value: "customer" }, { value: "former" }],
};

interface Measured {
  readonly rows: number;
  readonly seconds: number;
  readonly peakMegabytes: number;
}

function* madeInMemory(rows: number): Generator<Buffer> {
  const random = seeded(1);
  let text = contactsCsvHeader;
  for (let index = 0; index < rows; index++) {
    text += contactLine(index, random, 0);
    if (text.length < 65_536) continue;
    yield Buffer.from(text);
    text = "";
  }
  yield Buffer.from(text);
}

async function measure(
  name: string,
  work: (tick: (rows: number) => void) => Promise<void>,
): Promise<Measured> {
  globalThis.gc?.();
  let rows = 0;
  let peak = 0;
  const before = process.cpuUsage();
  await work((more) => {
    rows += more;
    peak = Math.max(peak, process.memoryUsage.rss());
  });
  const used = process.cpuUsage(before);
  const seconds = (used.user + used.system) / 1e6;
  const measured = { rows, seconds, peakMegabytes: Math.round(peak / 1e6) };
  const perRow = ((seconds / rows) * 1e6).toFixed(2);
  console.log(
    `${name.padEnd(34)} ${seconds.toFixed(2).padStart(7)} s CPU  ${perRow.padStart(6)} µs/row  ` +
      `${Math.round(rows / seconds)
        .toLocaleString("en")
        .padStart(9)} rows/s  peak ${measured.peakMegabytes} MB`,
  );
  return measured;
}

async function normaliseAll(
  reading: CsvReading,
  without: readonly string[],
  tick: (rows: number) => void,
): Promise<void> {
  let normalise: ReturnType<typeof contactNormaliser> | null = null;
  let faulty = 0;
  for await (const batch of reading.batches) {
    normalise ??= contactNormaliser(mappingOf(reading, batch.rows.slice(0, 50), without), defaults);
    for (const row of batch.rows) if (normalise(row.cells).faults.length > 0) faulty++;
    tick(batch.rows.length);
  }
  console.log(`  rows with a fault or warning: ${faulty}`);
}

function mappingOf(
  reading: CsvReading,
  rows: readonly { cells: readonly string[] }[],
  without: readonly string[],
) {
  const samples = rows.map(({ cells }) => cells);
  const names = reading.columns.map(({ name }) => name);
  const suggested = suggestMapping(names, samples, { of: "contact" });
  return suggested.filter(({ field }) => field !== null && !without.includes(field));
}

async function main(): Promise<void> {
  const given = process.argv[2] ?? "200000";
  const open = (): AsyncIterable<Uint8Array> =>
    /^\d+$/.test(given)
      ? (async function* () {
          yield* madeInMemory(Number(given));
        })()
      : createReadStream(given);

  await measure("read bytes only", async (tick) => {
    for await (const chunk of open()) tick(chunk.length / 200);
  });
  const ours = await measure("readCsv", async (tick) => {
    for await (const batch of (await readCsv(open())).batches) tick(batch.rows.length);
  });
  const theirs = await measure("csv-parse with line numbers", async (tick) => {
    const parser = parse({
      info: true,
      relax_column_count: true,
      record_delimiter: ["\r\n", "\n", "\r"],
      bom: true,
    });
    const feeding = (async () => {
      for await (const chunk of open())
        if (!parser.write(chunk)) await new Promise((go) => parser.once("drain", go));
      parser.end();
    })();
    let rows = 0;
    for await (const _ of parser) if (++rows % 1000 === 0) tick(1000);
    await feeding;
    tick(rows % 1000);
  });
  const plain = await measure("readCsv + normalise, no phones", async (tick) => {
    await normaliseAll(await readCsv(open()), ["phone", "otherPhones"], tick);
  });
  const all = await measure("readCsv + normalise", async (tick) => {
    await normaliseAll(await readCsv(open()), [], tick);
  });
  await measure("readCsv + csvLine", async (tick) => {
    for await (const batch of (await readCsv(open())).batches) {
      for (const row of batch.rows) csvLine(row.cells);
      tick(batch.rows.length);
    }
  });
  const micro = (part: Measured, base: Measured): string =>
    (((part.seconds - base.seconds) / part.rows) * 1e6).toFixed(2);
  console.log(`reading: ${(theirs.seconds / ours.seconds).toFixed(1)}x csv-parse`);
  console.log(
    `normalising: ${micro(plain, ours)} µs per contact without phones, ${micro(all, plain)} µs for its phones`,
  );
}

await main();
