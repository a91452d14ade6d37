import { type Static, Type } from "@sinclair/typebox";
import type { Statement, Transaction } from "../../foundation/database/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import { nothing, route, type TenantRoute } from "../../http/index.ts";
import { onlyOnce, pageFrom, pageOf, pageQuery, pageSize, rolesField } from "../administration/index.ts";
import { nameField, strict, text, uuid } from "./key-fields.ts";

const account = Type.Object({
  id: uuid,
  name: Type.String(),
  /** What the trail calls it; no mail ever goes there. */
  email: Type.String(),
  roles: Type.Array(Type.String()),
  /** What it may do now: what its roles give, within what whoever answers for it may do. */
  permissions: Type.Array(Type.String()),
  version: Type.Integer(),
  /** Null when whoever answered for it has left: it may do nothing until somebody else answers. */
  answerableId: Type.Union([uuid, Type.Null()]),
  answerableName: Type.String(),
  answerableEmail: Type.String(),
  createdAt: Type.String(),
  lastSeenAt: text,
});
type Account = Static<typeof account>;

const columns = `id, name, email, roles, permissions, version, answerable_id as "answerableId", answerable_name as "answerableName",
  answerable_email as "answerableEmail", created_at as "createdAt", last_seen_at as "lastSeenAt"`;

/** Service accounts: members that are programs. They have no password and no session, and a person answers for each. */
export function serviceAccountRoutes(): TenantRoute[] {
  return [listAccounts, readAccount, createAccount, changeAccount, endAccount];
}

const listAccounts = route({
  method: "GET",
  path: "/service-accounts",
  summary: "Service accounts, with who answers for each",
  needs: ["member.read"],
  query: Type.Object(pageQuery),
  answer: pageOf(account),
  handle: async ({ scope, query }) => {
    const limit = query.limit ?? pageSize;
    const { rows } = await scope.run({
      text: `select ${columns} from kernel.service_accounts where $1::uuid is null or id > $1 order by id limit $2`,
      values: [query.after ?? null, limit + 1],
    });
    // The statement names exactly the columns of the schema.
    return pageFrom(rows as Account[], limit);
  },
});

const readAccount = route({
  method: "GET",
  path: "/service-accounts/:id",
  summary: "A service account",
  needs: ["member.read"],
  answer: account,
  handle: async ({ scope, params, respond }) => {
    const { rows } = await scope.run(accountById(params.id));
    return shown(rows, respond);
  },
});

const createAccount = route({
  method: "POST",
  path: "/service-accounts",
  summary: "Make a service account; it may do nothing that its maker may not",
  needs: ["member.read", "member.change"],
  body: Type.Object({ name: nameField, roles: rolesField, answerableId: Type.Optional(uuid) }, strict),
  conditions: ["Idempotency-Key"],
  status: 201,
  answer: account,
  handle: ({ scope, body, request, respond }) =>
    scope.tx(async (t) => {
      const { id } = await onlyOnce(t, request.idempotencyKey(), body, () => make(t, body));
      return shown((await t.run(accountById(id))).rows, respond);
    }),
});

async function make(
  t: Transaction,
  {
    name,
    roles,
    answerableId,
  }: { readonly name: string; readonly roles: string[]; readonly answerableId?: string },
): Promise<string> {
  const { rows } = await t.run({
    text: "select kernel.create_service_account($1, $2, $3) as id",
    values: [name.trim(), roles, answerableId ?? null],
  });
  return String(rows[0]?.["id"]);
}

const changeAccount = route({
  method: "PATCH",
  path: "/service-accounts/:id",
  summary: "Give a service account another name, other roles, or somebody else who answers for it",
  needs: ["member.read", "member.change"],
  body: Type.Object(
    { name: Type.Optional(nameField), roles: Type.Optional(rolesField), answerableId: Type.Optional(uuid) },
    { ...strict, minProperties: 1 },
  ),
  conditions: ["If-Match"],
  answer: account,
  handle: async ({ scope, params, body, request, respond }) => {
    const wanted = { ...body, ...(body.name === undefined ? {} : { name: body.name.trim() }) };
    const [, found] = await scope.batch([
      {
        text: "select kernel.change_service_account($1, $2::jsonb, $3)",
        values: [params.id, JSON.stringify(wanted), request.ifMatch()],
      },
      accountById(params.id),
    ]);
    return shown(found?.rows ?? [], respond);
  },
});

const endAccount = route({
  method: "DELETE",
  path: "/service-accounts/:id",
  summary: "End a service account with all its keys; when this has answered, nothing of it works",
  needs: ["member.change"],
  answer: nothing,
  status: 204,
  handle: async ({ scope, params }) => {
    await scope.run({ text: "select kernel.end_service_account($1)", values: [params.id] });
  },
});

function accountById(id: string): Statement {
  return { text: `select ${columns} from kernel.service_accounts where id = $1`, values: [id] };
}

function shown(rows: readonly Record<string, unknown>[], respond: { etag(version: number): void }): Account {
  // The statement names exactly the columns of the schema.
  const [found] = rows as Account[];
  if (found === undefined) throw new Problem("not-found");
  respond.etag(found.version);
  return found;
}
