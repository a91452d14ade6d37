-- What an organization asks of whoever comes in: second factors, networks, limits of sessions. What a change would do is told
-- before it is made, and one that would lock out whoever makes it is refused. Besides: that an owner is always left, the review of
-- who has access, and the ways back for whoever is locked out all the same.

set local role rf_kernel;

create view kernel.security with (security_barrier = true) as
select t.id, t.mfa_roles, t.mfa_from, t.mfa_grace_days, t.networks::text[] as networks, t.session_idle_seconds, t.session_max_seconds,
       t.session_bound, t.closed_ways, t.remembered_devices, t.sso_enforced, t.version
  from kernel.tenant t where t.id = (select kernel.bound('security.read'));
grant select on kernel.security to rf_api;

-- The organization as it would be: what `wanted` names is changed, all else stays. Raises RF422 for what makes no sense. Internal.
create function kernel.security_wanted(was kernel.tenant, wanted jsonb) returns kernel.tenant language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
declare
  would kernel.tenant := was;
begin
  if wanted ? 'mfaRoles' then
    would.mfa_roles := case when jsonb_typeof(wanted -> 'mfaRoles') = 'array'
                            then array(select distinct x from jsonb_array_elements_text(wanted -> 'mfaRoles') x order by 1) end;
    if '*' = any (would.mfa_roles) then
      would.mfa_roles := '{*}';
    end if;
    if exists (select from unnest(would.mfa_roles) r where r <> '*' and kernel.permissions_of(was.id, array[r]) = '{}') then
      raise exception 'no such role' using errcode = 'RF422', hint = 'mfaRoles';
    end if;
    -- Grace begins for those anew who are asked only now; whoever was asked before has had theirs.
    if would.mfa_roles is not null and (was.mfa_roles is null or was.mfa_roles <> '{*}' and not would.mfa_roles <@ was.mfa_roles) then
      would.mfa_from := now();
    end if;
  end if;
  if wanted ? 'mfaGraceDays' then
    would.mfa_grace_days := (wanted ->> 'mfaGraceDays')::integer;
  end if;
  if wanted ? 'networks' then
    would.networks := case when jsonb_typeof(wanted -> 'networks') = 'array'
                           then array(select distinct x::cidr from jsonb_array_elements_text(wanted -> 'networks') x order by 1) end;
    perform kernel.demand_networks(would.networks);
  end if;
  if wanted ? 'sessionIdleSeconds' then
    would.session_idle_seconds := (wanted ->> 'sessionIdleSeconds')::integer;
  end if;
  if wanted ? 'sessionMaxSeconds' then
    would.session_max_seconds := (wanted ->> 'sessionMaxSeconds')::integer;
  end if;
  if wanted ? 'sessionBound' then
    would.session_bound := wanted ->> 'sessionBound';
  end if;
  if wanted ? 'closedWays' then
    would.closed_ways := array(select distinct x from jsonb_array_elements_text(wanted -> 'closedWays') x order by 1);
  end if;
  if wanted ? 'rememberedDevices' then
    would.remembered_devices := (wanted ->> 'rememberedDevices')::boolean;
  end if;
  return would;
end $$;

create function kernel.security_shown(t kernel.tenant) returns jsonb language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select jsonb_build_object('mfaRoles', t.mfa_roles, 'mfaGraceDays', t.mfa_grace_days, 'networks', t.networks::text[],
                            'sessionIdleSeconds', t.session_idle_seconds, 'sessionMaxSeconds', t.session_max_seconds, 'sessionBound', t.session_bound,
                            'closedWays', t.closed_ways, 'rememberedDevices', t.remembered_devices);
end;

