-- Members, invitations, keys and settings of an organization, for rf_api inside a bound transaction. Each function asks
-- the binding for its permission; each writes its own audit row.

set local role rf_kernel;

-- Raises unless the binding holds this permission; returns the organization. Internal.
create function kernel.demand(need text) returns uuid language plpgsql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.bound(need);
begin
  if tenant is null then
    raise exception 'not allowed' using errcode = 'RF403', hint = need;
  end if;
  return tenant;
end $$;

-- Whether `held` has all of `wanted`; what is held for everybody's records is held for one's own too. Internal.
create function kernel.covers(held text[], wanted text[]) returns boolean language sql immutable parallel safe security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select held is not null and not exists (select from unnest(wanted) x where x <> all (held) and split_part(x, ':', 1) <> all (held));
end;

-- What this request's hands hold: the member's permissions, within what the API key (if it is one) was given. Internal.
create function kernel.held() returns text[] language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select coalesce(array_agg(x), '{}')
    from (select kernel.verified() as field offset 0) b
    join kernel.membership m on m.tenant_id = (b.field)[3]::uuid and m.id = nullif((b.field)[4], '')::uuid and m.ended_at is null
    left join kernel.credential c on c.id = (b.field)[6]::uuid
   cross join lateral unnest(kernel.within(m.permissions, kernel.key_reach(c.id))) x
   where c.permissions is null or split_part(x, ':', 1) = any (c.permissions);
end;

-- Raises unless the bound member holds everything that these roles give: nobody grants what they do not hold. Internal.
create function kernel.demand_grantable(tenant uuid, roles text[]) returns void language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select from unnest(roles) r
              where not exists (select from kernel.role k join kernel.tenant t on t.preset = k.preset where t.id = tenant and k.key = r)
                and not exists (select from kernel.custom_role c where c.tenant_id = tenant and c.key = r and c.ended_at is null))
     or coalesce(cardinality(roles), 0) = 0 then
    raise exception 'no such role' using errcode = 'RF422', hint = 'roles';
  end if;
  if not kernel.covers(kernel.held(), kernel.permissions_of(tenant, roles)) then
    raise exception 'you can grant only what you hold' using errcode = 'RF403', hint = 'grant-more-than-held';
  end if;
end $$;

create view kernel.members with (security_barrier = true) as
select m.id, m.person_id, p.name, p.email, m.roles, m.version, m.created_at,
       case when m.ended_at is null then 'active' else 'ended' end as state, m.ended_at,
       -- By what could be let in here: another organization's keys could not, nor what its provider vouched for.
       (select max(c.last_seen_at) from kernel.credential c
         where c.person_id = m.person_id and c.ended_at is null and coalesce(c.tenant_id, m.tenant_id) = m.tenant_id
           and coalesce(c.sso_tenant_id, m.tenant_id) = m.tenant_id) as last_seen_at,
       p.kind
  from kernel.membership m join kernel.person p on p.id = m.person_id
 where m.tenant_id = (select kernel.bound('member.read')) and m.until is null;

create view kernel.invitations with (security_barrier = true) as
select k.id, k.email, k.roles, k.created_at, k.expires_at, p.name as invited_by,
       -- A demo's letters are never sent.
       case when m.state = 'waiting' and t.demo then 'held' else m.state end as delivery, m.failure
  from kernel.ticket k
  join kernel.tenant t on t.id = k.tenant_id
  left join kernel.person p on p.id = k.invited_by
  left join kernel.person_mail m on m.id = (k.payload ->> 'mail')::uuid and m.tenant_id = k.tenant_id
 where k.tenant_id = (select kernel.bound('member.read')) and k.purpose = 'invitation'
   and k.used_at is null and k.ended_at is null;

