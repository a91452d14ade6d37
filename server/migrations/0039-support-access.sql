-- Support access: the platform's staff come into an organization only by a grant that the organization gives, for a reason,
-- for a while, and for what it names. In an emergency two of them give it together, to read for an hour; that is off unless the
-- installation allows it, and any organization may refuse it for good.
--
-- A grant that is live is a membership with the role `support` and an end (membership.until): so enter, the policies, the
-- trail and off_board are the ones that hold for everybody, and there is no second way in that could be forgotten. The operator's
-- session stays the operator's own; the binding carries the grant beside their e-mail, and so does every row of the trail.

set local role rf_kernel;

-- The platform's staff. Made by the command line only; ended by it, or with the membership of the platform's own organization by
-- which they are staff, however that ends.
create table kernel.operator (
  person_id uuid primary key references kernel.person on delete cascade,
  tenant_id uuid not null,
  member_id uuid not null,
  added_at  timestamptz not null default now(),
  ended_at  timestamptz,
  foreign key (tenant_id, member_id) references kernel.membership (tenant_id, id) on delete cascade
);
create index operator_member on kernel.operator (tenant_id, member_id);

create table kernel.support_grant (
  tenant_id      uuid not null references kernel.tenant,
  id             uuid not null default kernel.uuidv7(),
  -- As it was asked for or given; the person is null when none of the platform's staff has the address, which nobody is told.
  operator_email text not null check (length(operator_email) between 3 and 320),
  person_id      uuid references kernel.person on delete set null,
  member_id      uuid,
  permissions    text[] not null check (cardinality(permissions) between 1 and 500),
  reason         text not null check (length(reason) between 1 and 500),
  reference      text check (length(reference) between 1 and 200),
  hours          integer not null check (hours between 1 and 24),
  asked_at       timestamptz,
  given_at       timestamptz,
  given_by       uuid,
  until          timestamptz check (until <= given_at + interval '24 hours'),
  ended_at       timestamptz,
  ended_by       uuid,
  ended_why      text,
  created_at     timestamptz not null default now(),
  -- Given by two operators and not by the organization.
  emergency      boolean not null default false,
  primary key (tenant_id, id),
  foreign key (tenant_id, member_id) references kernel.membership (tenant_id, id),
  check (not emergency or hours = 1 and num_nulls(reference, asked_at) = 0 and given_by is distinct from person_id),
  check ((given_at is null) = (until is null) and (asked_at is not null or given_at is not null))
);
create index support_grant_person on kernel.support_grant (person_id) where ended_at is null;

-- When a grant was used first. Apart from the grant and without a key to it: whoever comes in must lock nothing that a revoke waits for.
create table kernel.support_use (
  tenant_id uuid not null,
  grant_id  uuid not null,
  at        timestamptz not null default now(),
  primary key (tenant_id, grant_id)
);

-- What was looked at by a grant, and when it was last written down in the organization's trail, for a minute: so that a screen which asks
-- again and again does not fill it. Its key is all that it locks, for the transaction of kernel.write_look alone.
create table kernel.support_look (
  tenant_id  uuid not null,
  grant_id   uuid not null,
  look       bytea not null check (length(look) = 32),
  at         timestamptz not null default clock_timestamp(),
  written_in xid8 not null default pg_current_xact_id(),
  primary key (tenant_id, grant_id, look)
);

-- Organizations that let nobody in without their consent, whatever happens.
create table kernel.emergency_refusal (
  tenant_id uuid primary key references kernel.tenant,
  at        timestamptz not null default now(),
  by        uuid
);
call kernel.drop_statistics('kernel.emergency_refusal');
call kernel.drop_statistics('kernel.operator');
call kernel.drop_statistics('kernel.support_use');
call kernel.drop_statistics('kernel.support_look');
call kernel.drop_statistics('kernel.support_grant');

-- What a grant may name at all: records, but not their export or erasure, and what it takes to find one's way. Never keys, roles,
-- members, sign-in, other grants or mail, whatever permissions are added later. Internal.
create function kernel.lent_at_most() returns text[] language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select '{organization.read,member.read,role.read,audit.read}'::text[]
         || array(select distinct p.resource || a from kernel.protected p cross join unnest('{.read,.create,.change,.archive}'::text[]) a order by 1);
end;

-- Whether a grant may name these. Internal.
create function kernel.lendable(wanted text[]) returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select cardinality(wanted) > 0 and wanted <@ kernel.lent_at_most();
end;

-- What a grant names unless it says otherwise: to read. Internal.
create function kernel.lent_by_default() returns text[] language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select '{organization.read,member.read,role.read}'::text[] || array(select distinct p.resource || '.read' from kernel.protected p order by 1);
end;

-- The live operator behind an address, or null. Internal.
create function kernel.operator_of(address text) returns uuid language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select p.id from kernel.person p join kernel.operator o on o.person_id = p.id
   where lower(p.email) collate "C" = lower(address) collate "C" and p.ended_at is null and o.ended_at is null;