-- Whether a session that is good in the organization now would be refused by what it asks for then. Internal.
create function kernel.session_refused(would kernel.tenant, session kernel.credential, from_ip inet) returns boolean language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select coalesce(session.created_at + make_interval(secs => would.session_max_seconds) < now(), false)
      or coalesce(coalesce(session.last_seen_at, session.created_at) + make_interval(secs => would.session_idle_seconds) < now(), false)
      or would.session_bound = 'address' and from_ip is distinct from session.opened_ip
      or would.session_bound = 'network' and not coalesce(
           from_ip <<= network(set_masklen(session.opened_ip, case family(session.opened_ip) when 4 then 24 else 48 end)), false)
      or coalesce(session.factors[1] = any (would.closed_ways), false);
end;

-- Why the bound hands could not come back in if the organization were so, or null. Internal.
create function kernel.locks_out(would kernel.tenant) returns text language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  field   constant text[] := kernel.verified();
  from_ip constant inet := nullif(field[8], '')::inet;
  mine    kernel.credential;
  member  kernel.membership;
begin
  select c.* into mine from kernel.credential c where c.id = field[6]::uuid;
  select m.* into member from kernel.membership m where m.tenant_id = would.id and m.id = field[4]::uuid;
  -- Of a token it is the session behind it that counts.
  if mine.parent_id is not null then
    select c.* into mine from kernel.credential c where c.id = mine.parent_id;
  end if;
  return case
    when would.networks is not null and not exists (select from unnest(would.networks) n where from_ip <<= n)
      then 'the address that you come from is not among these networks'
    when mine.kind = 'key' then null
    when kernel.session_refused(would, mine, from_ip) then 'this session of yours would end; sign in again before'
    -- At once or in a moment: without grace, from the next request on.
    when mine.second_factor_at is null and not (would.remembered_devices and 'remembered-device' = any (mine.factors))
     and kernel.second_factor_by(would.mfa_roles, would.mfa_from, would.mfa_grace_days, member.roles, member.created_at) <= now()
      then 'this session of yours has no second factor, and there would be no grace; add one and sign in with it before'
  end;
end $$;

-- What a change would do: who has no second factor yet and from when on that would keep them out, whose last address lies
-- outside, which sessions would end, and whether it would lock out whoever asks.
create function kernel.preview_security(wanted jsonb) returns jsonb language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('security.read');
  was    kernel.tenant;
  would  kernel.tenant;
