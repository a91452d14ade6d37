import type { Query } from "../../api/send.ts";
import { nextDay, startOfDay } from "../../format/plain-days.ts";

const names = ["actor", "action", "resourceType", "resourceId", "severity", "from", "to"] as const;

/** Which part of the trail is shown; it lives in the address, so that a link shows the same events. */
export type AuditSearch = Partial<Record<(typeof names)[number], string | undefined>>;

/** Reads an address; what it does not know it leaves out. */
export function auditSearch(raw: Record<string, unknown>): AuditSearch {
  const search: AuditSearch = {};
  for (const name of names) {
    const value = raw[name];
    if ((typeof value === "string" && value !== "") || typeof value === "number")
      search[name] = String(value);
  }
  return search;
}

/**
 * The filters as the server takes them: `from` and `to` are days in the address, and on the wire the instants at which the
 * first day begins and the last one ends by the organization's clocks.
 */
export function auditQuery({ from, to, ...rest }: AuditSearch, timeZone: string): Query {
  const end = to === undefined ? null : nextDay(to);
  return { ...rest, from: startOf(from ?? null, timeZone), to: startOf(end, timeZone) };
}

function startOf(day: string | null, timeZone: string): string | undefined {
  return day === null ? undefined : (startOfDay(day, timeZone) ?? undefined);
}