-- A person sees their own keys; whoever may read everybody's sees all.
create view kernel.keys with (security_barrier = true) as
select c.id, c.name, c.hint, c.permissions, c.created_at, c.last_seen_at, c.expires_at, host(c.ip) as ip,
       p.name as person_name, p.email as person_email, m.id as member_id,
       c.class, c.networks::text[] as networks, c.sites, c.replaced_by,
       (select b.name from kernel.person b where b.id = coalesce(c.made_by, c.person_id)) as made_by
  from kernel.credential c
  join kernel.person p on p.id = c.person_id
  join kernel.membership m on m.tenant_id = c.tenant_id and m.person_id = c.person_id
 where c.tenant_id = (select kernel.bound('key.read')) and c.kind = 'key' and c.ended_at is null
   -- Neither the short tokens that keys and assertions are exchanged for, nor what ran out after a re-roll.
   and c.service_jwk_id is null and c.parent_id is null and (c.replaced_by is null or c.expires_at > now())
   and ((select kernel.holds('key.read')) or m.id = (select kernel.bound_member()));

create view kernel.roles with (security_barrier = true) as
select null::uuid as id, r.key, null::text as name, null::text as description, r.permissions, null::integer as version,
       (select count(*)::integer from kernel.membership m
         where m.tenant_id = (select kernel.bound('role.read')) and r.key = any (m.roles) and m.ended_at is null) as members
  from kernel.role r
 where r.preset = (select t.preset from kernel.tenant t where t.id = (select kernel.bound('role.read')))
   and not exists (select from kernel.custom_role c where c.tenant_id = (select kernel.bound('role.read')) and c.key = r.key)
union all
select c.id, c.key, c.name, c.description, c.permissions, c.version,
       (select count(*)::integer from kernel.membership m where m.tenant_id = c.tenant_id and c.key = any (m.roles) and m.ended_at is null)
  from kernel.custom_role c where c.tenant_id = (select kernel.bound('role.read')) and c.ended_at is null;

-- What may stand in a role of the organization's own: whatever a role of the product holds, and nothing that only the platform
-- itself does; `…:own` where the row rules know whose a record is.
create function kernel.composable() returns text[] language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select coalesce(array_agg(distinct x), '{}')
    from (select unnest(r.permissions) from kernel.tenant t join kernel.role r on r.preset = t.preset where t.id = (select kernel.bound_tenant())
          union all
          select p.resource || a from kernel.protected p cross join unnest('{.change:own,.archive:own}'::text[]) a where p.own is not null) g (x);
end;
grant execute on function kernel.composable() to rf_api;

create view kernel.permissions with (security_barrier = true) as
select p.key, p.description, p.key = any (c.composable) as composable, p.key || ':own' = any (c.composable) as own
  from kernel.permission p, (select kernel.composable() as composable offset 0) c
 where (select kernel.bound('role.read')) is not null;

create view kernel.organization with (security_barrier = true) as
select t.id, t.slug, t.name, t.preset, t.region, t.locale, t.time_zone, t.currency, t.demo, t.version, t.created_at
  from kernel.tenant t where t.id = (select kernel.bound('organization.read'));

grant select on kernel.members, kernel.invitations, kernel.keys, kernel.roles, kernel.permissions, kernel.organization to rf_api;
grant select on kernel.members, kernel.organization to rf_worker;

-- The person in whose hands this request is: for a key of a service account whoever made it, or what is sent by one would outlive them. Internal.
create function kernel.hands_of() returns uuid language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select coalesce(c.made_by, (b.field)[5]::uuid)
    from (select kernel.verified() as field offset 0) b
    left join kernel.credential c on c.id = (b.field)[6]::uuid and c.class = 'service';
end;

-- The letter is the invited person's own mail, so that nobody in the organization can read it: its link makes an account for the address, and says
-- whether there is one. The mail's id comes from outside, since its body is sealed for that very row.
create function kernel.invite(
  address text, wanted_roles text[], ticket_hash bytea, seconds integer, mail_id uuid, subject text, sealed_body bytea
) returns uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('member.invite');
  invitation uuid;
