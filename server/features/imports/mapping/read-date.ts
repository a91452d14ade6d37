import type { DateOrder } from "../../../../contract/import.ts";

const monthNames = [
  ["jan", "jän"],
  ["feb", "fév"],
  ["mar", "mär", "mae", "mrz"],
  ["apr", "avr"],
  ["may", "mai"],
  ["jun"],
  ["jul"],
  ["aug"],
  ["sep"],
  ["oct", "okt"],
  ["nov"],
  ["dec", "dez", "déc"],
];
const yearFirst = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$/;
const compact = /^(\d{4})(\d{2})(\d{2})$/;
const yearLast = /^(\d{1,2})([-/.])\s?(\d{1,2})[-/.]\s?(\d{4}|\d{2})(?:,? \d{1,2}:.*)?$/;
const noYear = /^--(\d{2})-?(\d{2})$/;
const dayNamed = /^(\d{1,2})\.?[\s-]+(\p{L}{3,})\.?,?[\s-]+(\d{4})$/u;
const monthNamed = /^(\p{L}{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})$/u;

/**
 * Reads a date into YYYY-MM-DD (or --MM-DD where the year is left open, as address books write it); null when it is none.
 *
 * Dots mean day first everywhere; slashes and dashes follow `order`, unless a number over 12 shows that they cannot.
 * Years of two digits lie between 1930 and 2029.
 */
export function readDate(text: string, order: DateOrder): string | null {
  const iso = yearFirst.exec(text) ?? compact.exec(text);
  if (iso !== null) return date(iso[1], iso[2], iso[3]);
  const last = yearLast.exec(text);
  if (last !== null) return dateInOrder(last, order);
  const open = noYear.exec(text);
  if (open !== null) return date("2000", open[1], open[2])?.replace("2000", "-") ?? null;
  const day = dayNamed.exec(text);
  if (day !== null) return date(day[3], month(day[2]), day[1]);
  const named = monthNamed.exec(text);
  return named === null ? null : date(named[3], month(named[1]), named[2]);
}

function dateInOrder(
  [, first = "", separator, second = "", written = ""]: RegExpExecArray,
  order: DateOrder,
): string | null {
  const year = written.length === 4 ? written : `${Number(written) < 30 ? "20" : "19"}${written}`;
  const dayFirst = separator === "." || Number(first) > 12 || (order === "dmy" && Number(second) <= 12);
  return dayFirst ? date(year, second, first) : date(year, first, second);
}

function month(name = ""): string {
  const start = name.toLowerCase().slice(0, 3);
  return String(monthNames.findIndex((names) => names.includes(start)) + 1);
}

function date(year = "", monthOfYear = "", day = ""): string | null {
  const [y, m, d] = [Number(year), Number(monthOfYear), Number(day)];
  if (y < 1000 || m < 1 || m > 12 || d < 1 || d > daysIn(y, m)) return null;
  return `${year}-${String(m).padStart(2, "0")}-${String(d).padStart(2, "0")}`;
}

function daysIn(year: number, monthOfYear: number): number {
  if (monthOfYear === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(monthOfYear) ? 30 : 31;
}
