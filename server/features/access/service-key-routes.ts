import { type Static, Type } from "@sinclair/typebox";
import { Problem } from "../../foundation/problem/index.ts";
import { nothing, route, type TenantRoute } from "../../http/index.ts";
import {
  expiryField,
  expiryOf,
  madeKey,
  nameField,
  permissionsField,
  strict,
  text,
  texts,
  uuid,
} from "./key-fields.ts";
import { makeKey } from "./make-key.ts";
import { canonicalNetworks, networksField } from "./networks.ts";
import { jwkField, readPublicJwk } from "./public-jwk.ts";

const publicKey = Type.Object({
  id: uuid,
  accountId: uuid,
  name: Type.String(),
  alg: Type.String(),
  thumbprint: Type.String(),
  permissions: texts,
  networks: texts,
  madeBy: text,
  createdAt: Type.String(),
  usedAt: text,
  expiresAt: text,
});
type PublicKeyRow = Static<typeof publicKey>;

const columns = `id, account_id as "accountId", name, alg, thumbprint, permissions, networks, made_by as "madeBy",
  created_at as "createdAt", used_at as "usedAt", expires_at as "expiresAt"`;

const limits = {
  name: nameField,
  permissions: Type.Optional(permissionsField),
  networks: Type.Optional(networksField),
  expiresAt: Type.Optional(expiryField),
};

/** How service accounts prove who they are: by a key, or by assertions signed with a key that never leaves them. */
export function serviceKeyRoutes(): TenantRoute[] {
  return [createServiceKey, listPublicKeys, addPublicKey, endPublicKey];
}

const createServiceKey = route({
  method: "POST",
  path: "/service-accounts/:id/keys",
  summary: "Make a key for a service account; it may no more than its maker may, now and later",
  needs: ["key.create", "key.read", "member.change"],
  body: Type.Object(limits, strict),
  conditions: ["Idempotency-Key"],
  status: 201,
  answer: madeKey,
  handle: async ({ scope, params, body, request }) => {
    const networks = body.networks ? canonicalNetworks(body.networks) : null;
    const expires = expiryOf(body.expiresAt);
    return makeKey(scope, request, {
      class: "service",
      asked: { ...body, ...params },
      keep: (digest, hint) => ({
        text: "select kernel.create_service_key($1, $2, $3, $4, $5, $6, $7::cidr[]) as id",
        values: [params.id, body.name.trim(), digest, hint, body.permissions ?? null, expires, networks],
      }),
    });
  },
});

const listPublicKeys = route({
  method: "GET",
  path: "/service-accounts/:id/public-keys",
  summary: "The public keys that a service account's assertions are checked by",
  needs: ["key.read"],
  answer: Type.Object({ items: Type.Array(publicKey) }),
  handle: async ({ scope, params }) => {
    const { rows } = await scope.run({
      text: `select ${columns} from kernel.service_jwks where account_id = $1 order by id`,
      values: [params.id],
    });
    // The statement names exactly the columns of the schema.
    return { items: rows as PublicKeyRow[] };
  },
});

const addPublicKey = route({
  method: "POST",
  path: "/service-accounts/:id/public-keys",
  summary: "Register a public key (JWK) that a service account signs assertions with: ES256, EdDSA or RS256",
  needs: ["key.create", "key.read", "member.change"],
  body: Type.Object({ ...limits, jwk: jwkField }, strict),
  status: 201,
  answer: publicKey,
  handle: async ({ scope, params, body }) => {
    const networks = body.networks ? canonicalNetworks(body.networks) : null;
    const expires = expiryOf(body.expiresAt);
    const name = body.name.trim();
    return scope.tx(async (t) => {
      // Not before it is known who asks: this is work.
      const { jwk, algorithm, thumbprint } = await readPublicJwk(body.jwk);
      const made = await t.run({
        text: "select kernel.add_service_jwk($1, $2, $3::jsonb, $4, $5, $6, $7, $8::cidr[]) as id",
        values: [
          params.id,
          name,
          JSON.stringify(jwk),
          algorithm,
          thumbprint,
          body.permissions ?? null,
          expires,
          networks,
        ],
      });
      const { rows } = await t.run({
        text: `select ${columns} from kernel.service_jwks where id = $1`,
        values: [made.rows[0]?.["id"]],
      });
      // The statement names exactly the columns of the schema.
      const [shown] = rows as PublicKeyRow[];
      if (shown === undefined) throw new Problem("not-found");
      return shown;
    });
  },
});

const endPublicKey = route({
  method: "DELETE",
  path: "/public-keys/:id",
  summary: "End a public key of a service account, with every token that was given for it",
  needs: ["key.end"],
  answer: nothing,
  status: 204,
  handle: async ({ scope, params }) => {
    await scope.run({ text: "select kernel.end_service_jwk($1)", values: [params.id] });
  },
});
