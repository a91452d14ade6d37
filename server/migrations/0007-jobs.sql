-- Work for later. A job carries an organization's authority, so the rows are the kernel's: no door can write one, no
-- worker can choose an organization or see a job that it did not lease.

set local role rf_kernel;

create table kernel.job_kind (
  name     text primary key,
  -- The permission that a route must have bound to ask for this job; null for jobs that only the clock asks for.
  requires text,
  -- What the job itself may do; its member must still hold all of it whenever the job enters,
  needs    text[] not null,
  -- or only what it requires, where the job's own code does more than its member could (undoing an import erases).
  delegated boolean not null default false,
  tries    smallint not null default 5,
  every    interval
);

create table kernel.job (
  id           uuid primary key default kernel.uuidv7(),
  tenant_id    uuid not null references kernel.tenant,
  kind         text not null references kernel.job_kind,
  payload      jsonb not null,
  member_id    uuid,
  person_id    uuid,
  actor_email  text not null,
  request_id   uuid,
  state        text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'dead', 'cancelled')),
  run_at       timestamptz not null default now(),
  attempts     smallint not null default 0,
  lease_digest bytea,
  leased_until timestamptz,
  failure      text,
  created_at   timestamptz not null default now(),
  finished_at  timestamptz,
  inner_pad    bytea not null default kernel.random_block() check (octet_length(inner_pad) = 64),
  outer_pad    bytea not null default kernel.random_block() check (octet_length(outer_pad) = 64)
);
create index job_due on kernel.job (run_at) where state in ('waiting', 'running');
create index job_tenant on kernel.job (tenant_id, kind, created_at);
alter table kernel.job alter actor_email set statistics 0, alter payload set statistics 0;

-- Asks for a job in the transaction of the change that needs it. The binding must hold what the kind requires, so that an
-- injection into a reading route cannot start work that writes.
create function kernel.enqueue(kind text, payload jsonb, run_at timestamptz default now()) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  field  constant text[] := kernel.verified();
  wanted kernel.job_kind;
  made   uuid;
begin
  select k.* into wanted from kernel.job_kind k where k.name = enqueue.kind;
  if wanted.name is null or wanted.requires is null or kernel.bound(wanted.requires) is null then
    raise exception 'not allowed' using errcode = 'RF403', hint = enqueue.kind;
  end if;
  insert into kernel.job (tenant_id, kind, payload, member_id, person_id, actor_email, request_id, run_at)
  values (field[3]::uuid, wanted.name, enqueue.payload, nullif(field[4], '')::uuid, nullif(field[5], '')::uuid, field[10],
          nullif(field[7], '')::uuid, enqueue.run_at)
  returning id into made;
  return made;
end $$;
grant execute on function kernel.enqueue(text, jsonb, timestamptz) to rf_api, rf_worker;

-- Gives the clock's jobs to every organization that is due for one.
create function kernel.schedule_jobs() returns integer language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  made integer;
begin
  insert into kernel.job (tenant_id, kind, payload, actor_email)
  select t.id, k.name, '{}', 'system'
    from kernel.job_kind k cross join kernel.tenant t
   where k.every is not null and t.state = 'active'
     and not exists (select from kernel.job j where j.tenant_id = t.id and j.kind = k.name and j.created_at > now() - k.every);
  get diagnostics made = row_count;
  delete from kernel.job j where j.state in ('done', 'cancelled') and j.finished_at < now() - interval '7 days';
  delete from kernel.idempotency i where i.at < now() - interval '24 hours';
  -- Anybody may begin a sign-in, and a provider as many as it likes, with all that it tells of a person; what became of nothing goes.
  delete from kernel.ticket k where k.purpose in ('oidc-state', 'saml-request', 'assertion') and k.expires_at < now() - interval '1 day';
  delete from kernel.refusal r where r.at < now() - interval '90 days';
  -- No session lives so long, nor anything that stands on one.
  update kernel.tenant t set sso_closed_at = null where not t.sso_enforced and t.sso_closed_at < now() - interval '8 days';
  delete from kernel.pass p where p.expires_at < now() and p.expires_at > '-infinity';
  perform kernel.tidy_mail_links();
  -- Later than any family of tokens lives without use, since the last use is read from them.
  delete from kernel.credential c where c.kind in ('access', 'refresh', 'pending') and c.expires_at < now() - interval '4 days';
  perform kernel.end_lapsed_support();
  perform kernel.tidy_notices();
  delete from kernel.remembered_device d where d.expires_at < now();
  return made;
