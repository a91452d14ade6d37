const zones = new Map<string, Intl.DateTimeFormat>();

/** By how many minutes the clocks of a zone (IANA name) are ahead of UTC at an instant, given in milliseconds. */
export function zoneOffsetMinutes(at: number, timeZone: string): number {
  const [, sign, hours = "0", minutes = "0"] =
    /GMT([+-])(\d\d):(\d\d)/.exec(formatOf(timeZone).format(at)) ?? [];
  const size = Number(hours) * 60 + Number(minutes);
  return sign === "-" ? -size : size;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = zones.get(timeZone);
  if (known !== undefined) return known;
  // English, because other languages write the offset with other signs and digits.
  const made = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  zones.set(timeZone, made);
  return made;
}
