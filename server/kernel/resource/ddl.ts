import type { FieldSpec } from "./field.ts";
import { columnOf, type Resource } from "./resource.ts";

/** The reviewable SQL of a resource: table, indexes, protection and, where fields can be searched, the search tokens. */
export function ddlOf(resource: Resource): string {
  const parts = [tableText(resource), ...indexTexts(resource), protectText(resource)];
  if (searchable(resource)) parts.push(searchText(resource));
  return parts.join("\n");
}

/** Whether any field is found by search. */
export function searchable(resource: Resource): boolean {
  return Object.values(resource.fields).some(({ searchBy }) => searchBy !== null);
}

function tableText(resource: Resource): string {
  // What is unique is kept in lower case, so that a plain index both guards it and finds it: lower() is not leakproof.
  const lowered = (name: string): string =>
    resource.unique.includes(name) ? ` check (${columnOf(name)} = lower(${columnOf(name)}))` : "";
  const columns = Object.entries(resource.fields).map(
    ([name, field]) => `  ${columnOf(name)} ${columnType(columnOf(name), field)}${lowered(name)}`,
  );
  const references = Object.entries(resource.fields).flatMap(([name, field]) =>
    foreignKey(columnOf(name), field),
  );
  return `set local role rf_owner;

create table ${resource.relation} (
  tenant_id uuid not null,
  id uuid not null,
${columns.join(",\n")},
  sort_name text collate "C" generated always as (left(kernel.plain_text(${sortExpression(resource)}), 200)) stored,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  archived_at timestamptz,
  primary key (tenant_id, id)${references.map((line) => `,\n  ${line}`).join("")}
);`;
}

function columnType(column: string, field: FieldSpec): string {
  const must = field.isRequired ? " not null" : "";
  switch (field.kind) {
    case "text":
    case "url":
    case "phone":
      return `text${must} check (length(${column}) between 1 and ${field.max})`;
    case "email":
      return `text${must} check (length(${column}) between 3 and ${field.max} and position('@' in ${column}) > 1)`;
    case "choice":
      return `text not null default '${field.options[0] ?? ""}' check (${column} in (${field.options.map((o) => `'${o}'`).join(", ")}))`;
    case "ref":
    case "member":
      return `uuid${must}`;
    case "tags":
      return `text[] not null default '{}' check (cardinality(${column}) <= ${field.max})`;
    case "entries":
      return `jsonb not null default '[]' check (jsonb_typeof(${column}) = 'array' and jsonb_array_length(${column}) <= ${field.max})`;
    case "values":
      return `jsonb not null default '{}' check (jsonb_typeof(${column}) = 'object')`;
    case "boolean":
      return "boolean not null default false";
    case "integer":
      return `integer${must} check (${column} <= ${field.max})`;
    case "date":
      return `date${must}`;
    case "moment":
      return `timestamptz${must}`;
    case "credential":
      return `bytea${must}`;
  }
}

function foreignKey(column: string, field: FieldSpec): string[] {
  if (field.kind === "ref")
    return [
      `foreign key (tenant_id, ${column}) references app.${field.to ?? ""} (tenant_id, id) on delete restrict`,
    ];
  if (field.kind === "member")
    return [
      `foreign key (tenant_id, ${column}) references kernel.membership (tenant_id, id) on delete restrict`,
    ];
  return [];
}

function sortExpression({ sortBy }: Resource): string {
  return `trim(${sortBy.map((name) => `coalesce(${columnOf(name)}, '')`).join(" || ' ' || ")})`;
}

function indexTexts(resource: Resource): string[] {
  const table = resource.name;
  const on = (name: string, columns: string, rest = ""): string =>
    `create index ${table}_${name} on ${resource.relation} (tenant_id, ${columns})${rest};`;
  const lines = [
    on("by_name", "sort_name, id", " where archived_at is null"),
    on("by_change", "updated_at, id", " where archived_at is null"),
    on("archived", "archived_at, id", " where archived_at is not null"),
  ];
  for (const [name, field] of Object.entries(resource.fields)) {
    const column = columnOf(name);
    if (field.canFilter) lines.push(on(column, `${column}, id`, " where archived_at is null"));
    // A foreign key without an index makes erasing what it points to a scan.
    else if (field.kind === "ref" || field.kind === "member")
      lines.push(on(column, column, ` where ${column} is not null`));
  }
  for (const name of resource.unique) {
    const column = columnOf(name);
    lines.push(
      `create unique index ${table}_unique_${column} on ${resource.relation} (tenant_id, ${column}) where archived_at is null and ${column} is not null;`,
    );
  }
  return lines;
}

