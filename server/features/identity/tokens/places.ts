import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { isIPv4, isIPv6 } from "node:net";
import { createInterface } from "node:readline";
import { Problem } from "../../../foundation/problem/index.ts";
import { RangeTable } from "./range-table.ts";

/** Degrees; north and east are positive. */
export interface Point {
  readonly latitude: number;
  readonly longitude: number;
}

/** Where addresses are, as far as a file says that an operator has mounted. No request to other machines is ever made for it. */
export interface Places {
  /** Such as "Vienna, AT"; null for what is not known. */
  of(address: string): string | null;
  /** Null where the file says no more than a name. */
  pointOf(address: string): Point | null;
}

/** Knows nothing. */
export const noPlaces: Places = { of: () => null, pointOf: () => null };

const bytesMax = 256 * 2 ** 20;
const linesMax = 4_000_000;
const placesMax = 500_000;

/**
 * Reads `network,country,city,latitude,longitude` lines, of which the last two may be left out, into sorted tables: 20 bytes
 * for a network (those of IPv6 networks are told apart by their first 64 bits) and each place once. Lines that say nothing of the kind are passed over, such as a header.
 * Throws Problem("not-valid") for a file that is not there or too large.
 */
export async function openPlaces(path: string | null): Promise<Places> {
  if (path === null) return noPlaces;
  const size = await stat(path).then(
    (found) => found.size,
    () => null,
  );
  if (size === null || size > bytesMax) {
    throw new Problem("not-valid", {
      detail: `RINGFENCE_GEOIP_FILE names ${size === null ? "no file" : "a file of more than 256 MiB"}.`,
    });
  }
  const lines = createInterface({
    input: createReadStream(path, "utf8"),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  return placesIn(lines);
}

/** The same from the lines themselves. */
export async function placesIn(lines: AsyncIterable<string> | Iterable<string>): Promise<Places> {
  const tables = { v4: new RangeTable(), v6: new RangeTable() };
  const known: Place[] = [];
  const numberOf = new Map<string, number>();
  let read = 0;
  for await (const line of lines) {
    read += 1;
    if (read > linesMax)
      throw new Problem("not-valid", { detail: "RINGFENCE_GEOIP_FILE has more than 4 million lines." });
    const entry = entryIn(line);
    if (entry === null) continue;
    // Two towns may have one name.
    const { name, point } = entry.place;
    const key = point === null ? name : `${name}|${point.latitude}|${point.longitude}`;
    let number = numberOf.get(key);
    if (number === undefined) {
      if (known.length >= placesMax)
        throw new Problem("not-valid", { detail: "RINGFENCE_GEOIP_FILE names too many places." });
      number = known.push(entry.place) - 1;
      numberOf.set(key, number);
    }
    tables[entry.family].add(entry.start, entry.end, number);
  }
  tables.v4.settle();
  tables.v6.settle();
  const at = (address: string): Place | null => {
    const found = numberOfAddress(address);
    const number = found === null ? null : tables[found.family].find(found.value);
    return number === null ? null : (known[number] ?? null);
  };
  return { of: (address) => at(address)?.name ?? null, pointOf: (address) => at(address)?.point ?? null };
}

type Family = "v4" | "v6";

interface Place {
  readonly name: string;
  readonly point: Point | null;
}

interface Entry {
  readonly family: Family;
  readonly start: bigint;
  readonly end: bigint;
  readonly place: Place;
}

function entryIn(line: string): Entry | null {
  const [network = "", country = "", city = "", latitude = "", longitude = ""] = line
    .split(",")
    .map((cell) => cell.trim().replace(/^"|"$/g, ""));
  const [, address = "", prefix = ""] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(network) ?? [];
  const at = numberOfAddress(address);
  const name = [city, country]
    .filter((part) => part !== "")
    .join(", ")
    .replace(/\p{C}/gu, "")
    .slice(0, 100);
  if (at === null || name === "") return null;
  const width = at.family === "v4" ? 32 : 128;
  const bits = Number(prefix);
  if (bits > width) return null;
  // What lies in one /64 cannot be told apart, and is not asked for.
  const host = BigInt(Math.max(0, (at.family === "v4" ? 32 : 64) - bits));
  const start = (at.value >> host) << host;
  const place = { name, point: pointIn(latitude, longitude) };
  return { family: at.family, start, end: start | ((1n << host) - 1n), place };
}

/** To a tenth of a degree, some ten kilometres: nobody's house, and no file knows more of an address. */
function pointIn(latitude: string, longitude: string): Point | null {
  const [north, east] = [degrees(latitude, 90), degrees(longitude, 180)];
  return north === null || east === null ? null : { latitude: north, longitude: east };
}

function degrees(text: string, most: number): number | null {
  if (!/^[+-]?\d{1,3}(?:\.\d{1,20})?$/.test(text)) return null;
  const value = Math.round(Number(text) * 10) / 10;
  return Math.abs(value) > most ? null : value;
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
