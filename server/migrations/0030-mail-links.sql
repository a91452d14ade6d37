-- Mail to a person rather than from an organization, and what its links are good for: a new password, a sign-in without one,
-- another address, an end of a lock.

set local role rf_kernel;

-- A person's own mail: links that prove a mailbox, notices of what happened to an account. It belongs to no organization, so
-- its body is sealed under a key that is derived from the installation's secret. A letter that was sent keeps no body.
create table kernel.person_mail (
  id           uuid primary key,
  to_address   text not null,
  subject      text not null check (length(subject) between 1 and 250),
  purpose      text not null check (purpose ~ '^[a-z][a-z-]{1,39}$'),
  body         bytea check (body is not null or state in ('sent', 'withheld')),
  -- `withheld` is what was asked for in the name of an address that nobody has: it costs what a real one costs, and goes nowhere.
  state        text not null default 'waiting' check (state in ('waiting', 'sent', 'failed', 'withheld')),
  attempts     smallint not null default 0,
  run_at       timestamptz not null default now(),
  lease_digest bytea,
  leased_until timestamptz,
  failure      text,
  created_at   timestamptz not null default now(),
  sent_at      timestamptz
);
create index person_mail_due on kernel.person_mail (run_at) where state = 'waiting';
create index person_mail_age on kernel.person_mail (created_at);
call kernel.drop_statistics('kernel.person_mail');

-- Puts a letter to one person into the outbox. It is never sent in the transaction that asks for it: what an answer takes
-- must not tell whether there was anybody to write to. Internal.
create function kernel.queue_person_mail(mail_id uuid, address text, subject text, purpose text, sealed_body bytea) returns void
language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  insert into kernel.person_mail (id, to_address, subject, purpose, body)
  values (mail_id, address, queue_person_mail.subject, queue_person_mail.purpose, sealed_body)
$$;

-- Leases letters that are due, and those whose sender died. What could not be sent within a day is not sent any more: its
-- links are dead by then.
create function kernel.lease_person_mail(lease_hash bytea, seconds integer, wanted integer)
returns table (id uuid, to_address text, subject text, body bytea, attempt smallint) language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  update kernel.person_mail m set state = 'failed', failure = coalesce(m.failure, 'nobody sent it within a day')
   where m.state = 'waiting' and m.created_at < now() - interval '1 day';
  return query
  with due as (
    select m.id from kernel.person_mail m
     where m.state = 'waiting' and m.run_at <= now() and (m.leased_until is null or m.leased_until < now())
     order by m.run_at limit least(wanted, 50) for update skip locked)
  update kernel.person_mail m
     set attempts = m.attempts + 1, lease_digest = sha256(lease_hash), leased_until = now() + make_interval(secs => least(seconds, 600))
    from due where m.id = due.id
  returning m.id, m.to_address, m.subject, m.body, m.attempts;
end $$;

-- `retry_seconds` null means that nobody will try again.
create function kernel.settle_person_mail(mail_id uuid, lease_hash bytea, failure text, retry_seconds integer) returns text
language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  update kernel.person_mail m
     set state = case when settle_person_mail.failure is null then 'sent' when retry_seconds is null then 'failed' else 'waiting' end,
         body = case when settle_person_mail.failure is not null then m.body end,
         failure = left(settle_person_mail.failure, 300), lease_digest = null, leased_until = null,
         run_at = now() + make_interval(secs => coalesce(retry_seconds, 0)),
         sent_at = case when settle_person_mail.failure is null then now() end
   where m.id = mail_id and m.state = 'waiting' and m.lease_digest = sha256(lease_hash)
  returning m.state
$$;
grant execute on function kernel.lease_person_mail(bytea, integer, integer), kernel.settle_person_mail(uuid, bytea, text, integer) to rf_worker;

-- The operator's look at people's own mail, for an installation without a relay. It stands in the trail of each organization
-- that an addressed person belongs to. Bodies stay sealed: opening them takes the installation's secret too.
create function kernel.operator_person_outbox()
returns table (id uuid, to_address text, subject text, purpose text, body bytea, state text, failure text, created_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  insert into kernel.audit_event (tenant_id, actor_email, action, resource_type, resource_id, severity)
  select distinct k.tenant_id, 'operator', 'read', 'outbox', p.id, 'notice'
    from kernel.person_mail m
    join kernel.person p on lower(p.email) collate "C" = lower(m.to_address) collate "C"
    join kernel.membership k on k.person_id = p.id and k.ended_at is null
   where m.state in ('waiting', 'failed');
  return query
  select m.id, m.to_address, m.subject, m.purpose, m.body, m.state, m.failure, m.created_at
    from kernel.person_mail m where m.state in ('waiting', 'failed') order by m.created_at desc limit 200;
end $$;
grant execute on function kernel.operator_person_outbox() to rf_ops;