begin
  perform kernel.demand('member.read');
  select t.* into was from kernel.tenant t where t.id = tenant;
  would := kernel.security_wanted(was, wanted);
  return (
    with people as (
      select m.id, p.id as person_id, p.name, p.email, p.second_factor_since,
             kernel.second_factor_by(would.mfa_roles, would.mfa_from, would.mfa_grace_days, m.roles, m.created_at) as by_then
        from kernel.membership m join kernel.person p on p.id = m.person_id and p.kind = 'person' and p.ended_at is null
       where m.tenant_id = tenant and m.ended_at is null and m.until is null),
    lacking as (
      select p.id, p.name, p.email, kernel.moment(p.by_then) as "outFrom" from people p
       where p.second_factor_since is null and p.by_then is not null
         and not kernel.sso_second_factor(tenant, p.id, would.sso_enforced)),
    sessions as (
      select c.*, p.id as member_id, p.name as member_name, p.email, p.by_then from people p join kernel.credential c on c.person_id = p.person_id
       where c.kind = 'session' and c.ended_at is null and c.expires_at > now() and (c.sso_tenant_id is null or c.sso_tenant_id = tenant)
         and coalesce(c.last_seen_at, c.created_at) + make_interval(secs => coalesce(c.idle_seconds, 604800)) > now()),
    outside as (
      select distinct s.member_id as id, s.member_name as name, s.email from sessions s
       where would.networks is not null and not exists (select from unnest(would.networks) n where s.ip <<= n)),
    wayless as (
      select p.id, p.name, p.email from people p
       where would.closed_ways @> '{link,password}' and not exists (select from kernel.factor f where f.person_id = p.person_id and f.kind = 'passkey' and f.confirmed_at is not null)
         and not exists (select from kernel.sso_identity i where i.person_id = p.person_id and i.tenant_id = tenant)),
    keys as (
      select c.id, c.name, c.hint from kernel.credential c
       where c.tenant_id = tenant and c.kind = 'key' and c.class <> 'publishable' and c.ended_at is null and num_nulls(c.service_jwk_id, c.parent_id) = 2
         and (c.expires_at is null or c.expires_at > now()) and c.ip is not null
         and would.networks is not null and not exists (select from unnest(would.networks) n where c.ip <<= n)),
    ending as (
      select distinct s.member_id as id, s.member_name as name, s.email, count(*) over () as in_all from sessions s
       where kernel.session_refused(would, (select c from kernel.credential c where c.id = s.id), s.ip)
          or not would.remembered_devices and s.second_factor_at is null and 'remembered-device' = any (s.factors) and s.by_then <= now())
    select jsonb_build_object(
      'wouldBe', kernel.security_shown(would),
      'withoutSecondFactor', jsonb_build_object('count', (select count(*) from lacking),
        'people', coalesce((select jsonb_agg(to_jsonb(l)) from (select * from lacking order by name, id limit 200) l), '[]')),
      'outsideNetworks', jsonb_build_object('count', (select count(*) from outside),
        'people', coalesce((select jsonb_agg(to_jsonb(l)) from (select * from outside order by name, id limit 200) l), '[]')),
      'withoutWay', jsonb_build_object('count', (select count(*) from wayless),
        'people', coalesce((select jsonb_agg(to_jsonb(l)) from (select * from wayless order by name, id limit 200) l), '[]')),
      'keysOutsideNetworks', jsonb_build_object('count', (select count(*) from keys),
        'keys', coalesce((select jsonb_agg(to_jsonb(l)) from (select * from keys order by name, id limit 200) l), '[]')),
      'endingSessions', jsonb_build_object('count', coalesce((select max(in_all) from ending), 0),
        'people', coalesce((select jsonb_agg(to_jsonb(l) - 'in_all') from (select * from ending order by name, id limit 200) l), '[]')),
      'locksYouOut', kernel.locks_out(would)));
end $$;

create function kernel.change_security(wanted jsonb, expected integer) returns integer language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('security.change');
  field  constant text[] := kernel.verified();
  was    kernel.tenant;
  would  kernel.tenant;
  reason text;
  old_side jsonb;
  new_side jsonb;
begin
  select t.* into was from kernel.tenant t where t.id = tenant for no key update;
  if was.version <> expected then
    raise exception 'changed meanwhile' using errcode = 'RF412';
  end if;
  would := kernel.security_wanted(was, wanted);
  reason := kernel.locks_out(would);
  if reason is not null then
    raise exception '%', reason using errcode = 'RF409', hint = 'locks-out';
  end if;
  update kernel.tenant t
     set mfa_roles = would.mfa_roles, mfa_from = would.mfa_from, mfa_grace_days = would.mfa_grace_days, networks = would.networks,
         session_idle_seconds = would.session_idle_seconds, session_max_seconds = would.session_max_seconds,
         session_bound = would.session_bound, closed_ways = would.closed_ways, remembered_devices = would.remembered_devices,
         version = t.version + 1
   where t.id = tenant;
  -- The gate itself has the last word on whether its author still gets in.
  if kernel.gate(tenant, field[4]::uuid, field[6]::uuid, nullif(field[8], '')::inet, '{security.change}') is not null then
    raise exception 'this would lock you out' using errcode = 'RF409', hint = 'locks-out';
  end if;
  old_side := kernel.security_shown(was);
  new_side := kernel.security_shown(would);
  select jsonb_object_agg(key, old_side -> key), jsonb_object_agg(key, new_side -> key) into old_side, new_side
    from jsonb_object_keys(old_side) key where old_side -> key <> new_side -> key;
  perform kernel.audit('change', 'security', tenant, old_side, new_side, 'warning');
  return was.version + 1;
end $$;
grant execute on function kernel.preview_security(jsonb), kernel.change_security(jsonb, integer) to rf_api;

