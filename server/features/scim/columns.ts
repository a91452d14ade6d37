import { sql, type Statement } from "../../foundation/database/index.ts";
import type { Column, Columns } from "./filter/index.ts";
import { enterpriseSchema } from "./names.ts";

const text = (at: Statement): Column => ({ kind: "text", at });
const common: readonly (readonly [string, Column])[] = [
  ["id", { kind: "id", at: sql`r.id` }],
  ["externalid", { kind: "exact", at: sql`r.external_id` }],
  ["meta.created", { kind: "time", at: sql`r.created_at` }],
  ["meta.lastmodified", { kind: "time", at: sql`r.updated_at` }],
];

/** Of a user, what can be asked for and sorted by. */
export const userColumns: Columns = new Map<string, Column>([
  ...common,
  ["username", { kind: "key", at: sql`r.user_name`, key: sql`r.user_key` }],
  ["displayname", text(sql`r.attributes ->> 'displayName'`)],
  ["title", text(sql`r.attributes ->> 'title'`)],
  ["name.formatted", text(sql`r.attributes #>> '{name,formatted}'`)],
  ["name.givenname", text(sql`r.attributes #>> '{name,givenName}'`)],
  ["name.familyname", text(sql`r.attributes #>> '{name,familyName}'`)],
  ["active", { kind: "boolean", at: sql`r.active` }],
  ["department", text(sql`r.attributes #>> array[${enterpriseSchema}, 'department']`)],
  ["employeenumber", text(sql`r.attributes #>> array[${enterpriseSchema}, 'employeeNumber']`)],
  [
    "emails",
    {
      kind: "many",
      any: (condition) =>
        sql`exists (select from jsonb_array_elements(r.attributes -> 'emails') e where ${condition})`,
      columns: new Map<string, Column>([
        ["value", text(sql`e ->> 'value'`)],
        ["type", text(sql`e ->> 'type'`)],
        ["display", text(sql`e ->> 'display'`)],
        ["primary", { kind: "boolean", at: sql`coalesce((e ->> 'primary')::boolean, false)` }],
      ]),
    },
  ],
  [
    "groups",
    {
      kind: "many",
      any: (condition) =>
        sql`exists (select from kernel.scim_members x where x.user_id = r.id and ${condition})`,
      columns: new Map<string, Column>([
        ["value", { kind: "id", at: sql`x.group_id` }],
        ["display", text(sql`x.group_display`)],
      ]),
    },
  ],
]);

/** Of a group, what can be asked for and sorted by. */
export const groupColumns: Columns = new Map<string, Column>([
  ...common,
  ["displayname", { kind: "key", at: sql`r.display_name`, key: sql`r.display_key` }],
  [
    "members",
    {
      kind: "many",
      any: (condition) =>
        sql`exists (select from kernel.scim_members x where x.group_id = r.id and ${condition})`,
      columns: new Map<string, Column>([
        ["value", { kind: "id", at: sql`x.user_id` }],
        ["display", text(sql`x.user_display`)],
      ]),
    },
  ],
]);
