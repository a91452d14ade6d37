import { zoneOffsetMinutes } from "../../contract/zone-offset.ts";

const isoDay = /^\d{4}-\d{2}-\d{2}$/u;

/** A day without a zone, such as a birthday, as people of a locale read it: it is the same day everywhere. */
export function plainDayText(locale: string, day: string): string {
  const at = dayAt(day);
  return at === null
    ? day
    : new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(at);
}

/** A day in figures, in the locale's order, as it stands in an input: 14.03.2026, 03/14/2026. */
export function dayInFigures(locale: string, day: string): string {
  const at = dayAt(day);
  return at === null ? day : figures(locale).format(at);
}

/** Reads a day that was typed in the locale's order, or as 2026-03-14; null when it is none. */
export function readDay(locale: string, typed: string): string | null {
  const text = typed.trim();
  if (isoDay.test(text)) return dayAt(text) === null ? null : text;
  const numbers = text.split(/\D+/u).filter((part) => part !== "");
  const order = figures(locale)
    .formatToParts(0)
    .map(({ type }) => type)
    .filter((type) => type === "day" || type === "month" || type === "year");
  const [year, month, day] = ["year", "month", "day"].map(
    (part) => numbers[order.findIndex((one) => one === part)],
  );
  if (numbers.length !== 3 || year?.length !== 4 || month === undefined || day === undefined) return null;
  const iso = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  return isoDay.test(iso) && dayAt(iso) !== null ? iso : null;
}

/** The instant at which a day begins by the clocks of a zone; null when it is no day. */
export function startOfDay(day: string, timeZone: string): string | null {
  const utc = dayAt(day);
  if (utc === null) return null;
  const first = utc - offsetMs(utc, timeZone);
  const second = utc - offsetMs(first, timeZone);
  // Where clocks are put forward at midnight, the day begins when they are.
  const start = second + offsetMs(second, timeZone) < utc ? first : second;
  return new Date(start).toISOString();
}

/** The day after; null when it is no day. */
export function nextDay(day: string): string | null {
  const at = dayAt(day);
  return at === null ? null : new Date(at + 86_400_000).toISOString().slice(0, 10);
}

function dayAt(day: string): number | null {
  if (!isoDay.test(day)) return null;
  const at = Date.parse(`${day}T00:00:00Z`);
  // Some engines take the 31st of February for the 3rd of March.
  return Number.isNaN(at) || !new Date(at).toISOString().startsWith(day) ? null : at;
}

function figures(locale: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locale, {
    day: "2-digit",
    month: "2-digit",
    year: "numeric",
    timeZone: "UTC",
    calendar: "gregory",
    numberingSystem: "latn",
  });
}

function offsetMs(at: number, timeZone: string): number {
  return zoneOffsetMinutes(at, timeZone) * 60_000;
}