begin
  perform kernel.hold_roles(tenant, wanted_roles);
  perform kernel.demand_grantable(tenant, wanted_roles);
  if exists (select from kernel.membership m join kernel.person p on p.id = m.person_id
              where m.tenant_id = tenant and m.ended_at is null and lower(p.email) = lower(address)) then
    raise exception 'a member already' using errcode = 'RF409', hint = 'member';
  end if;
  -- A newer invitation to the same address replaces the older.
  with replaced as (
    update kernel.ticket k set ended_at = now()
     where k.tenant_id = tenant and k.purpose = 'invitation' and lower(k.email) = lower(address) and k.used_at is null and k.ended_at is null
    returning (k.payload ->> 'mail')::uuid as letter)
  delete from kernel.person_mail m using replaced r where m.id = r.letter and m.tenant_id = tenant;
  insert into kernel.ticket (digest, purpose, tenant_id, email, roles, invited_by, payload, expires_at)
  values (kernel.ticket_digest('invitation', ticket_hash), 'invitation', tenant, address, wanted_roles, kernel.hands_of(),
          jsonb_build_object('mail', mail_id), now() + make_interval(secs => least(seconds, 7 * 86400)))
  returning id into invitation;
  perform kernel.queue_person_mail(mail_id, address, subject, 'invitation', sealed_body, tenant);
  perform kernel.audit('invite', 'member', invitation, null, jsonb_build_object('email', address, 'roles', to_jsonb(wanted_roles)), 'notice');
  return invitation;
end $$;

-- A page of the trail, the newest first. An address finds what its owner did as one of the platform's staff as well
-- (kernel.support_label). A function and not the view: through a security barrier PostgreSQL would sort an
-- organization's whole trail for each page.
create function kernel.audit_events(
  before_id uuid, page integer, wanted_actor text, wanted_action text, wanted_type text, wanted_id uuid, wanted_severity text,
  since timestamptz, until timestamptz
) returns setof kernel.audit_event language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('audit.read');
  size   constant integer := least(greatest(page, 1), 5000);
begin
  if wanted_id is not null then
    return query
    select e.* from kernel.audit_event e
     where e.tenant_id = tenant and e.resource_id = wanted_id and (before_id is null or e.id < before_id)
       and (wanted_type is null or e.resource_type = wanted_type) and (wanted_action is null or e.action = wanted_action)
       and (wanted_actor is null or wanted_actor in (e.actor_id::text, lower(e.actor_email), split_part(lower(e.actor_email), ' ', 1)))
       and (wanted_severity is null or e.severity = wanted_severity)
       and (since is null or e.at >= since) and (until is null or e.at < until)
     order by e.id desc limit size;
  elsif wanted_severity <> 'info' then
    return query
    select e.* from kernel.audit_event e
     where e.tenant_id = tenant and e.severity <> 'info' and e.severity = wanted_severity and (before_id is null or e.id < before_id)
       and (wanted_type is null or e.resource_type = wanted_type) and (wanted_action is null or e.action = wanted_action)
       and (wanted_actor is null or wanted_actor in (e.actor_id::text, lower(e.actor_email), split_part(lower(e.actor_email), ' ', 1)))
       and (since is null or e.at >= since) and (until is null or e.at < until)
     order by e.id desc limit size;
  else
    return query
    select e.* from kernel.audit_event e
     where e.tenant_id = tenant and (before_id is null or e.id < before_id)
       and (wanted_type is null or e.resource_type = wanted_type) and (wanted_action is null or e.action = wanted_action)
       and (wanted_actor is null or wanted_actor in (e.actor_id::text, lower(e.actor_email), split_part(lower(e.actor_email), ' ', 1)))
       and (wanted_severity is null or e.severity = wanted_severity)
       and (since is null or e.at >= since) and (until is null or e.at < until)
     order by e.id desc limit size;
  end if;
end $$;
grant execute on function kernel.audit_events(uuid, integer, text, text, text, uuid, text, timestamptz, timestamptz) to rf_api;

