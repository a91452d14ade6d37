import type { Statement } from "../../../foundation/database/index.ts";
import { accountColumns, contactColumns, type RowValues } from "./contact-row.ts";

export interface Table {
  readonly name: "contact" | "account";
  readonly columns: Readonly<Record<string, string>>;
}

export const accountTable: Table = { name: "account", columns: accountColumns };
const contactTable: Table = { name: "contact", columns: contactColumns };

/** The table that an import of this kind fills. */
export const tableOf = (of: Table["name"]): Table => (of === "contact" ? contactTable : accountTable);

/** What a record has when its row says nothing of a column. */
const emptyValues: Readonly<Record<string, string>> = {
  other_emails: "'[]'",
  other_phones: "'[]'",
  tags: "'{}'",
  custom: "'{}'",
  do_not_call: "false",
  email_opt_out: "false",
  stage: "'lead'",
};

/** The array type that carries a column: an array of arrays must be one rectangle, so those travel as text. */
const carrier = (type: string): string => (type === "text[]" ? "text" : type);

/** Most files leave many columns out: unnest fills what is missing of an array with NULL, so those arrays stay empty. */
function arraysOf({ columns }: Table, ids: readonly string[], rows: readonly RowValues[]): unknown[] {
  const arrays = Object.keys(columns).map((column) => {
    const values = rows.map((row) => row[column] ?? null);
    return values.some((value) => value !== null) ? values : [];
  });
  return [ids, ...arrays];
}

function unnestOf({ columns }: Table, hidden = false): string {
  const names = Object.keys(columns);
  const arrays = ["uuid", ...Object.values(columns)].map((type, index) => {
    const parameter = `$${index + 1}::${carrier(type)}[]`;
    return hidden ? `(select ${parameter})` : parameter;
  });
  return `unnest(${arrays.join(", ")}) as u (id, ${names.join(", ")})`;
}

/** Inserts all rows or none, in one statement; COPY refuses row security. */
export function insertRows(table: Table, ids: readonly string[], rows: readonly RowValues[]): Statement {
  const names = Object.keys(table.columns);
  const values = Object.entries(table.columns).map(([name, type]) => {
    const value = type === "text[]" ? `u.${name}::text[]` : `u.${name}`;
    const empty = emptyValues[name];
    return empty === undefined ? value : `coalesce(${value}, ${empty})`;
  });
  return {
    text: `insert into app.${table.name} (tenant_id, id, ${names.join(", ")})
select (select kernel.bound('${table.name}.create')), u.id, ${values.join(", ")} from ${unnestOf(table)}`,
    values: arraysOf(table, ids, rows),
  };
}

/**
 * Fills what the rows say into records that exist; what a row leaves open stays. Tags are added, lists are added to.
 * Returns each record's id and new version. A parameter behind a subselect has no length that the planner could see: it
 * takes it for ten, probes the primary key, and does not read the whole table to join it.
 */
export function updateRows(table: Table, ids: readonly string[], rows: readonly RowValues[]): Statement {
  const sets = Object.entries(table.columns).map(([name, type]) => {
    if (type === "text[]")
      return `${name} = case when u.${name} is null then t.${name} else array(select distinct x from unnest(t.${name} || u.${name}::text[]) x order by x) end`;
    if (name === "custom") return `custom = t.custom || coalesce(u.custom, '{}')`;
    if (type === "jsonb")
      return `${name} = case when u.${name} is null then t.${name} else (select jsonb_agg(distinct x) from jsonb_array_elements(t.${name} || u.${name}) x) end`;
    return `${name} = coalesce(u.${name}, t.${name})`;
  });
  return {
    text: `update app.${table.name} t set ${sets.join(", ")} from ${unnestOf(table, true)}
where t.id = u.id and t.archived_at is null returning t.id, t.version`,
    values: arraysOf(table, ids, rows),
  };
}

/** The present values of records that an update is about to change, as an undo will need them. */
export function valuesBefore(table: Table, ids: readonly string[]): Statement {
  const pairs = Object.keys(table.columns).map((name) => `'${name}', t.${name}`);
  return {
    text: `select t.id, jsonb_build_object(${pairs.join(", ")}) as before
from unnest((select $1::uuid[])) u (id) join app.${table.name} t on t.id = u.id for update of t`,
    values: [ids],
  };
}

/** Puts records back to what they were, those that nobody changed since; returns their ids. */
export function restoreRows(
  table: Table,
  changed: readonly { id: string; version: number; before: unknown }[],
): Statement {
  const sets = Object.entries(table.columns).map(([name, type]) => {
    if (type === "jsonb") return `${name} = u.before -> '${name}'`;
    if (type === "text[]") return `${name} = array(select jsonb_array_elements_text(u.before -> '${name}'))`;
    return `${name} = (u.before ->> '${name}')::${type}`;
  });
  return {
    text: `update app.${table.name} t set ${sets.join(", ")}
from unnest((select $1::uuid[]), (select $2::integer[]), (select $3::jsonb[])) as u (id, version, before)
where t.id = u.id and t.version = u.version and t.archived_at is null returning t.id, t.version`,
    values: [
      changed.map(({ id }) => id),
      changed.map(({ version }) => version),
      changed.map(({ before }) => JSON.stringify(before)),
    ],
  };
}