end;

create view kernel.support_grants with (security_barrier = true) as
select g.id, g.operator_email, p.name as operator_name, g.permissions, g.reason, g.reference, g.hours,
       -- A job writes down what ended by itself: that says no other thing than before.
       case when g.ended_why = 'lapsed' then 'lapsed'
            when g.ended_at is not null then case when g.given_at is null then 'refused' else 'ended' end
            when g.given_at is null then case when g.emergency and g.asked_at < now() - interval '30 min' then 'lapsed' else 'asked' end
            when g.until <= now() then 'lapsed' else 'live' end as state,
       g.asked_at, g.given_at, (select b.name from kernel.person b where b.id = g.given_by) as given_by, g.until, u.at as first_used_at,
       g.ended_at, g.ended_why, (select e.name from kernel.person e where e.id = g.ended_by) as ended_by, g.emergency
  from kernel.support_grant g
  left join kernel.support_use u on u.tenant_id = g.tenant_id and u.grant_id = g.id
  -- The name only of whoever has asked or come in: an address alone must not tell who belongs to the platform's staff.
  left join kernel.person p on p.id = g.person_id and (g.asked_at is not null or u.at is not null)
 where g.tenant_id = (select kernel.bound('support.read'));
grant select on kernel.support_grants to rf_api;

-- The membership behind a grant, until then. Whoever belongs to the organization anyway needs no grant. Internal.
create function kernel.lend(given kernel.support_grant) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  lent uuid;
begin
  insert into kernel.membership as m (tenant_id, person_id, roles, permissions, until)
  values (given.tenant_id, given.person_id, '{support}', given.permissions, given.until)
  on conflict (tenant_id, person_id) do update
    set roles = excluded.roles, permissions = excluded.permissions, until = excluded.until, ended_at = null, break_glass = false, version = m.version + 1
    where m.ended_at is not null or m.until <= now()
  returning m.id into lent;
  if lent is null then
    raise exception 'a member already' using errcode = 'RF409', hint = 'member';
  end if;
  update kernel.support_grant g set member_id = lent where g.tenant_id = given.tenant_id and g.id = given.id;
end $$;

-- Raises when this operator has a live grant of the organization. Internal.
create function kernel.demand_no_other_grant(given kernel.support_grant) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select from kernel.support_grant g
              where g.tenant_id = given.tenant_id and g.id <> given.id and lower(g.operator_email) = lower(given.operator_email)
                and g.given_at is not null and g.ended_at is null and g.until > now()) then
    raise exception 'there is a grant already: end it first' using errcode = 'RF409', hint = 'granted-already';
  end if;
end $$;

-- Makes a grant live. What the organization gives is no emergency any more. Internal.
create function kernel.open_support(tenant uuid, grant_id uuid, scope text[], wanted_hours integer) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  field constant text[] := kernel.verified();
  given kernel.support_grant;
begin
  if not kernel.lendable(scope) then
    raise exception 'support is never lent that' using errcode = 'RF422', hint = 'permissions';
  end if;
  if not kernel.covers(kernel.held(), scope) then
    raise exception 'you can grant only what you hold' using errcode = 'RF403', hint = 'grant-more-than-held';
  end if;
  update kernel.support_grant g
     set given_at = now(), given_by = field[5]::uuid, permissions = scope, hours = wanted_hours, emergency = false,
         until = now() + make_interval(hours => wanted_hours), person_id = coalesce(g.person_id, kernel.operator_of(g.operator_email))
   where g.tenant_id = tenant and g.id = grant_id
  returning g.* into given;
  perform kernel.demand_no_other_grant(given);
  -- Asked for, and no operator any more: a grant that lets nobody in, like one for an address that nobody has. Whoever is just leaving is
  -- waited for.
  perform from kernel.operator o where o.person_id = given.person_id and o.ended_at is null for share;
  if found then
    perform kernel.lend(given);
  end if;
  perform kernel.audit('grant', 'support', grant_id, null,
    jsonb_strip_nulls(jsonb_build_object('operator', given.operator_email, 'permissions', to_jsonb(scope), 'until', kernel.moment(given.until),
                                         'reason', given.reason, 'reference', given.reference)), 'critical');
end $$;

-- Lets one of the platform's staff in. Whether anybody has the address is told to nobody.
create function kernel.grant_support(address text, wanted text[], wanted_hours integer, wanted_reason text, wanted_reference text) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('support.grant');
  made   uuid;
  scope  constant text[] := array(select distinct x from unnest(coalesce(wanted, kernel.lent_by_default())) x order by 1);
begin
  -- One after another: two grants to one operator would be one membership.
  perform from kernel.tenant t where t.id = tenant for no key update;
  insert into kernel.support_grant (tenant_id, operator_email, person_id, permissions, reason, reference, hours, given_at, until)
  values (tenant, lower(address), kernel.operator_of(address), scope, wanted_reason, wanted_reference, wanted_hours, now(), now())
  returning id into made;
  perform kernel.open_support(tenant, made, scope, wanted_hours);
  return made;
