-- What people are told of what happens to their accounts, and unusual sign-ins. An unusual one is let in and never blocked in
-- silence: its proof counts as an old one, so that dangerous acts ask once more who is there; the person is told, and so is the trail.

set local role rf_kernel;

create table kernel.notice (
  id        uuid primary key default kernel.uuidv7(),
  person_id uuid not null references kernel.person on delete cascade,
  -- Where it happened, when it happened in an organization.
  tenant_id uuid references kernel.tenant,
  kind      text not null check (kind ~ '^[a-z][a-z-]{1,39}$'),
  at        timestamptz not null default now(),
  details   jsonb not null default '{}',
  ip        inet,
  device    text,
  seen_at   timestamptz,
  -- Where a letter about it goes, until it is queued; null for what another letter tells, or nobody needs to be written to about.
  mail_to   text
);
create index notice_person on kernel.notice (person_id, id);
create index notice_to_mail on kernel.notice (id) where mail_to is not null;

-- From where somebody has signed in, for 180 days: the browser's mark and what it calls itself, and the place and who runs its network as far as
-- mounted files know them. Apart for each organization whose identity provider vouched: whoever runs one could make any device a known one.
create table kernel.arrival (
  id            uuid primary key default kernel.uuidv7(),
  person_id     uuid not null references kernel.person on delete cascade,
  sso_tenant_id uuid,
  at            timestamptz not null default now(),
  mark          bytea not null check (octet_length(mark) = 32),
  family        text not null,
  country       text,
  place         text,
  -- In degrees, to a tenth of one.
  latitude      real check (latitude between -90 and 90),
  longitude     real check (longitude between -180 and 180),
  -- The autonomous system that the address lies in, as far as another file knows it.
  operator      bigint check (operator between 1 and 4294967295),
  -- Whether a program seems to have signed in.
  automated     boolean not null default false
);
create index arrival_person on kernel.arrival (person_id, at);
create index arrival_age on kernel.arrival (at);
create index refusal_person on kernel.refusal (person_id, at) where person_id is not null;
call kernel.drop_statistics('kernel.notice');
call kernel.drop_statistics('kernel.arrival');

-- Tells a person, or whoever answers for a service account. A letter goes along when wanted, but to nobody more than twenty a
-- day, and none to the people of a demo, who do not exist. Internal.
create function kernel.tell_person(
  person uuid, kind text, details jsonb, tenant uuid default null, ip inet default null, device text default null, by_mail boolean default true
) returns void language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  insert into kernel.notice (person_id, tenant_id, kind, details, ip, device, mail_to)
  select p.id, tenant, tell_person.kind, jsonb_strip_nulls(tell_person.details), tell_person.ip, left(nullif(tell_person.device, ''), 200),
         case when by_mail
               and (select count(*) from (select from kernel.notice n
                                           where n.person_id = p.id and n.at > now() - interval '1 day' and n.kind = tell_person.kind limit 20) l) < 20
               and (not exists (select from kernel.membership m where m.person_id = p.id)
                    or exists (select from kernel.membership m join kernel.tenant t on t.id = m.tenant_id where m.person_id = p.id and not t.demo))
              then p.email end
    from kernel.person p where p.id = kernel.answers_for(tenant, person) and p.ended_at is null
$$;

-- The request that is bound, for what a trigger tells: nulls where none is. Internal.
create function kernel.bound_hands(out person uuid, out ip inet, out device text) language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  field text[];
begin
  if coalesce(current_setting('ringfence.binding', true), '') <> '' then
    field := kernel.verified();
    person := nullif(field[5], '')::uuid;
    ip := nullif(field[8], '')::inet;
    device := nullif(field[11], '');
  end if;
end $$;

-- By triggers, so that no way of changing an account can forget it. Passwords, addresses and factors have letters of their own.
--
-- Of a key or public key: whose it is, when that is a service account or a directory, and who made it. Not of the short tokens that
-- these are exchanged for.
create function kernel.tell_of_key() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
  kind text := 'public-key-made';
  key  jsonb := jsonb_build_object('name', new.name);
begin
  if tg_table_name = 'credential' then
    kind := 'key-made';
    key := key || jsonb_build_object('hint', new.hint, 'class', new.class);
  end if;
  perform kernel.tell_person(new.person_id, kind,
            key || jsonb_build_object('account', (select p.name from kernel.person p where p.id = new.person_id and p.kind = 'service'),
                                      'madeBy', (select p.email from kernel.person p where p.id = coalesce(new.made_by, h.person) and p.id <> new.person_id)),
            new.tenant_id, h.ip, h.device)
     from kernel.bound_hands() h;
  return null;