-- An organization has an owner who is a person at the end of every transaction, whatever function or hand wrote what. Two
-- transactions that each take one away take turns by the organization's lock, and each looks after it has that. A view of the
-- world from before the other's end would show its owner still there, so nothing but READ COMMITTED will do.
create function kernel.demand_owner_left() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
  one uuid;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'change owners only under READ COMMITTED' using errcode = '42501';
  end if;
  for one in
    select o.id from unnest(case when tg_table_name = 'membership' then array[(to_jsonb(old) ->> 'tenant_id')::uuid]
                                 else array(select m.tenant_id from kernel.membership m where m.person_id = (to_jsonb(old) ->> 'id')::uuid and 'owner' = any (m.roles)) end) o (id)
     order by 1
  loop
    perform from kernel.tenant t where t.id = one and t.state <> 'closed' for no key update;
    if found and not exists (
         select from kernel.membership m join kernel.person p on p.id = m.person_id and p.kind = 'person' and p.ended_at is null
          where m.tenant_id = one and m.ended_at is null and 'owner' = any (m.roles)) then
      raise exception 'the last owner stays' using errcode = 'RF409', hint = 'last-owner';
    end if;
  end loop;
  return null;
end $$;
create constraint trigger owner_left_update after update on kernel.membership deferrable initially deferred for each row
  when ('owner' = any (old.roles) and old.ended_at is null and (new.ended_at is not null or 'owner' <> all (new.roles) or new.tenant_id <> old.tenant_id
                                                                or new.person_id <> old.person_id))
  execute function kernel.demand_owner_left();
create constraint trigger owner_left_delete after delete on kernel.membership deferrable initially deferred for each row
  when ('owner' = any (old.roles) and old.ended_at is null) execute function kernel.demand_owner_left();
create constraint trigger owner_left_person after update on kernel.person deferrable initially deferred for each row
  when (old.kind = 'person' and old.ended_at is null and (new.ended_at is not null or new.kind <> 'person')) execute function kernel.demand_owner_left();

-- Who went over the list of everybody with access, when, and how long it was then.
create table kernel.access_review (
  tenant_id uuid not null references kernel.tenant,
  id        uuid not null default kernel.uuidv7(),
  at        timestamptz not null default now(),
  person_id uuid not null,
  email     text not null,
  note      text check (length(note) between 1 and 1000),
  counts    jsonb not null,
  primary key (tenant_id, id)
);
call kernel.drop_statistics('kernel.access_review');

-- Everybody and everything with access to the organization, and what deserves a second look.
create function kernel.access_review() returns jsonb language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('security.read');
  grants jsonb := '[]';
