import { zoneOffsetMinutes } from "../../../../contract/zone-offset.ts";

/**
 * An instant as an organization's exports write it: `2026-11-22T14:05:00.000+01:00`, its own clock with the offset from UTC.
 *
 * The offset makes it the same instant wherever the file is read, and tells apart the two half past twos of an autumn night.
 */
export function localTime(iso: string, timeZone: string): string {
  const at = Date.parse(iso);
  const minutes = zoneOffsetMinutes(at, timeZone);
  const clock = new Date(at + minutes * 60_000).toISOString().slice(0, -1);
  const size = Math.abs(minutes);
  return `${clock}${minutes < 0 ? "-" : "+"}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
