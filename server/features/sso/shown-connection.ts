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
  /** The organization's word that this provider asks everybody for a second factor, whether or not it says so each time. */
  asksSecondFactor: Type.Boolean(),
  /** The member who answers for it: nobody comes in by it who may do more. */
  answers: uuid,
  people: Type.Integer(),
  /** How much came to its doors within a day and belongs to no sign-in that was begun here. */
  turnedAway: Type.Integer(),
  lastSignInAt: when,
  setupLinkUntil: when,
  /** Where the provider sends people back to; the provider's administrator enters it there. */
  callbackUrl: Type.String(),
  /** Where an OpenID provider says that somebody has signed out there; null for other kinds. */
  logoutUrl: Type.Union([Type.String(), Type.Null()]),
  version: Type.Integer(),
  createdAt: Type.String(),
  changedAt: Type.String(),
});
export type ShownConnection = Static<typeof shownConnection>;

/** The addresses of ours that a provider is told. */
export function addressesOf(
  publicUrl: string,
  connection: Pick<ShownConnection, "id" | "kind">,
): Pick<ShownConnection, "callbackUrl" | "logoutUrl"> {
  const { id, kind } = connection;
  return {
    callbackUrl: callbackUrl(publicUrl, connection),
    logoutUrl: kind === "oidc" ? `${publicUrl}/auth/oidc/${id}/backchannel-logout` : null,
  };
}

function callbackUrl(publicUrl: string, { id, kind }: Pick<ShownConnection, "id" | "kind">): string {
  return kind === "oidc" ? `${publicUrl}/auth/oidc/${id}/callback` : `${publicUrl}/auth/saml/${id}/acs`;
}

/** The connections in an answer of kernel.sso_connections. */
export function connectionsIn(result: Result | undefined, publicUrl: string): ShownConnection[] {
  // kernel.sso_shown builds just these objects; the answer schema drops anything else.
  const list = (result?.rows[0]?.["connections"] ?? []) as ShownConnection[];
  return list.map((connection) => ({ ...connection, ...addressesOf(publicUrl, connection) }));
}

/** The only one in it, or Problem("not-found"). */
export function connectionIn(result: Result | undefined, publicUrl: string): ShownConnection {
  const [connection] = connectionsIn(result, publicUrl);
  if (connection === undefined) throw new Problem("not-found");
  return connection;
}
