import type { Statement } from "../../foundation/database/index.ts";
import { searchable, tokenArguments } from "./ddl.ts";
import type { FieldSpec } from "./field.ts";
import { columnOf, isCredential, type Resource } from "./resource.ts";
import { nameOfReference } from "./schemas.ts";

/** Which page of a list is wanted. `after` is the cursor of the page before. */
export interface ListWish {
  readonly limit: number;
  readonly after: string | null;
  readonly sort: SortName;
  /** What to search for; the result is then in the order of the match and `sort` does not count. */
  readonly q: string | null;
  readonly tag: string | null;
  readonly filters: Readonly<Record<string, string>>;
  readonly archived: boolean;
}

export type SortName = "createdAt" | "-createdAt" | "name" | "-name" | "updatedAt" | "-updatedAt";
export const sortNames: readonly SortName[] = [
  "createdAt",
  "-createdAt",
  "name",
  "-name",
  "updatedAt",
  "-updatedAt",
];

/** Values of a record by field name, as they go to the database. */
export type Values = Readonly<Record<string, unknown>>;

/** The SQL of a resource. Organization and permission are nowhere in it but in INSERT: the policies judge the rest. */
export interface ResourceStatements {
  read(id: string): Statement;
  list(wish: ListWish): Statement;
  /** The cursor that follows a row of `list`. */
  cursorAfter(row: Record<string, unknown>, wish: ListWish): string;
  count(wish: ListWish): Statement;
  create(id: string, values: Values): Statement;
  /** Changes the given fields of a live record of that version (null: whichever); zero rows when it is not there so. */
  change(id: string, version: number | null, values: Values): Statement;
  /** Tells a missing record from one that changed: version and archived_at, whatever the state. */
  state(id: string): Statement;
  setArchived(ids: readonly string[], versions: readonly number[] | null, archived: boolean): Statement;
  erase(ids: readonly string[]): Statement;
}

/** Builds the statements of a resource once; each call only fills in values, so that prepared plans are shared. */
export function statementsOf(resource: Resource): ResourceStatements {
  const shown = shownColumns(resource);
  const fields = Object.entries(resource.fields);
  const insertText = `insert into ${resource.relation} as r (tenant_id, id, ${fields.map(([name]) => columnOf(name)).join(", ")})
values ((select kernel.bound('${resource.name}.create')), $1, ${fields.map(([, field], index) => inserted(field, index + 2)).join(", ")})
returning ${shown}`;
  const readText = `select ${shown} from ${resource.relation} r where r.id = $1`;
  return {
    read: (id) => ({ text: readText, values: [id] }),
    list: (wish) => (wish.q === null ? plainList(resource, shown, wish) : searchList(resource, shown, wish)),
    cursorAfter,
    count: (wish) => countOf(resource, wish),
    create: (id, values) => ({
      text: insertText,
      values: [id, ...fields.map(([name, field]) => bound(field, values[name]))],
    }),
    change: (id, version, values) => changeOf(resource, shown, id, version, values),
    state: (id) => ({
      text: `select version, archived_at as "archivedAt" from ${resource.relation} where id = $1`,
      values: [id],
    }),
    setArchived: (ids, versions, archived) => ({
      text: `select id, version from app.archive_${resource.name}($1::uuid[], $2::integer[], $3)`,
      values: [ids, versions, archived],
    }),
    erase: (ids) => ({ text: `select app.erase_${resource.name}($1::uuid[])`, values: [ids] }),
  };
}

function shownColumns({ fields }: Resource): string {
  const columns = Object.entries(fields).flatMap(([name, field]) => {
    if (isCredential(field)) return [];
    const own = `r.${columnOf(name)} as "${name}"`;
    return field.kind === "ref"
      ? [
          own,
          `(select o.${field.shownBy ?? "id"} from app.${field.to ?? ""} o where o.id = r.${columnOf(name)}) as "${nameOfReference(name)}"`,
        ]
      : [own];
  });
  return `r.id, r.version, ${columns.join(", ")}, r.created_at as "createdAt", r.updated_at as "updatedAt", r.archived_at as "archivedAt"`;
}

