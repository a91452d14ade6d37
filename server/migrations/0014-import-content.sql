-- What belongs to an import: the bytes of its file, in pieces, and what became of its rows, batch by batch. Both are
-- written in the transactions that do the work, so that a crash leaves a whole number of batches, and both are walled
-- like the import itself.

set local role rf_owner;

create table app.import_chunk (
  tenant_id uuid not null,
  import_id uuid not null,
  seq       integer not null,
  bytes     bytea not null,
  primary key (tenant_id, import_id, seq),
  foreign key (tenant_id, import_id) references app.import (tenant_id, id) on delete cascade
);
-- Text of people is not compressed away in the transaction that receives it.
alter table app.import_chunk alter bytes set storage external, alter bytes set statistics 0;

create table app.import_batch (
  tenant_id  uuid not null,
  import_id  uuid not null,
  phase      text not null check (phase in ('check', 'accounts', 'run', 'undo')),
  -- Of a batch of rows its first record, so that no two workers can do the same rows; of accounts a count.
  seq        integer not null,
  -- The last record of the file that this batch covers, how many those are, and how far into the file that is.
  last_row   integer not null,
  rows       integer not null,
  bytes_read bigint not null,
  created    integer not null,
  updated    integer not null,
  skipped    integer not null,
  failed     integer not null,
  -- What an undo needs: the ids of what was made, [{id, version, before}…] of what was changed.
  made       uuid[] not null default '{}',
  changed    jsonb not null default '[]',
  -- Row by row, for the report that people download: written once, read once, so json and not jsonb;
  faults     json not null default '[]',
  -- and summed up by reason, for the progress.
  problems   jsonb not null default '[]',
  -- Batches that touch the same record note themselves one after the other; an undo goes back in that order.
  noted_at   timestamptz not null default clock_timestamp(),
  primary key (tenant_id, import_id, phase, seq),
  foreign key (tenant_id, import_id) references app.import (tenant_id, id) on delete cascade
);
-- Ids are random; trying to compress them is time lost.
alter table app.import_batch alter made set storage external;
alter table app.import_batch alter made set statistics 0, alter changed set statistics 0, alter faults set statistics 0, alter problems set statistics 0;

set local role rf_migrate;
call kernel.protect_content('app.import_chunk', 'import');
call kernel.protect_content('app.import_batch', 'import');

set local role rf_owner;
create function app.drop_import_chunks(imports uuid[]) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  delete from app.import_chunk c where c.import_id = any (imports);
end $$;
-- Of one phase; `one` null means all of it.
create function app.drop_import_batches(import uuid, phase text, one integer) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  delete from app.import_batch b
   where b.import_id = drop_import_batches.import and b.phase = drop_import_batches.phase and (one is null or b.seq = one);
end $$;
grant execute on function app.drop_import_chunks(uuid[]), app.drop_import_batches(uuid, text, integer) to rf_api, rf_worker;

-- A lock on something that has no row of its own, within the bound organization, until the transaction ends. Doors may not
-- take advisory locks themselves: they could hold those of others.
set local role rf_kernel;
create function kernel.lock_in_tenant(thing text, alone boolean) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set lock_timeout = '60s' as $$
declare
  key constant bigint := hashtextextended(kernel.bound_tenant() || ' ' || thing, 1401);
begin
  if alone then
    perform pg_advisory_xact_lock(key);
  else
    perform pg_advisory_xact_lock_shared(key);
  end if;
end $$;
grant execute on function kernel.lock_in_tenant(text, boolean) to rf_worker;

-- Imports that some job will still work on; the others are left over.
create function kernel.imports_under_way() returns setof uuid language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select (j.payload ->> 'import')::uuid from kernel.job j
   where j.tenant_id = (select kernel.bound('import.change')) and j.kind like 'imports.%' and j.state in ('waiting', 'running')
     and j.payload ? 'import';
end;
grant execute on function kernel.imports_under_way() to rf_worker;

-- How large the tables are that an import fills, for the planner: autovacuum looks in once a minute, and counts no row of
-- a batch that is still being written. Columns keep no statistics.
set local role rf_owner;
create function app.measure_tables() returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if kernel.bound('import.change') is not null then
    analyze (skip_locked) app.account, app.contact, app.contact_token;
  end if;
end $$;
grant execute on function app.measure_tables() to rf_worker;
