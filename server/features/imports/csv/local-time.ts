/**
 * An instant as an organization's exports write it: `2026-11-22T14:05:00.000+01:00`, its own clock with the offset from UTC.
 *
 * The offset makes it the same instant wherever the file is read, and tells apart the two half past twos of an autumn night.
 */
export function localTime(iso: string, timeZone: string): string {
  const at = Date.parse(iso);
  const minutes = offsetMinutes(at, timeZone);
  const clock = new Date(at + minutes * 60_000).toISOString().slice(0, -1);
  const size = Math.abs(minutes);
  return `${clock}${minutes < 0 ? "-" : "+"}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`;
}

function offsetMinutes(at: number, timeZone: string): number {
  const [, sign, hours = "0", minutes = "0"] =
    /GMT([+-])(\d\d):(\d\d)/.exec(zoneOf(timeZone).format(at)) ?? [];
  const size = Number(hours) * 60 + Number(minutes);
  return sign === "-" ? -size : size;
}

const zones = new Map<string, Intl.DateTimeFormat>();

function zoneOf(timeZone: string): Intl.DateTimeFormat {
  const known = zones.get(timeZone);
  if (known !== undefined) return known;
  // English, because other languages write the offset with other signs and digits.
  const made = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  zones.set(timeZone, made);
  return made;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
