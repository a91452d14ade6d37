-- Browsers that stand in for a second factor: remembered at a right one, by their person's wish, for 30 days at most, and only where no
-- organization of theirs that asks for second factors forbids it. A session that one of them opened has shown no second factor: kernel.gate
-- turns it away where one is demanded always, and no dangerous act is open to it before a factor was shown.

set local role rf_kernel;

create table kernel.remembered_device (
  id            uuid primary key default kernel.uuidv7(),
  person_id     uuid not null references kernel.person on delete cascade,
  -- The organization whose provider vouched when it was remembered: it stands in where that one vouches again, and nowhere else.
  sso_tenant_id uuid references kernel.tenant,
  digest        bytea not null unique check (octet_length(digest) = 32),
  -- What the browser called itself.
  device        text not null,
  created_at    timestamptz not null default now(),
  expires_at    timestamptz not null default now() + interval '30 days',
  last_used_at  timestamptz
);
create index remembered_device_person on kernel.remembered_device (person_id);
create index remembered_device_over on kernel.remembered_device (expires_at);
call kernel.drop_statistics('kernel.remembered_device');

create function kernel.remembered_digest(device_hash bytea) returns bytea language sql immutable parallel safe
return sha256(convert_to('remembered-device|', 'UTF8') || device_hash);

-- By triggers, so that no way of changing an account can forget it: whatever was remembered was so by factors, a password and a mailbox that are
-- not the same any more. A password that is only derived anew ends it too, which asks once more for a code.
create function kernel.forget_devices() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
  -- Not the row itself in the statement, whose plan it would be printed with: a verifier stands in it.
  whose uuid;
begin
  if tg_table_name = 'person' then
    whose := new.id;
  elsif tg_op = 'DELETE' then
    whose := old.person_id;
  else
    whose := new.person_id;
  end if;
  delete from kernel.remembered_device d where d.person_id = whose;
  return null;
end $$;
create trigger forget_devices after update of verifier, email, second_factor_since, ended_at on kernel.person for each row
  when ((old.verifier, lower(old.email), old.second_factor_since, old.ended_at) is distinct from (new.verifier, lower(new.email), new.second_factor_since, new.ended_at))
  execute function kernel.forget_devices();
create trigger forget_devices_insert after insert on kernel.factor for each row when (new.confirmed_at is not null) execute function kernel.forget_devices();
create trigger forget_devices_update after update of confirmed_at on kernel.factor for each row when (old.confirmed_at is null) execute function kernel.forget_devices();
create trigger forget_devices_delete after delete on kernel.factor for each row when (old.confirmed_at is not null) execute function kernel.forget_devices();
create trigger forget_devices_codes after insert on kernel.backup_code for each row execute function kernel.forget_devices();

-- Whether a browser may stand in for this person's second factor: not while an organization that asks them for one has not allowed it. What one
-- organization's provider opens leads nowhere else, so that only this one is asked. Internal.
create function kernel.may_remember(person uuid, sso_tenant uuid) returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select not exists (
    select from kernel.membership m join kernel.tenant t on t.id = m.tenant_id
     where m.person_id = may_remember.person and m.ended_at is null and m.until is null and t.state <> 'closed'
       and t.id = coalesce(may_remember.sso_tenant, t.id) and not t.remembered_devices
       -- Whoever comes in past single sign-on does so with two factors.
       and (t.mfa_roles && (m.roles || '*'::text) or t.sso_enforced and m.break_glass));
end;

-- What a sign-in that waits for its second factor may ask: whether this browser stands in for it, and whether it may be remembered. Null where none waits.
create function kernel.remembering(token_hash bytea, device_hash bytea) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  pending constant kernel.credential := kernel.own_pending(token_hash);
  allowed constant boolean := kernel.may_remember(pending.person_id, pending.sso_tenant_id);
begin
  if pending.id is null then
    return null;
  end if;
  return jsonb_build_object('allowed', allowed, 'remembered', allowed and exists (
    select from kernel.remembered_device d
     where d.digest = kernel.remembered_digest(device_hash) and d.person_id = pending.person_id and d.sso_tenant_id is not distinct from pending.sso_tenant_id
       and d.expires_at > now()));
end $$;

-- Has a browser stand in for the second factor: takes it, and mints the session. False when it does not, or not any more; null when nothing waits.
create function kernel.pass_remembered(token_hash bytea, device_hash bytea, session_hash bytea, request_id uuid, ip inet, device text) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  -- Before the person, as wherever a provider's word becomes a session.
  open_   constant boolean := kernel.sso_hold(token_hash);
  pending constant kernel.credential := kernel.own_pending(token_hash);
  factors constant text[] := pending.factors || '{remembered-device}'::text[];
  session uuid;
