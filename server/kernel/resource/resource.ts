import type { Role } from "../../../contract/roles.ts";
import type { Care, Field, FieldSpec } from "./field.ts";

export type Action = "read" | "create" | "change" | "archive" | "export" | "erase";
export const actions: readonly Action[] = ["read", "create", "change", "archive", "export", "erase"];

export type Fields = Readonly<Record<string, Field>>;
type Granted = "all" | Action | readonly Action[];

export interface ResourceOptions<F extends Fields> {
  /** How people name it: "contact", "contacts". The many end the address, as in /v1/contacts. */
  readonly many: string;
  readonly fields: F;
  /** Fields that no two records of one organization share, archived ones aside. */
  readonly unique?: readonly (keyof F & string)[];
  /** Fields whose words, in this order, sort the list called "name"; the first of them that is set names the record. */
  readonly sortBy: readonly (keyof F & string)[];
  /** What each role adds to the roles below it. An action with `:own` is meant for records of one's own only. */
  readonly can: Readonly<Partial<Record<Role, Granted>>>;
  /** The member field that makes a record somebody's own; with `ownOnly`, those roles change their own records only. */
  readonly own?: { readonly field: keyof F & string; readonly roles: readonly Role[] };
  readonly keep?: { readonly archivedDays: number };
}

/** A declared resource: what tables, doors, documents, clients and attack tests are made from. */
export interface Resource<F extends Fields = Fields> {
  readonly name: string;
  readonly many: string;
  readonly relation: string;
  readonly fields: F;
  readonly unique: readonly string[];
  readonly sortBy: readonly string[];
  readonly can: Readonly<Partial<Record<Role, readonly Action[]>>>;
  readonly own: { readonly field: string; readonly roles: readonly Role[] } | null;
  readonly keepArchivedDays: number;
}

/**
 * Declares a kind of record. Tenant wall, row security, audit, history, archive, permissions and attack tests follow
 * from writing nothing more; throws at load when the declaration contradicts itself.
 */
export function resource<const F extends Fields>(name: string, options: ResourceOptions<F>): Resource<F> {
  if (!/^[a-z][a-z_]{1,40}$/.test(name)) throw new Error(`"${name}" cannot name a resource`);
  for (const [key, field] of Object.entries(options.fields)) checkField(name, key, field);
  for (const key of [...options.sortBy, ...(options.unique ?? [])]) {
    if (!(key in options.fields)) throw new Error(`${name} has no field ${key}`);
  }
  return {
    name,
    many: options.many,
    relation: `app.${name}`,
    fields: options.fields,
    unique: options.unique ?? [],
    sortBy: options.sortBy,
    can: Object.fromEntries(Object.entries(options.can).map(([role, granted]) => [role, listed(granted)])),
    own: options.own ?? null,
    keepArchivedDays: options.keep?.archivedDays ?? 30,
  };
}

const reservedNames = new Set([
  "id",
  "tenantId",
  "version",
  "createdAt",
  "updatedAt",
  "archivedAt",
  "sortName",
]);

function checkField(name: string, key: string, field: FieldSpec): void {
  if (!/^[a-z][A-Za-z0-9]{0,40}$/.test(key)) throw new Error(`${name}.${key} cannot name a field`);
  if (reservedNames.has(key)) throw new Error(`${name}.${key}: every record has this field already`);
  if (field.care === "credential" && field.searchBy !== null)
    throw new Error(`${name}.${key}: a credential cannot be searched`);
}

function listed(granted: Granted): readonly Action[] {
  if (granted === "all") return actions;
  return typeof granted === "string" ? [granted] : granted;
}

/** The column of a field: `firstName` is first_name. */
export function columnOf(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Whether a field's value is never shown. */
export function isCredential(field: { readonly care: Care }): boolean {
  return field.care === "credential";
}

/** What a reader is shown: credential fields are absent by type, so that an answer cannot name one. */
export type Shown<F extends Fields> = {
  readonly [K in keyof F as F[K]["care"] extends "credential" ? never : K]: F[K] extends Field<infer V>
    ? V
    : never;
} & Lifecycle;

export interface Lifecycle {
  readonly id: string;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly archivedAt: string | null;
}
