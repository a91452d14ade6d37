import { type Static, Type } from "@sinclair/typebox";
import { Problem } from "../../foundation/problem/index.ts";
import type { Result, Statement } from "../../foundation/database/index.ts";
import { nothing, route, type TenantRoute } from "../../http/index.ts";
import { hours, permissions, reason, reference, strict } from "./inputs.ts";

const text = Type.Union([Type.String(), Type.Null()]);

const grant = Type.Object({
  id: Type.String({ format: "uuid" }),
  operatorEmail: Type.String(),
  /** Known once the operator has asked or come in. */
  operatorName: text,
  state: Type.String(),
  permissions: Type.Array(Type.String()),
  reason: Type.String(),
  reference: text,
  hours: Type.Integer(),
  /** Given by two operators, not by the organization. */
  emergency: Type.Boolean(),
  askedAt: text,
  givenAt: text,
  givenBy: text,
  until: text,
  firstUsedAt: text,
  endedAt: text,
  endedBy: text,
  endedWhy: text,
});
type Grant = Static<typeof grant>;

const columns = `id, operator_email as "operatorEmail", operator_name as "operatorName", state, permissions, reason, reference, hours,
  emergency, asked_at as "askedAt", given_at as "givenAt", given_by as "givenBy", until, first_used_at as "firstUsedAt", ended_at as "endedAt",
  ended_by as "endedBy", ended_why as "endedWhy"`;

const states = ["asked", "live", "past", "all"] as const;
const pageSize = 50;

/** Letting the platform's staff in, for a reason and a while; the list shows who was in, when and why. */
export function grantRoutes(): TenantRoute[] {
  return [listGrants, giveGrant, approveGrant, endGrant];
}

const listGrants = route({
  method: "GET",
  path: "/support-grants",
  summary: "Who of the platform's staff may come in, has asked to, or was in before",
  needs: ["support.read"],
  query: Type.Object({
    state: Type.Optional(Type.Unsafe<(typeof states)[number]>({ type: "string", enum: [...states] })),
    /** Only those that two operators have given or one has asked for without consent; or only the others. */
    emergency: Type.Optional(Type.Boolean()),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
    after: Type.Optional(Type.String({ format: "uuid" })),
  }),
  answer: Type.Object({
    items: Type.Array(grant),
    next: Type.Union([Type.String({ format: "uuid" }), Type.Null()]),
  }),
  handle: async ({ scope, query }) => {
    const limit = query.limit ?? pageSize;
    const { rows } = await scope.run({
      text: `select ${columns} from kernel.support_grants
 where ($1::uuid is null or id < $1) and ($2 = 'all' or state = $2 or $2 = 'past' and state not in ('asked', 'live'))
   and ($3::boolean is null or emergency = $3)
 order by id desc limit $4`,
      values: [query.after ?? null, query.state ?? "all", query.emergency ?? null, limit + 1],
    });
    // The statement names exactly the columns of the schema.
    const items = (rows as Grant[]).slice(0, limit);
    return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
  },
});

const giveGrant = route({
  method: "POST",
  path: "/support-grants",
  summary: "Let one of the platform's staff in; the answer does not tell whether anybody has the address",
  needs: ["support.read", "support.grant"],
  limit: "send",
  body: Type.Object(
    {
      operator: Type.String({ format: "email", maxLength: 320 }),
      reason,
      hours,
      reference: Type.Optional(reference),
      permissions: Type.Optional(permissions),
    },
    strict,
  ),
  status: 201,
  answer: grant,
  handle: ({ scope, body }) =>
    scope.tx(async (t) => {
      const { rows } = await t.run({
        text: "select kernel.grant_support($1, $2, $3, $4, $5) as id",
        values: [
          body.operator.trim(),
          body.permissions ?? null,
          body.hours,
          body.reason.trim(),
          body.reference?.trim() ?? null,
        ],
      });
      return oneGrant(await t.run(readById(String(rows[0]?.["id"]))));
    }),
});

const approveGrant = route({
  method: "POST",
  path: "/support-grants/:id/approve",
  summary: "Give what an operator has asked for, or less of it",
  needs: ["support.read", "support.grant"],
  body: Type.Object({ hours: Type.Optional(hours), permissions: Type.Optional(permissions) }, strict),
  answer: grant,
  handle: async ({ scope, params, body }) => {
    const [, found] = await scope.batch([
      {
        text: "select kernel.approve_support($1, $2, $3)",
        values: [params.id, body.permissions ?? null, body.hours ?? null],
      },
      readById(params.id),
    ]);
    return oneGrant(found);
  },
});

const endGrant = route({
  method: "DELETE",
  path: "/support-grants/:id",
  summary: "End a grant, or refuse one; when this has answered, nothing of it answers any more",
  needs: ["support.grant"],
  answer: nothing,
  status: 204,
  handle: async ({ scope, params }) => {
    await scope.run({ text: "select kernel.end_support($1)", values: [params.id] });
  },
});

function readById(id: string): Statement {
  return { text: `select ${columns} from kernel.support_grants where id = $1`, values: [id] };
}

function oneGrant(result: Result | undefined): Grant {
  // The statement names exactly the columns of the schema.
  const [found] = (result?.rows ?? []) as Grant[];
  if (found === undefined) throw new Problem("not-found");
  return found;
}
