import { Type } from "@sinclair/typebox";
import type { Transaction } from "../../foundation/database/index.ts";
import { newToken, sha256 } from "../../foundation/ids/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import { route, type TenantRoute } from "../../http/index.ts";
import { secretField, settingsField, type SsoOptions, strict } from "./inputs.ts";
import { readSettings } from "./read-settings.ts";
import { newProof, sealSecret } from "./sealed.ts";
import {
  connectionIn,
  connectionsIn,
  roleMapField,
  rolesField,
  type ShownConnection,
  shownConnection,
} from "./shown-connection.ts";

const nameField = Type.String({ minLength: 1, maxLength: 100, pattern: "\\S" });

const newConnection = Type.Object(
  { kind: Type.Union([Type.Literal("oidc"), Type.Literal("saml")]), name: nameField },
  strict,
);

const change = Type.Object(
  {
    name: Type.Optional(nameField),
    settings: Type.Optional(settingsField),
    secret: Type.Optional(secretField),
    newKey: Type.Optional(Type.Boolean()),
    domains: Type.Optional(Type.Array(Type.String({ maxLength: 253 }), { maxItems: 100, uniqueItems: true })),
    provisions: Type.Optional(Type.Boolean()),
    defaultRoles: Type.Optional(rolesField),
    roleMap: Type.Optional(roleMapField),
    followsGroups: Type.Optional(Type.Boolean()),
    asksSecondFactor: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false, minProperties: 1 },
);

const readAll = { text: "select kernel.sso_connections() as connections", values: [] };

/** One connection, or all of them. */
export const readOne = (id: string) => ({
  text: "select kernel.sso_connections($1) as connections",
  values: [id],
});

/** The organization's identity providers. A secret goes in and never comes out. */
export function connectionRoutes({ keys, publicUrl }: SsoOptions): TenantRoute[] {
  return [
    route({
      method: "GET",
      path: "/sso-connections",
      summary: "The organization's identity providers",
      needs: ["security.read"],
      answer: Type.Object({ items: Type.Array(shownConnection) }),
      handle: async ({ scope }) => ({ items: connectionsIn(await scope.run(readAll), publicUrl()) }),
    }),
    route({
      method: "GET",
      path: "/sso-connections/:id",
      summary: "One identity provider",
      needs: ["security.read"],
      answer: shownConnection,
      handle: async ({ scope, params, respond }) => {
        const connection = connectionIn(await scope.run(readOne(params.id)), publicUrl());
        respond.etag(connection.version);
        return connection;
      },
    }),
    route({
      method: "POST",
      path: "/sso-connections",
      summary: "Add an identity provider, as a draft that lets nobody in yet",
      needs: ["security.read", "security.change"],
      body: newConnection,
      status: 201,
      answer: shownConnection,
      handle: ({ scope, body, respond }) =>
        scope.tx(async (t, { tenantId }) => {
          const id = await createConnection(t, tenantId, body, keys);
          respond.location(`/v1/sso-connections/${id}`);
          return connectionIn(await t.run(readOne(id)), publicUrl());
        }),
    }),
    route({
      method: "PATCH",
      path: "/sso-connections/:id",
      summary:
        "Change an identity provider; a setting that is not named stays, null takes one away, and a new secret leaves the former one good for a day",
      needs: ["security.read", "security.change"],
      body: change,
      conditions: ["If-Match"],
      answer: shownConnection,
      handle: async ({ scope, params, body, request, respond }) => {
        const version = request.ifMatch();
        // Before the transaction: making a key takes long. A change meanwhile has another version, and is refused.
        const before = connectionIn(await scope.run(readOne(params.id)), publicUrl());
        const wanted = await prepared(before, body);
        return scope.tx(async (t, { tenantId }) => {
          const sealed =
            wanted.secret === null ? null : await sealSecret(t, keys, tenantId, before.id, wanted.secret);
          await t.run({
            text: "select kernel.change_sso_connection($1, $2::jsonb, $3, $4)",
            values: [params.id, JSON.stringify(wanted.change), sealed, version],
          });
          const after = connectionIn(await t.run(readOne(params.id)), publicUrl());
          respond.etag(after.version);
          return after;
        });
      },
    }),
  ];
}

/** Makes a draft; its id is drawn by the database, and was never anybody else's. */
export async function createConnection(
  t: Transaction,
  tenantId: string,
  { kind, name }: { readonly kind: string; readonly name: string },
  keys: SsoOptions["keys"],
): Promise<string> {
  const { rows } = await t.run({ text: "select gen_random_uuid() as id", values: [] });
  const id = String(rows[0]?.["id"]);
  const proof = await newProof(t, keys, tenantId, id);
  await t.run({
    text: "select kernel.create_sso_connection($1, $2, $3, $4, $5)",
    values: [id, kind, name.trim(), proof.sealed, proof.digest],
  });
  return id;
}

interface Change {
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly secret?: string;
  readonly newKey?: boolean;
}

async function prepared(
  before: ShownConnection,
  body: Change & Readonly<Record<string, unknown>>,
): Promise<{ readonly change: object; readonly secret: string | null }> {
  const { settings, secret, newKey, ...rest } = body;
  if (settings === undefined && secret === undefined && newKey === undefined)
    return { change: rest, secret: null };
  const resettled = await readSettings(before.kind, before.settings, { settings, secret, newKey });
  return { change: { ...rest, settings: resettled.settings }, secret: resettled.secret };
}

/** A token for a link or a browser, with the digest that is stored of it. */
export function freshToken(): { readonly token: string; readonly digest: Buffer } {
  const token = newToken();
  return { token, digest: sha256(token) };
}

/** For what only one kind of connection can do. */
export function demandKind(found: boolean): asserts found {
  if (!found) throw new Problem("wrong-state", { detail: "This kind of connection cannot do that." });
}