/** The placeholder of a field, with the value of a record that says nothing about it. */
function inserted(field: FieldSpec, position: number): string {
  switch (field.kind) {
    case "choice":
      return `coalesce($${position}, '${field.options[0] ?? ""}')`;
    case "tags":
      return `coalesce($${position}::text[], '{}')`;
    case "entries":
      return `coalesce($${position}::jsonb, '[]')`;
    case "values":
      return `coalesce($${position}::jsonb, '{}')`;
    case "boolean":
      return `coalesce($${position}::boolean, false)`;
    default:
      return `$${position}`;
  }
}

function bound(field: FieldSpec, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  return field.kind === "entries" || field.kind === "values" ? JSON.stringify(value) : value;
}

function changeOf(
  resource: Resource,
  shown: string,
  id: string,
  version: number | null,
  values: Values,
): Statement {
  const named = Object.keys(resource.fields).filter((name) => name in values);
  const sets = named.map((name, index) => `${columnOf(name)} = $${index + 3}`);
  return {
    text: `update ${resource.relation} r set ${sets.join(", ")}
where r.id = $1 and ($2::integer is null or r.version = $2) and r.archived_at is null
returning ${shown}`,
    values: [
      id,
      version,
      ...named.map((name) => {
        const field = resource.fields[name];
        return field === undefined ? null : bound(field, values[name]);
      }),
    ],
  };
}

/** Collects conditions and their values, numbering the placeholders. */
class Conditions {
  readonly texts: string[] = [];
  readonly values: unknown[] = [];

  add(text: (placeholder: (value: unknown) => string) => string): void {
    this.texts.push(
      text((value) => {
        this.values.push(value);
        return `$${this.values.length}`;
      }),
    );
  }

  get where(): string {
    return this.texts.join(" and ");
  }
}

function commonConditions(resource: Resource, wish: ListWish): Conditions {
  const conditions = new Conditions();
  conditions.add(() => `r.archived_at is ${wish.archived ? "not null" : "null"}`);
  for (const [name, value] of Object.entries(wish.filters)) {
    if (resource.fields[name]?.canFilter !== true) continue;
    conditions.add((put) =>
      value === "none" ? `r.${columnOf(name)} is null` : `r.${columnOf(name)} = ${put(value)}`,
    );
  }
  const { tag } = wish;
  if (tag !== null) {
    conditions.add(
      (put) =>
        `r.id in (select k.record_id from ${resource.relation}_token k where k.token = ${put(`#${tag.toLowerCase()}`)})`,
    );
  }
  return conditions;
}

const sortColumns = { createdAt: null, name: "r.sort_name", updatedAt: "r.updated_at" } as const;

function plainList(resource: Resource, shown: string, wish: ListWish): Statement {
  const conditions = commonConditions(resource, wish);
  const descending = wish.sort.startsWith("-");
  // sortNames has nothing else after the sign.
  const column = sortColumns[wish.sort.replace("-", "") as keyof typeof sortColumns];
  const cursor = parseCursor(wish.after);
  if (cursor !== null) {
    const sign = descending ? "<" : ">";
    conditions.add((put) =>
      column === null
        ? `r.id ${sign} ${put(cursor[1])}`
        : `(${column}, r.id) ${sign} (${put(cursor[0])}${column === "r.updated_at" ? "::timestamptz" : ""}, ${put(cursor[1])}::uuid)`,
    );
  }
  const direction = descending ? "desc" : "asc";
  const order = column === null ? `r.id ${direction}` : `${column} ${direction}, r.id ${direction}`;
  return {
    text: `select ${shown}${column === null ? "" : `, ${column}${column === "r.updated_at" ? "::text" : ""} as "sortKey"`} from ${resource.relation} r where ${conditions.where} order by ${order} limit ${wish.limit + 1}`,
    values: conditions.values,
  };
}

