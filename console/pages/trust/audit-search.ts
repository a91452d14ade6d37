import type { Query } from "../../api/send.ts";

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
 * The filters as the server takes them: `from` and `to` are days in the address and instants on the wire, the last day
 * included.
 */
export function auditQuery(search: AuditSearch): Query {
  const { from, to, ...rest } = search;
  return { ...rest, from: dayStart(from, 0), to: dayStart(to, 1) };
}

function dayStart(day: string | undefined, daysLater: number): string | undefined {
  if (day === undefined || !/^\d{4}-\d{2}-\d{2}$/u.test(day)) return undefined;
  const date = new Date(`${day}T00:00:00.000Z`);
  if (Number.isNaN(date.getTime())) return undefined;
  date.setUTCDate(date.getUTCDate() + daysLater);
  return date.toISOString();
}
