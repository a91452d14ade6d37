-- Companies that an organization does business with.
-- Generated from the declaration (npm run migrations), reviewed, and never edited once released.

set local role rf_owner;

create table app.account (
  tenant_id uuid not null,
  id uuid not null,
  name text not null check (length(name) between 1 and 300),
  domain text check (length(domain) between 1 and 253) check (domain = lower(domain)),
  phone text check (length(phone) between 1 and 100),
  website text check (length(website) between 1 and 2000),
  industry text check (length(industry) between 1 and 200),
  owner_id uuid,
  street text check (length(street) between 1 and 500),
  city text check (length(city) between 1 and 200),
  region text check (length(region) between 1 and 200),
  postal_code text check (length(postal_code) between 1 and 30),
  country text check (length(country) between 1 and 100),
  tags text[] not null default '{}' check (cardinality(tags) <= 50),
  notes text check (length(notes) between 1 and 20000),
  external_id text check (length(external_id) between 1 and 200) check (external_id = lower(external_id)),
  custom jsonb not null default '{}' check (jsonb_typeof(custom) = 'object'),
  sort_name text collate "C" generated always as (left(kernel.plain_text(trim(coalesce(name, ''))), 200)) stored,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  archived_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, owner_id) references kernel.membership (tenant_id, id) on delete restrict
);
create index account_by_name on app.account (tenant_id, sort_name, id) where archived_at is null;
create index account_by_change on app.account (tenant_id, updated_at, id) where archived_at is null;
create index account_archived on app.account (tenant_id, archived_at, id) where archived_at is not null;
create index account_industry on app.account (tenant_id, industry, id) where archived_at is null;
create index account_owner_id on app.account (tenant_id, owner_id, id) where archived_at is null;
create index account_country on app.account (tenant_id, country, id) where archived_at is null;
create unique index account_unique_domain on app.account (tenant_id, domain) where archived_at is null and domain is not null;
create unique index account_unique_external_id on app.account (tenant_id, external_id) where archived_at is null and external_id is not null;

set local role rf_migrate;
call kernel.protect('app.account', 'account', '{"name":"open","domain":"open","phone":"open","website":"open","industry":"open","owner_id":"open","street":"open","city":"open","region":"open","postal_code":"open","country":"open","tags":"open","notes":"open","external_id":"open","custom":"open","sort_name":"derived"}', 'owner_id');

set local role rf_owner;

-- No foreign key: its record's own keeps the organization, the policies let no other in, and eight checks for each
-- record would double what its tokens cost.
create table app.account_token (
  tenant_id uuid not null,
  token text collate "C" not null,
  record_id uuid not null,
  primary key (tenant_id, token, record_id)
);
alter table app.account_token alter token set statistics 0;

-- Keeps the search tokens equal to the rows. Works as rf_owner under row security: only for the bound organization.
create function app.index_account() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if tg_relid <> to_regclass('app.account') then
    raise exception 'not a table of this trigger' using errcode = '42501';
  end if;
  if tg_op = 'INSERT' then
    insert into app.account_token (tenant_id, token, record_id)
      select distinct on (t.token, t.id) t.tenant_id, t.token, t.id from (
        select r.tenant_id, r.id, unnest((kernel.search_tokens(coalesce(r.name, ''), array[r.domain]::text[], array[r.phone]::text[]) || case when r.tags <> '{}' then array(select left('#' || lower(tag), 120) from unnest(r.tags) tag) else '{}' end) collate "C") as token
          from new_rows r
      ) t order by t.token, t.id;
  elsif tg_op = 'UPDATE' then
    delete from app.account_token k using (
      select distinct on (t.token, t.id) t.tenant_id, t.token, t.id from (
        select r.tenant_id, r.id, unnest((kernel.search_tokens(coalesce(r.name, ''), array[r.domain]::text[], array[r.phone]::text[]) || case when r.tags <> '{}' then array(select left('#' || lower(tag), 120) from unnest(r.tags) tag) else '{}' end) collate "C") as token
          from old_rows r where r.id in (select o.id from old_rows o join new_rows n on n.id = o.id where (o.name, o.domain, o.phone, o.tags) is distinct from (n.name, n.domain, n.phone, n.tags))
      ) t order by t.token, t.id
    ) gone where k.tenant_id = gone.tenant_id and k.token = gone.token and k.record_id = gone.id;
    insert into app.account_token (tenant_id, token, record_id)
      select distinct on (t.token, t.id) t.tenant_id, t.token, t.id from (
        select r.tenant_id, r.id, unnest((kernel.search_tokens(coalesce(r.name, ''), array[r.domain]::text[], array[r.phone]::text[]) || case when r.tags <> '{}' then array(select left('#' || lower(tag), 120) from unnest(r.tags) tag) else '{}' end) collate "C") as token
          from new_rows r where r.id in (select o.id from old_rows o join new_rows n on n.id = o.id where (o.name, o.domain, o.phone, o.tags) is distinct from (n.name, n.domain, n.phone, n.tags))
      ) t order by t.token, t.id;
  else
    delete from app.account_token k using (
      select distinct on (t.token, t.id) t.tenant_id, t.token, t.id from (
        select r.tenant_id, r.id, unnest((kernel.search_tokens(coalesce(r.name, ''), array[r.domain]::text[], array[r.phone]::text[]) || case when r.tags <> '{}' then array(select left('#' || lower(tag), 120) from unnest(r.tags) tag) else '{}' end) collate "C") as token
          from old_rows r
      ) t order by t.token, t.id
    ) gone where k.tenant_id = gone.tenant_id and k.token = gone.token and k.record_id = gone.id;
  end if;
  return null;
end $$;
create trigger index_insert after insert on app.account referencing new table as new_rows for each statement execute function app.index_account();
create trigger index_update after update on app.account referencing old table as old_rows new table as new_rows for each statement execute function app.index_account();
create trigger index_delete after delete on app.account referencing old table as old_rows for each statement execute function app.index_account();

set local role rf_migrate;
call kernel.protect_derived('app.account_token', 'account');