end $$;

-- Leases due jobs, and those whose worker died (their lease ran out). The worker proves the lease with a secret of its own.
create function kernel.lease_jobs(kinds text[], lease_hash bytea, seconds integer, wanted integer)
returns table (id uuid, kind text, payload jsonb, attempt smallint, tries smallint) language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  update kernel.job j set state = 'dead', finished_at = now(), failure = coalesce(j.failure, 'its worker died')
    from kernel.job_kind k
   where k.name = j.kind and j.state = 'running' and j.leased_until < now() and j.attempts >= k.tries;
  return query
  with due as (
    select j.id from kernel.job j
     where (j.state = 'waiting' and j.run_at <= now() or j.state = 'running' and j.leased_until < now())
       and j.kind = any (kinds)
     order by j.run_at limit least(wanted, 50) for update skip locked)
  update kernel.job j
     set state = 'running', attempts = j.attempts + 1, lease_digest = sha256(lease_hash),
         leased_until = now() + make_interval(secs => least(seconds, 600))
    from due, kernel.job_kind k where j.id = due.id and k.name = j.kind
  returning j.id, j.kind, j.payload, j.attempts, k.tries;
end $$;

-- Lets a transaction act for a leased job: in its organization, with its kind's permissions, while its member still holds
-- them. Extends the lease. Raises RF401 when the lease is not this worker's (any more), RF403 when the member lost a right.
create function kernel.enter_job(job_id uuid, lease_hash bytea) returns uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  job  record;
  kind kernel.job_kind;
begin
  perform kernel.demand_fresh_transaction();
  select j.id, j.kind, j.tenant_id, j.member_id, j.person_id, j.request_id, j.actor_email into job from kernel.job j
   where j.id = job_id and j.state = 'running' and j.lease_digest = sha256(lease_hash) and j.leased_until > now();
  if job.id is null then
    raise exception 'not this worker''s job' using errcode = 'RF401';
  end if;
  select k.* into kind from kernel.job_kind k where k.name = job.kind;
  if not exists (select from kernel.tenant t where t.id = job.tenant_id and t.state = 'active')
     or job.member_id is not null and not exists (
       select from kernel.membership m
        where m.tenant_id = job.tenant_id and m.id = job.member_id and m.ended_at is null and (m.until is null or m.until > now())
          and (case when kind.delegated then array[kind.requires] else kind.needs end) <@ m.permissions) then
    raise exception 'its member may not do this any more' using errcode = 'RF403';
  end if;
  -- Only when it is about to run out, and not when another transaction of the same job is at it: a job that works on two
  -- connections must not wait for itself.
  update kernel.job j set leased_until = now() + interval '2 minutes'
   where j.id = (select l.id from kernel.job l where l.id = job.id and l.leased_until < now() + interval '1 minute' for update skip locked);
  perform kernel.bind('job', job.tenant_id, job.member_id, job.person_id, job.id, kind.needs, job.request_id, null, job.actor_email, 'job ' || job.kind);
  return job.tenant_id;
end $$;

create function kernel.settle_job(job_id uuid, lease_hash bytea, failure text, retry_seconds integer) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  settled text;
begin
  update kernel.job j
     set state = case when settle_job.failure is null then 'done'
                      when retry_seconds is null or j.attempts >= k.tries then 'dead'
                      else 'waiting' end,
         failure = left(settle_job.failure, 500), lease_digest = null, leased_until = null,
         run_at = case when settle_job.failure is not null then now() + make_interval(secs => coalesce(retry_seconds, 0)) else j.run_at end,
         finished_at = case when settle_job.failure is null or retry_seconds is null or j.attempts >= k.tries then now() end
    from kernel.job_kind k
   where j.id = job_id and k.name = j.kind and j.state = 'running' and j.lease_digest = sha256(lease_hash)
  returning j.state into settled;
  return settled;
end $$;
grant execute on function kernel.schedule_jobs(), kernel.lease_jobs(text[], bytea, integer, integer),
  kernel.enter_job(uuid, bytea), kernel.settle_job(uuid, bytea, text, integer) to rf_worker;