end $$;
create trigger tell_of_key after insert on kernel.credential for each row
  when (new.kind = 'key' and num_nulls(new.parent_id, new.service_jwk_id) = 2) execute function kernel.tell_of_key();
create trigger tell_of_key after insert on kernel.service_jwk for each row execute function kernel.tell_of_key();

-- Of a directory: its owners, when somebody who set it up or was shown its key may manage directories no longer.
create function kernel.tell_of_directory() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if not kernel.directs(old) or kernel.directs(new) then
    return null;
  end if;
  perform kernel.tell_person(owner.person_id, 'directory-left',
            jsonb_build_object('directory', s.name, 'former', (select p.email from kernel.person p where p.id = new.person_id),
                               'answers', (select p.email from kernel.person p where p.id = kernel.answers_for(s.tenant_id, account.id))), s.tenant_id)
     from kernel.scim_connection s
     join kernel.membership m on m.tenant_id = s.tenant_id and m.id = s.member_id
     join kernel.person account on account.id = m.person_id
     join kernel.membership owner on owner.tenant_id = s.tenant_id and owner.ended_at is null and 'owner' = any (owner.roles)
    where s.tenant_id = new.tenant_id and s.state = 'active'
      and (account.answerable = new.person_id or new.person_id = any (kernel.scim_barred(s)));
  return null;
end $$;
create trigger tell_of_directory after update on kernel.membership for each row
  when (old.ended_at is null and 'security.change' = any (old.permissions)
        and (old.permissions, old.ended_at) is distinct from (new.permissions, new.ended_at)) execute function kernel.tell_of_directory();

create function kernel.tell_of_account() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if old.password_changed_at is distinct from new.password_changed_at then
    perform kernel.tell_person(new.id, 'password-changed', '{}', by_mail => false);
  end if;
  if lower(old.email) <> lower(new.email) then
    perform kernel.tell_person(new.id, 'email-changed', jsonb_build_object('from', old.email, 'to', new.email), by_mail => false);
  end if;
  return null;
end $$;
create trigger tell_of_account after update of email, password_changed_at on kernel.person for each row
  when ((old.email, old.password_changed_at) is distinct from (new.email, new.password_changed_at)) execute function kernel.tell_of_account();

create function kernel.tell_of_factor() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'DELETE' then
    if old.confirmed_at is not null then
      perform kernel.tell_person(old.person_id, 'factor-removed', jsonb_build_object('kind', old.kind, 'name', old.name), by_mail => false);
    end if;
  elsif new.confirmed_at is not null and (tg_op = 'INSERT' or old.confirmed_at is null) then
    perform kernel.tell_person(new.person_id, 'factor-added', jsonb_build_object('kind', new.kind, 'name', new.name), by_mail => false);
  end if;
  return null;
end $$;
create trigger tell_of_factor after insert or delete or update of confirmed_at on kernel.factor for each row execute function kernel.tell_of_factor();

-- Support access is told to the organization's owners: that it was asked for, given and used for the first time; and to the
-- operator, that it was given.
create function kernel.tell_of_support() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
  lent kernel.support_grant;
  what text;
begin
  if tg_table_name = 'support_use' then
    select g.* into lent from kernel.support_grant g where g.tenant_id = new.tenant_id and g.id = new.grant_id;
    what := 'support-used';
  else
    lent := new;
    what := case when lent.emergency then 'emergency-' else 'support-' end || case when new.given_at is null then 'asked' else 'granted' end;
  end if;
  perform kernel.tell_person(m.person_id, what,
    jsonb_build_object('operator', lent.operator_email, 'reason', lent.reason, 'reference', lent.reference, 'until', kernel.moment(lent.until), 'grant', lent.id,
                       'confirmedBy', case when lent.emergency then (select p.email from kernel.person p where p.id = lent.given_by) end), lent.tenant_id)
     from kernel.membership m where m.tenant_id = lent.tenant_id and 'owner' = any (m.roles) and m.ended_at is null;
  if what in ('support-granted', 'emergency-granted') and lent.person_id is not null
     and exists (select from kernel.operator o where o.person_id = lent.person_id and o.ended_at is null) then
    perform kernel.tell_person(lent.person_id, case when lent.emergency then 'emergency-lent' else 'support-lent' end, jsonb_build_object('reference', lent.reference, 'until', kernel.moment(lent.until)), lent.tenant_id);
  end if;
  return null;
end $$;
create trigger tell_of_request after insert on kernel.support_grant for each row
  when (new.given_at is null) execute function kernel.tell_of_support();
