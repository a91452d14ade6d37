/** Days that the demo's history goes back. */
export const daysOfHistory = 90;
const day = 86_400_000;
const minute = 60_000;

/** Turns "so many days ago, at this minute of working time" into milliseconds of the epoch. */
export interface Calendar {
  readonly now: number;
  at(daysAgo: number, share: number): number;
  /** Some working moment between an earlier one and now: which day, and when on it. */
  after(moment: number, share: number, hours: number): number;
}

/** A calendar that ends now: people work from Monday to Friday, from 7 to 17 UTC, and never in the future. */
export function calendarUntil(now: number): Calendar {
  const today = Math.floor(now / day) * day;
  const at = (daysAgo: number, share: number): number => {
    const noon = today - Math.floor(daysAgo) * day;
    const weekday = new Date(noon).getUTCDay();
    const weekend = weekday === 6 ? 1 : weekday === 0 ? 2 : 0;
    return Math.min(now - minute, noon - weekend * day + 7 * 60 * minute + Math.floor(share * 600) * minute);
  };
  return {
    now,
    at,
    after: (moment, share, hours) => {
      const later = moment + Math.floor(share * (now - moment));
      const snapped = at(Math.floor((today + day - 1 - later) / day), hours);
      return Math.min(now - minute, Math.max(moment + minute, snapped));
    },
  };
}

/** A moment as SQL and JSON read it. */
export function isoOf(moment: number): string {
  return new Date(moment).toISOString();
}
