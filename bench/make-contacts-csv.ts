import { once } from "node:events";
import { parseArgs } from "node:util";
import { pathToFileURL } from "node:url";

/**
 * Writes a realistic contacts file, the same bytes for the same arguments on every machine:
 * `tsx bench/make-contacts-csv.ts ROWS [--seed N] [--faults PERCENT] > file`.
 */

const countries = [
  {
    name: "Austria",
    domain: "at",
    cities: ["Wien", "Graz", "Linz", "Salzburg"],
    phone: (n: number) => `+43 664 ${n}`,
  },
  {
    name: "Germany",
    domain: "de",
    cities: ["Berlin", "Köln", "München", "Hamburg"],
    phone: (n: number) => `0151 ${n}0`,
  },
  { name: "United States", domain: "com", cities: ["Austin", "Denver", "Boston", "Tampa"], phone: usPhone },
  {
    name: "United Kingdom",
    domain: "co.uk",
    cities: ["London", "Leeds", "York"],
    phone: (n: number) => `+447${pad(n, 7)}00`,
  },
  {
    name: "France",
    domain: "fr",
    cities: ["Paris", "Lyon", "Orléans"],
    phone: (n: number) => `+33 6 ${pad(n, 8)}`,
  },
];
const firstNames = (
  "Anna Ben Carla David Elif Felix Greta Hannah Igor Julia Karim Lena Marco Nina Oskar Paula Quentin Rosa Samuel " +
  "Theresa Ulrich Vera William Xenia Yusuf Zoë Jürgen Björn Chloé Márta Aoife Noah Olivia Liam Emma James Sophia"
).split(" ");
const lastNames = (
  "Bauer Fischer Huber Gruber Wagner Müller Schäfer Steiner Smith Johnson Brown Taylor Wilson Davies Evans Thomas " +
  "Martin Bernard Dubois Durand Leroy Moreau Garcia Lopez O'Brien Murphy Novak Kowalski Rossi Ferrari Yilmaz Nguyen"
).split(" ");
const titles = [
  "Managing Director",
  "Head of Sales",
  "Buyer",
  "CTO",
  "Office Manager",
  "Account Executive",
  "",
];
const trades = ["Logistics", "Software", "Foods", "Steel", "Travel", "Health", "Energy", "Media"];
const forms = ["GmbH", "AG", "Inc.", "Ltd", "SARL", "& Co. KG"];
const stages = ["Lead", "Open", "Customer", "Former customer"];
const sources = ["Organic search", "Trade fair", "Referral", "Cold call", "Web form"];
const notes = [
  "",
  "",
  "",
  "",
  "Met at the fair, wants a call back",
  'Asked for the "large" plan\nand a demo in spring',
  "Prefers e-mail; no calls on Fridays",
];

export const contactsCsvHeader =
  "Record ID,First Name,Last Name,Email,Phone Number,Job Title,Company Name,Street Address,City,Postal Code,Country/Region,Lifecycle Stage,Original Source,Contact owner,Notes\r\n";

/** One line of the file; depends on `index` and `random` only, so that a file can be made in pieces. */
export function contactLine(index: number, random: () => number, faultsPercent: number): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] ?? unreachable();
  const country = pick(countries);
  const first = pick(firstNames);
  const last = pick(lastNames);
  const trade = pick(trades);
  const company = `${pick(lastNames)} ${trade} ${pick(forms)}`;
  const faulty = random() * 100 < faultsPercent;
  const email = `${ascii(first)}.${ascii(last)}${index}${faulty ? "(at)" : "@"}${ascii(trade)}.example.${country.domain}`;
  const cells = [
    String(100_000_000 + index),
    first,
    last,
    email,
    country.phone(1_000_000 + Math.floor(random() * 8_999_999)),
    pick(titles),
    company,
    `${pick(lastNames)} Street ${1 + Math.floor(random() * 200)}`,
    pick(country.cities),
    pad(Math.floor(random() * 99_999), 5),
    country.name,
    pick(stages),
    pick(sources),
    `rep${Math.floor(random() * 40)}@seller.example`,
    pick(notes),
  ];
  return `${cells.map(quoted).join(",")}\r\n`;
}

/** mulberry32: small, good enough for test data, and the same on every machine. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function usPhone(n: number): string {
  return `(512) ${200 + (n % 700)}-${pad(n % 10_000, 4)}`;
}

function pad(n: number, width: number): string {
  return String(n).padStart(width, "0");
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function ascii(name: string): string {
  return name
    .normalize("NFD")
    .replace(/[^A-Za-z]/g, "")
    .toLowerCase();
}

function unreachable(): never {
  throw new Error("an empty list");
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { seed: { type: "string", default: "1" }, faults: { type: "string", default: "0" } },
  });
  const rows = Number(positionals[0]);
  if (!Number.isSafeInteger(rows) || rows < 0) {
    console.error("usage: tsx bench/make-contacts-csv.ts ROWS [--seed N] [--faults PERCENT] > file");
    process.exit(64);
  }
  const random = seeded(Number(values.seed));
  let pending = contactsCsvHeader;
  for (let index = 0; index < rows; index++) {
    pending += contactLine(index, random, Number(values.faults));
    if (pending.length < 1 << 20) continue;
    if (!process.stdout.write(pending)) await once(process.stdout, "drain");
    pending = "";
  }
  process.stdout.write(pending);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