create function kernel.withdraw_invitation(invitation uuid) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('member.invite');
  letter uuid;
begin
  update kernel.ticket k set ended_at = now()
   where k.id = invitation and k.tenant_id = tenant and k.purpose = 'invitation' and k.used_at is null and k.ended_at is null
  returning (k.payload ->> 'mail')::uuid into letter;
  if not found then
    raise exception 'no such invitation' using errcode = 'RF404';
  end if;
  delete from kernel.person_mail m where m.id = letter and m.tenant_id = tenant;
  perform kernel.audit('withdraw', 'member', invitation, null, null);
end $$;

-- Internal: raises when nobody would be left who owns the organization. The lock makes two owners who remove each other
-- take turns.
create function kernel.demand_other_owner(tenant uuid, member uuid) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform from kernel.tenant t where t.id = tenant for no key update;
  if not exists (select from kernel.membership m
                   join kernel.person p on p.id = m.person_id and p.kind = 'person' and p.ended_at is null
                  where m.tenant_id = tenant and m.id <> member and m.ended_at is null and 'owner' = any (m.roles)) then
    raise exception 'the last owner stays' using errcode = 'RF409', hint = 'last-owner';
  end if;
end $$;

create function kernel.change_roles(member uuid, wanted_roles text[], expected integer) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('member.change');
  was kernel.membership;
begin
  -- The roles before the member: whoever changes a role locks in this order too.
  perform kernel.hold_roles(tenant, wanted_roles);
  select m.* into was from kernel.membership m
   where m.tenant_id = tenant and m.id = member and m.ended_at is null and m.until is null for update;
  if was.id is null then
    raise exception 'no such member' using errcode = 'RF404';
  end if;
  if expected is not null and was.version <> expected then
    raise exception 'changed meanwhile' using errcode = 'RF412';
  end if;
  -- Both ways: nobody gives what they do not hold, and nobody takes it from somebody above them.
  perform kernel.demand_grantable(tenant, wanted_roles);
  perform kernel.demand_grantable(tenant, was.roles);
  if 'owner' = any (was.roles) and 'owner' <> all (wanted_roles) then
    perform kernel.demand_other_owner(tenant, member);
  end if;
  -- Who is made an owner again later is not a way past single sign-on by that alone.
  update kernel.membership m set roles = wanted_roles, permissions = kernel.permissions_of(tenant, wanted_roles), version = m.version + 1,
         break_glass = m.break_glass and 'owner' = any (wanted_roles)
   where m.tenant_id = tenant and m.id = member;
  perform kernel.audit('change', 'member', member, jsonb_build_object('roles', to_jsonb(was.roles)),
                       jsonb_build_object('roles', to_jsonb(wanted_roles)), 'warning');
  return was.version + 1;
end $$;

-- Off-boarding from one organization, the one way there is: the memberships, the people's keys, the sessions that the
-- organization's identity provider opened, the keys of service accounts that they made or answered for, the invitations they
-- sent, the jobs that run as them and what they are let into as the platform's staff, in one transaction and in a few statements, however many leave. Answers with the memberships
-- as they were; whoever is no member (any more) is passed over. Whoever calls it has judged whether it may be; the last owner
-- stays all the same. Everything is found by an index, whatever a plan from a session's first days would say. Internal.
create function kernel.off_board_all(tenant uuid, members uuid[], why text) returns setof kernel.membership language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off as $$
declare
  leavers kernel.membership[];
  people  uuid[] := array(select m.person_id from kernel.membership m where m.tenant_id = tenant and m.id = any (members) and m.ended_at is null);
  robots  uuid[];
  mine    uuid[];
  -- Nobody's request when it is the clock or an operator that ends it.
  self constant uuid := case when coalesce(current_setting('ringfence.binding', true), '') <> '' then (kernel.verified())[6]::uuid end;
