import { type Static, Type } from "@sinclair/typebox";
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

/** Who belongs to the organization. Nobody gives or takes more than they hold themselves. */
export function memberRoutes(): TenantRoute[] {
  return [listMembers, changeMember, endMemberSessions, endMember];
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

const endMemberSessions = route({
  method: "POST",
  path: "/members/:id/end-sessions",
  summary: "Have a member sign in again: when this has answered, no earlier session of theirs works here",
  needs: ["member.change"],
  answer: nothing,
  status: 204,
  handle: async ({ scope, params }) => {
    await scope.run({ text: "select kernel.refuse_earlier_sessions($1)", values: [params.id] });
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
