-- People that an organization does business with.
-- Generated from the declaration (npm run migrations), reviewed, and never edited once released.

set local role rf_owner;

create table app.contact (
  tenant_id uuid not null,
  id uuid not null,
  first_name text check (length(first_name) between 1 and 200),
  last_name text check (length(last_name) between 1 and 200),
  email text check (length(email) between 3 and 320 and position('@' in email) > 1) check (email = lower(email)),
  other_emails jsonb not null default '[]' check (jsonb_typeof(other_emails) = 'array' and jsonb_array_length(other_emails) <= 20),
  phone text check (length(phone) between 1 and 100),
  other_phones jsonb not null default '[]' check (jsonb_typeof(other_phones) = 'array' and jsonb_array_length(other_phones) <= 20),
  title text check (length(title) between 1 and 200),
  account_id uuid,
  owner_id uuid,
  stage text not null default 'lead' check (stage in ('lead', 'open', 'customer', 'former')),
  source text check (length(source) between 1 and 200),
  street text check (length(street) between 1 and 500),
  city text check (length(city) between 1 and 200),
  region text check (length(region) between 1 and 200),
  postal_code text check (length(postal_code) between 1 and 30),
  country text check (length(country) between 1 and 100),
  website text check (length(website) between 1 and 2000),
  birthday text check (length(birthday) between 1 and 10),
  tags text[] not null default '{}' check (cardinality(tags) <= 50),
  notes text check (length(notes) between 1 and 20000),
  do_not_call boolean not null default false,
  email_opt_out boolean not null default false,
  external_id text check (length(external_id) between 1 and 200) check (external_id = lower(external_id)),
  custom jsonb not null default '{}' check (jsonb_typeof(custom) = 'object'),
  sort_name text collate "C" generated always as (left(kernel.plain_text(trim(coalesce(last_name, '') || ' ' || coalesce(first_name, '') || ' ' || coalesce(email, ''))), 200)) stored,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  archived_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, account_id) references app.account (tenant_id, id) on delete restrict,
  foreign key (tenant_id, owner_id) references kernel.membership (tenant_id, id) on delete restrict
);
create index contact_by_name on app.contact (tenant_id, sort_name, id) where archived_at is null;
create index contact_by_change on app.contact (tenant_id, updated_at, id) where archived_at is null;
create index contact_archived on app.contact (tenant_id, archived_at, id) where archived_at is not null;
create index contact_account_id on app.contact (tenant_id, account_id, id) where archived_at is null;
create index contact_owner_id on app.contact (tenant_id, owner_id, id) where archived_at is null;
create index contact_stage on app.contact (tenant_id, stage, id) where archived_at is null;
create index contact_source on app.contact (tenant_id, source, id) where archived_at is null;
create unique index contact_unique_email on app.contact (tenant_id, email) where archived_at is null and email is not null;
create unique index contact_unique_external_id on app.contact (tenant_id, external_id) where archived_at is null and external_id is not null;

set local role rf_migrate;
call kernel.protect('app.contact', 'contact', '{"first_name":"personal","last_name":"personal","email":"personal","other_emails":"personal","phone":"personal","other_phones":"personal","title":"open","account_id":"open","owner_id":"open","stage":"open","source":"open","street":"personal","city":"personal","region":"open","postal_code":"personal","country":"open","website":"open","birthday":"personal","tags":"open","notes":"personal","do_not_call":"open","email_opt_out":"open","external_id":"open","custom":"personal","sort_name":"derived"}', 'owner_id');

set local role rf_owner;

-- No foreign key: its record's own keeps the organization, the policies let no other in, and eight checks for each
-- record would double what its tokens cost.
create table app.contact_token (
  tenant_id uuid not null,
  token text collate "C" not null,
  record_id uuid not null,
  primary key (tenant_id, token, record_id)
);
alter table app.contact_token alter token set statistics 0;