-- Mail that the product sends to an organization's own people, who may read it here. No letter whose link proves a mailbox is among it (0001,
-- kernel.person_mail). Bodies are sealed under the tenant's key.
create table kernel.mail (
  tenant_id  uuid not null references kernel.tenant,
  id         uuid not null default kernel.uuidv7(),
  to_address text not null,
  subject    text not null,
  purpose    text not null,
  body       bytea not null,
  state      text not null default 'waiting' check (state in ('waiting', 'sent', 'failed')),
  failure    text,
  created_at timestamptz not null default now(),
  sent_at    timestamptz,
  primary key (tenant_id, id)
);

insert into kernel.permission (key, description) values
  ('outbox.reveal', 'See the mail that the organization sent or has waiting'),
  ('outbox.send', 'Send waiting mail');
insert into kernel.job_kind (name, requires, needs, tries) values ('mail.send', null, '{outbox.send}', 12);

-- Internal: puts a mail into the outbox, with the job that sends it.
create function kernel.queue_mail(
  tenant uuid, mail_id uuid, address text, subject text, purpose text, sealed_body bytea
) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  insert into kernel.mail (tenant_id, id, to_address, subject, purpose, body)
  values (tenant, mail_id, address, queue_mail.subject, queue_mail.purpose, sealed_body);
  -- The demo's people do not exist; its letters stay where everybody can see them.
  insert into kernel.job (tenant_id, kind, payload, actor_email)
  select tenant, 'mail.send', jsonb_build_object('mail', mail_id), 'system' from kernel.tenant t where t.id = tenant and not t.demo;
end $$;

-- Gives waiting mail a job again: at the start of a server that can send, after one that could not.
create function kernel.queue_waiting_mail() returns integer language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  made integer;
begin
  insert into kernel.job (tenant_id, kind, payload, actor_email)
  select m.tenant_id, 'mail.send', jsonb_build_object('mail', m.id), 'system'
    from kernel.mail m join kernel.tenant t on t.id = m.tenant_id and t.state = 'active' and not t.demo
   where m.state = 'waiting' and not exists (
     select from kernel.job j where j.tenant_id = m.tenant_id and j.kind = 'mail.send' and j.payload ->> 'mail' = m.id::text
        and j.state in ('waiting', 'running'));
  get diagnostics made = row_count;
  return made;
end $$;
grant execute on function kernel.queue_waiting_mail() to rf_worker;

create view kernel.outbox with (security_barrier = true) as
select m.id, m.to_address, m.subject, m.purpose,
       case when m.state <> 'sent' then m.body end as body,
       -- A demo's letters are never sent.
       case when m.state = 'waiting' and t.demo then 'held' else m.state end as state, m.failure, m.created_at, m.sent_at
  from kernel.mail m join kernel.tenant t on t.id = m.tenant_id where m.tenant_id = (select kernel.bound('outbox.reveal'));
grant select on kernel.outbox to rf_api;

-- Invitations that were not mailed, where the organization hands links on itself because no relay is set. The bodies are sealed under the
-- installation's key, and the server opens them only then: where there is a relay and a demo writes all the same, whoever runs the installation
-- hands on (decision 32). Whoever opens the link gets its roles, so nobody sees it who holds less: else an admin would become
-- an owner by the invitation of one.
create function kernel.may_hand_on(roles text[]) returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp
return kernel.covers(kernel.held(), kernel.permissions_of(kernel.bound('outbox.reveal'), roles));
grant execute on function kernel.may_hand_on(text[]) to rf_api;

create view kernel.held_invitations with (security_barrier = true) as
select m.id, m.to_address, m.subject, m.purpose, case when kernel.may_hand_on(k.roles) then m.body end as body,
       case when m.state = 'waiting' and t.demo then 'held' else m.state end as state, m.failure, m.created_at, m.sent_at, t.demo
  from kernel.ticket k
  join kernel.tenant t on t.id = k.tenant_id
  join kernel.person_mail m on m.id = (k.payload ->> 'mail')::uuid and m.tenant_id = k.tenant_id
 where k.tenant_id = (select kernel.bound('outbox.reveal')) and k.purpose = 'invitation' and k.used_at is null and k.ended_at is null
   and m.state <> 'sent';
grant select on kernel.held_invitations to rf_api;

create view kernel.mail_to_send with (security_barrier = true) as
select m.id, m.to_address, m.subject, m.body, m.state
  from kernel.mail m where m.tenant_id = (select kernel.bound('outbox.send')) and m.state <> 'sent'
   and not exists (select from kernel.tenant t where t.id = m.tenant_id and t.demo);
