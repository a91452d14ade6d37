import { type Static, Type } from "@sinclair/typebox";
import { now } from "../../foundation/clock/index.ts";
import { sql } from "../../foundation/database/index.ts";
import { newApiKey, sha256 } from "../../foundation/ids/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import { nothing, route, type TenantRoute } from "../../http/index.ts";
import type { TenantScope } from "../../kernel/tenancy/index.ts";
import { settleAll } from "./act.ts";

const text = Type.String();
const textOrNull = Type.Union([text, Type.Null()]);
const role = Type.String({ pattern: "^[a-z][a-z0-9_-]{0,40}$" });

const connection = Type.Object({
  id: Type.String({ format: "uuid" }),
  name: text,
  /** What somebody in no mapped group gets; null gives nothing to them. */
  defaultRole: textOrNull,
  /** Name of a group in the directory → role. */
  roleMapping: Type.Record(text, text),
  domains: Type.Array(text),
  state: text,
  version: Type.Integer(),
  /** Who answers for what it does now; null when nobody is left who may, and then it stands still. */
  answerableName: textOrNull,
  answerableEmail: textOrNull,
  /** Who answered for it before, and may manage directories no longer. */
  formerName: textOrNull,
  /** Whether somebody was shown its token who may manage directories no longer: it gives nothing to them, and wants another token. */
  wantsNewToken: Type.Boolean(),
  /** Roles that are mapped and cannot be given as things are now. */
  outOfReach: Type.Array(text),
  users: Type.Integer(),
  groups: Type.Integer(),
  keys: Type.Array(Type.Object({ id: text, hint: text, createdAt: text, expiresAt: textOrNull })),
  createdAt: text,
  lastChangeAt: textOrNull,
  /** When the directory asked for anything at all; up to half a minute late. */
  lastSyncAt: textOrNull,
  endedAt: textOrNull,
});
type Connection = Static<typeof connection>;

const columns = sql`id, name, default_role as "defaultRole", role_mapping as "roleMapping", domains, state, version,
  answerable_name as "answerableName", answerable_email as "answerableEmail", former_name as "formerName",
  wants_new_key as "wantsNewToken", out_of_reach as "outOfReach", users, groups,
  coalesce(keys, '[]') as keys, created_at as "createdAt", changed_at as "lastChangeAt", last_seen_at as "lastSyncAt", ended_at as "endedAt"`;

const settings = {
  name: Type.String({ minLength: 1, maxLength: 100, pattern: "\\S" }),
  defaultRole: Type.Union([role, Type.Null()]),
  roleMapping: Type.Record(Type.String({ minLength: 1, maxLength: 256 }), role, { maxProperties: 100 }),
  domains: Type.Array(Type.String({ pattern: "^[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$", maxLength: 253 }), {
    maxItems: 50,
    uniqueItems: true,
  }),
};
const expiresAt = Type.Optional(Type.Union([Type.String({ format: "date-time" }), Type.Null()]));
const strict = { additionalProperties: false };
const overlaps = [0, 900, 3600, 21_600, 86_400] as const;
const key = Type.Composite([connection, Type.Object({ token: text, scimUrl: text })]);

/** Connections of directories that provision the organization's members; each key is shown once. */
export function connectionRoutes(base: () => string): TenantRoute[] {
  return [
    listConnections,
    route({
      method: "POST",
      path: "/scim-connections",
      summary: "Connect a directory (SCIM); the answer is the only place where its token is ever shown",
      needs: ["security.change", "security.read"],
      body: Type.Object({ ...settings, expiresAt }, strict),
      status: 201,
      answer: key,
      handle: async ({ scope, body }) => {
        const { token, hash, tail, expires } = newKey(body.expiresAt);
        const mapping = JSON.stringify(body.roleMapping);
        const made = await scope.tx(async (t) => {
          const { rows } = await t.run(
            sql`select kernel.scim_open(${body.name.trim()}, ${body.defaultRole}, ${mapping}::jsonb, ${body.domains}, ${hash}, ${tail}, ${expires}) as id`,
          );
          return connectionOf((await t.run(byId(String(rows[0]?.["id"])))).rows);
        });
        return { ...made, token, scimUrl: base() };
      },
    }),
    changeConnection,
    route({
      method: "POST",
      path: "/scim-connections/:id/reroll",
      summary: "Give a directory a new token; the older ones live on for a while, or end at once",
      needs: ["security.change", "security.read"],
      body: Type.Object(
        { overlapSeconds: Type.Union(overlaps.map((seconds) => Type.Literal(seconds))), expiresAt },
        strict,
      ),
      answer: key,
      handle: async ({ scope, params, body }) => {
        const { token, hash, tail, expires } = newKey(body.expiresAt);
        const [, found] = await scope.batch([
          sql`select kernel.scim_reroll(${params.id}, ${hash}, ${tail}, ${body.overlapSeconds}, ${expires})`,
          byId(params.id),
        ]);
        return { ...connectionOf(found?.rows), token, scimUrl: base() };
      },
    }),
    endConnection,
    listFaults,
    listGroupNames,
  ];
}

