import { Problem } from "../../foundation/problem/index.ts";
import type { Result, Transaction } from "../../foundation/database/index.ts";
import { type Action, permission, type Resource, type Values } from "../../kernel/resource/index.ts";
import type { Entered } from "../../kernel/tenancy/index.ts";
import type { KeyProvider } from "../../kernel/vault/index.ts";
import type { Need } from "../route.ts";
import { sealCredentials } from "./seal-credentials.ts";

export interface ResourceDoors {
  /** Seals what the resource declares as credentials; a resource that has some cannot do without. */
  readonly keys?: KeyProvider;
  readonly resource: Resource;
  /** Where its addresses begin, when that is not its plural. */
  readonly path?: string;
  /** Brings given values into the form in which they are kept; throws Problem("not-valid"). */
  readonly prepare?: (values: Values, entered: Entered, t: Transaction) => Values | Promise<Values>;
  /** What `prepare` must read to judge them. */
  readonly prepareNeeds?: readonly Need[];
}

/** Where a resource's addresses begin. */
export function pathOf({ path, resource }: ResourceDoors): `/${string}` {
  return `/${path ?? resource.many}`;
}

/** The permissions that showing a record takes: its own, and those of what it names. */
export function readNeeds(resource: Resource): [Need, ...Need[]] {
  const named = Object.values(resource.fields).flatMap(({ kind, to }): Need[] =>
    kind === "ref" && to !== null ? [`${to}.read`] : [],
  );
  return [need(resource, "read"), ...new Set(named)];
}

/** One permission of a resource. */
export function need(resource: Resource, action: Action): Need {
  // Resource names and actions are words, so this is `<word>.<word>`.
  return permission(resource, action) as Need;
}

/** Values as they are kept: e-mail and what is unique in lower case, texts without blanks around them. */
export async function kept(
  { resource, prepare }: ResourceDoors,
  t: Transaction,
  entered: Entered,
  values: Values,
): Promise<Values> {
  const plain = Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      // A password may begin or end with a blank.
      if (typeof value !== "string" || resource.fields[name]?.kind === "credential") return [name, value];
      const trimmed = value.trim();
      const lower = resource.fields[name]?.kind === "email" || resource.unique.includes(name);
      return [name, trimmed === "" ? null : lower ? trimmed.toLowerCase() : trimmed];
    }),
  );
  return prepare === undefined ? plain : prepare(plain, entered, t);
}

/** The same, with credentials sealed for this record. */
export async function keptAndSealed(
  doors: ResourceDoors,
  t: Transaction,
  entered: Entered,
  id: string,
  values: Values,
): Promise<Values> {
  const plain = await kept(doors, t, entered, values);
  return doors.keys === undefined
    ? plain
    : sealCredentials(t, doors.keys, entered, doors.resource, id, plain);
}

/** Why a change touched nothing: there is no such record (for this caller), it is archived, or it moved on. */
export function whyNot(state: Result | undefined, version: number): Problem {
  const row = state?.rows[0];
  if (row === undefined) return new Problem("not-found");
  if (row["version"] !== version) {
    return new Problem("version-conflict", {
      detail: `It is at version ${String(row["version"])} now; you saw ${version}.`,
    });
  }
  return new Problem("wrong-state", {
    detail: row["archivedAt"] === null ? "It is not archived." : "It is archived. Restore it first.",
  });
}
