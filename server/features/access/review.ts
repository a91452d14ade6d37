import { type Static, Type } from "@sinclair/typebox";
import { text, texts, uuid } from "./key-fields.ts";

const lines = Type.Array(Type.String());

/** Everybody and everything with access to an organization, as kernel.access_review tells it. */
export const reviewed = Type.Object({
  members: Type.Array(
    Type.Object({
      id: uuid,
      name: Type.String(),
      email: Type.String(),
      kind: Type.String(),
      roles: lines,
      since: Type.String(),
      lastSeenAt: text,
      /** Of their own here. */
      secondFactor: Type.Boolean(),
      /** Whose it is; null where nobody asks them for one. */
      secondFactorBy: Type.Unsafe<"own" | "provider" | null>({ enum: ["own", "provider", null] }),
      breakGlass: Type.Boolean(),
      /** Who answers for a service account. */
      answerable: text,
      /** What deserves a second look, such as `no-second-factor` or `not-seen-for-90-days`. */
      flags: lines,
    }),
  ),
  keys: Type.Array(
    Type.Object({
      id: uuid,
      name: text,
      hint: text,
      class: Type.String(),
      owner: Type.String(),
      madeBy: text,
      permissions: texts,
      networks: texts,
      createdAt: Type.String(),
      lastSeenAt: text,
      expiresAt: text,
      flags: lines,
    }),
  ),
  publicKeys: Type.Array(
    Type.Object({
      id: uuid,
      name: Type.String(),
      thumbprint: Type.String(),
      alg: Type.String(),
      owner: Type.String(),
      madeBy: text,
      createdAt: Type.String(),
      lastSeenAt: text,
      expiresAt: text,
    }),
  ),
  invitations: Type.Array(
    Type.Object({ id: uuid, email: Type.String(), roles: lines, expiresAt: Type.String() }),
  ),
  supportGrants: Type.Array(
    Type.Object({
      id: uuid,
      email: Type.String(),
      permissions: lines,
      reason: Type.String(),
      until: text,
      firstUsedAt: text,
    }),
  ),
  lastSignOff: Type.Union([
    Type.Object({
      at: Type.String(),
      email: Type.String(),
      note: text,
      counts: Type.Object({
        members: Type.Integer(),
        keys: Type.Integer(),
        supportGrants: Type.Integer(),
      }),
    }),
    Type.Null(),
  ]),
});
export type Review = Static<typeof reviewed>;
