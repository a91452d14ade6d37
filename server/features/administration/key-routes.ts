import { type Static, Type } from "@sinclair/typebox";
import { now } from "../../foundation/clock/index.ts";
import { newToken, sha256 } from "../../foundation/ids/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import { nothing, route, type TenantRoute } from "../../http/index.ts";
import { onlyOnce } from "./only-once.ts";
import { pageFrom, pageOf, pageQuery, pageSize } from "./paging.ts";

const uuid = Type.String({ format: "uuid" });
const text = Type.Union([Type.String(), Type.Null()]);
const permissions = Type.Union([Type.Array(Type.String()), Type.Null()]);

const key = Type.Object({
  id: uuid,
  name: text,
  /** The last four characters, to tell one key from another. */
  hint: text,
  permissions,
  memberId: uuid,
  personName: Type.String(),
  personEmail: Type.String(),
  ip: text,
  createdAt: Type.String(),
  lastSeenAt: text,
  expiresAt: text,
});
type Key = Static<typeof key>;

const columns = `id, name, hint, permissions, member_id as "memberId", person_name as "personName", person_email as "personEmail",
  ip, created_at as "createdAt", last_seen_at as "lastSeenAt", expires_at as "expiresAt"`;

const newKey = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100, pattern: "\\S" }),
    permissions: Type.Optional(
      Type.Union([
        Type.Array(Type.String({ pattern: "^[a-z_]+\\.[a-z_]+$" }), {
          minItems: 1,
          maxItems: 200,
          uniqueItems: true,
        }),
        Type.Null(),
      ]),
    ),
    expiresAt: Type.Optional(Type.Union([Type.String({ format: "date-time" }), Type.Null()])),
  },
  { additionalProperties: false },
);

/** API keys of people. The key itself is shown once and never stored: the database holds a digest of its digest. */
export function keyRoutes(): TenantRoute[] {
  return [listKeys, createKey, endKey];
}

const listKeys = route({
  method: "GET",
  path: "/keys",
  summary: "API keys: one's own, or everybody's for those who may see them",
  needs: ["key.read"],
  query: Type.Object(pageQuery),
  answer: pageOf(key),
  handle: async ({ scope, query }) => {
    const limit = query.limit ?? pageSize;
    const { rows } = await scope.run({
      text: `select ${columns} from kernel.keys where $1::uuid is null or id < $1 order by id desc limit $2`,
      values: [query.after ?? null, limit + 1],
    });
    // The statement names exactly the columns of the schema.
    return pageFrom(rows as Key[], limit);
  },
});

const createKey = route({
  method: "POST",
  path: "/keys",
  summary: "Make an API key for oneself; the answer is the only place where it is ever shown",
  needs: ["key.create", "key.read"],
  body: newKey,
  conditions: ["Idempotency-Key"],
  status: 201,
  answer: Type.Composite([key, Type.Object({ key: Type.String() })]),
  handle: async ({ scope, body, request }) => {
    const { name, permissions: wanted = null, expiresAt = null } = body;
    if (expiresAt !== null && Date.parse(expiresAt) <= now().getTime()) {
      throw new Problem("not-valid", {
        errors: [{ pointer: "/expiresAt", detail: "must be in the future" }],
      });
    }
    const token = `rf_key_${newToken()}`;
    const made = await scope.tx(async (t) => {
      const values = [name.trim(), sha256(token), token.slice(-4), wanted, expiresAt];
      const { id, replayed } = await onlyOnce(t, request.idempotencyKey(), body, async () => {
        const { rows } = await t.run({ text: "select kernel.create_key($1, $2, $3, $4, $5) as id", values });
        return String(rows[0]?.["id"]);
      });
      if (replayed) {
        throw new Problem("wrong-state", {
          detail: "The first try has made this key, and a key is shown only once. End it and make another.",
        });
      }
      const { rows } = await t.run({
        text: `select ${columns} from kernel.keys where id = $1`,
        values: [id],
      });
      // The statement names exactly the columns of the schema.
      return rows[0] as Key | undefined;
    });
    if (made === undefined) throw new Problem("not-found");
    return { ...made, key: token };
  },
});

const endKey = route({
  method: "DELETE",
  path: "/keys/:id",
  summary: "End an API key; when this has answered, nothing of it answers any more",
  needs: ["key.end"],
  answer: nothing,
  status: 204,
  handle: async ({ scope, params }) => {
    await scope.run({ text: "select kernel.end_key($1)", values: [params.id] });
  },
});