/**
 * A range scan over search tokens. A record that has several matching tokens is shown at the first of them only, which is
 * worked out again from its own columns: no second index is needed for that.
 */
function searchList(resource: Resource, shown: string, wish: ListWish): Statement {
  const conditions = commonConditions(resource, wish);
  const [low, high] = tokenRange(wish.q ?? "");
  const cursor = parseCursor(wish.after);
  if (!searchable(resource) || low === "") conditions.add(() => "false");
  let range = "";
  conditions.add((put) => {
    const from = put(low);
    const to = put(high);
    range = `k.token >= ${from} and k.token < ${to}`;
    if (cursor !== null)
      range += ` and (k.token, k.record_id) > (${put(cursor[0])}, ${put(cursor[1])}::uuid)`;
    return `k.token = (select min(own collate "C") from unnest(kernel.search_tokens(${tokenArguments(resource, "r")})) own where own collate "C" >= ${from} and own collate "C" < ${to})`;
  });
  return {
    text: `select ${shown}, k.token as "sortKey" from ${resource.relation}_token k join ${resource.relation} r on r.id = k.record_id
where ${range} and ${conditions.where} order by k.token, k.record_id limit ${wish.limit + 1}`,
    values: conditions.values,
  };
}

/** The tokens that a search text may begin: the same plain text that the database makes, digits where it is a number. */
export function tokenRange(q: string): [string, string] {
  const trimmed = q.trim();
  const digits = trimmed.replace(/\D/g, "");
  const isNumber = digits.length > 3 && /^[\d\s+()./-]+$/.test(trimmed);
  const low = isNumber ? `+${numberStart(trimmed, digits)}` : plainText(trimmed);
  // The largest code point that UTF-8 allows: everything that begins with `low` sorts below it.
  return [low, `${low}\u{10ffff}`];
}

function numberStart(typed: string, digits: string): string {
  if (typed.startsWith("+")) return digits;
  if (digits.startsWith("00")) return digits.slice(2);
  // A national number: its last seven digits are a token of their own.
  return digits.length > 6 ? digits.slice(-7) : digits.replace(/^0/, "");
}

function plainText(value: string): string {
  const lower = value
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase();
  const isAddress = /^\S*[@.]\S+$/.test(lower);
  return isAddress ? lower : lower.replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}

function cursorAfter(row: Record<string, unknown>, wish: ListWish): string {
  const key = wish.q === null && wish.sort.endsWith("createdAt") ? "" : sortKeyOf(row);
  return Buffer.from(JSON.stringify([key, row["id"]])).toString("base64url");
}

function sortKeyOf({ sortKey }: Readonly<Record<string, unknown>>): string {
  return typeof sortKey === "string" ? sortKey : "";
}

/** What a cursor says; anything else than what we gave out starts from the beginning. It names rows, never rights. */
function parseCursor(after: string | null): readonly [string, string] | null {
  if (after === null) return null;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(after, "base64url").toString("utf8"));
    if (!Array.isArray(parsed)) return null;
    const [key, id] = parsed as unknown[];
    return typeof key === "string" && typeof id === "string" && /^[0-9a-f-]{36}$/.test(id) ? [key, id] : null;
  } catch {
    return null;
  }
}

function countOf(resource: Resource, wish: ListWish): Statement {
  const conditions = commonConditions(resource, wish);
  const { q } = wish;
  if (q !== null) {
    const [low, high] = tokenRange(q);
    conditions.add(
      (put) =>
        `r.id in (select k.record_id from ${resource.relation}_token k where k.token >= ${put(low)} and k.token < ${put(high)})`,
    );
  }
  return {
    text: `select count(*)::integer as count from ${resource.relation} r where ${conditions.where}`,
    values: conditions.values,
  };
}