-- The second update of a grant that is given names the membership; the first is told.
create trigger tell_of_grant after update of given_at on kernel.support_grant for each row
  when (new.ended_at is null and (old.given_at is null or old.until <= old.given_at)) execute function kernel.tell_of_support();
create trigger tell_of_use after insert on kernel.support_use for each row execute function kernel.tell_of_support();

-- That an organization demands second factors is told to each member who has none: when it is demanded of them, and once more when half of
-- their grace is left, or two days. What was told is known by the notice, which names the day: another day is told anew. Not to whoever comes by
-- a provider that asks for one.
--
-- Whatever makes the demand has the job run that tells: thousands may be lacking, and the change does not wait for them. Internal.
create function kernel.have_demand_told(tenant uuid) returns void language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  insert into kernel.job (tenant_id, kind, payload, actor_email)
  select tenant, 'access.second-factors', '{}', 'system'
   where not exists (select from kernel.job j where j.tenant_id = tenant and j.kind = 'access.second-factors' and j.state = 'waiting' and j.run_at <= now())
$$;

create function kernel.note_demand() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if tg_table_name = 'tenant' then
    perform kernel.have_demand_told(new.id);
  else
    perform kernel.have_demand_told(t.id) from kernel.tenant t
     where t.id = new.tenant_id and kernel.second_factor_by(t.mfa_roles, t.mfa_from, t.mfa_grace_days, new.roles, new.created_at) is not null;
  end if;
  return null;
end $$;
create trigger note_demand after update of mfa_roles, mfa_from, mfa_grace_days on kernel.tenant for each row
  when (new.mfa_roles is not null and (old.mfa_roles, old.mfa_from, old.mfa_grace_days) is distinct from (new.mfa_roles, new.mfa_from, new.mfa_grace_days))
  execute function kernel.note_demand();
create trigger note_demand_insert after insert on kernel.membership for each row when (new.until is null) execute function kernel.note_demand();
create trigger note_demand_update after update of roles, ended_at on kernel.membership for each row
  when (new.ended_at is null and new.until is null and (old.roles, old.ended_at) is distinct from (new.roles, new.ended_at))
  execute function kernel.note_demand();

-- Tells so many of the bound organization's members, and answers how many there were.
create function kernel.tell_of_demand(wanted integer) returns integer language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('outbox.send');
  told   integer;
begin
  -- One after another, or two would tell the same.
  perform pg_advisory_xact_lock(uuid_hash_extended(tenant, 7463));
  with lacking as (
    select m.person_id, t.mfa_grace_days, d.by_then, kernel.moment(d.by_then) as day,
           exists (select from kernel.sso_identity i join kernel.sso_connection c on c.id = i.connection_id and c.state = 'enabled' and c.ended_at is null
                    where i.person_id = p.id and i.tenant_id = t.id) as by_provider
      from kernel.tenant t
      join kernel.membership m on m.tenant_id = t.id and m.ended_at is null and m.until is null
      join kernel.person p on p.id = m.person_id and p.kind = 'person' and p.ended_at is null and p.second_factor_since is null
     cross join lateral (select kernel.second_factor_by(t.mfa_roles, t.mfa_from, t.mfa_grace_days, m.roles, m.created_at) as by_then) d
     where t.id = tenant and d.by_then is not null
       and not exists (select from kernel.sso_identity i join kernel.sso_connection c on c.id = i.connection_id and c.asks_second_factor and c.state = 'enabled'
                        where i.person_id = p.id and i.tenant_id = t.id)
       and not exists (select from kernel.credential c
                        where c.person_id = p.id and c.sso_tenant_id = t.id and c.kind = 'session' and c.second_factor_at is not null and c.ended_at is null)),
  news as (
    select l.*, case when not 'second-factor-asked' = any (n.kinds) then 'second-factor-asked'
                     when not 'second-factor-due' = any (n.kinds) and l.by_then > now()
                      and l.by_then <= now() + least(interval '2 days', make_interval(days => l.mfa_grace_days) / 2) then 'second-factor-due' end as kind
      from lacking l
     cross join lateral (select coalesce(array_agg(k.kind), '{}') as kinds from kernel.notice k
                          where k.person_id = l.person_id and k.tenant_id = tenant and k.details ->> 'until' = l.day) n)
  select count(*) into told
    from (select kernel.tell_person(n.person_id, n.kind, jsonb_build_object('until', n.day, 'byProvider', case when n.by_provider then true end), tenant)
            from (select * from news where kind is not null order by person_id limit least(wanted, 500)) n) done;
  return told;
end $$;
grant execute on function kernel.tell_of_demand(integer) to rf_worker;

