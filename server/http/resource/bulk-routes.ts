import { type Static, Type } from "@sinclair/typebox";
import { changeSchema, statementsOf } from "../../kernel/resource/index.ts";
import { route, type TenantRoute } from "../route.ts";
import { kept, need, pathOf, readNeeds, type ResourceDoors } from "./resource-doors.ts";

const uuid = Type.String({ format: "uuid" });
const versioned = Type.Object({ id: uuid, version: Type.Integer() });

/** The doors that write many records at once. */
export function bulkRoutes(doors: ResourceDoors): TenantRoute[] {
  const { resource } = doors;
  const at = pathOf(doors);
  const statements = statementsOf(resource);
  const ids = Type.Array(uuid, { minItems: 1, maxItems: 500, uniqueItems: true });
  const answer = Type.Object({ items: Type.Array(versioned), missed: Type.Array(uuid) });
  const missed = (wanted: readonly string[], rows: readonly Record<string, unknown>[]): string[] => {
    const done = new Set(rows.map((row) => row["id"]));
    return wanted.filter((id) => !done.has(id));
  };
  return [
    ...(["archive", "restore"] as const).map((act) =>
      route({
        method: "POST",
        path: `${at}/bulk/${act}`,
        summary: `${act === "archive" ? "Archive" : "Restore"} up to 500 ${resource.many} at once`,
        operation: `bulk_${act}_${resource.many}`,
        needs: [need(resource, "read"), need(resource, "archive")],
        limit: "bulk",
        body: Type.Object({ ids }, { additionalProperties: false }),
        answer,
        handle: async ({ scope, body }) => {
          const { rows } = await scope.run(statements.setArchived(body.ids, null, act === "archive"));
          return { items: rows as Static<typeof versioned>[], missed: missed(body.ids, rows) };
        },
      }),
    ),
    route({
      method: "POST",
      path: `${at}/bulk/change`,
      summary: `Give up to 500 ${resource.many} the same values`,
      operation: `bulk_change_${resource.many}`,
      needs: [...readNeeds(resource), ...(doors.prepareNeeds ?? []), need(resource, "change")],
      limit: "bulk",
      body: Type.Object(
        { ids, change: changeSchema(resource, "open fields") },
        { additionalProperties: false },
      ),
      answer,
      handle: async ({ scope, body }) => {
        const rows = await scope.tx(async (t, entered) => {
          const values = await kept(doors, t, entered, body.change);
          const results = await t.batch(body.ids.map((id) => statements.change(id, null, values)));
          return results.flatMap((result) => result.rows);
        });
        return { items: rows as Static<typeof versioned>[], missed: missed(body.ids, rows) };
      },
    }),
  ];
}