begin
  -- The people first, as wherever somebody signs in or is signed out: no new session while this goes on, and nobody who waits here for a credential
  -- holds what this will wait for.
  perform kernel.outwait(array(select kernel.person_lock(p) from unnest(people) p));
  -- Before any row is waited for: whoever is to leave could hold their own rows for ever, and is ended here if so.
  perform kernel.outwait_credentials(array(
    select c.id from kernel.credential c
     where c.person_id = any (people) and c.ended_at is null and (c.tenant_id is null or c.tenant_id = tenant)
       and c.id is distinct from self));
  select array_agg(x.m), array_agg((x.m).person_id) into leavers, people
    from (select m from kernel.membership m
           where m.tenant_id = tenant and m.id = any (members) and m.ended_at is null order by m.id for update of m) x;
  if leavers is null then
    return;
  end if;
  perform kernel.demand_other_owner(tenant, l.id) from unnest(leavers) l where 'owner' = any (l.roles);
  perform kernel.end_operators(tenant, array(select l.id from unnest(leavers) l), 'system');
  -- Sessions serve other organizations too and live on; waiting for their transactions makes the end hold at once.
  perform kernel.outwait_credentials(array(
    select c.id from kernel.credential c
     where c.person_id = any (people) and c.kind in ('session', 'access') and c.ended_at is null
       and c.id is distinct from self));
  robots := array(select s.id from kernel.person s where s.answerable = any (people));
  -- More than once, since what was waited for may just have made another key. A directory's keys are not its maker's: they are
  -- the connection's, for which others answer too (0037).
  loop
    mine := array(
      select c.id from kernel.credential c where c.person_id = any (people) and tenant in (c.tenant_id, c.sso_tenant_id) and c.ended_at is null
      union
      select c.id from kernel.credential c
       where c.made_by = any (people) and c.class is distinct from 'scim' and tenant in (c.tenant_id, c.sso_tenant_id) and num_nulls(c.ended_at) = 1
      union
      select c.id from kernel.credential c
       where c.person_id = any (robots) and c.class = 'service' and tenant in (c.tenant_id, c.sso_tenant_id) and c.ended_at is null);
    exit when cardinality(mine) = 0;
    perform kernel.end_credentials(mine, why);
  end loop;
  update kernel.service_jwk j set ended_at = now()
   where j.tenant_id = tenant and j.ended_at is null and (j.person_id = any (people || robots) or j.made_by = any (people));
  update kernel.membership m set ended_at = now(), break_glass = false, version = m.version + 1
   where m.tenant_id = tenant and m.id = any (array(select l.id from unnest(leavers) l));
  delete from kernel.remembered_device d where d.person_id = any (people);
  -- Whoever comes back by an invitation was not made by a connection, which so neither gives them roles nor takes them along when it ends.
  update kernel.sso_identity i set provisioned = false where i.person_id = any (people) and i.tenant_id = off_board_all.tenant and i.provisioned;
  with over as (
    update kernel.ticket k set ended_at = now()
     where k.tenant_id = tenant and k.used_at is null and k.ended_at is null
       -- Those that they sent, and any that would let them back in.
       and (k.invited_by = any (people)
            or k.purpose = 'invitation' and lower(k.email) = any (array(select lower(p.email) from kernel.person p where p.id = any (people))))
    returning k.purpose, k.payload)
  delete from kernel.person_mail l using over k where k.purpose = 'invitation' and l.id = (k.payload ->> 'mail')::uuid and l.tenant_id = tenant;
  update kernel.job j set state = 'cancelled', finished_at = now(), failure = 'its member left'
   where j.tenant_id = tenant and j.member_id = any (array(select l.id from unnest(leavers) l)) and j.state in ('waiting', 'running');
  return query select l.* from unnest(leavers) l;
end $$;

-- The same of one member; RF404 for whoever is none. Internal.
create function kernel.off_board(tenant uuid, member uuid, why text) returns kernel.membership language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  was kernel.membership;
begin
  select l.* into was from kernel.off_board_all(tenant, array[member], why) l;
  if was.id is null then
    raise exception 'no such member' using errcode = 'RF404';
  end if;
  return was;
