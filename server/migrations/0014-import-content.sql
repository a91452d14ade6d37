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
  phase      text not null check (phase in ('check', 'run', 'undo')),
  seq        integer not null,
  -- The last record of the file that this batch covers, and how far into the file that is.
  last_row   integer not null,
  bytes_read bigint not null,
  created    integer not null,
  updated    integer not null,
  skipped    integer not null,
  failed     integer not null,
  -- What an undo needs: [[kind, id, version]…] of what was made, [{id, version, before}…] of what was changed.
  made       jsonb not null default '[]',
  changed    jsonb not null default '[]',
  faults     jsonb not null default '[]',
  primary key (tenant_id, import_id, phase, seq),
  foreign key (tenant_id, import_id) references app.import (tenant_id, id) on delete cascade
);
alter table app.import_batch alter made set statistics 0, alter changed set statistics 0, alter faults set statistics 0;

set local role rf_migrate;
call kernel.protect_content('app.import_chunk', 'import');
call kernel.protect_content('app.import_batch', 'import');
