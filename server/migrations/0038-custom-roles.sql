-- Roles of an organization's own, and what a member can do and why. Whoever makes, changes or ends one must hold all that it
-- gives, before and after: nobody grants what they do not hold, neither to others nor to themselves, nor by way of a role that
-- others have already.

set local role rf_kernel;

call kernel.drop_statistics('kernel.custom_role');
alter index kernel.custom_role_name alter column 2 set statistics 0;

-- Held until the end of the transaction by whoever gives these roles: a change of one waits, and then finds everybody who has
-- it; and who waited for a change here reads what came of it. Internal.
create function kernel.hold_roles(tenant uuid, roles text[]) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform from kernel.custom_role c where c.tenant_id = tenant and c.key = any (roles) order by c.id for share;
  if exists (select from kernel.custom_role c where c.tenant_id = tenant and c.key = any (roles) and c.ended_at is not null) then
    raise exception 'no such role' using errcode = 'RF422', hint = 'roles';
  end if;
end $$;

-- A member may do what their roles give, whichever function wrote the roles. The platform's staff have what their grant names.
create function kernel.settle_membership() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if new.roles = '{support}' then
    return new;
  end if;
  new.until := null;
  if new.ended_at is null then
    perform kernel.hold_roles(new.tenant_id, new.roles);
  end if;
  -- What an identity provider's connection was given (SCIM) comes from no role and stays.
  new.permissions := kernel.permissions_of(new.tenant_id, new.roles) || array(
    select x from unnest(new.permissions) x
     where x = 'member.provision' and exists (select from kernel.person p where p.id = new.person_id and p.kind = 'service'));
  return new;
end $$;
create trigger settle before insert or update of roles on kernel.membership for each row execute function kernel.settle_membership();

-- Raises unless all of it may stand in a role of the organization's own, and the bound hands hold all of it and of `beside`. Internal.
create function kernel.demand_composed(wanted text[], beside text[]) returns void language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if coalesce(cardinality(wanted), 0) = 0 or not wanted <@ kernel.composable() then
    raise exception 'no such permission for a role of your own' using errcode = 'RF422', hint = 'permissions';
  end if;
  if not kernel.covers(kernel.held(), wanted || beside) then
    raise exception 'you can grant only what you hold' using errcode = 'RF403', hint = 'grant-more-than-held';
  end if;
end $$;

-- A role of the organization's own. Its key is made of its name and has never been anybody else's.
create function kernel.create_role(label text, meaning text, wanted text[]) returns uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('role.change');
  stem   text := left(btrim(regexp_replace(kernel.plain_text(label), '[^a-z0-9]+', '-', 'g'), '-'), 32);
  given  text;
  made   uuid;
begin
  wanted := array(select distinct x from unnest(wanted) x order by 1);
  perform kernel.demand_composed(wanted, '{}');
  -- One after another, so that two of one name get two keys.
  perform from kernel.tenant t where t.id = tenant for no key update;
  if (select count(*) from kernel.custom_role c where c.tenant_id = tenant and c.ended_at is null) >= 200 then
    raise exception 'two hundred roles are the most' using errcode = 'RF409', hint = 'too-many-roles';
  end if;
  if stem !~ '^[a-z]' or exists (select from kernel.role r where r.key = stem) or stem = 'support' then
    stem := btrim('role-' || stem, '-');
  end if;
  select k.key into given
    from (select stem as key, 1 as at union all select stem || '-' || n, n from generate_series(2, 5000) n) k
   where not exists (select from kernel.custom_role c where c.tenant_id = tenant and c.key = k.key) order by k.at limit 1;
  insert into kernel.custom_role (tenant_id, key, name, description, permissions)
  values (tenant, given, label, coalesce(meaning, ''), wanted) returning id into made;
  perform kernel.audit('create', 'role', made, null,
    jsonb_build_object('role', given, 'name', label, 'description', coalesce(meaning, ''), 'permissions', to_jsonb(wanted)), 'warning');
  return made;
end $$;

