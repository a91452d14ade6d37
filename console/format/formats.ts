import { plainDayText } from "./plain-days.ts";

export interface Region {
  readonly locale: string;
  readonly timeZone: string;
  readonly currency: string;
}

export interface Formats {
  readonly region: Region;
  /** 14 Mar 2026 */
  readonly day: (iso: string) => string;
  /** 14 Mar 2026, 09:12:44 with the zone's name, for hovering and for evidence. */
  readonly exact: (iso: string) => string;
  /** "3 minutes ago", in the language of the console's own words, whichever the organization's is; null beyond a month, where the day says more. */
  readonly ago: (iso: string, nowMs: number) => string | null;
  /** A day without a zone, given as 2026-03-14. */
  readonly plainDay: (day: string) => string;
  readonly number: (value: number) => string;
  /** "1 key", "1,204 keys"; the plural is given where it is not the singular with an s. */
  readonly counted: (count: number, one: string, many?: string) => string;
  /** A number with all its decimals: a stored value must not be rounded by looking at it. */
  readonly decimal: (value: number) => string;
  readonly percent: (share: number) => string;
  readonly bytes: (value: number) => string;
  readonly money: (minor: number) => string;
}

const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** The language of the console's own words, which is that of its sentences: index.html says the same. */
export const wordsIn = "en";

const relativeFormat = new Intl.RelativeTimeFormat(wordsIn, { numeric: "auto" });

/**
 * Every date and number of a screen goes through these, so that they are written as in the organization's country, zone and currency
 * everywhere. What is a word among them is in the language of the sentence that it stands in.
 */
export function formatsFor(wanted: Region): Formats {
  const region = usable(wanted);
  const { locale, timeZone, currency } = region;
  const dayFormat = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone });
  const exactFormat = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "long", timeZone });
  const numberFormat = new Intl.NumberFormat(locale);
  const decimalFormat = new Intl.NumberFormat(locale, { maximumFractionDigits: 20 });
  const percentFormat = new Intl.NumberFormat(locale, { style: "percent" });
  const moneyFormat = new Intl.NumberFormat(locale, { style: "currency", currency });
  const digits = moneyFormat.resolvedOptions().maximumFractionDigits ?? 2;
  return {
    region,
    day: (iso) => dayFormat.format(Date.parse(iso)),
    exact: (iso) => exactFormat.format(Date.parse(iso)),
    ago: (iso, nowMs) => agoText((Date.parse(iso) - nowMs) / 1000),
    plainDay: (plain) => plainDayText(locale, plain),
    decimal: (value) => decimalFormat.format(value),
    number: (value) => numberFormat.format(value),
    counted: (count, one, many = `${one}s`) => `${numberFormat.format(count)} ${count === 1 ? one : many}`,
    percent: (share) => percentFormat.format(share),
    bytes: (value) => bytesText(locale, value),
    money: (minor) => moneyFormat.format(minor / 10 ** digits),
  };
}

function agoText(seconds: number): string | null {
  const size = Math.abs(seconds);
  if (size >= 30 * 86_400) return null;
  if (size < 5) return relativeFormat.format(0, "second");
  const step = steps.find(([, length]) => size >= length);
  if (step === undefined) return relativeFormat.format(0, "second");
  return relativeFormat.format(Math.trunc(seconds / step[1]), step[0]);
}

const units = ["bytes", "kB", "MB", "GB"] as const;

function bytesText(locale: string, value: number): string {
  let size = value;
  let index = 0;
  while (size >= 1000 && index < units.length - 1) {
    size /= 1000;
    index += 1;
  }
  const figures = new Intl.NumberFormat(locale, { maximumFractionDigits: size < 10 && index > 0 ? 1 : 0 });
  return `${figures.format(size)} ${units[index] ?? "bytes"}`;
}

/** A region that Intl accepts: a stored value that this browser does not know must not take the screen down. */
function usable({ locale, timeZone, currency }: Region): Region {
  return {
    locale: works(() => new Intl.NumberFormat(locale)) ? locale : "en",
    timeZone: works(() => new Intl.DateTimeFormat("en", { timeZone })) ? timeZone : "UTC",
    currency: works(() => new Intl.NumberFormat("en", { style: "currency", currency })) ? currency : "EUR",
  };
}

function works(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}
