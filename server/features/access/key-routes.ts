import { Type } from "@sinclair/typebox";
import { rerollOverlaps } from "../../../contract/api-key.ts";
import { newApiKey, sha256 } from "../../foundation/ids/index.ts";
import { nothing, route, type TenantRoute } from "../../http/index.ts";
import { pageFrom, pageOf, pageQuery, pageSize } from "../administration/index.ts";
import {
  environmentOf,
  expiryField,
  expiryOf,
  key,
  type Key,
  keyColumns,
  madeKey,
  nameField,
  permissionList,
  permissionsField,
  shownKey,
  strict,
} from "./key-fields.ts";
import { makeKey } from "./make-key.ts";
import { canonicalNetworks, networksField } from "./networks.ts";

const ownClasses = ["personal", "secret", "publishable"] as const;
type OwnClass = (typeof ownClasses)[number];

/** A host name, or all below one: `shop.example.com`, `*.example.com`. */
const siteField = Type.String({
  maxLength: 253,
  pattern: "^(\\*\\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
});

const newKey = Type.Object(
  {
    name: nameField,
    class: Type.Optional(Type.Unsafe<OwnClass>({ type: "string", enum: [...ownClasses] })),
    permissions: Type.Optional(permissionsField),
    networks: Type.Optional(networksField),
    sites: Type.Optional(
      Type.Union([Type.Array(siteField, { minItems: 1, maxItems: 50, uniqueItems: true }), Type.Null()]),
    ),
    expiresAt: Type.Optional(expiryField),
  },
  strict,
);

/**
 * API keys of people: personal ones that do what their owner may, secret ones that send and read a little, publishable ones
 * that only send events. A key is shown once and never stored: the database holds a digest of its digest.
 */
export function keyRoutes(): TenantRoute[] {
  return [listKeys, createKey, changeKey, rerollKey, exchangeKey, endKey];
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
      text: `select ${keyColumns} from kernel.keys where $1::uuid is null or id < $1 order by id desc limit $2`,
      values: [query.after ?? null, limit + 1],
    });
    // The statement names exactly the columns of the schema.
    return pageFrom(rows as Key[], limit);
  },
});

const createKey = route({
  method: "POST",
  path: "/keys",
  summary: "Make an API key; the answer is the only place where it is ever shown",
  needs: ["key.create", "key.read"],
  body: newKey,
  conditions: ["Idempotency-Key"],
  status: 201,
  answer: madeKey,
  handle: async ({ scope, body, request }) => {
    const { name, class: keyClass = "personal", permissions = null, sites = null } = body;
    const networks = body.networks ? canonicalNetworks(body.networks) : null;
    const expires = expiryOf(body.expiresAt);
    return makeKey(scope, request, {
      class: keyClass,
      asked: body,
      keep: (digest, hint) => ({
        text: "select kernel.create_key($1, $2, $3, $4, $5, $6, $7::cidr[], $8) as id",
        values: [name.trim(), digest, hint, permissions, expires, keyClass, networks, sites],
      }),
    });
  },
});

const changeKey = route({
  method: "PATCH",
  path: "/keys/:id",
  summary:
    "Give an API key another name, or limit it to other networks: one's own, or anybody's for those who may end them",
  needs: ["key.create", "key.read", "key.end"],
  body: Type.Object(
    { name: Type.Optional(nameField), networks: Type.Optional(networksField) },
    { ...strict, minProperties: 1 },
  ),
  answer: key,
  handle: async ({ scope, params, body }) => {
    const wanted = {
      ...(body.name === undefined ? {} : { name: body.name.trim() }),
      ...(body.networks === undefined
        ? {}
        : { networks: body.networks === null ? null : canonicalNetworks(body.networks) }),
    };
    return scope.tx(async (t) => {
      await t.run({
        text: "select kernel.change_key($1, $2::jsonb)",
        values: [params.id, JSON.stringify(wanted)],
      });
      return shownKey(t, params.id);
    });
  },
});

const rerollKey = route({
  method: "POST",
  path: "/keys/:id/reroll",
  summary:
    "Make a key like this one in its place; the old one goes on for the overlap, and then ends by itself",
  needs: ["key.create", "key.read", "key.end"],
  body: Type.Object(
    {
      overlapSeconds: Type.Unsafe<(typeof rerollOverlaps)[number]>({
        type: "integer",
        enum: [...rerollOverlaps],
      }),
    },
    strict,
  ),
  status: 201,
  answer: madeKey,
  handle: async ({ scope, params, body }) =>
    scope.tx(async (t) => {
      const old = await t.run({ text: "select class from kernel.keys where id = $1", values: [params.id] });
      const { token, id: hint } = newApiKey(classOf(old.rows[0]?.["class"]), await environmentOf(t));
      const { rows } = await t.run({
        text: "select kernel.reroll_key($1, $2, $3, $4) as id",
        values: [params.id, sha256(token), hint, body.overlapSeconds],
      });
      return { ...(await shownKey(t, String(rows[0]?.["id"]))), key: token };
    }),
});

const exchangeKey = route({
  method: "POST",
  path: "/keys/exchange",
  summary:
    "Exchange the key that asks for a token of an hour at most, that may as much or less and ends with the key",
  needs: ["organization.read"],
  body: Type.Object(
    {
      seconds: Type.Optional(Type.Integer({ minimum: 60, maximum: 3600 })),
      // Left out, as much as the key may; nobody who wanted less gets that for a null.
      permissions: Type.Optional(permissionList),
    },
    strict,
  ),
  answer: Type.Object({
    accessToken: Type.String(),
    tokenType: Type.Literal("Bearer"),
    expiresAt: Type.String(),
  }),
  handle: async ({ scope, body }) =>
    scope.tx(async (t) => {
      const asking = await t.run({ text: "select kernel.asking_class() as class", values: [] });
      const { token, id } = newApiKey(classOf(asking.rows[0]?.["class"]));
      const { rows } = await t.run({
        text: "select expires_at from kernel.exchange_key($1, $2, $3, $4)",
        values: [sha256(token), id, body.seconds ?? 3600, body.permissions ?? null],
      });
      return { accessToken: token, tokenType: "Bearer" as const, expiresAt: String(rows[0]?.["expires_at"]) };
    }),
});

/** The class that a key was listed with; one that is not listed will be refused by the database. */
function classOf(listed: unknown): OwnClass | "service" {
  const known: readonly (OwnClass | "service")[] = [...ownClasses, "service"];
  return known.find((one) => one === listed) ?? "personal";
}

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