-- The role that is to be changed or ended, locked; the bound hands must hold all that it gives. Internal.
create function kernel.role_to_change(tenant uuid, role_id uuid, expected integer) returns kernel.custom_role
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  was kernel.custom_role;
begin
  select c.* into was from kernel.custom_role c where c.tenant_id = tenant and c.id = role_id and c.ended_at is null for update;
  if was.id is null then
    raise exception 'no such role' using errcode = 'RF404';
  end if;
  if expected is not null and was.version <> expected then
    raise exception 'changed meanwhile' using errcode = 'RF412';
  end if;
  if not kernel.covers(kernel.held(), was.permissions) then
    raise exception 'you can grant only what you hold' using errcode = 'RF403', hint = 'grant-more-than-held';
  end if;
  return was;
end $$;

-- What follows from a change of one role: everybody who has it may do what it gives now, in the same transaction. Internal.
create function kernel.spread_role(tenant uuid, role_key text) returns void language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  update kernel.membership m
     set permissions = kernel.permissions_of(tenant, m.roles) || array(select x from unnest(m.permissions) x where x = 'member.provision')
   where m.tenant_id = tenant and role_key = any (m.roles) and m.ended_at is null
     and m.permissions is distinct from kernel.permissions_of(tenant, m.roles)
$$;

-- Changes name, meaning or permissions; whoever has the role may do what it says now from their next request on.
create function kernel.change_role(role_id uuid, wanted jsonb, expected integer) returns integer language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('role.change');
  was    constant kernel.custom_role := kernel.role_to_change(tenant, role_id, expected);
  given  text[] := was.permissions;
  old_side jsonb;
  new_side jsonb;
begin
  if wanted ? 'permissions' then
    given := array(select distinct x from jsonb_array_elements_text(wanted -> 'permissions') x order by 1);
    perform kernel.demand_composed(given, was.permissions);
  end if;
  update kernel.custom_role c
     set name = coalesce(wanted ->> 'name', c.name), description = coalesce(wanted ->> 'description', c.description),
         permissions = given, version = c.version + 1, updated_at = now()
   where c.tenant_id = tenant and c.id = role_id;
  if given is distinct from was.permissions then
    perform kernel.spread_role(tenant, was.key);
  end if;
  old_side := jsonb_build_object('name', was.name, 'description', was.description, 'permissions', to_jsonb(was.permissions));
  new_side := old_side || (wanted - 'permissions') || jsonb_build_object('permissions', to_jsonb(given));
  perform kernel.audit('change', 'role', role_id,
    jsonb_build_object('role', was.key) || coalesce((select jsonb_object_agg(key, old_side -> key) from jsonb_object_keys(old_side) key where old_side -> key <> new_side -> key), '{}'),
    jsonb_build_object('role', was.key) || coalesce((select jsonb_object_agg(key, new_side -> key) from jsonb_object_keys(old_side) key where old_side -> key <> new_side -> key), '{}'),
    case when given is distinct from was.permissions then 'warning' else 'notice' end);
  return was.version + 1;
end $$;

-- Whether an identity provider or a directory gives this role to people. Internal.
create function kernel.role_is_mapped(tenant uuid, role_key text) returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select exists (select from kernel.sso_connection c
                  where c.tenant_id = tenant and (role_key = any (c.default_roles) or exists (
                    select from jsonb_array_elements(c.role_map) m where m -> 'roles' ? role_key)))
      or exists (select from kernel.scim_connection c
                  where c.tenant_id = tenant and c.state = 'active' and (c.default_role = role_key or exists (
                    select from jsonb_each_text(c.role_mapping) e where e.value = role_key)));
end;

