import { type Static, Type } from "@sinclair/typebox";
import type { KeyEnvironment } from "../../../contract/api-key.ts";
import { now } from "../../foundation/clock/index.ts";
import type { Transaction } from "../../foundation/database/index.ts";
import { Problem } from "../../foundation/problem/index.ts";

export const uuid = Type.String({ format: "uuid" });
export const strict = { additionalProperties: false };
export const text = Type.Union([Type.String(), Type.Null()]);
export const texts = Type.Union([Type.Array(Type.String()), Type.Null()]);
export const nameField = Type.String({ minLength: 1, maxLength: 100, pattern: "\\S" });

/** A key as it is listed: everything but the key. */
export const key = Type.Object({
  id: uuid,
  name: text,
  /** Its public id, the third part of it, to tell one key from another. */
  hint: text,
  class: Type.String(),
  permissions: texts,
  networks: texts,
  sites: texts,
  memberId: uuid,
  personName: Type.String(),
  personEmail: Type.String(),
  madeBy: text,
  /** The key that it was re-rolled into; until `expiresAt` both are good. */
  replacedBy: Type.Union([uuid, Type.Null()]),
  ip: text,
  createdAt: Type.String(),
  lastSeenAt: text,
  expiresAt: text,
});
export type Key = Static<typeof key>;

/** What makes a key says it once, here. */
export const madeKey = Type.Composite([key, Type.Object({ key: Type.String() })]);

export const keyColumns = `id, name, hint, class, permissions, networks, sites, member_id as "memberId", person_name as "personName",
  person_email as "personEmail", made_by as "madeBy", replaced_by as "replacedBy", ip, created_at as "createdAt",
  last_seen_at as "lastSeenAt", expires_at as "expiresAt"`;

/** What a key may do at most; left out, all that its class and its maker's rights allow. */
export const permissionList = Type.Array(Type.String({ pattern: "^[a-z_]+\\.[a-z_]+$" }), {
  minItems: 1,
  maxItems: 200,
  uniqueItems: true,
});
export const permissionsField = Type.Union([permissionList, Type.Null()]);

/** When a key ends; left out, in a year; null, never. */
export const expiryField = Type.Union([Type.String({ format: "date-time" }), Type.Null()]);

/** The end of a key as the database takes it; refuses one that lies behind us. */
export function expiryOf(given: string | null | undefined): string | null {
  if (given === undefined) return null;
  if (given === null) return "infinity";
  if (Date.parse(given) > now().getTime()) return given;
  throw new Problem("not-valid", { errors: [{ pointer: "/expiresAt", detail: "must be in the future" }] });
}

/** `test` for the keys of a demo, `live` for all others. */
export async function environmentOf(t: Transaction): Promise<KeyEnvironment> {
  const { rows } = await t.run({ text: "select kernel.key_environment() as environment", values: [] });
  return rows[0]?.["environment"] === "test" ? "test" : "live";
}

/** Reads a key that was just made or changed. */
export async function shownKey(t: Transaction, id: string): Promise<Key> {
  const { rows } = await t.run({ text: `select ${keyColumns} from kernel.keys where id = $1`, values: [id] });
  // The statement names exactly the columns of the schema.
  const [shown] = rows as Key[];
  if (shown === undefined) throw new Problem("not-found");
  return shown;
}

/** A key cannot be shown twice, so a replay of its making is refused rather than answered without it. */
export function refuseReplay(replayed: boolean): void {
  if (!replayed) return;
  throw new Problem("wrong-state", {
    detail: "The first try has made this key, and a key is shown only once. End it and make another.",
  });
}