begin
  if pending.id is null or not open_ then
    return null;
  end if;
  update kernel.remembered_device d set last_used_at = now()
   where d.digest = kernel.remembered_digest(device_hash) and d.person_id = pending.person_id and d.sso_tenant_id is not distinct from pending.sso_tenant_id
     and d.expires_at > now() and kernel.may_remember(pending.person_id, pending.sso_tenant_id);
  if not found then
    update kernel.credential c
       set tries = c.tries + 1, ended_at = case when c.tries >= 4 then now() end, ended_why = case when c.tries >= 4 then 'too many wrong codes' end
     where c.id = pending.id;
    perform kernel.audit_factor(pending.person_id, pending.id, 'proof-refused', null, 'warning', '{"method": "remembered-device", "reason": "not-remembered"}',
                                pass_remembered.request_id, pass_remembered.ip, pass_remembered.device);
    return false;
  end if;
  update kernel.credential c set ended_at = now(), ended_why = 'second factor remembered' where c.id = pending.id;
  session := kernel.mint_session(pending.person_id, session_hash, pass_remembered.ip, pass_remembered.device, factors, pending.sso_tenant_id);
  update kernel.credential c set proved_at = null where c.id = session;
  perform kernel.sso_carry(pending.id, session);
  perform kernel.audit_person(pending.person_id, session, 'sign-in', 'info', pass_remembered.request_id, pass_remembered.ip, pass_remembered.device,
                              jsonb_build_object('factors', factors));
  return true;
end $$;

-- Has the browser remembered in which a second factor was shown by this very transaction; null where that may not be, else until when. What it held
-- before is good for nothing any more, and of twenty browsers the oldest gives way.
create function kernel.remember_second_factor(session_hash bytea, device_hash bytea, former_hash bytea, request_id uuid, ip inet, device text) returns timestamptz
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session kernel.credential;
  kept    kernel.remembered_device;
begin
  select c.* into session from kernel.credential c
   where c.digest = sha256(session_hash) and c.kind = 'session' and c.ended_at is null and c.created_at = now()
     and c.second_factor_at = now() and c.factors && '{totp,backup-code,passkey}';
  if session.id is null or not kernel.may_remember(session.person_id, session.sso_tenant_id) then
    return null;
  end if;
  delete from kernel.remembered_device d where d.digest = kernel.remembered_digest(former_hash);
  insert into kernel.remembered_device (person_id, sso_tenant_id, digest, device)
  values (session.person_id, session.sso_tenant_id, kernel.remembered_digest(device_hash), left(remember_second_factor.device, 200)) returning * into kept;
  delete from kernel.remembered_device d
   where d.person_id = session.person_id and d.id not in (
     select n.id from kernel.remembered_device n where n.person_id = session.person_id order by n.id desc limit 20);
  perform kernel.audit_person(session.person_id, session.id, 'remember-device', 'notice', remember_second_factor.request_id, remember_second_factor.ip,
                              remember_second_factor.device, jsonb_build_object('until', kernel.moment(kept.expires_at)));
  return kept.expires_at;
end $$;

-- A person's own remembered browsers; a session that one organization's provider opened sees those that it had remembered.
create function kernel.remembered_devices(token_hash bytea, device_hash bytea)
returns table (id uuid, device text, created_at timestamptz, expires_at timestamptz, last_used_at timestamptz, this_one boolean)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  session constant kernel.credential := kernel.live_session(token_hash, true);
begin
  return query
  select d.id, d.device, d.created_at, d.expires_at, d.last_used_at, coalesce(d.digest = kernel.remembered_digest(device_hash), false)
    from kernel.remembered_device d
   where d.person_id = session.person_id and d.expires_at > now() and (session.sso_tenant_id is null or d.sso_tenant_id = session.sso_tenant_id)
   order by 6 desc, coalesce(d.last_used_at, d.created_at) desc, d.id;
end $$;

-- Ends one of them. Sessions that it has opened go on, and are ended as others are.
create function kernel.forget_device(token_hash bytea, target uuid, request_id uuid, ip inet, device text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session constant kernel.credential := kernel.own_session(token_hash, true);
begin
  delete from kernel.remembered_device d
   where d.id = target and d.person_id = session.person_id and (session.sso_tenant_id is null or d.sso_tenant_id = session.sso_tenant_id);
  if not found then
    raise exception 'no such device' using errcode = 'RF404';
  end if;
  perform kernel.audit_person(session.person_id, session.id, 'forget-device', 'notice', forget_device.request_id, forget_device.ip, forget_device.device);
end $$;

grant execute on function
  kernel.remembering(bytea, bytea), kernel.pass_remembered(bytea, bytea, bytea, uuid, inet, text),
  kernel.remember_second_factor(bytea, bytea, bytea, uuid, inet, text), kernel.remembered_devices(bytea, bytea),
  kernel.forget_device(bytea, uuid, uuid, inet, text)
  to rf_auth;
