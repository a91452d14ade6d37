import { type Static, Type } from "@sinclair/typebox";
import { roleMeanings, type Role, roleOrder } from "../../../contract/roles.ts";
import type { Result } from "../../foundation/database/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import { nothing, type Respond, route, type TenantRoute } from "../../http/index.ts";
import { onlyOnce } from "./only-once.ts";

const strict = { additionalProperties: false };

const role = Type.Object({
  /** Null for the roles of the product, which nobody changes. */
  id: Type.Union([Type.String({ format: "uuid" }), Type.Null()]),
  /** What members and invitations name it by; never changes and never comes to mean another role. */
  name: Type.String(),
  /** What people call it. */
  label: Type.String(),
  description: Type.String(),
  permissions: Type.Array(Type.String()),
  /** How many people have it. */
  members: Type.Integer(),
  version: Type.Union([Type.Integer(), Type.Null()]),
});
type ShownRole = Static<typeof role>;

const label = Type.String({ minLength: 1, maxLength: 100, pattern: "\\S" });
const description = Type.String({ maxLength: 500 });
const permissions = Type.Array(Type.String({ pattern: "^[a-z_]+\\.[a-z_]+(:own)?$" }), {
  minItems: 1,
  maxItems: 500,
  uniqueItems: true,
});

const columns = "id, key, name, description, permissions, members, version";

/** What each role may do, and roles of the organization's own. Nobody makes or changes one that gives more than they hold. */
export function roleRoutes(): TenantRoute[] {
  return [listRoles, createRole, readRole, changeRole, endRole];
}

const listRoles = route({
  method: "GET",
  path: "/roles",
  summary: "The roles of the product and of the organization, and all permissions that there are",
  needs: ["role.read"],
  answer: Type.Object({
    items: Type.Array(role),
    permissions: Type.Array(
      Type.Object({
        key: Type.String(),
        description: Type.String(),
        /** Whether it may stand in a role of the organization's own. */
        composable: Type.Boolean(),
        /** Whether it may also stand there with `:own`, for records of one's own only. */
        own: Type.Boolean(),
      }),
    ),
  }),
  handle: async ({ scope }) => {
    const [roles, catalogue] = await scope.batch([
      { text: `select ${columns} from kernel.roles`, values: [] },
      {
        text: `select key, description, composable, own from kernel.permissions order by key collate "C"`,
        values: [],
      },
    ]);
    const items = (roles?.rows ?? []).map(shownRole).toSorted(inOrder);
    // The statement names exactly the columns of the schema.
    return { items, permissions: (catalogue?.rows ?? []) as never };
  },
});

const createRole = route({
  method: "POST",
  path: "/roles",
  summary: "Make a role of the organization's own, out of permissions that you hold",
  needs: ["role.read", "role.change"],
  body: Type.Object({ label, description: Type.Optional(description), permissions }, strict),
  conditions: ["Idempotency-Key"],
  status: 201,
  answer: role,
  handle: ({ scope, body, request, respond }) =>
    scope.tx(async (t) => {
      const { id } = await onlyOnce(t, request.idempotencyKey(), body, async () => {
        const { rows } = await t.run({
          text: "select kernel.create_role($1, $2, $3) as id",
          values: [body.label.trim(), body.description ?? "", body.permissions],
        });
        return String(rows[0]?.["id"]);
      });
      return oneRole(await t.run(readById(id)), respond);
    }),
});

const readRole = route({
  method: "GET",
  path: "/roles/:id",
  summary: "A role of the organization's own",
  needs: ["role.read"],
  answer: role,
  handle: async ({ scope, params, respond }) => oneRole(await scope.run(readById(params.id)), respond),
});

const changeRole = route({
  method: "PATCH",
  path: "/roles/:id",
  summary: "Rename a role or change what it gives; holds for everybody who has it from their next request",
  needs: ["role.read", "role.change"],
  body: Type.Object(
    {
      label: Type.Optional(label),
      description: Type.Optional(description),
      permissions: Type.Optional(permissions),
    },
    { ...strict, minProperties: 1 },
  ),
  conditions: ["If-Match"],
  answer: role,
  handle: async ({ scope, params, body, request, respond }) => {
    const { label: name, ...rest } = body;
    const wanted = name === undefined ? rest : { ...rest, name: name.trim() };
    const [, found] = await scope.batch([
      {
        text: "select kernel.change_role($1, $2::jsonb, $3)",
        values: [params.id, JSON.stringify(wanted), request.ifMatch()],
      },
      readById(params.id),
    ]);
    return oneRole(found, respond);
  },
});

const endRole = route({
  method: "DELETE",
  path: "/roles/:id",
  summary: "End a role that nobody has, or give everybody who has it another in its place",
  needs: ["role.change"],
  query: Type.Object({
    /** The role that takes its place with members and in open invitations. */
    replacement: Type.Optional(Type.String({ pattern: "^[a-z][a-z0-9_-]{0,40}$" })),
  }),
  conditions: ["If-Match"],
  answer: nothing,
  status: 204,
  handle: async ({ scope, params, query, request }) => {
    await scope.run({
      text: "select kernel.end_role($1, $2, $3)",
      values: [params.id, query.replacement ?? null, request.ifMatch()],
    });
  },
});

function readById(id: string): { readonly text: string; readonly values: unknown[] } {
  return { text: `select ${columns} from kernel.roles where id = $1`, values: [id] };
}

function oneRole(result: Result | undefined, respond: Respond): ShownRole {
  const [row] = result?.rows ?? [];
  if (row === undefined) throw new Problem("not-found");
  const shown = shownRole(row);
  if (shown.version !== null) respond.etag(shown.version);
  return shown;
}

function shownRole(row: Record<string, unknown>): ShownRole {
  const name = String(row["key"]);
  const own = typeof row["id"] === "string";
  const meaning = isRole(name) ? roleMeanings[name] : "";
  return {
    id: own ? String(row["id"]) : null,
    name,
    label: own ? String(row["name"]) : `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    description: own ? String(row["description"]) : meaning,
    // text[] of the role's permissions.
    permissions: row["permissions"] as string[],
    members: Number(row["members"]),
    version: own ? Number(row["version"]) : null,
  };
}

function isRole(name: string): name is Role {
  return name in roleMeanings;
}

/** The product's roles from the least to the most, then the organization's own by name. */
function inOrder(a: ShownRole, b: ShownRole): number {
  return rank(a) - rank(b) || a.label.localeCompare(b.label, "en");
}

function rank({ id, name }: ShownRole): number {
  return id === null && isRole(name) ? roleOrder.indexOf(name) : roleOrder.length;
}