const byId = (id: string) => sql`select ${columns} from kernel.scim_connections where id = ${id}`;

function connectionOf(rows: readonly Record<string, unknown>[] | undefined): Connection {
  const [row] = rows ?? [];
  if (row === undefined) throw new Problem("not-found");
  // The statement names exactly the columns of the schema.
  return row as unknown as Connection;
}

function newKey(wanted: string | null | undefined) {
  const expires = wanted ?? null;
  if (expires !== null && Date.parse(expires) <= now().getTime())
    throw new Problem("not-valid", { errors: [{ pointer: "/expiresAt", detail: "must be in the future" }] });
  const { token, id } = newApiKey("scim");
  return { token, hash: sha256(token), tail: id, expires };
}

const listConnections = route({
  method: "GET",
  path: "/scim-connections",
  summary: "Directories that provision members (SCIM), with their mapping and their last sync",
  needs: ["security.read"],
  answer: Type.Object({ items: Type.Array(connection) }),
  handle: async ({ scope }) => {
    const { rows } = await scope.run(
      sql`select ${columns} from kernel.scim_connections order by id desc limit 200`,
    );
    // The statement names exactly the columns of the schema.
    return { items: rows as unknown as Connection[] };
  },
});

const changeConnection = route({
  method: "PATCH",
  path: "/scim-connections/:id",
  summary: "Change what a directory gives; whoever does answers for it from then on",
  needs: ["security.change", "security.read"],
  body: Type.Object(
    {
      name: Type.Optional(settings.name),
      defaultRole: Type.Optional(settings.defaultRole),
      roleMapping: Type.Optional(settings.roleMapping),
      domains: Type.Optional(settings.domains),
    },
    { ...strict, minProperties: 1 },
  ),
  conditions: ["If-Match"],
  answer: connection,
  handle: async ({ scope, params, body, request, respond }) => {
    const expected = request.header("if-match") === null ? null : request.ifMatch();
    const changed = await scope.tx(async (t) => {
      const was = connectionOf((await t.run(byId(params.id))).rows);
      const {
        name = was.name,
        defaultRole = was.defaultRole,
        roleMapping = was.roleMapping,
        domains = was.domains,
      } = body;
      const mapping = JSON.stringify(roleMapping);
      const [, found] = await t.batch([
        sql`select kernel.scim_change_connection(${params.id}, ${name.trim()}, ${defaultRole}, ${mapping}::jsonb, ${domains}, ${expected ?? was.version})`,
        byId(params.id),
      ]);
      return connectionOf(found?.rows);
    });
    await settleAll(scope, sql`select kernel.scim_go_on(${params.id}) as more`);
    respond.etag(changed.version);
    return changed;
  },
});

const endConnection = route({
  method: "DELETE",
  path: "/scim-connections/:id",
  summary: "End a connection and its tokens at once; members stay as they are",
  needs: ["security.change"],
  answer: nothing,
  handle: async ({ scope, params }) => {
    await scope.run(sql`select kernel.scim_end(${params.id})`);
  },
});

const fault = Type.Object({ id: text, at: text, operation: text, status: Type.Integer(), detail: text });

const listFaults = route({
  method: "GET",
  path: "/scim-connections/:id/faults",
  summary: "The last things that went wrong with a directory: refused requests, members left out",
  needs: ["security.read"],
  answer: Type.Object({ items: Type.Array(fault) }),
  handle: async ({ scope, params }) => {
    const items = await below(
      scope,
      params.id,
      sql`select id, at, operation, status, detail from kernel.scim_faults
 where connection_id = ${params.id} order by id desc limit 100`,
    );
    // The statement names exactly the columns of the schema.
    return { items: items as unknown as Static<typeof fault>[] };
  },
});

const groupName = Type.Object({ id: text, displayName: text, members: Type.Integer() });

const listGroupNames = route({
  method: "GET",
  path: "/scim-connections/:id/groups",
  summary: "The groups that a directory has pushed, to be mapped to roles",
  needs: ["security.read"],
  answer: Type.Object({ items: Type.Array(groupName) }),
  handle: async ({ scope, params }) => {
    const items = await below(
      scope,
      params.id,
      sql`select id, display_name as "displayName", members from kernel.scim_group_names
 where connection_id = ${params.id} order by display_name limit 1000`,
    );
    // The statement names exactly the columns of the schema.
    return { items: items as unknown as Static<typeof groupName>[] };
  },
});

/** Rows of a connection of this organization; 404 for any other. */
async function below(
  scope: TenantScope,
  id: string,
  statement: ReturnType<typeof sql>,
): Promise<Record<string, unknown>[]> {
  const [own, found] = await scope.batch([byId(id), statement]);
  connectionOf(own?.rows);
  return found?.rows ?? [];
}
