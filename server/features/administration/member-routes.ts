import { type Static, Type } from "@sinclair/typebox";
import { roleMeanings, type Role, roleOrder } from "../../../contract/roles.ts";
import { Problem } from "../../foundation/problem/index.ts";
import { nothing, route, type TenantRoute } from "../../http/index.ts";
import { pageFrom, pageOf, pageQuery, pageSize } from "./paging.ts";

const uuid = Type.String({ format: "uuid" });
const moment = Type.Union([Type.String(), Type.Null()]);

const member = Type.Object({
  id: uuid,
  personId: uuid,
  name: Type.String(),
  email: Type.String(),
  roles: Type.Array(Type.String()),
  state: Type.String(),
  /** `person`, or `service` for a program. */
  kind: Type.String(),
  version: Type.Integer(),
  createdAt: Type.String(),
  lastSeenAt: moment,
  endedAt: moment,
});
type Member = Static<typeof member>;

const columns = `id, person_id as "personId", name, email, roles, state, kind, version, created_at as "createdAt",
  last_seen_at as "lastSeenAt", ended_at as "endedAt"`;

/** The names of roles as they are asked for; which of them there are depends on the organization. */
export const rolesField = Type.Array(Type.String({ pattern: "^[a-z][a-z0-9_-]{0,40}$" }), {
  minItems: 1,
  maxItems: 20,
  uniqueItems: true,
});

/** Who belongs to the organization, and what their roles mean. Nobody gives or takes more than they hold themselves. */
export function memberRoutes(): TenantRoute[] {
  return [listMembers, changeMember, endMember, listRoles];
}

const listMembers = route({
  method: "GET",
  path: "/members",
  summary: "Who belongs to the organization",
  needs: ["member.read"],
  query: Type.Object({
    ...pageQuery,
    state: Type.Optional(
      Type.Unsafe<"active" | "ended" | "all">({ type: "string", enum: ["active", "ended", "all"] }),
    ),
  }),
  answer: pageOf(member),
  handle: async ({ scope, query }) => {
    const limit = query.limit ?? pageSize;
    const { rows } = await scope.run({
      text: `select ${columns} from kernel.members
 where ($1::uuid is null or id > $1) and ($2 = 'all' or state = $2) order by id limit $3`,
      values: [query.after ?? null, query.state ?? "active", limit + 1],
    });
    // The statement names exactly the columns of the schema.
    return pageFrom(rows as Member[], limit);
  },
});

const changeMember = route({
  method: "PATCH",
  path: "/members/:id",
  summary: "Give a member other roles; holds from that person's next request",
  needs: ["member.read", "member.change"],
  body: Type.Object({ roles: rolesField }, { additionalProperties: false }),
  conditions: ["If-Match"],
  answer: member,
  handle: async ({ scope, params, body, request, respond }) => {
    const expected = request.header("if-match") === null ? null : request.ifMatch();
    const [, found] = await scope.batch([
      { text: "select kernel.change_roles($1, $2, $3)", values: [params.id, body.roles, expected] },
      { text: `select ${columns} from kernel.members where id = $1`, values: [params.id] },
    ]);
    // The statement names exactly the columns of the schema.
    const [changed] = (found?.rows ?? []) as Member[];
    if (changed === undefined) throw new Problem("not-found");
    respond.etag(changed.version);
    return changed;
  },
});

const endMember = route({
  method: "DELETE",
  path: "/members/:id",
  summary:
    "Remove a member with their keys and open invitations; when this has answered, nothing of theirs works here",
  needs: ["member.change"],
  answer: nothing,
  status: 204,
  handle: async ({ scope, params }) => {
    await scope.run({ text: "select kernel.end_membership($1)", values: [params.id] });
  },
});

const listRoles = route({
  method: "GET",
  path: "/roles",
  summary: "What each role may do",
  needs: ["member.read"],
  answer: Type.Object({
    items: Type.Array(
      Type.Object({
        name: Type.String(),
        description: Type.String(),
        permissions: Type.Array(Type.String()),
      }),
    ),
    permissions: Type.Array(Type.Object({ key: Type.String(), description: Type.String() })),
  }),
  handle: async ({ scope }) => {
    const [roles, permissions] = await scope.batch([
      { text: "select key, permissions from kernel.roles", values: [] },
      { text: `select key, description from kernel.permissions order by key collate "C"`, values: [] },
    ]);
    const items = (roles?.rows ?? []).map((row) => {
      const name = String(row["key"]);
      const description = isRole(name) ? roleMeanings[name] : "";
      // text[] of the role's permissions.
      return { name, description, permissions: row["permissions"] as string[] };
    });
    items.sort((a, b) => rank(a.name) - rank(b.name));
    // The statement names exactly the columns of the schema.
    return { items, permissions: (permissions?.rows ?? []) as { key: string; description: string }[] };
  },
});

function isRole(name: string): name is Role {
  return name in roleMeanings;
}

function rank(name: string): number {
  return isRole(name) ? roleOrder.indexOf(name) : roleOrder.length;
}
