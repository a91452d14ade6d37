import { csvLine, localTime } from "../imports/csv/index.ts";
import type { AuditEvent } from "./audit-event.ts";

const columns = [
  "at",
  "actorEmail",
  "action",
  "resourceType",
  "resourceId",
  "severity",
  "anomaly",
  "ip",
  "device",
  "before",
  "after",
  "actorId",
  "credentialId",
  "requestId",
  "id",
] as const satisfies readonly (keyof AuditEvent)[];

export const csvHeader = csvLine(columns);

/** One event as a line of CSV, safe to open in a spreadsheet, its time by the organization's clock; old and new values as JSON. */
export function csvRow(event: AuditEvent, timeZone: string): string {
  return csvLine(
    columns.map((column) => {
      const value = event[column];
      if (column === "at" && typeof value === "string") return localTime(value, timeZone);
      return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
    }),
  );
}

/** One event as a line of JSON, as the API gives it: for programs, so its time is in UTC. */
export function jsonRow(event: AuditEvent): string {
  return `${JSON.stringify(event)}\n`;
}
