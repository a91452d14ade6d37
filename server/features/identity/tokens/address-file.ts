import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { isIPv4, isIPv6 } from "node:net";
import { createInterface } from "node:readline";
import { Problem } from "../../../foundation/problem/index.ts";
import { RangeTable } from "./range-table.ts";

/** What a file says of an address; null for what it does not know. */
export type AddressFile<Told> = (address: string) => Told | null;

/** How a file's lines are read. */
export interface Reading<Told> {
  /** The setting that names the file, for whoever is told what is wrong with it. */
  readonly setting: string;
  /** What the cells after the network say, under a key that is the same for what is the same; null where they say nothing. */
  tell(cells: readonly string[]): { readonly key: string; readonly told: Told } | null;
}

const bytesMax = 256 * 2 ** 20;
const linesMax = 4_000_000;
const toldMax = 500_000;

/**
 * Reads lines that begin with a network into sorted tables: 20 bytes for a network (those of IPv6 networks are told apart by their first
 * 64 bits) and what it says once. Lines that say nothing of the kind are passed over, such as a header. Throws
 * Problem("not-valid") for a file that is not there or too large.
 */
export async function openAddressFile<Told>(
  path: string,
  reading: Reading<Told>,
): Promise<AddressFile<Told>> {
  const size = await stat(path).then(
    (found) => found.size,
    () => null,
  );
  if (size === null) throw refused(reading, "names no file");
  if (size > bytesMax) throw refused(reading, "names a file of more than 256 MiB");
  const input = createReadStream(path, "utf8");
  return addressesIn(createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }), reading);
}

/** The same from the lines themselves. */
export async function addressesIn<Told>(
  lines: AsyncIterable<string> | Iterable<string>,
  reading: Reading<Told>,
): Promise<AddressFile<Told>> {
  const tables = { v4: new RangeTable(), v6: new RangeTable() };
  const known: Told[] = [];
  const numberOf = new Map<string, number>();
  let read = 0;
  for await (const line of lines) {
    read += 1;
    if (read > linesMax) throw refused(reading, "has more than 4 million lines");
    const [network = "", ...cells] = line.split(",").map((cell) => cell.trim().replace(/^"|"$/g, ""));
    const range = rangeOf(network);
    const said = range === null ? null : reading.tell(cells);
    if (range === null || said === null) continue;
    let number = numberOf.get(said.key);
    if (number === undefined) {
      if (known.length >= toldMax) throw refused(reading, "tells of too many different things");
      number = known.push(said.told) - 1;
      numberOf.set(said.key, number);
    }
    tables[range.family].add(range.start, range.end, number);
  }
  tables.v4.settle();
  tables.v6.settle();
  return (address) => {
    const found = numberOfAddress(address);
    const number = found === null ? null : tables[found.family].find(found.value);
    return number === null ? null : (known[number] ?? null);
  };
}

/** A name as it may be shown: short, and without what steers a terminal or a line. */
export function shownName(text: string): string {
  return text.replace(/\p{C}/gu, "").slice(0, 100);
}

function refused({ setting }: Pick<Reading<unknown>, "setting">, why: string): Problem {
  return new Problem("not-valid", { detail: `${setting} ${why}.` });
}

type Family = "v4" | "v6";

interface Range {
  readonly family: Family;
  readonly start: bigint;
  readonly end: bigint;
}

function rangeOf(network: string): Range | null {
  const [, address = "", prefix = ""] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(network) ?? [];
  const at = numberOfAddress(address);
  if (at === null) return null;
  const bits = Number(prefix);
  if (bits > (at.family === "v4" ? 32 : 128)) return null;
  // What lies in one /64 cannot be told apart, and is not asked for.
  const host = BigInt(Math.max(0, (at.family === "v4" ? 32 : 64) - bits));
  const start = (at.value >> host) << host;
  return { family: at.family, start, end: start | ((1n << host) - 1n) };
}

/** An address as a number: all of IPv4, the first 64 bits of IPv6. */
function numberOfAddress(address: string): { readonly family: Family; readonly value: bigint } | null {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (isIPv4(plain)) {
    return { family: "v4", value: plain.split(".").reduce((sum, part) => (sum << 8n) | BigInt(part), 0n) };
  }
  if (!isIPv6(plain)) return null;
  const [head = "", tail] = plain.split("::");
  const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));
  const [before, after] = [groups(head), groups(tail ?? "")];
  const middle =
    tail === undefined
      ? []
      : Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => "0");
  const value = [...before, ...middle, ...after]
    .slice(0, 4)
    .reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
  return { family: "v6", value };
}