grant select on kernel.mail_to_send to rf_worker;

-- `final` means that nobody will try again by himself.
create function kernel.settle_mail(mail_id uuid, failure text, final boolean) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('outbox.send');
begin
  update kernel.mail m set state = case when settle_mail.failure is null then 'sent' when final then 'failed' else 'waiting' end,
         failure = left(settle_mail.failure, 300), sent_at = case when settle_mail.failure is null then now() end
   where m.tenant_id = tenant and m.id = mail_id;
end $$;
grant execute on function kernel.settle_mail(uuid, text, boolean) to rf_worker;

-- The bound organization's data keys, wrapped; whoever may do anything in it may open what its own policies show.
create function kernel.tenant_keys() returns table (id integer, wrapped bytea) language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select k.id, k.wrapped from kernel.tenant_key k where k.tenant_id = (select kernel.bound_tenant()) order by k.id desc;
end;
-- The first writer wins; everybody then uses what is stored. Only the first key, and only for a request that seals
-- something: what is injected into a read must not spoil the keys of its organization.
create function kernel.store_tenant_key(key_id integer, wrapped_key bytea) returns bytea language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := coalesce(kernel.bound('security.change'), kernel.demand('member.invite'));
begin
  if key_id <> 1 then
    raise exception 'not the first key' using errcode = '42501';
  end if;
  insert into kernel.tenant_key (tenant_id, id, wrapped) values (tenant, key_id, wrapped_key) on conflict do nothing;
  return (select k.wrapped from kernel.tenant_key k where k.tenant_id = tenant and k.id = key_id);
end $$;
grant execute on function kernel.tenant_keys(), kernel.store_tenant_key(integer, bytea) to rf_api, rf_worker;

-- The operator's look at an organization's waiting mail, for an installation without a relay. It stands in that
-- organization's own trail. Bodies stay sealed: opening them takes the installation's secret too.
create function kernel.operator_outbox(organization text)
returns table (tenant_id uuid, id uuid, to_address text, subject text, purpose text, body bytea, state text, failure text, created_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  tenant uuid;
begin
  select t.id into tenant from kernel.tenant t where t.slug = organization;
  if tenant is null then
    raise exception 'no such organization' using errcode = 'RF404';
  end if;
  insert into kernel.audit_event (tenant_id, actor_email, action, resource_type, severity)
  values (tenant, 'operator', 'read', 'outbox', 'notice');
  return query
  select m.tenant_id, m.id, m.to_address, m.subject, m.purpose, m.body, m.state, m.failure, m.created_at
    from kernel.mail m where m.tenant_id = tenant and m.state <> 'sent' order by m.id desc limit 200;
end $$;
create function kernel.operator_tenant_keys(organization text) returns table (id integer, wrapped bytea) language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select k.id, k.wrapped from kernel.tenant_key k join kernel.tenant t on t.id = k.tenant_id where t.slug = organization;
end;
grant execute on function kernel.operator_outbox(text), kernel.operator_tenant_keys(text) to rf_ops;

-- What views show of these tables is bound; what EXPLAIN estimates of them is not (see drop_statistics).
call kernel.drop_statistics('kernel.tenant');
call kernel.drop_statistics('kernel.person');
call kernel.drop_statistics('kernel.membership');
call kernel.drop_statistics('kernel.credential');
call kernel.drop_statistics('kernel.pass');
call kernel.drop_statistics('kernel.ticket');
call kernel.drop_statistics('kernel.audit_event');
call kernel.drop_statistics('kernel.mail');
alter index kernel.person_email alter column 1 set statistics 0;

-- What the declarations put into tables; part of the boot proof.
create function kernel.declared_rows() returns table (kind text, name text, definition text) language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select 'permission', p.key, p.description from kernel.permission p
  union all select 'role', r.preset || ' ' || r.key, array_to_string(array(select unnest(r.permissions) order by 1), ' ') from kernel.role r
  union all select 'job kind', j.name, concat_ws(' ', j.requires, array_to_string(j.needs, ','), j.delegated, j.tries, j.every) from kernel.job_kind j
  union all select 'protected', p.relation, concat_ws(' ', p.resource, p.care, p.own) from kernel.protected p;
end;
grant execute on function kernel.declared_rows() to rf_migrate, rf_ops;
