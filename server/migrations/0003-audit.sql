-- The audit trail. Rows come from here only: from triggers on protected tables and from the kernel's own functions.
-- No role that a door logs in as can insert, update, delete or truncate it, nor can rf_owner or rf_migrate without
-- becoming rf_kernel.

set local role rf_kernel;

-- Writes one event with the hands that the binding names. Internal: whoever could call it could write history.
create function kernel.audit(
  action text, resource_type text, resource_id uuid, before jsonb, after jsonb, severity text default 'info'
) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  field constant text[] := kernel.verified();
begin
  -- A pass names no request, and is for reading.
  if field[2] = 'pass' then
    raise exception 'a pass writes nothing' using errcode = '42501';
  end if;
  insert into kernel.audit_event (tenant_id, actor_id, actor_email, credential_id, request_id, ip, device,
                                  action, resource_type, resource_id, severity, before, after)
  values (field[3]::uuid, nullif(field[5], '')::uuid, field[10], field[6]::uuid, nullif(field[7], '')::uuid,
          nullif(field[8], '')::inet, nullif(field[11], ''), action, resource_type, resource_id, severity, before, after);
end $$;

-- What the audit screen and the time lines read. A definer view on purpose: the table has no grants at all.
create view kernel.audit_trail with (security_barrier = true) as
select e.id, e.at, e.actor_id, e.actor_email, e.credential_id, e.request_id, e.ip, e.device,
       e.action, e.resource_type, e.resource_id, e.severity, e.anomaly, e.before, e.after
  from kernel.audit_event e
 where e.tenant_id = (select kernel.bound('audit.read'));
grant select on kernel.audit_trail to rf_api, rf_worker;

-- The history of one record, for whoever may read all records of its kind: what became of it, and not who of the platform's staff has
-- looked at it, which is for those who may read the trail.
create function kernel.history(resource text, record uuid, before_id uuid, page integer)
returns table (id uuid, at timestamptz, actor_id uuid, actor_email text, action text, resource_type text, resource_id uuid,
               severity text, request_id uuid, before jsonb, after jsonb)
language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select e.id, e.at, e.actor_id, e.actor_email, e.action, e.resource_type, e.resource_id, e.severity, e.request_id, e.before, e.after
    from kernel.audit_event e
   where e.tenant_id = (select case when kernel.holds(resource || '.read') then kernel.bound_tenant() end)
     and e.resource_id = record and e.resource_type = resource and e.action <> 'look'
     and (before_id is null or e.id < before_id)
   order by e.id desc
   limit least(page, 200);
end;
grant execute on function kernel.history(text, uuid, uuid, integer) to rf_api;

-- A refusal rolls back what it refused, and its audit row with it; so it is recorded by a second transaction, in the
-- organization's trail when the credential belongs there, else among the installation's refusals. A session that has ended
-- is met in every old tab; a key that has ended is met where somebody has forgotten it, or has found it.
create function kernel.record_refusal(
  token_hash bytea, organization text, reason text, door text, request_id uuid, ip inet, device text
) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  seen record;
begin
  select c.id as credential_id, c.person_id, p.email, m.tenant_id into seen
    from kernel.credential c
    join kernel.person p on p.id = c.person_id
    left join kernel.tenant t on t.slug = organization or organization is null and t.id = c.tenant_id
    left join kernel.membership m on m.tenant_id = t.id and m.person_id = c.person_id and m.ended_at is null
                                 and (m.until is null or m.until > now()) and (c.ended_at is null or c.kind = 'key')
   where c.digest = sha256(token_hash);
  if seen.tenant_id is not null then
    insert into kernel.audit_event (tenant_id, actor_id, actor_email, credential_id, request_id, ip, device,
                                    action, resource_type, severity, after)
    values (seen.tenant_id, seen.person_id, kernel.actor_label(seen.tenant_id, seen.person_id, seen.email), seen.credential_id, record_refusal.request_id, record_refusal.ip,
            left(record_refusal.device, 500), 'refused', 'door', 'warning', jsonb_build_object('reason', left(reason, 100), 'door', left(door, 200)));
  else
    insert into kernel.refusal (reason, door, person_id, request_id, ip, device)
    values (left(reason, 100), left(door, 200), seen.person_id, record_refusal.request_id, record_refusal.ip, left(record_refusal.device, 500));
  end if;
end $$;
grant execute on function kernel.record_refusal(bytea, text, text, text, uuid, inet, text) to rf_api, rf_auth;

-- What no organization's trail has, for whoever runs the installation.
create function kernel.refusals(address inet, wanted integer)
returns table (at timestamptz, reason text, door text, email text, ip inet, device text, request_id uuid) language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select r.at, r.reason, r.door, p.email, r.ip, r.device, r.request_id
    from kernel.refusal r left join kernel.person p on p.id = r.person_id
   where address is null or r.ip = address order by r.id desc limit least(wanted, 1000);
end;
grant execute on function kernel.refusals(inet, integer) to rf_ops;

-- One call for all that were seen since the last, about every half minute: at most two writes a minute for each credential,
-- however many servers have seen it. Never moves a time backwards. A row that somebody else holds is left for the next time: whoever
-- waited for one would keep thousands from being revoked meanwhile.
create function kernel.touch_credentials(token_hashes bytea[], ips inet[]) returns void language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  update kernel.credential c set last_seen_at = now(), ip = coalesce(free.ip, c.ip)
    from (select k.id, seen.ip
            from (select distinct on (t.hash) sha256(t.hash) as digest, t.ip from unnest(token_hashes, ips) as t (hash, ip)) seen
            join kernel.credential k on k.digest = seen.digest
           where k.ended_at is null and (k.last_seen_at is null or k.last_seen_at <= now() - interval '30 seconds')
             for no key update of k skip locked) free
   where c.id = free.id
$$;
-- Not to the door of the API: in a transaction that it leaves open, the rows would be locked against a revoke.
grant execute on function kernel.touch_credentials(bytea[], inet[]) to rf_auth;

-- Claims an Idempotency-Key inside the transaction of the work: null to go on, or the resource of the first try.
create function kernel.claim_idempotency(idempotency_key text, hash bytea) returns kernel.idempotency
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  field constant text[] := kernel.verified();
  first kernel.idempotency;
begin
  if field[2] = 'pass' then
    raise exception 'a pass writes nothing' using errcode = '42501';
  end if;
  insert into kernel.idempotency (tenant_id, credential_id, key, request_hash)
  values (field[3]::uuid, field[6]::uuid, idempotency_key, hash) on conflict do nothing;
  if found then return null; end if;
  select * into first from kernel.idempotency i
   where i.tenant_id = field[3]::uuid and i.credential_id = field[6]::uuid and i.key = idempotency_key;
  if first.request_hash <> hash then
    raise exception 'used for a different request' using errcode = 'RF422', hint = 'idempotency-mismatch';
  end if;
  return first;
end $$;
create function kernel.settle_idempotency(idempotency_key text, answered smallint, resource uuid) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  field constant text[] := kernel.verified();
begin
  if field[2] = 'pass' then
    raise exception 'a pass writes nothing' using errcode = '42501';
  end if;
  update kernel.idempotency i set status = answered, resource_id = resource
   where i.tenant_id = field[3]::uuid and i.credential_id = field[6]::uuid and i.key = idempotency_key;
end $$;
grant execute on function kernel.claim_idempotency(text, bytea), kernel.settle_idempotency(text, smallint, uuid) to rf_api;