begin
  perform kernel.demand('member.read');
  if not kernel.holds('key.read') then
    raise exception 'not allowed' using errcode = 'RF403', hint = 'key.read';
  end if;
  if to_regclass('kernel.support_grant') is not null then
    select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'email', g.operator_email, 'permissions', to_jsonb(g.permissions), 'reason', g.reason,
                                                 'until', kernel.moment(g.until), 'firstUsedAt', kernel.moment((select u.at from kernel.support_use u where u.tenant_id = g.tenant_id and u.grant_id = g.id))) order by g.id), '[]') into grants
      from kernel.support_grant g
     where g.tenant_id = tenant and g.given_at is not null and g.ended_at is null and g.until > now();
  end if;
  return (
    with live as (
      select c.* from kernel.credential c
       where c.tenant_id = tenant and c.kind = 'key' and c.ended_at is null and num_nulls(c.service_jwk_id, c.parent_id) = 2
         and (c.expires_at is null or c.expires_at > now())),
    members as (
      select m.id, p.name, p.email, p.kind, m.roles, m.break_glass as "breakGlass", m.created_at,
             (select max(c.last_seen_at) from kernel.credential c
               where c.person_id = p.id and coalesce(c.tenant_id, tenant) = tenant and coalesce(c.sso_tenant_id, tenant) = tenant) as last_seen_at,
             p.second_factor_since is not null as "secondFactor",
             -- The provider asks them for it, and nothing that comes in beside it without one is let in.
             exists (select from kernel.sso_identity i join kernel.sso_connection c on c.id = i.connection_id
                      where i.tenant_id = tenant and i.person_id = p.id and c.state = 'enabled' and c.ended_at is null and c.asks_second_factor)
             and (t.sso_enforced or t.closed_ways @> '{link,password}'
                  or coalesce(kernel.second_factor_by(t.mfa_roles, t.mfa_from, t.mfa_grace_days, m.roles, m.created_at) < now(), false)) as by_provider,
             (select a.email from kernel.person a join kernel.membership am on am.person_id = a.id and am.tenant_id = tenant and am.ended_at is null
               where a.id = p.answerable) as "answerable"
        from kernel.membership m join kernel.person p on p.id = m.person_id join kernel.tenant t on t.id = m.tenant_id
       where m.tenant_id = tenant and m.ended_at is null and m.until is null),
    flagged as (
      select m.id, m.name, m.email, m.kind, m.roles, m."breakGlass", kernel.moment(m.created_at) as since, kernel.moment(m.last_seen_at) as "lastSeenAt",
             m."secondFactor", case when m."secondFactor" then 'own' when m.by_provider then 'provider' end as "secondFactorBy",
             m.answerable, array_remove(array[
               case when m.kind = 'person' and not m."secondFactor" and not m.by_provider then 'no-second-factor' end,
               case when coalesce(m.last_seen_at, m.created_at) < now() - interval '90 days' then 'not-seen-for-90-days' end,
               case when m.kind = 'service' then 'service-account' end,
               case when m.kind = 'service' and m.answerable is null then 'nobody-answers' end,
               case when m."breakGlass" then 'break-glass' end], null) as flags
        from members m),
    keys as (
      select c.id, c.name, c.hint, c.class, p.email as "owner", (select b.email from kernel.person b where b.id = coalesce(c.made_by, c.person_id)) as "madeBy",
             c.permissions, c.networks::text[] as networks, kernel.moment(c.created_at) as "createdAt",
             kernel.moment(c.last_seen_at) as "lastSeenAt", kernel.moment(c.expires_at) as "expiresAt",
             array_remove(array[
               case when c.expires_at is null then 'never-ends' end,
               case when c.permissions is null then 'all-permissions' end,
               case when coalesce(c.last_seen_at, c.created_at) < now() - interval '90 days' then 'not-used-for-90-days' end,
               case when c.replaced_by is not null then 'replaced' end], null) as flags
        from live c join kernel.person p on p.id = c.person_id),
    jwks as (
      select j.id, j.name, j.thumbprint, j.alg, p.email as "owner", (select b.email from kernel.person b where b.id = j.made_by) as "madeBy",
             kernel.moment(j.created_at) as "createdAt", kernel.moment(j.used_at) as "lastSeenAt", kernel.moment(j.expires_at) as "expiresAt"
        from kernel.service_jwk j join kernel.person p on p.id = j.person_id
       where j.tenant_id = tenant and j.ended_at is null and (j.expires_at is null or j.expires_at > now()))
    select jsonb_build_object(
      'members', coalesce((select jsonb_agg(to_jsonb(f) order by f.kind, f.name, f.id) from flagged f), '[]'),
      'keys', coalesce((select jsonb_agg(to_jsonb(k) order by k.name, k.id) from keys k), '[]'),
      'publicKeys', coalesce((select jsonb_agg(to_jsonb(j) order by j.name, j.id) from jwks j), '[]'),
      'invitations', coalesce((select jsonb_agg(jsonb_build_object('id', k.id, 'email', k.email, 'roles', k.roles, 'expiresAt', kernel.moment(k.expires_at)) order by k.id)
                                 from kernel.ticket k where k.tenant_id = tenant and k.purpose = 'invitation' and k.used_at is null and k.ended_at is null
                                  and k.expires_at > now()), '[]'),
      'supportGrants', grants,
      'lastSignOff', (select jsonb_build_object('at', kernel.moment(r.at), 'email', r.email, 'note', r.note, 'counts', r.counts)
                        from kernel.access_review r where r.tenant_id = tenant order by r.id desc limit 1)));