-- As the crow flies, on a sphere of 6371 km (haversine); as exact as a file of places is. Null where a place is not known; not strict, since a call
-- with a null would be folded to one before anybody asks who may call. Internal.
create function kernel.kilometres(
  from_latitude double precision, from_longitude double precision, to_latitude double precision, to_longitude double precision
) returns double precision language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return case when num_nulls(from_latitude, from_longitude, to_latitude, to_longitude) = 0 then 2 * 6371 * asin(least(1, sqrt(
  sin(radians(to_latitude - from_latitude) / 2) ^ 2
  + cos(radians(from_latitude)) * cos(radians(to_latitude)) * sin(radians(to_longitude - from_longitude) / 2) ^ 2))) end;

-- Whether nobody travels like that: faster than 900 km/h (an airliner) where both places are known, else to another country
-- within an hour. Less than 300 km are no travel: files of places err by that. Internal.
create function kernel.hasty(before kernel.arrival, country text, latitude double precision, longitude double precision) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select case when d.kilometres is null then before.country <> hasty.country and before.at > now() - interval '1 hour'
              else d.kilometres > 300 and d.kilometres > 900 * extract(epoch from now() - before.at) / 3600 end
    from (select kernel.kilometres(before.latitude, before.longitude, hasty.latitude, hasty.longitude) as kilometres) d;
end;

-- What is unusual about a session that was just opened; a first arrival has nothing to differ from. Internal.
create function kernel.signals(
  session kernel.credential, device_mark bytea, device_family text, device_country text, latitude double precision, longitude double precision,
  operator bigint, automated boolean
) returns text[]
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  with before as (
    select a.* from kernel.arrival a
     where a.person_id = session.person_id and a.sso_tenant_id is not distinct from session.sso_tenant_id and a.at > now() - interval '180 days'),
  others as (
    select max(coalesce(c.last_seen_at, c.created_at)) as seen, max(c.created_at) filter (where c.kind = 'session') as opened
      from kernel.credential c where c.person_id = session.person_id and c.id <> session.id and c.kind in ('session', 'access'))
  select array_remove(array[
    case when exists (select from before) and not exists (select from before b where b.mark = device_mark and b.family = device_family) then 'new-device' end,
    case when device_country is not null and exists (select from before b where b.country is not null)
          and not exists (select from before b where b.country = device_country) then 'new-country' end,
    case when exists (select from before b where b.operator is not null) and signals.operator is not null
          and not exists (select from before b where b.operator = signals.operator) then 'new-operator' end,
    -- Half around the world takes an airliner a day. Not again for this browser in this place: a VPN that comes and goes is told of once.
    case when exists (select from before b where b.at > now() - interval '1 day' and kernel.hasty(b, device_country, signals.latitude, signals.longitude))
          and not exists (
            select from before b where b.mark = device_mark and b.family = device_family and b.country = device_country
               and coalesce(kernel.kilometres(b.latitude, b.longitude, signals.latitude, signals.longitude) <= 300, true)) then 'hasty-travel' end,
    -- A program that somebody signs in by is told of once.
    case when signals.automated and exists (select from before)
          and not exists (select from before b where b.automated and b.family = device_family) then 'automated' end,
    case when o.seen < now() - interval '30 days' then 'long-absence' end,
    case when (select count(*) from kernel.refusal r
                where r.person_id = session.person_id and r.reason like 'wrong-%' and r.at > coalesce(o.opened, '-infinity')) >= 10 then 'after-failures' end
  ], null) from others o
$$;

-- Looks at a session that was just opened, once: notes from where, and if that is unusual, has dangerous acts ask for a fresh proof
-- (unless a second factor was just shown), tells the person and the trails. Answers with the signals.
create function kernel.arrive(token_hash bytea, device_hash bytea, device_family text, device_country text, device_place text,
                              request_id uuid, ip inet, device text, latitude double precision default null, longitude double precision default null,
                              operator bigint default null, operator_name text default null, automated boolean default false)
returns text[]
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session kernel.credential;
  mark    constant bytea := sha256(device_hash);
  unusual text[];