-- Puts one role in another's place in what identity providers and directories give. Internal.
create function kernel.map_role_anew(tenant uuid, role_key text, replacement text) returns void language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  update kernel.sso_connection c
     set default_roles = array(select distinct r from unnest(array_replace(c.default_roles, role_key, replacement)) r order by 1),
         role_map = coalesce((
           select jsonb_agg(jsonb_set(m, '{roles}', coalesce((
                    select jsonb_agg(distinct case r when role_key then replacement else r end) from jsonb_array_elements_text(m -> 'roles') r), '[]')) order by at)
             from jsonb_array_elements(c.role_map) with ordinality e (m, at)), '[]')
   where c.tenant_id = tenant and (role_key = any (c.default_roles) or exists (
     select from jsonb_array_elements(c.role_map) m where m -> 'roles' ? role_key));
  update kernel.scim_connection c
     set default_role = case c.default_role when role_key then replacement else c.default_role end,
         role_mapping = coalesce((select jsonb_object_agg(e.key, case e.value when role_key then replacement else e.value end) from jsonb_each_text(c.role_mapping) e), '{}')
   where c.tenant_id = tenant and c.state = 'active' and (c.default_role = role_key or exists (
     select from jsonb_each_text(c.role_mapping) e where e.value = role_key));
$$;

-- Ends a role that nobody has, or whose place another takes with everybody who has it and in every open invitation.
create function kernel.end_role(role_id uuid, replacement text, expected integer) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('role.change');
  was    constant kernel.custom_role := kernel.role_to_change(tenant, role_id, expected);
  had    record;
begin
  if replacement is not null then
    perform kernel.hold_roles(tenant, array[replacement]);
    perform kernel.demand_grantable(tenant, array[replacement]);
    if replacement = was.key then
      raise exception 'another role, not the same' using errcode = 'RF422', hint = 'replacement';
    end if;
  elsif exists (select from kernel.membership m where m.tenant_id = tenant and was.key = any (m.roles) and m.ended_at is null)
     or exists (select from kernel.ticket k where k.tenant_id = tenant and k.purpose = 'invitation' and was.key = any (k.roles)
                   and k.used_at is null and k.ended_at is null and k.expires_at > now())
     or kernel.role_is_mapped(tenant, was.key) then
    raise exception 'this role is in use' using errcode = 'RF409', hint = 'role-in-use';
  end if;
  for had in
    update kernel.membership m set version = m.version + 1,
           roles = array(select r from unnest(array_replace(m.roles, was.key, replacement)) with ordinality u (r, at) group by r order by min(at))
     where m.tenant_id = tenant and was.key = any (m.roles) and m.ended_at is null
    returning m.id, m.roles
  loop
    perform kernel.audit('change', 'member', had.id, jsonb_build_object('role', was.key), jsonb_build_object('roles', to_jsonb(had.roles)), 'warning');
  end loop;
  update kernel.ticket k
     set roles = array(select r from unnest(array_replace(k.roles, was.key, replacement)) with ordinality u (r, at) group by r order by min(at))
   where k.tenant_id = tenant and k.purpose = 'invitation' and was.key = any (k.roles) and k.used_at is null and k.ended_at is null
     and replacement is not null;
  update kernel.custom_role c set ended_at = now(), version = c.version + 1 where c.tenant_id = tenant and c.id = role_id;
  -- The demand for a second factor follows the people, not the role's name.
  update kernel.tenant t set mfa_roles = case when replacement is not null then array_replace(t.mfa_roles, was.key, replacement) else nullif(array_remove(t.mfa_roles, was.key), '{}') end
   where t.id = tenant and was.key = any (t.mfa_roles);
  if replacement is not null then
    perform kernel.map_role_anew(tenant, was.key, replacement);
    perform kernel.spread_role(tenant, replacement);
  end if;
  perform kernel.audit('end', 'role', role_id, jsonb_build_object('role', was.key, 'name', was.name, 'permissions', to_jsonb(was.permissions)),
                       case when replacement is not null then jsonb_build_object('replacement', replacement) end, 'warning');
end $$;