end $$;

-- Says that all of it was gone over, and is as it should be or will be; in the trail, with how much there was.
create function kernel.sign_off_review(note text) returns uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('security.change');
  field  constant text[] := kernel.verified();
  seen   constant jsonb := kernel.access_review();
  counts constant jsonb := jsonb_build_object(
    'members', jsonb_array_length(seen -> 'members'), 'keys', jsonb_array_length(seen -> 'keys') + jsonb_array_length(seen -> 'publicKeys'),
    'supportGrants', jsonb_array_length(seen -> 'supportGrants'));
  made   uuid;
begin
  insert into kernel.access_review (tenant_id, person_id, email, note, counts)
  values (tenant, field[5]::uuid, field[10], sign_off_review.note, counts) returning id into made;
  perform kernel.audit('sign-off', 'access-review', made, null, jsonb_strip_nulls(counts || jsonb_build_object('note', sign_off_review.note)), 'notice');
  return made;
end $$;
grant execute on function kernel.access_review(), kernel.sign_off_review(text) to rf_api;

-- The operator opens an organization again whose list of networks has locked everybody out; it stands in its trail. False
-- when there was none.
create function kernel.operator_clear_networks(organization text) returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  was kernel.tenant;
begin
  select t.* into was from kernel.tenant t where t.slug = organization for no key update;
  if was.id is null then
    raise exception 'no such organization' using errcode = 'RF404';
  end if;
  if was.networks is null then
    return false;
  end if;
  update kernel.tenant t set networks = null, version = t.version + 1 where t.id = was.id;
  insert into kernel.audit_event (tenant_id, actor_email, action, resource_type, resource_id, severity, before, after)
  values (was.id, 'operator', 'change', 'security', was.id, 'critical', jsonb_build_object('networks', was.networks::text[]), '{"networks": null}');
  return true;
end $$;

-- The operator ends every session and every program's token of one, of everybody: after a backup was restored, in which those that had
-- been ended since live again; no second factor is remembered any more. Keys stay. It holds from each one's next statement; nobody is waited for. Counts the sessions.
create function kernel.operator_end_sessions() returns integer language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  sessions integer;
begin
  with gone as (
    update kernel.credential c set ended_at = now(), ended_why = 'ended by the operator'
     where c.kind <> 'key' and num_nulls(c.ended_at) = 1 returning c.kind)
  select count(*) filter (where g.kind = 'session') into sessions from gone g;
  delete from kernel.remembered_device;
  insert into kernel.audit_event (tenant_id, actor_email, action, resource_type, severity)
  select t.id, 'operator', 'end-sessions', 'session', 'critical' from kernel.tenant t;
  return sessions;
end $$;

-- The operator opens a way back for an owner who has lost every factor: a link that works once. Only for somebody who is an
-- owner already, and each organization of theirs is told in its trail.
create function kernel.operator_open_restore(organization text, email text, ticket_hash bytea, seconds integer) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  owner record;
begin
  select p.id, m.tenant_id, m.id as member into owner
    from kernel.tenant t
    join kernel.membership m on m.tenant_id = t.id and m.ended_at is null and 'owner' = any (m.roles)
    join kernel.person p on p.id = m.person_id and p.kind = 'person' and p.ended_at is null
   where t.slug = organization and t.state = 'active' and lower(p.email) collate "C" = lower(operator_open_restore.email) collate "C";
  if owner.id is null then
    raise exception 'no such owner' using errcode = 'RF404';
  end if;
  update kernel.ticket k set ended_at = now()
   where k.person_id = owner.id and k.purpose = 'owner-restore' and k.used_at is null and k.ended_at is null;
  insert into kernel.ticket (digest, purpose, tenant_id, person_id, expires_at)
  values (kernel.ticket_digest('owner-restore', ticket_hash), 'owner-restore', owner.tenant_id, owner.id, now() + make_interval(secs => least(seconds, 3600)));
  insert into kernel.audit_event (tenant_id, actor_email, action, resource_type, resource_id, severity)
  select m.tenant_id, 'operator', 'open-restore', 'member', m.id, 'critical'
    from kernel.membership m where m.person_id = owner.id and m.ended_at is null;