-- Keeps the search tokens equal to the rows. Works as rf_owner under row security: only for the bound organization.
create function app.index_contact() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if tg_relid <> to_regclass('app.contact') then
    raise exception 'not a table of this trigger' using errcode = '42501';
  end if;
  if tg_op = 'INSERT' then
    insert into app.contact_token (tenant_id, token, record_id)
      select distinct on (t.token, t.id) t.tenant_id, t.token, t.id from (
        select r.tenant_id, r.id, unnest((kernel.search_tokens(coalesce(r.first_name, '') || ' ' || coalesce(r.last_name, ''), array[r.email]::text[] || case when r.other_emails <> '[]' then array(select e ->> 'address' from jsonb_array_elements(r.other_emails) e) else '{}' end, array[r.phone]::text[] || case when r.other_phones <> '[]' then array(select e ->> 'number' from jsonb_array_elements(r.other_phones) e) else '{}' end) || case when r.tags <> '{}' then array(select left('#' || lower(tag), 120) from unnest(r.tags) tag) else '{}' end) collate "C") as token
          from new_rows r
      ) t order by t.token, t.id;
  elsif tg_op = 'UPDATE' then
    delete from app.contact_token k using (
      select distinct on (t.token, t.id) t.tenant_id, t.token, t.id from (
        select r.tenant_id, r.id, unnest((kernel.search_tokens(coalesce(r.first_name, '') || ' ' || coalesce(r.last_name, ''), array[r.email]::text[] || case when r.other_emails <> '[]' then array(select e ->> 'address' from jsonb_array_elements(r.other_emails) e) else '{}' end, array[r.phone]::text[] || case when r.other_phones <> '[]' then array(select e ->> 'number' from jsonb_array_elements(r.other_phones) e) else '{}' end) || case when r.tags <> '{}' then array(select left('#' || lower(tag), 120) from unnest(r.tags) tag) else '{}' end) collate "C") as token
          from old_rows r where r.id in (select o.id from old_rows o join new_rows n on n.id = o.id where (o.first_name, o.last_name, o.email, o.other_emails, o.phone, o.other_phones, o.tags) is distinct from (n.first_name, n.last_name, n.email, n.other_emails, n.phone, n.other_phones, n.tags))
      ) t order by t.token, t.id
    ) gone where k.tenant_id = gone.tenant_id and k.token = gone.token and k.record_id = gone.id;
    insert into app.contact_token (tenant_id, token, record_id)
      select distinct on (t.token, t.id) t.tenant_id, t.token, t.id from (
        select r.tenant_id, r.id, unnest((kernel.search_tokens(coalesce(r.first_name, '') || ' ' || coalesce(r.last_name, ''), array[r.email]::text[] || case when r.other_emails <> '[]' then array(select e ->> 'address' from jsonb_array_elements(r.other_emails) e) else '{}' end, array[r.phone]::text[] || case when r.other_phones <> '[]' then array(select e ->> 'number' from jsonb_array_elements(r.other_phones) e) else '{}' end) || case when r.tags <> '{}' then array(select left('#' || lower(tag), 120) from unnest(r.tags) tag) else '{}' end) collate "C") as token
          from new_rows r where r.id in (select o.id from old_rows o join new_rows n on n.id = o.id where (o.first_name, o.last_name, o.email, o.other_emails, o.phone, o.other_phones, o.tags) is distinct from (n.first_name, n.last_name, n.email, n.other_emails, n.phone, n.other_phones, n.tags))
      ) t order by t.token, t.id;
  else
    delete from app.contact_token k using (
      select distinct on (t.token, t.id) t.tenant_id, t.token, t.id from (
        select r.tenant_id, r.id, unnest((kernel.search_tokens(coalesce(r.first_name, '') || ' ' || coalesce(r.last_name, ''), array[r.email]::text[] || case when r.other_emails <> '[]' then array(select e ->> 'address' from jsonb_array_elements(r.other_emails) e) else '{}' end, array[r.phone]::text[] || case when r.other_phones <> '[]' then array(select e ->> 'number' from jsonb_array_elements(r.other_phones) e) else '{}' end) || case when r.tags <> '{}' then array(select left('#' || lower(tag), 120) from unnest(r.tags) tag) else '{}' end) collate "C") as token
          from old_rows r
      ) t order by t.token, t.id
    ) gone where k.tenant_id = gone.tenant_id and k.token = gone.token and k.record_id = gone.id;
  end if;
  return null;
end $$;
create trigger index_insert after insert on app.contact referencing new table as new_rows for each statement execute function app.index_contact();
create trigger index_update after update on app.contact referencing old table as old_rows new table as new_rows for each statement execute function app.index_contact();
create trigger index_delete after delete on app.contact referencing old table as old_rows for each statement execute function app.index_contact();

set local role rf_migrate;
call kernel.protect_derived('app.contact_token', 'contact');