end $$;

-- Gives what an operator has asked for, for no longer and no more than the giver says.
create function kernel.approve_support(grant_id uuid, wanted text[], wanted_hours integer) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('support.grant');
  asked  kernel.support_grant;
begin
  perform from kernel.tenant t where t.id = tenant for no key update;
  select g.* into asked from kernel.support_grant g where g.tenant_id = tenant and g.id = grant_id for update;
  if asked.id is null then
    raise exception 'no such grant' using errcode = 'RF404';
  end if;
  if asked.given_at is not null or asked.ended_at is not null or asked.asked_at < now() - interval '7 days' then
    raise exception 'nobody is waiting for this any more' using errcode = 'RF409', hint = 'not-asked';
  end if;
  perform kernel.open_support(tenant, grant_id, array(select distinct x from unnest(coalesce(wanted, asked.permissions)) x order by 1),
                              coalesce(wanted_hours, asked.hours));
end $$;

-- Ends the memberships behind grants, wherever they are; when it has returned, nothing of theirs answers there. Internal.
create function kernel.close_support(closing uuid[], ender uuid, why text) returns integer language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  closed kernel.support_grant;
  count  integer := 0;
begin
  for closed in
    update kernel.support_grant g set ended_at = now(), ended_by = ender, ended_why = why
     where g.id = any (closing) and g.ended_at is null returning g.*
  loop
    count := count + 1;
    if exists (select from kernel.membership m
                where m.tenant_id = closed.tenant_id and m.id = closed.member_id and m.ended_at is null and m.until is not null) then
      perform kernel.off_board(closed.tenant_id, closed.member_id, why);
    end if;
  end loop;
  return count;
end $$;

-- Ends a grant, or refuses one that was asked for. Holds from the next request on, and for those under way.
create function kernel.end_support(grant_id uuid) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('support.grant');
  was    kernel.support_grant;
begin
  select g.* into was from kernel.support_grant g where g.tenant_id = tenant and g.id = grant_id and g.ended_at is null for update;
  if was.id is null then
    raise exception 'no such grant' using errcode = 'RF404';
  end if;
  perform kernel.close_support(array[grant_id], ((kernel.verified())[5])::uuid, case when was.given_at is null then 'refused' else 'revoked' end);
  perform kernel.audit('end', 'support', grant_id, jsonb_build_object('operator', was.operator_email, 'until', kernel.moment(was.until)), null, 'warning');
end $$;

grant execute on function kernel.grant_support(text, text[], integer, text, text), kernel.approve_support(uuid, text[], integer), kernel.end_support(uuid)
  to rf_api;

-- Called by enter for one of the platform's staff, who was judged already: the first time is written into the organization's
-- trail. Returns the name under which everything stands there: the operator's own, and the grant. Internal.
create function kernel.support_enters(tenant uuid, member uuid, credential uuid, request uuid, ip inet, email text, device text) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  lent  record;
  label text;
begin
  select g.id, g.person_id into lent from kernel.support_grant g join kernel.operator o on o.person_id = g.person_id and o.ended_at is null
   where g.tenant_id = tenant and g.member_id = member and g.given_at is not null and g.ended_at is null and g.until > clock_timestamp();
  -- No membership of this kind is good without its grant, nor for somebody who was let go while it was given.
  if lent.id is null then
    raise exception 'no such organization' using errcode = 'RF404';
  end if;
  label := kernel.support_label(email, lent.id);
  -- Whoever else is just writing it down need not be waited for.
  if not exists (select from kernel.support_use u where u.tenant_id = support_enters.tenant and u.grant_id = lent.id)
     and pg_try_advisory_xact_lock(uuid_hash_extended(lent.id, 7462)) then
    insert into kernel.support_use (tenant_id, grant_id) values (tenant, lent.id) on conflict do nothing;
    if found then
      insert into kernel.audit_event (tenant_id, actor_id, actor_email, credential_id, request_id, ip, device, action, resource_type, resource_id, severity)
      values (tenant, lent.person_id, label, credential, request, support_enters.ip, nullif(support_enters.device, ''), 'enter', 'support', lent.id, 'critical');
    end if;
  end if;
  return label;
end $$;

-- The live grant behind a membership, of somebody who still belongs to the staff; null when there is none. Internal.
create function kernel.live_grant(tenant uuid, member uuid) returns uuid language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select g.id from kernel.support_grant g join kernel.operator o on o.person_id = g.person_id and o.ended_at is null
   where g.tenant_id = tenant and g.member_id = member and g.given_at is not null and g.ended_at is null and g.until > clock_timestamp();
end;

-- By what a look is known again within its minute. Internal.
create function kernel.look_digest(needs text[], what text) returns bytea language sql immutable
return sha256(convert_to(array_to_string(needs, ',') || '|' || coalesce(what, ''), 'UTF8'));