begin
  -- The person before any row of theirs, as whoever ends their sessions takes it: else either would fail, and the end of a thief's session with it.
  perform pg_advisory_xact_lock(kernel.person_lock((select c.person_id from kernel.credential c where c.digest = sha256(token_hash))));
  update kernel.credential c set arrived = true
   where c.digest = sha256(token_hash) and c.kind = 'session' and c.ended_at is null and not c.arrived and c.created_at > now() - interval '1 minute'
  returning c.* into session;
  if session.id is null then
    return '{}';
  end if;
  -- One after another, so that two new devices at once are told of as two.
  perform pg_advisory_xact_lock(kernel.person_lock(session.person_id));
  unusual := kernel.signals(session, mark, device_family, device_country, arrive.latitude, arrive.longitude, arrive.operator, arrive.automated);
  insert into kernel.arrival (person_id, sso_tenant_id, mark, family, country, place, latitude, longitude, operator, automated)
  values (session.person_id, session.sso_tenant_id, mark, left(device_family, 100), device_country, device_place, arrive.latitude, arrive.longitude,
          arrive.operator, arrive.automated);
  delete from kernel.arrival a where a.person_id = session.person_id
     and a.id not in (select n.id from kernel.arrival n where n.person_id = session.person_id order by n.id desc limit 200);
  if cardinality(unusual) = 0 then
    return unusual;
  end if;
  update kernel.credential c set proved_at = null where c.id = session.id and c.second_factor_at is null;
  perform kernel.tell_person(session.person_id, case when 'new-device' = any (unusual) then 'new-device' else 'unusual-sign-in' end,
    jsonb_build_object('signals', to_jsonb(unusual), 'device', device_family, 'place', device_place, 'operator', operator_name), session.sso_tenant_id, arrive.ip, arrive.device);
  insert into kernel.audit_event (tenant_id, actor_id, actor_email, credential_id, request_id, ip, device, action, resource_type, resource_id, severity, anomaly)
  select m.tenant_id, p.id, p.email, session.id, arrive.request_id, arrive.ip, arrive.device, 'unusual-sign-in', 'session', session.id, 'warning',
         array_to_string(unusual, ',')
    from kernel.membership m join kernel.person p on p.id = m.person_id
   where m.person_id = session.person_id and m.ended_at is null and m.until is null
     and (session.sso_tenant_id is null or session.sso_tenant_id = m.tenant_id);
  return unusual;
end $$;

-- A person's own notices, the newest first, and how many were not looked at.
create function kernel.notices(token_hash bytea, before_id uuid, page integer) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session constant kernel.credential := kernel.live_session(token_hash);
begin
  return jsonb_build_object(
    'unseen', (select count(*) from kernel.notice n where n.person_id = session.person_id and n.seen_at is null),
    'items', coalesce((
      select jsonb_agg(jsonb_build_object('id', n.id, 'kind', n.kind, 'at', kernel.moment(n.at), 'organization', n.slug, 'details', n.details,
                                          'ip', host(n.ip), 'device', n.device, 'seen', n.seen_at is not null) order by n.id desc)
        from (select i.*, t.slug from kernel.notice i left join kernel.tenant t on t.id = i.tenant_id
               where i.person_id = session.person_id and (before_id is null or i.id < before_id)
               order by i.id desc limit least(greatest(page, 1), 201)) n), '[]'));
end $$;

create function kernel.see_notices(token_hash bytea, up_to uuid) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session constant kernel.credential := kernel.live_session(token_hash);
begin
  update kernel.notice n set seen_at = now() where n.person_id = session.person_id and n.id <= up_to and n.seen_at is null;
end $$;
grant execute on function kernel.arrive(bytea, bytea, text, text, text, uuid, inet, text, double precision, double precision, bigint, text, boolean), kernel.notices(bytea, uuid, integer), kernel.see_notices(bytea, uuid)
  to rf_auth;

-- Notices that a letter is wanted for. Who writes them seals what they say; that of another writer meanwhile is left alone.
create function kernel.notices_to_mail(wanted integer)
returns table (id uuid, kind text, at timestamptz, organization text, details jsonb, ip text, device text) language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select n.id, n.kind, n.at, t.name, n.details, host(n.ip), n.device
    from kernel.notice n left join kernel.tenant t on t.id = n.tenant_id
   where n.mail_to is not null and n.at > now() - interval '1 day' order by n.id limit least(wanted, 50)
$$;
create function kernel.mail_notice(notice uuid, mail_id uuid, subject text, sealed_body bytea) returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  told kernel.notice;
begin
  select n.* into told from kernel.notice n where n.id = notice and n.mail_to is not null for update skip locked;
  if told.id is null then
    return false;
  end if;
  perform kernel.queue_person_mail(mail_id, told.mail_to, mail_notice.subject, told.kind, sealed_body);
  update kernel.notice n set mail_to = null where n.id = notice;
  return true;
end $$;
grant execute on function kernel.notices_to_mail(integer), kernel.mail_notice(uuid, uuid, text, bytea) to rf_worker;

-- What nobody needs any more, for the clock. Internal.
create function kernel.tidy_notices() returns void language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  delete from kernel.notice n where n.at < now() - interval '180 days';
  delete from kernel.arrival a where a.at < now() - interval '180 days';
$$;
