import { type Static, Type } from "@sinclair/typebox";
import type { Statement } from "../../foundation/database/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import { shownSchema, statementsOf } from "../../kernel/resource/index.ts";
import { route, type TenantRoute } from "../route.ts";
import { eventSchema } from "./event-schema.ts";
import { listQuery, wishOf } from "./list-query.ts";
import { need, pathOf, readNeeds, type ResourceDoors } from "./resource-doors.ts";

const uuid = Type.String({ format: "uuid" });

/** The doors that only look: list, count, one record, its history. */
export function readRoutes(doors: ResourceDoors): TenantRoute[] {
  const { resource } = doors;
  const at = pathOf(doors);
  const statements = statementsOf(resource);
  const shown = shownSchema(resource);
  const query = listQuery(resource);
  const read = readNeeds(resource);
  const name = resource.name;

  return [
    route({
      method: "GET",
      path: at,
      summary: `List ${resource.many}, search them and filter them`,
      operation: `list_${resource.many}`,
      needs: read,
      query,
      answer: Type.Object({ items: Type.Array(shown), next: Type.Union([Type.String(), Type.Null()]) }),
      handle: async ({ scope, query: asked }) => {
        const wish = wishOf(resource, asked);
        const { rows } = await scope.run(statements.list(wish));
        const items = rows.slice(0, wish.limit);
        const last = items.at(-1);
        const more = rows.length > wish.limit && last !== undefined;
        return { items, next: more ? statements.cursorAfter(last, wish) : null };
      },
    }),
    route({
      method: "GET",
      path: `${at}/count`,
      summary: `Count ${resource.many} that fit the same search and filters`,
      operation: `count_${resource.many}`,
      needs: read,
      query,
      answer: Type.Object({ count: Type.Integer() }),
      handle: async ({ scope, query: asked }) => {
        const { rows } = await scope.run(statements.count(wishOf(resource, asked)));
        return { count: Number(rows[0]?.["count"]) };
      },
    }),
    route({
      method: "GET",
      path: `${at}/:id`,
      summary: `Read one of the ${resource.many}`,
      operation: `read_${name}`,
      needs: read,
      answer: shown,
      handle: async ({ scope, params, respond }) => {
        const { rows } = await scope.run(statements.read(params.id));
        const [record] = rows;
        if (record === undefined) throw new Problem("not-found");
        respond.etag(Number(record["version"]));
        return record;
      },
    }),
    route({
      method: "GET",
      path: `${at}/:id/history`,
      summary: `Everything that happened to one of the ${resource.many}, the newest first`,
      operation: `history_of_${name}`,
      needs: [need(resource, "read")],
      query: Type.Object({
        after: Type.Optional(uuid),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
      }),
      answer: Type.Object({ items: Type.Array(eventSchema), next: Type.Union([uuid, Type.Null()]) }),
      handle: async ({ scope, params, query: asked }) => {
        const limit = asked.limit ?? 50;
        const { rows } = await scope.run(historyOf(name, params.id, asked.after ?? null, limit));
        // The statement names exactly the columns of the schema.
        const items = rows as Static<typeof eventSchema>[];
        return { items, next: rows.length === limit ? String(rows.at(-1)?.["id"]) : null };
      },
    }),
  ];
}

function historyOf(resource: string, id: string, after: string | null, limit: number): Statement {
  return {
    text: `select id, at, actor_id as "actorId", actor_email as "actorEmail", action, resource_type as "resourceType",
  resource_id as "resourceId", severity, request_id as "requestId", before, after from kernel.history($1, $2, $3, $4)`,
    values: [resource, id, after, limit],
  };
}
