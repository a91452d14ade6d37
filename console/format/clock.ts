/** The present; the one place where the console reads the machine's clock. */
export function nowMs(): number {
  return Date.now();
}

/** The year, month and day of an instant in a zone, as `YYYY-MM-DD`. */
function dayIn(timeZone: string, ms: number): string {
  return new Intl.DateTimeFormat("en-CA", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).format(ms);
}