-- Raises unless what one of the platform's staff is about to look at stands in the organization's trail, written lately by a
-- transaction that has ended: a look that is rolled back, by a refusal, by a hang-up or by whoever holds the door's password, is written down all
-- the same. Asked by enter before it judges the permissions, so that what is refused is there too. Internal.
create function kernel.demand_look(tenant uuid, member uuid, needs text[], what text) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  lent constant uuid := kernel.live_grant(tenant, member);
begin
  -- Without a grant nobody gets in; enter says so in its own words.
  if lent is not null and not exists (
    select from kernel.support_look l
     where l.tenant_id = tenant and l.grant_id = lent and l.look = kernel.look_digest(needs, what)
       -- For longer than the minute in which it is not written again: nobody who has just been told that it is there comes too late.
       and l.at > clock_timestamp() - interval '2 min' and l.written_in is distinct from pg_current_xact_id_if_assigned()) then
    raise exception 'this is written down before it is looked at' using errcode = 'RF428';
  end if;
end $$;

-- Writes into an organization's trail what one of the platform's staff is about to look at: the permissions, which enter takes from nobody
-- else, and the door and the record as the server says them (server/http/look.ts). The same is written once a minute for each grant. Does
-- nothing for anybody else. Whoever holds the door's password can lie about the door; but whatever they read, a row names the permission.
create function kernel.write_look(token_hash bytea, organization text, needs text[], request_id uuid, ip inet, device text, what text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  seen record;
begin
  -- As in enter: once an end has returned, nothing is written any more.
  perform pg_advisory_xact_lock_shared(kernel.credential_lock(sha256(token_hash)));
  select c.id as credential_id, c.person_id, p.email, m.tenant_id, kernel.live_grant(m.tenant_id, m.id) as grant_id into seen
    from kernel.credential c
    join kernel.person p on p.id = c.person_id and p.ended_at is null
    join kernel.tenant t on (t.slug = organization or organization is null and t.id = c.tenant_id) and t.state = 'active'
    join kernel.membership m on m.tenant_id = t.id and m.person_id = c.person_id and m.ended_at is null and m.until > clock_timestamp()
   where c.digest = sha256(token_hash) and c.ended_at is null;
  -- Looked at before it is locked: a screen that asks again and again waits for nobody.
  if seen.grant_id is null or exists (
       select from kernel.support_look l where l.tenant_id = seen.tenant_id and l.grant_id = seen.grant_id
          and l.look = kernel.look_digest(needs, what) and l.at > clock_timestamp() - interval '1 min') then
    return;
  end if;
  insert into kernel.support_look as l (tenant_id, grant_id, look) values (seen.tenant_id, seen.grant_id, kernel.look_digest(needs, what))
  on conflict on constraint support_look_pkey do update set at = excluded.at, written_in = excluded.written_in
    where l.at <= clock_timestamp() - interval '1 min';
  if not found then
    return;
  end if;
  insert into kernel.audit_event (tenant_id, actor_id, actor_email, credential_id, request_id, ip, device, action, resource_type, resource_id, severity, after)
  values (seen.tenant_id, seen.person_id, kernel.support_label(seen.email, seen.grant_id), seen.credential_id, write_look.request_id, write_look.ip,
          nullif(left(write_look.device, 500), ''), 'look', coalesce(split_part(needs[1], '.', 1), 'support'),
          substring(what from ' ([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$')::uuid, 'notice',
          jsonb_strip_nulls(jsonb_build_object('door', left(regexp_replace(what, ' [0-9a-f-]{36}$', ''), 300), 'permission', to_jsonb(needs))));
end $$;
grant execute on function kernel.write_look(bytea, text, text[], uuid, inet, text, text) to rf_api, rf_live;

-- Under which name an operator stands in an organization's trail. No e-mail address has a blank in it. Internal.
create function kernel.support_label(email text, grant_id uuid) returns text language sql immutable
return email || ' (support ' || grant_id || ')';

-- The name of somebody's acts in an organization for which there is no binding: refusals. Internal.
create function kernel.actor_label(tenant uuid, person uuid, email text) returns text language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select coalesce((select kernel.support_label(email, g.id) from kernel.support_grant g
                    where g.tenant_id = tenant and g.person_id = person and g.given_at is not null and g.ended_at is null and g.until > now()), email);
end;

-- What /auth/me says of an organization in which one is by a grant; null for members. Internal.
create function kernel.support_shown(tenant uuid, member uuid) returns jsonb language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select jsonb_build_object('grant', g.id, 'until', kernel.moment(g.until), 'reason', g.reason, 'emergency', g.emergency)
    from kernel.support_grant g
    join kernel.membership m on m.tenant_id = g.tenant_id and m.id = g.member_id and m.until is not null and m.ended_at is null
   where g.tenant_id = support_shown.tenant and g.member_id = member and g.given_at is not null and g.ended_at is null and g.until > now();
end;

-- Which organization an operator means, and the operator's address. Who is no operator learns nothing, not even whether there is
-- such an organization. Internal.
create function kernel.operators_aim(session kernel.credential, organization text, out tenant uuid, out address text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
  select p.email into address from kernel.operator o join kernel.person p on p.id = o.person_id
   where o.person_id = session.person_id and o.ended_at is null and p.ended_at is null;
  select t.id into tenant from kernel.tenant t where address is not null and t.slug = organization and t.state = 'active';
  if tenant is null then
    raise exception 'no such organization' using errcode = 'RF404';
  end if;
  if session.second_factor_at is null then
    raise exception 'second factor needed' using errcode = 'RF403';
  end if;
end $$;

-- An operator asks an organization to be let in.
create function kernel.ask_support(token_hash bytea, organization text, wanted text[], wanted_hours integer, wanted_reason text, wanted_reference text,
                                   request_id uuid, ip inet, device text) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  -- The person first, as whoever ends sessions of theirs takes it first.
  session constant kernel.credential := kernel.own_session(token_hash);
  aim     constant record := kernel.operators_aim(session, organization);
  tenant  constant uuid := aim.tenant;
  address constant text := aim.address;
  scope   constant text[] := array(select distinct x from unnest(coalesce(wanted, kernel.lent_by_default())) x order by 1);
  asked   uuid;
begin
  if not kernel.lendable(scope) then
    raise exception 'support is never lent that' using errcode = 'RF422', hint = 'permissions';
  end if;
  if (select count(*) from kernel.support_grant g where g.tenant_id = tenant and g.person_id = session.person_id
        and g.given_at is null and g.ended_at is null and g.asked_at > now() - interval '7 days') >= 3 then
    raise exception 'three requests are waiting there already' using errcode = 'RF409', hint = 'asked-already';
  end if;
  insert into kernel.support_grant (tenant_id, operator_email, person_id, permissions, reason, reference, hours, asked_at)
  values (tenant, lower(address), session.person_id, scope, wanted_reason, wanted_reference, wanted_hours, now()) returning id into asked;
  insert into kernel.audit_event (tenant_id, actor_id, actor_email, credential_id, request_id, ip, device, action, resource_type, resource_id, severity, after)
  values (tenant, session.person_id, kernel.support_label(address, asked), session.id, ask_support.request_id, ask_support.ip, ask_support.device,
          'ask', 'support', asked, 'warning', jsonb_build_object('reason', wanted_reason, 'reference', wanted_reference, 'permissions', to_jsonb(scope)));
  return asked;
end $$;

-- An operator's own grants and requests, and whether one is an operator at all.
create function kernel.my_support(token_hash bytea) returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session  constant kernel.credential := kernel.live_session(token_hash);
  operates constant boolean := exists (select from kernel.operator o where o.person_id = session.person_id and o.ended_at is null);
begin
  return jsonb_build_object(
    'operator', operates,
    -- Whether this installation has emergencies at all, which is the staff's to know.
    'emergencyAllowed', operates and (select i.emergency_support from kernel.installation i),
    'lendable', to_jsonb(case when operates then kernel.lent_at_most() else '{}' end),
    'lentByDefault', to_jsonb(case when operates then kernel.lent_by_default() else '{}' end),
    'grants', coalesce((
      select jsonb_agg(jsonb_build_object('id', g.id, 'organization', t.slug, 'state',
               case when g.given_at is null then 'asked' else 'live' end, 'permissions', to_jsonb(g.permissions),
               'reason', g.reason, 'reference', g.reference, 'askedAt', kernel.moment(g.asked_at), 'until', kernel.moment(g.until),
               'emergency', g.emergency) order by g.id desc)
        from kernel.support_grant g join kernel.tenant t on t.id = g.tenant_id
       where g.person_id = session.person_id and g.ended_at is null and (g.asked_at is not null or g.member_id is not null)
         and coalesce(g.until > now(), g.asked_at > now() - case when g.emergency then interval '30 min' else interval '7 days' end)), '[]'),
    -- What others of the staff have asked for without an organization's consent, for one who might confirm it.
    'emergencies', coalesce((
      select jsonb_agg(jsonb_build_object('id', g.id, 'organization', t.slug, 'operator', g.operator_email, 'reason', g.reason,
                                          'reference', g.reference, 'askedAt', kernel.moment(g.asked_at)) order by g.id)
        from kernel.support_grant g join kernel.tenant t on t.id = g.tenant_id
       where g.emergency and g.given_at is null and g.ended_at is null and g.asked_at > now() - interval '30 min' and g.person_id <> session.person_id
         and operates), '[]'));
end $$;

-- An operator gives a grant back before its time.
create function kernel.leave_support(token_hash bytea, grant_id uuid, request_id uuid, ip inet, device text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session constant kernel.credential := kernel.own_session(token_hash);
  was     kernel.support_grant;
begin
  select g.* into was from kernel.support_grant g
   where g.id = grant_id and g.person_id = session.person_id and g.ended_at is null and (g.asked_at is not null or g.member_id is not null) for update;
  if was.id is null then
    raise exception 'no such grant' using errcode = 'RF404';
  end if;
  insert into kernel.audit_event (tenant_id, actor_id, actor_email, credential_id, request_id, ip, device, action, resource_type, resource_id, severity)
  values (was.tenant_id, session.person_id, kernel.support_label(was.operator_email, was.id), session.id, leave_support.request_id, leave_support.ip,
          leave_support.device, 'end', 'support', was.id, 'warning');
  perform kernel.close_support(array[was.id], session.person_id, 'given back');
end $$;
grant execute on function kernel.ask_support(bytea, text, text[], integer, text, text, uuid, inet, text), kernel.my_support(bytea),
  kernel.leave_support(bytea, uuid, uuid, inet, text) to rf_auth;

-- Grants whose time is over, for the clock. They let nobody in before this has run either: enter looks at the time itself.
create function kernel.end_lapsed_support() returns integer language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  lapsed constant uuid[] := array(
    select g.id from kernel.support_grant g
     where g.ended_at is null and (g.until <= now() or g.emergency and g.given_at is null and g.asked_at < now() - interval '30 min') limit 500);
begin
  insert into kernel.audit_event (tenant_id, actor_email, action, resource_type, resource_id, after)
  select g.tenant_id, 'system', 'end', 'support', g.id, '{"why": "its time is over"}' from kernel.support_grant g where g.id = any (lapsed) and g.given_at is not null;
  -- A look counts for two minutes. One that is just being written again stays.
  delete from kernel.support_look l where (l.tenant_id, l.grant_id, l.look) in (
    select o.tenant_id, o.grant_id, o.look from kernel.support_look o where o.at < now() - interval '10 min' limit 5000 for update skip locked);
  return kernel.close_support(lapsed, null, 'lapsed');
end $$;
grant execute on function kernel.end_lapsed_support() to rf_worker;

-- Staff are named by whoever runs the installation, at the command line, each as a member of the platform's own organization: the one that
-- is named, else the only one that they belong to. Raises RF404 for an address that nobody has, RF409 where no membership is meant.
create function kernel.add_operator(address text, organization text default null) returns uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  named kernel.membership;
begin
  if (kernel.person_at(address)).id is null then
    raise exception 'nobody has this address' using errcode = 'RF404';
  end if;
  -- Locked: whoever is just being off-boarded is waited for, and then no member.
  select m.* into named from kernel.membership m join kernel.tenant t on t.id = m.tenant_id
   where m.person_id = (kernel.person_at(address)).id and m.ended_at is null and m.until is null and t.state = 'active' and t.slug = coalesce(organization, t.slug)
   order by m.tenant_id limit 1 for share of m;
  if named.id is null then
    raise exception 'they must be a member of the platform''s own organization' using errcode = 'RF409', hint = 'organization';
  end if;
  if organization is null and exists (
       select from kernel.membership m join kernel.tenant t on t.id = m.tenant_id
        where m.person_id = named.person_id and m.tenant_id <> named.tenant_id and m.ended_at is null and m.until is null and t.state = 'active') then
    raise exception 'they belong to several organizations: name the platform''s own one' using errcode = 'RF409', hint = 'organization';
  end if;
  insert into kernel.operator as o (person_id, tenant_id, member_id) values (named.person_id, named.tenant_id, named.id)
  on conflict (person_id) do update
    set tenant_id = excluded.tenant_id, member_id = excluded.member_id, added_at = case when o.ended_at is null then o.added_at else now() end, ended_at = null;
  insert into kernel.audit_event (tenant_id, actor_email, action, resource_type, resource_id, severity)
  values (named.tenant_id, 'operator', 'create', 'operator', named.id, 'critical');
  return named.person_id;
end $$;

-- Ends being an operator by these memberships, with all that the operators were let into or have asked for; each of those organizations finds
-- it in its trail, and so does the platform's own. Counts the grants. Internal.
create function kernel.end_operators(tenant uuid, members uuid[], actor text) returns integer language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  left_ uuid[];
  open  uuid[];
begin
  with gone as (
    update kernel.operator o set ended_at = now()
     where o.tenant_id = end_operators.tenant and o.member_id = any (members) and o.ended_at is null returning o.person_id, o.member_id),
  told as (
    insert into kernel.audit_event (tenant_id, actor_email, action, resource_type, resource_id, severity)
    select end_operators.tenant, actor, 'end', 'operator', g.member_id, 'critical' from gone g)
  select coalesce(array_agg(g.person_id), '{}') into left_ from gone g;
  if left_ = '{}' then
    return 0;
  end if;
  open := array(select g.id from kernel.support_grant g where g.person_id = any (left_) and g.ended_at is null);
  insert into kernel.audit_event (tenant_id, actor_email, action, resource_type, resource_id, severity, after)
  select g.tenant_id, actor, 'end', 'support', g.id, 'warning', '{"why": "the operator left"}' from kernel.support_grant g where g.id = any (open);
  return kernel.close_support(open, null, 'the operator left');
end $$;

create function kernel.remove_operator(address text) returns integer language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  was kernel.operator;
begin
  select o.* into was from kernel.operator o join kernel.person p on p.id = o.person_id
   where lower(p.email) collate "C" = lower(address) collate "C" and o.ended_at is null;
  if was.person_id is null then
    raise exception 'no operator has this address' using errcode = 'RF404';
  end if;
  return kernel.end_operators(was.tenant_id, array[was.member_id], 'operator');
end $$;

create function kernel.operators() returns table (email text, name text, organization text, added_at timestamptz, second_factor boolean, live_grants integer)
language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select p.email, p.name, t.slug, o.added_at, p.second_factor_since is not null,
         (select count(*)::integer from kernel.support_grant g where g.person_id = p.id and g.ended_at is null and g.until > now())
    from kernel.operator o join kernel.person p on p.id = o.person_id join kernel.tenant t on t.id = o.tenant_id
   where o.ended_at is null order by p.email collate "C";
end;
grant execute on function kernel.add_operator(text, text), kernel.remove_operator(text), kernel.operators() to rf_ops;

-- Raises unless two operators may let one of them into this organization without its consent. Internal.
create function kernel.demand_emergency(tenant uuid) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if not (select i.emergency_support from kernel.installation i) then
    raise exception 'emergency access is not switched on in this installation' using errcode = 'RF409', hint = 'emergency-off';
  end if;
  if exists (select from kernel.emergency_refusal r where r.tenant_id = demand_emergency.tenant) then
    raise exception 'this organization has refused emergency access' using errcode = 'RF409', hint = 'emergency-refused';
  end if;
end $$;

-- An operator asks for an emergency grant: to read, for an hour, with a reason and the number of the case. The owners are told at
-- once, before anybody has confirmed it.
create function kernel.ask_emergency(
  token_hash bytea, organization text, wanted_reason text, wanted_reference text, request_id uuid, ip inet, device text
) returns uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session constant kernel.credential := kernel.live_session(token_hash);
  aim     constant record := kernel.operators_aim(session, organization);
  asked   uuid;
begin
  perform kernel.demand_fresh_factor(session);
  perform from kernel.tenant t where t.id = aim.tenant for no key update;
  perform kernel.demand_emergency(aim.tenant);
  if exists (select from kernel.membership m where m.tenant_id = aim.tenant and m.person_id = session.person_id and m.ended_at is null
                and (m.until is null or m.until > now())) then
    raise exception 'a member already' using errcode = 'RF409', hint = 'member';
  end if;
  if exists (select from kernel.support_grant g where g.tenant_id = aim.tenant and g.emergency and g.given_at is null and g.ended_at is null
                and g.asked_at > now() - interval '30 min')
     or (select count(*) from kernel.support_grant g where g.tenant_id = aim.tenant and g.emergency and g.asked_at > now() - interval '1 day') >= 3 then
    raise exception 'one is waiting there, or three were asked for today' using errcode = 'RF409', hint = 'asked-already';
  end if;
  insert into kernel.support_grant (tenant_id, operator_email, person_id, permissions, reason, reference, hours, asked_at, emergency)
  values (aim.tenant, lower(aim.address), session.person_id, kernel.lent_by_default(), wanted_reason, wanted_reference, 1, now(), true) returning id into asked;
  insert into kernel.audit_event (tenant_id, actor_id, actor_email, credential_id, request_id, ip, device, action, resource_type, resource_id, severity, after)
  values (aim.tenant, session.person_id, kernel.support_label(aim.address, asked), session.id, ask_emergency.request_id, ask_emergency.ip,
          left(ask_emergency.device, 500), 'ask-emergency', 'support', asked, 'critical',
          jsonb_build_object('reason', wanted_reason, 'reference', wanted_reference));
  return asked;
end $$;

-- Another operator looks at it and says yes: the first one may come in. Once, within half an hour, never for oneself.
create function kernel.confirm_emergency(token_hash bytea, grant_id uuid, request_id uuid, ip inet, device text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  session constant kernel.credential := kernel.live_session(token_hash);
  aim     constant record := kernel.operators_aim(session, (
    select t.slug from kernel.support_grant g join kernel.tenant t on t.id = g.tenant_id where g.id = grant_id and g.emergency));
  given   kernel.support_grant;
begin
  perform kernel.demand_fresh_factor(session);
  perform from kernel.tenant t where t.id = aim.tenant for no key update;
  perform kernel.demand_emergency(aim.tenant);
  if exists (select from kernel.support_grant g where g.id = grant_id and g.person_id = session.person_id) then
    raise exception 'somebody else of the staff confirms it' using errcode = 'RF409', hint = 'four-eyes';
  end if;
  update kernel.support_grant g set given_at = now(), given_by = session.person_id, until = now() + interval '1 hour'
   where g.tenant_id = aim.tenant and g.id = grant_id and g.emergency and g.given_at is null and g.ended_at is null
     and g.asked_at > now() - interval '30 min'
     and exists (select from kernel.operator o where o.person_id = g.person_id and o.ended_at is null)
  returning g.* into given;
  if given.id is null then
    raise exception 'nobody is waiting for this any more' using errcode = 'RF409', hint = 'not-asked';
  end if;
  perform kernel.demand_no_other_grant(given);
  perform kernel.lend(given);
  insert into kernel.audit_event (tenant_id, actor_id, actor_email, credential_id, request_id, ip, device, action, resource_type, resource_id, severity, after)
  values (aim.tenant, session.person_id, kernel.support_label(aim.address, given.id), session.id, confirm_emergency.request_id, confirm_emergency.ip,
          left(confirm_emergency.device, 500), 'confirm-emergency', 'support', given.id, 'critical',
          jsonb_build_object('operator', given.operator_email, 'permissions', to_jsonb(given.permissions), 'until', kernel.moment(given.until),
                             'reason', given.reason, 'reference', given.reference));
end $$;
grant execute on function kernel.ask_emergency(bytea, text, text, text, uuid, inet, text), kernel.confirm_emergency(bytea, uuid, uuid, inet, text) to rf_auth;

-- Whether anybody may come in without the organization's consent, and what a grant may name: at most, and unless it says otherwise.
create function kernel.support_policy() returns jsonb language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant  constant uuid := kernel.demand('support.read');
  refused constant timestamptz := (select r.at from kernel.emergency_refusal r where r.tenant_id = tenant);
begin
  return jsonb_build_object('emergencyRefused', refused is not null,
                            'emergencyPossible', refused is null and (select i.emergency_support from kernel.installation i),
                            'lendable', to_jsonb(kernel.lent_at_most()), 'lentByDefault', to_jsonb(kernel.lent_by_default()));
end $$;

-- Refuses emergency access for good, or takes that back; nobody but the organization can. What is live or waits ends.
create function kernel.refuse_emergency(refused boolean) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('support.grant');
  person constant uuid := ((kernel.verified())[5])::uuid;
begin
  perform from kernel.tenant t where t.id = tenant for no key update;
  if refused then
    insert into kernel.emergency_refusal (tenant_id, by) values (tenant, person) on conflict do nothing;
  else
    delete from kernel.emergency_refusal r where r.tenant_id = tenant;
  end if;
  if not found then
    return;
  end if;
  perform kernel.audit('change', 'support-policy', tenant, jsonb_build_object('emergencyRefused', not refused),
                       jsonb_build_object('emergencyRefused', refused), 'critical');
  if refused then
    perform kernel.close_support(array(select g.id from kernel.support_grant g where g.tenant_id = tenant and g.emergency and g.ended_at is null),
                                 person, 'emergency access refused');
  end if;
end $$;
grant execute on function kernel.support_policy(), kernel.refuse_emergency(boolean) to rf_api;

-- Switches emergency access on or off for the installation; off ends what is live or waits.
create function kernel.allow_emergencies(allowed boolean) returns integer language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  open uuid[] := '{}';
begin
  update kernel.installation i set emergency_support = allowed;
  if not allowed then
    open := array(select g.id from kernel.support_grant g where g.emergency and g.ended_at is null and coalesce(g.until > now(), true));
    insert into kernel.audit_event (tenant_id, actor_email, action, resource_type, resource_id, severity)
    select g.tenant_id, 'operator', 'end', 'support', g.id, 'warning' from kernel.support_grant g where g.id = any (open);
  end if;
  return kernel.close_support(open, null, 'emergency access was switched off');
end $$;

-- The installation's own record of emergencies, the newest first: each organization has the same in its trail.
create function kernel.emergencies(out allowed boolean, out items jsonb) language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select i.emergency_support, coalesce((
      select jsonb_agg(jsonb_build_object(
               'id', g.id, 'organization', t.slug, 'operator', g.operator_email, 'reason', g.reason, 'reference', g.reference, 'askedAt', kernel.moment(g.asked_at),
               'confirmedBy', (select p.email from kernel.person p where p.id = g.given_by), 'confirmedAt', kernel.moment(g.given_at), 'until', kernel.moment(g.until),
               'firstUsedAt', (select kernel.moment(u.at) from kernel.support_use u where u.tenant_id = g.tenant_id and u.grant_id = g.id),
               'endedAt', kernel.moment(g.ended_at), 'endedWhy', g.ended_why) order by g.id desc)
        from (select e.* from kernel.support_grant e where e.emergency order by e.id desc limit 200) g join kernel.tenant t on t.id = g.tenant_id), '[]')
    from kernel.installation i;
end;
grant execute on function kernel.allow_emergencies(boolean), kernel.emergencies() to rf_ops;