end $$;

create function kernel.end_membership(member uuid) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('member.change');
  was kernel.membership;
begin
  select m.* into was from kernel.membership m
   where m.tenant_id = tenant and m.id = member and m.ended_at is null and m.until is null;
  if was.id is null then
    raise exception 'no such member' using errcode = 'RF404';
  end if;
  perform kernel.demand_grantable(tenant, was.roles);
  -- Written down first: whoever leaves by their own hand has no binding any more when it is done.
  perform kernel.audit('end', 'member', member, jsonb_build_object('roles', to_jsonb(was.roles)), null, 'warning');
  perform kernel.off_board(tenant, member, 'left the organization');
end $$;

-- A member leaves by their own hand, whatever their roles: by a session that the organization would let in, with a proof of the last ten
-- minutes. They are told, and so are its owners.
create function kernel.leave_organization(token_hash bytea, organization text, request_id uuid, ip inet, device text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  -- The person first, as off-boarding takes them: else this would hold the session that a removal waits for, and wait for the removal.
  session constant kernel.credential := kernel.own_session(token_hash, true);
  leaver  kernel.person;
  was     kernel.membership;
  closed  text;
begin
  select p.* into leaver from kernel.person p where p.id = session.person_id;
  select m.* into was from kernel.membership m join kernel.tenant t on t.id = m.tenant_id and t.state = 'active'
   where t.slug = organization and m.person_id = leaver.id and m.ended_at is null and m.until is null
     and coalesce(session.sso_tenant_id, t.id) = t.id;
  if was.id is null then
    raise exception 'no such organization' using errcode = 'RF404';
  end if;
  closed := kernel.gate(was.tenant_id, was.id, session.id, ip, '{member.change}');
  if closed is not null then
    raise exception '%', closed using errcode = 'RF403';
  end if;
  was := kernel.off_board(was.tenant_id, was.id, 'left the organization');
  insert into kernel.audit_event (tenant_id, actor_id, actor_email, credential_id, request_id, ip, device, action, resource_type, resource_id, severity, before)
  values (was.tenant_id, leaver.id, leaver.email, session.id, request_id, ip, left(nullif(device, ''), 500), 'leave', 'member', was.id, 'warning',
          jsonb_build_object('roles', to_jsonb(was.roles)));
  perform kernel.tell_person(leaver.id, 'organization-left', '{}', was.tenant_id, ip, device);
  perform kernel.tell_person(o.person_id, 'member-left', jsonb_build_object('member', leaver.email), was.tenant_id, by_mail => false)
     from kernel.membership o
    where o.tenant_id = was.tenant_id and o.ended_at is null and o.until is null and 'owner' = any (o.roles);
end $$;
grant execute on function kernel.leave_organization(bytea, text, uuid, inet, text) to rf_auth;

-- A member has to sign in again here: no session of theirs from before is taken, nor a program's token of one. The sessions themselves
-- serve other organizations too and go on. What of them is under way is waited for, and what comes meanwhile waits and is refused. No second factor
-- of theirs is remembered any more.
create function kernel.refuse_earlier_sessions(member uuid) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('member.change');
  was kernel.membership;
begin
  select m.* into was from kernel.membership m
   where m.tenant_id = tenant and m.id = member and m.ended_at is null and m.until is null;
  if was.id is null then
    raise exception 'no such member' using errcode = 'RF404';
  end if;
  perform kernel.demand_grantable(tenant, was.roles);
  if was.person_id = ((kernel.verified())[5])::uuid then
    raise exception 'one''s own sessions are ended under one''s own sessions' using errcode = 'RF409';
  end if;
  perform kernel.outwait_credentials(array(
    select c.id from kernel.credential c where c.person_id = was.person_id and c.kind in ('session', 'access') and c.ended_at is null));
  update kernel.membership m set sessions_from = clock_timestamp() where m.tenant_id = tenant and m.id = member;
  delete from kernel.remembered_device d where d.person_id = was.person_id;
  perform kernel.audit('end-sessions', 'member', member, null, null, 'warning');
end $$;

-- An API key of the bound member: at most what the member holds, and at most what the key holds that asks for it. The
-- token itself never comes here. `expires` null means in a year, infinity means never.
create function kernel.create_key(
  label text, token_hash bytea, tail text, wanted text[], expires timestamptz,
  kind_of_key text default 'personal', networks cidr[] default null, sites text[] default null
) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('key.create');
  field  constant text[] := kernel.verified();
  made   uuid;
begin
  perform kernel.demand_room_for_key();
  perform kernel.demand_networks(create_key.networks), kernel.demand_networks_held(create_key.networks);
  wanted := kernel.key_permissions(kind_of_key, wanted);
  expires := kernel.key_expiry(expires);
  insert into kernel.credential (kind, class, digest, person_id, tenant_id, name, hint, permissions, networks, sites, expires_at)
  values ('key', kind_of_key, sha256(token_hash), field[5]::uuid, tenant, label, tail, wanted, create_key.networks, create_key.sites, expires)
  returning id into made;
  perform kernel.audit('create', 'key', made, null,
    jsonb_strip_nulls(jsonb_build_object('name', label, 'class', kind_of_key, 'permissions', to_jsonb(wanted), 'networks', to_jsonb(create_key.networks),
                                         'sites', to_jsonb(create_key.sites), 'expiresAt', kernel.moment(expires))), 'notice');
  return made;
end $$;

create function kernel.end_key(key_id uuid) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('key.end');
  target kernel.credential;
begin
  select c.* into target from kernel.credential c
    join kernel.membership m on m.tenant_id = c.tenant_id and m.person_id = c.person_id
   where c.id = key_id and c.tenant_id = tenant and c.kind = 'key' and c.ended_at is null
     and (kernel.holds('key.end') or m.id = kernel.bound_member());
  if target.id is null then
    raise exception 'no such key' using errcode = 'RF404';
  end if;
  perform kernel.end_credentials(array[key_id], 'revoked');
  perform kernel.audit('end', 'key', key_id, jsonb_build_object('name', target.name), null, 'notice');
end $$;

create function kernel.change_organization(wanted jsonb, expected integer) returns integer language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('organization.change');
  was kernel.tenant;
  old_side jsonb;
  new_side jsonb;
begin
  select t.* into was from kernel.tenant t where t.id = tenant for no key update;
  if expected is not null and was.version <> expected then
    raise exception 'changed meanwhile' using errcode = 'RF412';
  end if;
  update kernel.tenant t
     set name = coalesce(wanted ->> 'name', t.name), locale = coalesce(wanted ->> 'locale', t.locale),
         time_zone = coalesce(wanted ->> 'timeZone', t.time_zone), currency = coalesce(wanted ->> 'currency', t.currency),
         version = t.version + 1
   where t.id = tenant;
  old_side := jsonb_build_object('name', was.name, 'locale', was.locale, 'timeZone', was.time_zone, 'currency', was.currency);
  select jsonb_object_agg(key, old_side -> key), jsonb_object_agg(key, wanted -> key) into old_side, new_side
    from jsonb_object_keys(old_side) key where old_side -> key <> wanted -> key;
  perform kernel.audit('change', 'organization', tenant, old_side, new_side, 'notice');
  return was.version + 1;
end $$;

grant execute on function
  kernel.invite(text, text[], bytea, integer, uuid, text, bytea), kernel.withdraw_invitation(uuid),
  kernel.change_roles(uuid, text[], integer), kernel.end_membership(uuid), kernel.refuse_earlier_sessions(uuid),
  kernel.create_key(text, bytea, text, text[], timestamptz, text, cidr[], text[]), kernel.end_key(uuid), kernel.change_organization(jsonb, integer)
  to rf_api;
