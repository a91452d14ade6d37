import { type Static, Type } from "@sinclair/typebox";
import type { Result } from "../../foundation/database/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import { settingsField, uuid, when } from "./inputs.ts";

export const roleMapField = Type.Array(
  Type.Object(
    {
      group: Type.String({ minLength: 1, maxLength: 256 }),
      roles: Type.Array(Type.String({ maxLength: 100 }), { minItems: 1, maxItems: 20 }),
    },
    { additionalProperties: false },
  ),
  { maxItems: 200 },
);
export const rolesField = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
  maxItems: 20,
  uniqueItems: true,
});

/** A connection as administrators see it. There is no field for a secret: it never comes back. */
export const shownConnection = Type.Object({
  id: uuid,
  kind: Type.Union([Type.Literal("oidc"), Type.Literal("saml")]),
  name: Type.String(),
  state: Type.Union([Type.Literal("draft"), Type.Literal("enabled"), Type.Literal("disabled")]),
  settings: settingsField,
  hasSecret: Type.Boolean(),
  /** Until when the secret before this one is still tried. */
  formerSecretUntil: when,
  domains: Type.Array(Type.String()),
  provisions: Type.Boolean(),
  defaultRoles: Type.Array(Type.String()),
  roleMap: roleMapField,
  followsGroups: Type.Boolean(),
  /** The member who answers for it: nobody comes in by it who may do more. */
  answers: uuid,
  people: Type.Integer(),
  lastSignInAt: when,
  setupLinkUntil: when,
  /** Where the provider sends people back to; the provider's administrator enters it there. */
  callbackUrl: Type.String(),
  version: Type.Integer(),
  createdAt: Type.String(),
  changedAt: Type.String(),
});
export type ShownConnection = Static<typeof shownConnection>;

/** The address that a connection's provider answers to. */
export function callbackUrl(publicUrl: string, { id, kind }: Pick<ShownConnection, "id" | "kind">): string {
  return kind === "oidc" ? `${publicUrl}/auth/oidc/${id}/callback` : `${publicUrl}/auth/saml/${id}/acs`;
}

/** The connections in an answer of kernel.sso_connections. */
export function connectionsIn(result: Result | undefined, publicUrl: string): ShownConnection[] {
  // kernel.sso_shown builds just these objects; the answer schema drops anything else.
  const list = (result?.rows[0]?.["connections"] ?? []) as ShownConnection[];
  return list.map((connection) => ({ ...connection, callbackUrl: callbackUrl(publicUrl, connection) }));
}

/** The only one in it, or Problem("not-found"). */
export function connectionIn(result: Result | undefined, publicUrl: string): ShownConnection {
  const [connection] = connectionsIn(result, publicUrl);
  if (connection === undefined) throw new Problem("not-found");
  return connection;
}