function protectText(resource: Resource): string {
  const care = Object.fromEntries(
    Object.entries(resource.fields).map(([name, { care: how }]) => [columnOf(name), how]),
  );
  const own = resource.own === null ? "" : `, '${columnOf(resource.own.field)}'`;
  return `
set local role rf_migrate;
call kernel.protect('${resource.relation}', '${resource.name}', '${JSON.stringify({ ...care, sort_name: "derived" })}'${own});
`;
}

/** The arguments of kernel.search_tokens for a row: its names, addresses and numbers. Used by triggers and by searches. */
export function tokenArguments({ fields }: Resource, row: string): string {
  const of = (by: FieldSpec["searchBy"]): [string, FieldSpec][] =>
    Object.entries(fields).filter(([, field]) => field.searchBy === by);
  const names = of("name").map(([name]) => `coalesce(${row}.${columnOf(name)}, '')`);
  return `${names.length === 0 ? "null" : names.join(" || ' ' || ")}, ${arrayOf(of("address"), row)}, ${arrayOf(of("number"), row)}`;
}

function arrayOf(fields: readonly [string, FieldSpec][], row: string): string {
  const single = fields
    .filter(([, { kind }]) => kind !== "entries")
    .map(([name]) => `${row}.${columnOf(name)}`);
  const many = fields
    .filter(([, { kind }]) => kind === "entries")
    .map(
      ([name, { entryValue }]) =>
        `case when ${row}.${columnOf(name)} <> '[]' then array(select e ->> '${entryValue ?? ""}' from jsonb_array_elements(${row}.${columnOf(name)}) e) else '{}' end`,
    );
  return [`array[${single.join(", ")}]::text[]`, ...many].join(" || ");
}

function searchText(resource: Resource): string {
  const { name, relation, fields } = resource;
  const columns = Object.entries(fields)
    .filter(([, { searchBy }]) => searchBy !== null)
    .map(([field]) => columnOf(field));
  const tags = Object.entries(fields)
    .filter(([, { searchBy }]) => searchBy === "tag")
    .map(
      ([field]) =>
        ` || case when r.${columnOf(field)} <> '{}' then array(select left('#' || lower(tag), 120) from unnest(r.${columnOf(field)}) tag) else '{}' end`,
    );
  // A repeated word is one token. Sorted as the index is, neighbours come one after the other to the same pages.
  const tokensOf = (rows: string, condition: string): string =>
    `select distinct on (t.token, t.id) t.tenant_id, t.token, t.id from (
        select r.tenant_id, r.id, unnest((kernel.search_tokens(${tokenArguments(resource, "r")})${tags.join("")}) collate "C") as token
          from ${rows} r${condition === "" ? "" : ` ${condition}`}
      ) t order by t.token, t.id`;
  const row = (alias: string): string => `(${columns.map((column) => `${alias}.${column}`).join(", ")})`;
  // Most changes touch nothing that is searched.
  const changed = `where r.id in (select o.id from old_rows o join new_rows n on n.id = o.id where ${row("o")} is distinct from ${row("n")})`;
  const remove = (condition: string): string => `delete from ${relation}_token k using (
      ${tokensOf("old_rows", condition)}
    ) gone where k.tenant_id = gone.tenant_id and k.token = gone.token and k.record_id = gone.id;`;
  const add = (condition: string): string => `insert into ${relation}_token (tenant_id, token, record_id)
      ${tokensOf("new_rows", condition)};`;
  return `set local role rf_owner;

-- No foreign key: its record's own keeps the organization, the policies let no other in, and eight checks for each
-- record would double what its tokens cost.
create table ${relation}_token (
  tenant_id uuid not null,
  token text collate "C" not null,
  record_id uuid not null,
  primary key (tenant_id, token, record_id)
);
alter table ${relation}_token alter token set statistics 0;

-- Keeps the search tokens equal to the rows. Works as rf_owner under row security: only for the bound organization.
create function app.index_${name}() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if tg_relid <> to_regclass('${relation}') then
    raise exception 'not a table of this trigger' using errcode = '42501';
  end if;
  if tg_op = 'INSERT' then
    ${add("")}
  elsif tg_op = 'UPDATE' then
    ${remove(changed)}
    ${add(changed)}
  else
    ${remove("")}
  end if;
  return null;
end $$;
create trigger index_insert after insert on ${relation} referencing new table as new_rows for each statement execute function app.index_${name}();
create trigger index_update after update on ${relation} referencing old table as old_rows new table as new_rows for each statement execute function app.index_${name}();
create trigger index_delete after delete on ${relation} referencing old table as old_rows for each statement execute function app.index_${name}();

set local role rf_migrate;
call kernel.protect_derived('${relation}_token', '${name}');
`;
}
