import { Readable } from "node:stream";
import { type Static, Type } from "@sinclair/typebox";
import type { Statement } from "../../foundation/database/index.ts";
import { route, streaming, type TenantRoute } from "../../http/index.ts";
import type { TenantScope } from "../../kernel/tenancy/index.ts";
import { type AuditEvent, auditEvent } from "./audit-event.ts";
import { csvHeader, csvRow, jsonRow } from "./audit-rows.ts";
import { pageFrom, pageOf, pageQuery, pageSize } from "./paging.ts";

const uuid = Type.String({ format: "uuid" });
const word = Type.String({ minLength: 1, maxLength: 60, pattern: "^[A-Za-z0-9_.-]+$" });
const severities = ["info", "notice", "warning", "critical"] as const;

const filters = {
  /** A person's id or e-mail. */
  actor: Type.Optional(Type.String({ minLength: 1, maxLength: 320 })),
  action: Type.Optional(word),
  resourceType: Type.Optional(word),
  resourceId: Type.Optional(uuid),
  severity: Type.Optional(
    Type.Unsafe<(typeof severities)[number]>({ type: "string", enum: [...severities] }),
  ),
  from: Type.Optional(Type.String({ format: "date-time" })),
  to: Type.Optional(Type.String({ format: "date-time" })),
};
const filterQuery = Type.Object(filters);
type Filters = Static<typeof filterQuery>;

/** The audit trail: a filtered page of it, and all of it as a file. */
export function auditRoutes(): TenantRoute[] {
  return [listEvents, ...exportRoutes()];
}

const listEvents = route({
  method: "GET",
  path: "/audit-events",
  summary: "The audit trail, the newest first",
  needs: ["audit.read"],
  query: Type.Object({ ...pageQuery, ...filters }),
  answer: pageOf(auditEvent),
  handle: async ({ scope, query }) => {
    const limit = query.limit ?? pageSize;
    return pageFrom(await eventsAfter(scope, query, query.after ?? null, limit + 1), limit);
  },
});

function exportRoutes(): TenantRoute[] {
  const needs = ["audit.read", "audit.export"] as const;
  return [
    route({
      method: "GET",
      path: "/audit-events/export.csv",
      summary:
        "The audit trail as CSV, safe to open in a spreadsheet, with times in the organization's time zone",
      operation: "export_audit_events_csv",
      needs,
      query: filterQuery,
      limit: "export",
      stream: true,
      answer: Type.String(),
      handle: async ({ scope, query }) =>
        streaming(
          await rowsOf(scope, query, csvHeader, csvRow),
          "text/csv; charset=utf-8",
          "audit-events.csv",
        ),
    }),
    route({
      method: "GET",
      path: "/audit-events/export.jsonl",
      summary: "The audit trail as JSON lines",
      operation: "export_audit_events_jsonl",
      needs,
      query: filterQuery,
      limit: "export",
      stream: true,
      answers: ["application/jsonl"],
      answer: Type.String(),
      handle: async ({ scope, query }) =>
        streaming(
          await rowsOf(scope, query, "", jsonRow),
          "application/jsonl; charset=utf-8",
          "audit-events.jsonl",
        ),
    }),
  ];
}

const exportPage = 2000;

/** Reads page after page, each of which enters again: an export ends with the session that asked for it. */
async function rowsOf(
  scope: TenantScope,
  query: Filters,
  header: string,
  render: (event: AuditEvent, timeZone: string) => string,
): Promise<Readable> {
  // The first page is read before the answer begins, so that a refusal is a problem and not a broken file.
  let page = await eventsAfter(scope, query, null, exportPage);
  const timeZone = scope.entered?.timeZone ?? "UTC";
  const shown = (): string => page.map((event) => render(event, timeZone)).join("");
  async function* chunks(): AsyncGenerator<string> {
    yield header + shown();
    while (page.length === exportPage) {
      page = await eventsAfter(scope, query, page.at(-1)?.id ?? null, exportPage);
      yield shown();
    }
  }
  return Readable.from(chunks());
}

async function eventsAfter(
  scope: TenantScope,
  query: Filters,
  after: string | null,
  limit: number,
): Promise<AuditEvent[]> {
  const { rows } = await scope.run(eventsStatement(query, after, limit));
  // The statement names exactly the columns of the schema.
  return rows as AuditEvent[];
}

function eventsStatement(query: Filters, after: string | null, limit: number): Statement {
  const { actor, action, resourceType, resourceId, severity, from, to } = query;
  return {
    text: `select id, at, actor_id as "actorId", actor_email as "actorEmail", credential_id as "credentialId", action,
  resource_type as "resourceType", resource_id as "resourceId", severity, anomaly, host(ip) as ip, device,
  request_id as "requestId", before, after
  from kernel.audit_events($1, $2, $3, $4, $5, $6, $7, $8, $9) order by id desc`,
    values: [
      after,
      limit,
      actor?.trim().toLowerCase() ?? null,
      action ?? null,
      resourceType ?? null,
      resourceId ?? null,
      severity ?? null,
      from ?? null,
      to ?? null,
    ],
  };
}
