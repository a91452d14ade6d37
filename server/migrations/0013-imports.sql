-- Files on their way in.
-- Generated from the declaration (npm run migrations), reviewed, and never edited once released.

set local role rf_owner;

create table app.import (
  tenant_id uuid not null,
  id uuid not null,
  of text not null default 'contact' check (of in ('contact', 'account')),
  state text not null default 'uploading' check (state in ('uploading', 'uploaded', 'checking', 'checked', 'running', 'done', 'cancelled', 'failed', 'undoing', 'undone')),
  file_name text not null check (length(file_name) between 1 and 255),
  bytes integer check (bytes <= 2147483647),
  rows_total integer check (rows_total <= 2147483647),
  layout jsonb not null default '{}' check (jsonb_typeof(layout) = 'object'),
  mapping jsonb not null default '{}' check (jsonb_typeof(mapping) = 'object'),
  dedupe text not null default 'skip' check (dedupe in ('skip', 'update', 'create')),
  started_at timestamptz,
  finished_at timestamptz,
  failure text check (length(failure) between 1 and 500),
  sort_name text collate "C" generated always as (left(kernel.plain_text(trim(coalesce(file_name, ''))), 200)) stored,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  archived_at timestamptz,
  primary key (tenant_id, id)
);
create index import_by_name on app.import (tenant_id, sort_name, id) where archived_at is null;
create index import_by_change on app.import (tenant_id, updated_at, id) where archived_at is null;
create index import_archived on app.import (tenant_id, archived_at, id) where archived_at is not null;

set local role rf_migrate;
call kernel.protect('app.import', 'import', '{"of":"open","state":"open","file_name":"open","bytes":"open","rows_total":"open","layout":"open","mapping":"open","dedupe":"open","started_at":"open","finished_at":"open","failure":"open","sort_name":"derived"}');