end $$;
grant execute on function kernel.operator_clear_networks(text), kernel.operator_end_sessions(), kernel.operator_open_restore(text, text, bytea, integer) to rf_ops;

-- Whose link this is, for the page that asks for a new password; RF403 when it is not good any more.
create function kernel.owner_restoring(ticket_hash bytea) returns jsonb language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  told jsonb;
begin
  select jsonb_build_object('email', p.email, 'name', p.name, 'organization', t.name) into told
    from kernel.ticket k join kernel.person p on p.id = k.person_id and p.ended_at is null join kernel.tenant t on t.id = k.tenant_id
   where k.digest = kernel.ticket_digest('owner-restore', ticket_hash) and k.purpose = 'owner-restore'
     and k.used_at is null and k.ended_at is null and k.expires_at > now();
  if told is null then
    raise exception 'this link is not valid' using errcode = 'RF403', hint = 'link-not-valid';
  end if;
  return told;
end $$;

-- Lets an owner back in who comes with the operator's link: every session, every link that was mailed, every browser that was known and every second
-- factor ends, a new password takes the old one's place, and where single sign-on is enforced the owner may come in beside it.
create function kernel.restore_owner(
  ticket_hash bytea, recipe jsonb, verifier bytea, session_hash bytea, request_id uuid, ip inet, device text
) returns text language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  ticket  constant kernel.ticket := kernel.redeem(ticket_hash, 'owner-restore');
  session uuid;
begin
  if not exists (select from kernel.membership m join kernel.person p on p.id = m.person_id and p.kind = 'person' and p.ended_at is null
                  where m.tenant_id = ticket.tenant_id and m.person_id = ticket.person_id and m.ended_at is null and 'owner' = any (m.roles)) then
    raise exception 'this link is not valid' using errcode = 'RF403', hint = 'link-not-valid';
  end if;
  perform pg_advisory_xact_lock(kernel.person_lock(ticket.person_id));
  perform kernel.end_sign_ins(ticket.person_id, null, 'owner restored');
  if to_regclass('kernel.factor') is not null then
    delete from kernel.factor f where f.person_id = ticket.person_id;
    delete from kernel.backup_code b where b.person_id = ticket.person_id;
    delete from kernel.factor_tally t where t.person_id = ticket.person_id;
  end if;
  update kernel.person p
     set second_factor_since = null, recipe = coalesce(restore_owner.recipe, p.recipe), verifier = coalesce(restore_owner.verifier, p.verifier),
         password_changed_at = case when restore_owner.verifier is null then p.password_changed_at else now() end
   where p.id = ticket.person_id;
  update kernel.membership m set break_glass = true, version = m.version + 1
    from kernel.tenant t
   where m.tenant_id = ticket.tenant_id and m.person_id = ticket.person_id and t.id = m.tenant_id and t.sso_enforced and not m.break_glass;
  session := kernel.mint_session(ticket.person_id, session_hash, restore_owner.ip, restore_owner.device, '{owner-restore}');
  perform kernel.audit_person(ticket.person_id, session, 'restore-owner', 'critical', restore_owner.request_id, restore_owner.ip, restore_owner.device);
  return (select t.slug from kernel.tenant t where t.id = ticket.tenant_id);
end $$;
grant execute on function kernel.owner_restoring(bytea), kernel.restore_owner(bytea, jsonb, bytea, bytea, uuid, inet, text) to rf_auth;