-- What enter would say of one permission to each live credential of a member, with the functions that enter itself asks: `all`,
-- `own`, or the words of the refusal. `from_ip` null: from where the credential was seen last. Internal.
create function kernel.verdicts(tenant uuid, member uuid, need text, from_ip inet)
returns table (credential_id uuid, kind text, name text, last_seen_at timestamptz, ceiling text[], verdict text)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select c.id, c.kind, c.name, c.last_seen_at, c.permissions,
         coalesce(case when m.until <= now() then 'no such organization' end,
                  kernel.gate(m.tenant_id, m.id, c.id, coalesce(from_ip, c.ip), array[need]),
                  case (kernel.granted(kernel.within(m.permissions, kernel.key_reach(c.id)), c.permissions, array[need]))[1] when need then 'all' when need || ':own' then 'own' else 'not allowed' end)
    from kernel.membership m
    join kernel.tenant t on t.id = m.tenant_id and t.state = 'active'
    join kernel.person p on p.id = m.person_id and p.ended_at is null
    join kernel.credential c on c.person_id = m.person_id and c.ended_at is null and c.kind in ('session', 'access', 'key')
     and c.class is distinct from 'publishable'
     and (c.expires_at is null or c.expires_at > now())
     and (c.idle_seconds is null or coalesce(c.last_seen_at, c.created_at) + make_interval(secs => c.idle_seconds) > now())
     and (c.tenant_id is null or c.tenant_id = m.tenant_id) and (c.sso_tenant_id is null or c.sso_tenant_id = m.tenant_id)
   where m.tenant_id = tenant and m.id = member and m.ended_at is null
   order by c.kind <> 'session', c.last_seen_at desc nulls last, c.id
   limit 100
$$;

-- What a member can do, and which of their roles give it. For oneself with role.read, for others with security.read too.
create function kernel.access_of(member uuid) returns table (permission text, may text, roles text[], dangerous boolean)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand_insight(member);
  him    kernel.membership;
begin
  select m.* into him from kernel.membership m where m.tenant_id = tenant and m.id = member and m.ended_at is null;
  return query
  with given as (
    select r.key, kernel.permissions_of(tenant, array[r.key]) as permissions from unnest(him.roles) r (key)
     where him.until is null
    union all select 'support', him.permissions where him.until is not null)
  select p.key, case g.granted when p.key then 'all' when p.key || ':own' then 'own' else 'no' end,
         array(select r.key from given r where p.key = any (r.permissions) or p.key || ':own' = any (r.permissions) order by 1),
         kernel.dangerous(array[p.key])
    from kernel.permission p
   cross join lateral (select (kernel.granted(him.permissions, null, array[p.key]))[1] as granted offset 0) g
   order by p.key collate "C";
end $$;

-- The same of one permission, with what keeps or lets each way in: the answer is enter's own.
create function kernel.explain_access(member uuid, permission text, from_ip inet) returns jsonb language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand_insight(member);
  base   jsonb;
  ways   jsonb;
begin
  select jsonb_build_object('permission', a.permission, 'may', a.may, 'roles', to_jsonb(a.roles), 'dangerous', a.dangerous) into base
    from kernel.access_of(member) a where a.permission = explain_access.permission;
  if base is null then
    raise exception 'no such permission' using errcode = 'RF404';
  end if;
  select coalesce(jsonb_agg(jsonb_build_object('kind', v.kind, 'name', v.name, 'keyId', case when v.kind = 'key' then v.credential_id end,
           'lastSeenAt', kernel.moment(v.last_seen_at), 'ceiling', v.ceiling, 'verdict', v.verdict)), '[]') into ways
    from kernel.verdicts(tenant, member, permission, from_ip) v;
  return base || jsonb_build_object('ways', ways);
end $$;

-- Raises unless the bound hands may look into what this member can do; returns the organization. Internal.
create function kernel.demand_insight(member uuid) returns uuid language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('role.read');
begin
  if member is distinct from kernel.bound_member() then
    perform kernel.demand('member.read'), kernel.demand('security.read');
  end if;
  if not exists (select from kernel.membership m where m.tenant_id = tenant and m.id = member and m.ended_at is null) then
    raise exception 'no such member' using errcode = 'RF404';
  end if;
  return tenant;
end $$;

grant execute on function
  kernel.create_role(text, text, text[]), kernel.change_role(uuid, jsonb, integer), kernel.end_role(uuid, text, integer),
  kernel.access_of(uuid), kernel.explain_access(uuid, text, inet)
  to rf_api;
