-- Fields that organizations declare themselves.
-- Generated from the declaration (npm run migrations), reviewed, and never edited once released.

set local role rf_owner;

create table app.own_field (
  tenant_id uuid not null,
  id uuid not null,
  of text not null default 'contact' check (of in ('contact', 'account')),
  key text not null check (length(key) between 1 and 41),
  label text not null check (length(label) between 1 and 100),
  type text not null default 'text' check (type in ('text', 'number', 'date', 'boolean', 'choice')),
  options text[] not null default '{}' check (cardinality(options) <= 100),
  sort_name text collate "C" generated always as (left(kernel.plain_text(trim(coalesce(label, ''))), 200)) stored,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  archived_at timestamptz,
  primary key (tenant_id, id)
);
create index own_field_by_name on app.own_field (tenant_id, sort_name, id) where archived_at is null;
create index own_field_by_change on app.own_field (tenant_id, updated_at, id) where archived_at is null;
create index own_field_archived on app.own_field (tenant_id, archived_at, id) where archived_at is not null;
create index own_field_of on app.own_field (tenant_id, of, id) where archived_at is null;

set local role rf_migrate;
call kernel.protect('app.own_field', 'own_field', '{"of":"open","key":"open","label":"open","type":"open","options":"open","sort_name":"derived"}');

set local role rf_owner;

-- No foreign key: its record's own keeps the organization, the policies let no other in, and eight checks for each
-- record would double what its tokens cost.
create table app.own_field_token (
  tenant_id uuid not null,
  token text collate "C" not null,
  record_id uuid not null,
  primary key (tenant_id, token, record_id)
);
alter table app.own_field_token alter token set statistics 0;

-- Keeps the search tokens equal to the rows. Works as rf_owner under row security: only for the bound organization.
create function app.index_own_field() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if tg_relid <> to_regclass('app.own_field') then
    raise exception 'not a table of this trigger' using errcode = '42501';
  end if;
  if tg_op = 'INSERT' then
    insert into app.own_field_token (tenant_id, token, record_id)
      select distinct on (t.token, t.id) t.tenant_id, t.token, t.id from (
        select r.tenant_id, r.id, unnest((kernel.search_tokens(null, array[]::text[], array[]::text[]) || case when r.options <> '{}' then array(select left('#' || lower(tag), 120) from unnest(r.options) tag) else '{}' end) collate "C") as token
          from new_rows r
      ) t order by t.token, t.id;
  elsif tg_op = 'UPDATE' then
    delete from app.own_field_token k using (
      select distinct on (t.token, t.id) t.tenant_id, t.token, t.id from (
        select r.tenant_id, r.id, unnest((kernel.search_tokens(null, array[]::text[], array[]::text[]) || case when r.options <> '{}' then array(select left('#' || lower(tag), 120) from unnest(r.options) tag) else '{}' end) collate "C") as token
          from old_rows r where r.id in (select o.id from old_rows o join new_rows n on n.id = o.id where (o.options) is distinct from (n.options))
      ) t order by t.token, t.id
    ) gone where k.tenant_id = gone.tenant_id and k.token = gone.token and k.record_id = gone.id;
    insert into app.own_field_token (tenant_id, token, record_id)
      select distinct on (t.token, t.id) t.tenant_id, t.token, t.id from (
        select r.tenant_id, r.id, unnest((kernel.search_tokens(null, array[]::text[], array[]::text[]) || case when r.options <> '{}' then array(select left('#' || lower(tag), 120) from unnest(r.options) tag) else '{}' end) collate "C") as token
          from new_rows r where r.id in (select o.id from old_rows o join new_rows n on n.id = o.id where (o.options) is distinct from (n.options))
      ) t order by t.token, t.id;
  else
    delete from app.own_field_token k using (
      select distinct on (t.token, t.id) t.tenant_id, t.token, t.id from (
        select r.tenant_id, r.id, unnest((kernel.search_tokens(null, array[]::text[], array[]::text[]) || case when r.options <> '{}' then array(select left('#' || lower(tag), 120) from unnest(r.options) tag) else '{}' end) collate "C") as token
          from old_rows r
      ) t order by t.token, t.id
    ) gone where k.tenant_id = gone.tenant_id and k.token = gone.token and k.record_id = gone.id;
  end if;
  return null;
end $$;
create trigger index_insert after insert on app.own_field referencing new table as new_rows for each statement execute function app.index_own_field();
create trigger index_update after update on app.own_field referencing old table as old_rows new table as new_rows for each statement execute function app.index_own_field();
create trigger index_delete after delete on app.own_field referencing old table as old_rows for each statement execute function app.index_own_field();

set local role rf_migrate;
call kernel.protect_derived('app.own_field_token', 'own_field');
