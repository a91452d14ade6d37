import type { Statement } from "../../foundation/database/index.ts";
import type { FieldSpec } from "./field.ts";
import { columnOf, isCredential, type Resource } from "./resource.ts";
import { countOf, cursorAfter, listOf, type ListWish } from "./list-statements.ts";
import { nameOfReference } from "./schemas.ts";

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
    list: (wish) => listOf(resource, shown, wish),
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
