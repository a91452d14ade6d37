import type { Page } from "./page.ts";
import { send, withQuery, type Query } from "./send.ts";
import { door } from "./tenant.ts";

export interface AuditEvent {
  readonly id: string;
  readonly at: string;
  readonly actorId: string | null;
  readonly actorEmail: string | null;
  readonly action: string;
  readonly resourceType: string | null;
  readonly resourceId: string | null;
  readonly severity: string | null;
  readonly ip?: string | null;
  readonly device?: string | null;
  readonly sessionId?: string | null;
  readonly requestId: string | null;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

/** A page of the audit trail, newest first. */
export function fetchAuditEvents(
  organization: string,
  query: Query,
  signal?: AbortSignal,
): Promise<Page<AuditEvent>> {
  return send("GET", door(organization, "/audit-events"), { query, signal });
}

/** Where the browser downloads the filtered trail from. */
export function auditExportPath(organization: string, format: "csv" | "jsonl", query: Query): string {
  return withQuery(door(organization, `/audit-events/export.${format}`), query);
}
