-- Keys of every class, and service accounts: members that are no people, for whom a person answers, and who come in by keys
-- or by assertions that they sign themselves.

set local role rf_kernel;

-- What a database in other hands could be made to hold is refused here, whatever function asks.
alter table kernel.credential
  add constraint credential_secret_reach check (class is distinct from 'secret' or coalesce(permissions <@ kernel.secret_ceiling() and cardinality(permissions) > 0, false)),
  add constraint credential_publishable_reach check (class is distinct from 'publishable' or coalesce(permissions = '{}', false)),
  add constraint credential_sites check (sites is null or coalesce(class = 'publishable', false));
alter table kernel.person add constraint person_service_password check (kind = 'person' or num_nulls(recipe, verifier) = 2);

-- Public keys that service accounts sign assertions with (RFC 7523).
create table kernel.service_jwk (
  tenant_id  uuid not null references kernel.tenant,
  id         uuid primary key default kernel.uuidv7(),
  person_id  uuid not null references kernel.person on delete cascade,
  made_by    uuid not null references kernel.person on delete cascade,
  name       text not null check (length(name) between 1 and 100),
  -- The public members only, and the one algorithm that signatures by it have.
  jwk        jsonb not null check (not jwk ?| array['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'] and octet_length(jwk::text) < 4000),
  alg        text not null check (alg in ('ES256', 'EdDSA', 'RS256')),
  thumbprint text not null,
  permissions text[],
  networks   cidr[] check (cardinality(networks) between 1 and 100),
  created_at timestamptz not null default now(),
  used_at    timestamptz,
  expires_at timestamptz,
  ended_at   timestamptz
);
create unique index service_jwk_person on kernel.service_jwk (person_id, thumbprint) where ended_at is null;
create index service_jwk_tenant on kernel.service_jwk (tenant_id);
create index service_jwk_made_by on kernel.service_jwk (made_by);
call kernel.drop_statistics('kernel.service_jwk');
alter table kernel.credential add foreign key (service_jwk_id) references kernel.service_jwk;
create index credential_service_jwk on kernel.credential (service_jwk_id) where service_jwk_id is not null;

-- A service account has keys and nothing else: no session, nor anything that waits for one or comes of one. Keys of its
-- class are nobody else's.
create function kernel.keep_service_apart() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
  serves constant boolean := (select p.kind = 'service' from kernel.person p where p.id = new.person_id);
begin
  if serves and (new.kind <> 'key' or new.class not in ('service', 'scim')) or new.class = 'service' and not serves then
    raise exception 'a service account has keys of its own kind, and no sessions' using errcode = '42501';
  end if;
  return new;
end $$;
create trigger keep_service_apart before insert on kernel.credential for each row execute function kernel.keep_service_apart();

-- What a service account may do: what its roles give, within what the person may do now who answers for it. Nobody
-- answers for it, it may do nothing. What its identity provider's connection was given (SCIM) comes from no role and stays.
create function kernel.keep_within_answerable() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
  responsible uuid;
begin
  select p.answerable into responsible from kernel.person p where p.id = new.person_id and p.kind = 'service';
  if found then
    new.permissions := kernel.within(new.permissions, coalesce(
        (select m.permissions from kernel.membership m where m.tenant_id = new.tenant_id and m.person_id = responsible and m.ended_at is null), '{}'))
      || array(select x from unnest(new.permissions) x where x = 'member.provision');
  end if;
  return new;
end $$;
-- By its name the last of the triggers before it, whatever else has worked the permissions out.
create trigger within_answerable before insert or update on kernel.membership for each row execute function kernel.keep_within_answerable();

-- Whoever answers for service accounts, or made keys of theirs, may do something else from now on, and so may those; the
-- change of their rows takes their passes. Once for a statement, and by indexes from the people to the accounts: thousands may
-- change at once, and few of them have any.
create function kernel.follow_answerable() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off as $$
declare
  tenants   uuid[];
  followers uuid[];
begin
  with changed as materialized (
    select n.tenant_id, n.person_id from was w join became n on n.tenant_id = w.tenant_id and n.id = w.id
     where (w.permissions, w.ended_at) is distinct from (n.permissions, n.ended_at))
  select array_agg(s.tenant_id), array_agg(s.id) into tenants, followers
    from (select c.tenant_id, a.id as person_id from changed c cross join lateral (select p.id from kernel.person p where p.answerable = c.person_id) a
          union
          select c.tenant_id, k.person_id from changed c
           cross join lateral (select k.person_id, k.tenant_id from kernel.credential k where k.made_by = c.person_id and num_nulls(k.ended_at) = 1 offset 0) k
           where k.tenant_id = c.tenant_id) f
    join kernel.membership s on s.tenant_id = f.tenant_id and s.person_id = f.person_id and s.ended_at is null
    join kernel.person p on p.id = s.person_id and p.kind = 'service';
  if followers is not null then
    update kernel.membership s
       set permissions = kernel.permissions_of(s.tenant_id, s.roles) || array(select x from unnest(s.permissions) x where x = 'member.provision')
     where (s.tenant_id, s.id) in (select * from unnest(tenants, followers));
  end if;
  return null;
end $$;
create trigger follow_answerable after update on kernel.membership referencing old table as was new table as became
  for each statement execute function kernel.follow_answerable();

-- Whether this member may manage directories (0037): a person who may change who gets in and holds all that an admin holds. Internal.
create function kernel.directs(member kernel.membership) returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select member.ended_at is null and member.until is null and 'security.change' = any (member.permissions)
     -- Asked for each request of a directory; most are answered for by somebody who needs no counting.
     and case when member.roles && '{admin,owner}' then true
              else kernel.covers(member.permissions, kernel.permissions_of(member.tenant_id, '{admin}')) end
     and exists (select from kernel.person p where p.id = member.person_id and p.kind = 'person' and p.ended_at is null)
$$;
-- Few members may; whoever looks for one need not look at all.
create index membership_directs on kernel.membership (tenant_id) where ended_at is null and 'security.change' = any (permissions);

-- Who answers here for what this person's keys do, and is told of them: a person for themselves, for a service account whoever
-- was named. A directory's account is the organization's: when whoever was named may manage directories no longer, the next one
-- who may answers in their place, owners first. Null when there is nobody. Internal.
create function kernel.answers_for(tenant uuid, person uuid) returns uuid language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  whose kernel.person;
begin
  select p.* into whose from kernel.person p where p.id = answers_for.person;
  if whose.kind = 'person'
     or not exists (select from kernel.membership m where m.tenant_id = answers_for.tenant and m.person_id = whose.id and ':provisioner' = any (m.roles)) then
    return coalesce(whose.answerable, whose.id);
  end if;
  return coalesce(
    (select m.person_id from kernel.membership m where m.tenant_id = answers_for.tenant and m.person_id = whose.answerable and kernel.directs(m)),
    (select m.person_id from kernel.membership m
      where m.tenant_id = answers_for.tenant and m.ended_at is null and 'security.change' = any (m.permissions) and kernel.directs(m)
      order by 'owner' <> all (m.roles), m.created_at, m.id limit 1));
end $$;

-- Keys are made by people: one that could make keys would outlive whoever leaves. Internal.
create function kernel.demand_key_maker() returns void language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if not exists (select from kernel.person p where p.id = (kernel.verified())[5]::uuid and p.kind = 'person') then
    raise exception 'service accounts make no keys' using errcode = 'RF403', hint = 'key.create';
  end if;
end $$;

-- The same, and that nobody makes more of them than whoever off-boards them could end at once; of many that are made at the same moment some more
-- come to be. Internal.
create function kernel.demand_room_for_key() returns void language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  field constant text[] := kernel.verified();
begin
  perform kernel.demand_key_maker();
  if (select count(*) from (
        select from kernel.credential c
         where c.person_id = field[5]::uuid and c.tenant_id = field[3]::uuid and c.kind = 'key' and num_nulls(c.ended_at, c.parent_id) = 2
        union all
        select from kernel.credential c
         where c.made_by = field[5]::uuid and c.tenant_id = field[3]::uuid and num_nulls(c.ended_at, c.parent_id, c.service_jwk_id) = 3
         limit 1000) k) >= 1000 then
    raise exception 'a thousand keys of one person are the most: end what nobody needs' using errcode = 'RF409', hint = 'too-many-keys';
  end if;
end $$;

-- Raises for networks that could not mean what they say: everybody, or IPv4 dressed as IPv6, which no address that comes
-- in is (they are canonical by then), so that such an entry would shut out whom it names. Internal.
create function kernel.demand_networks(networks cidr[]) returns void language plpgsql immutable
set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select from unnest(networks) n where n is null or masklen(n) = 0 or n <<= '::ffff:0:0/96'::cidr) then
    raise exception 'not a network to limit anything to' using errcode = 'RF422', hint = 'networks';
  end if;
end $$;

-- Networks for a key that is made, changed or renewed: not wider than those from which the key that asks is taken. Internal.
create function kernel.demand_networks_held(networks cidr[]) returns void language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  held constant cidr[] := (select c.networks from kernel.credential c where c.id = (kernel.verified())[6]::uuid);
begin
  if held is not null and (networks is null or exists (
       select from unnest(networks) n where not exists (select from unnest(held) h where n <<= h))) then
    raise exception 'you can grant only what you hold' using errcode = 'RF403', hint = 'grant-more-than-held';
  end if;
end $$;

-- What a key of this class is given, of what was asked for and what the hands that ask for it hold. Internal.
create function kernel.key_permissions(kind_of_key text, wanted text[]) returns text[] language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  held constant text[] := array(select split_part(x, ':', 1) from unnest(kernel.held()) x);
begin
  case kind_of_key
    when 'publishable' then
      if wanted is not null and wanted <> '{}' then
        raise exception 'a publishable key sends events and nothing else' using errcode = 'RF422', hint = 'permissions';
      end if;
      return '{}';
    when 'secret' then
      if wanted is not null and not wanted <@ kernel.secret_ceiling() then
        raise exception 'a secret key sends and reads a little: it cannot do all of that' using errcode = 'RF422', hint = 'permissions';
      end if;
      wanted := coalesce(wanted, array(select x from unnest(kernel.secret_ceiling()) x where x = any (held)));
    when 'personal', 'service' then
      -- Neither more than the key that asks.
      wanted := coalesce(wanted, (select c.permissions from kernel.credential c where c.id = (kernel.verified())[6]::uuid));
    else
      raise exception 'no such kind of key' using errcode = 'RF422', hint = 'class';
  end case;
  if wanted is not null and not wanted <@ held then
    raise exception 'you can grant only what you hold' using errcode = 'RF403', hint = 'grant-more-than-held';
  end if;
  return wanted;
end $$;

-- When a key ends: in a year unless asked otherwise, and not later than the key that asks for it. Internal.
create function kernel.key_expiry(asked timestamptz) returns timestamptz language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
  return least(nullif(coalesce(asked, now() + interval '1 year'), 'infinity'),
               (select c.expires_at from kernel.credential c where c.id = (kernel.verified())[6]::uuid and c.kind = 'key'));
end $$;

-- `test` for keys of a demo, so that a scanner need not raise an alarm.
create function kernel.key_environment() returns text language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select case when t.demo then 'test' else 'live' end from kernel.tenant t where t.id = kernel.bound('key.create');
end;

-- Another name, or other networks for a key that goes on as it is; not such as would shut out the key that asks. Where it may be
-- used is a part of what it may do: only whoever holds all that it may changes that, of one's own key too: another one may ask.
create function kernel.change_key(key_id uuid, wanted jsonb) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('key.create');
  field  constant text[] := kernel.verified();
  was    kernel.credential;
  nets   cidr[];
begin
  was := kernel.key_to_manage(key_id);
  nets := case when not wanted ? 'networks' then was.networks
               when jsonb_typeof(wanted -> 'networks') = 'array' then array(select x::cidr from jsonb_array_elements_text(wanted -> 'networks') x) end;
  perform kernel.demand_networks(nets);
  if nets is distinct from was.networks then
    perform kernel.demand_networks_held(nets);
  end if;
  if key_id = field[6]::uuid and nets is not null and not exists (select from unnest(nets) n where nullif(field[8], '')::inet <<= n) then
    raise exception 'the address that you come from is not among these networks' using errcode = 'RF409', hint = 'locks-out';
  end if;
  if nets is distinct from was.networks and not kernel.covers(kernel.held(), array(
       select x from kernel.membership m cross join lateral unnest(kernel.within(m.permissions, kernel.key_reach(was.id))) x
        where m.tenant_id = tenant and m.person_id = was.person_id and (was.permissions is null or split_part(x, ':', 1) = any (was.permissions)))) then
    raise exception 'you can grant only what you hold' using errcode = 'RF403', hint = 'grant-more-than-held';
  end if;
  update kernel.credential c set networks = nets, name = coalesce(wanted ->> 'name', c.name) where c.id = key_id;
  update kernel.credential c set networks = nets where c.parent_id = key_id and c.ended_at is null;
  perform kernel.audit('change', 'key', key_id, jsonb_build_object('name', was.name, 'networks', to_jsonb(was.networks)),
                       jsonb_build_object('name', coalesce(wanted ->> 'name', was.name), 'networks', to_jsonb(nets)), 'notice');
end $$;

-- The live key that the bound hands may change or replace: one's own, and with key.end anybody's, those of service accounts among
-- them. Internal.
create function kernel.key_to_manage(key_id uuid) returns kernel.credential language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('key.create');
  target kernel.credential;
begin
  select c.* into target from kernel.credential c
   where c.id = key_id and c.tenant_id = tenant and c.kind = 'key' and c.class <> 'scim' and c.service_jwk_id is null and c.parent_id is null
     and c.ended_at is null and (c.expires_at is null or c.expires_at > now())
     and (c.person_id = (kernel.verified())[5]::uuid or kernel.holds('key.end'))
   for update;
  if target.id is null then
    raise exception 'no such key' using errcode = 'RF404';
  end if;
  return target;
end $$;

-- A key like this one in its place. The old one goes on for the overlap, and then ends by itself. Whoever re-rolls holds what
-- the key may do, or it would be a way to get it; what is somebody's own stays theirs to renew.
create function kernel.reroll_key(key_id uuid, token_hash bytea, tail text, overlap_seconds integer) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('key.create');
  field  constant text[] := kernel.verified();
  old    kernel.credential;
  made   uuid;
  until  timestamptz;
begin
  perform kernel.demand_room_for_key();
  if overlap_seconds is null or overlap_seconds not in (0, 900, 3600, 21600, 86400) then
    raise exception 'no such overlap' using errcode = 'RF422', hint = 'overlapSeconds';
  end if;
  old := kernel.key_to_manage(key_id);
  if old.replaced_by is not null then
    raise exception 'this key has been replaced already' using errcode = 'RF409', hint = 'replaced';
  end if;
  if old.class = 'personal' and old.person_id <> field[5]::uuid then
    raise exception 'no such key' using errcode = 'RF404';
  end if;
  if old.class = 'service' then
    if not kernel.covers(kernel.held(), '{member.change}') then
      raise exception 'not allowed' using errcode = 'RF403', hint = 'member.change';
    end if;
  end if;
  perform kernel.demand_networks_held(old.networks);
  old.permissions := kernel.key_permissions(old.class, case when old.class <> 'publishable' then old.permissions end);
  until := kernel.key_expiry(case when old.expires_at is null then 'infinity' else now() + (old.expires_at - old.created_at) end);
  insert into kernel.credential (kind, class, digest, person_id, made_by, tenant_id, name, hint, permissions, networks, sites, expires_at)
  values ('key', old.class, sha256(token_hash), case when old.class = 'service' then old.person_id else field[5]::uuid end,
          case when old.class = 'service' then field[5]::uuid end, tenant, old.name, tail, old.permissions, old.networks, old.sites, until)
  returning id into made;
  if overlap_seconds = 0 then
    update kernel.credential c set replaced_by = made where c.id = key_id;
    perform kernel.end_credentials(array[key_id], 're-rolled');
  else
    update kernel.credential c
       set replaced_by = made, expires_at = least(c.expires_at, now() + make_interval(secs => overlap_seconds)) where c.id = key_id;
    update kernel.credential c
       set expires_at = least(c.expires_at, now() + make_interval(secs => overlap_seconds)) where c.parent_id = key_id and c.ended_at is null;
  end if;
  perform kernel.audit('re-roll', 'key', key_id, null, jsonb_build_object('name', old.name, 'class', old.class, 'replacedBy', made,
                       'overlapSeconds', overlap_seconds, 'expiresAt', kernel.moment(until)), 'notice');
  return made;
end $$;

-- The class of the key that asks, for the prefix of what it is exchanged for.
create function kernel.asking_class() returns text language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select c.class from kernel.credential c where c.id = (select (kernel.verified())[6]::uuid);
end;
grant execute on function kernel.asking_class() to rf_api;

-- What was given for a key or a public key and ran out goes as others come: nobody could end years of it at once, nor off-board
-- whose they are. When they were used last, the key itself and the token that comes now say well enough. Internal.
create function kernel.sweep_short_tokens(key_id uuid, jwk_id uuid) returns void language sql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off as $$
  delete from kernel.credential c where c.id in (
    select o.id from kernel.credential o
     where o.parent_id = key_id and o.kind = 'key' and o.expires_at < now() - interval '5 min' limit 1000 for update skip locked);
  delete from kernel.credential c where c.id in (
    select o.id from kernel.credential o
     where o.service_jwk_id = jwk_id and o.expires_at < now() - interval '5 min' limit 1000 for update skip locked);
$$;

-- A token of an hour at most for the key that asks, to hand to a program that need not have the key: it may what the key may, or
-- less, from where the key may, and ends with it.
create function kernel.exchange_key(token_hash bytea, tail text, seconds integer, wanted text[], out id uuid, out expires_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  field  constant text[] := kernel.verified();
  parent kernel.credential;
begin
  if field[2] <> 'credential' then
    raise exception 'not allowed' using errcode = '42501';
  end if;
  select c.* into parent from kernel.credential c
   where c.id = field[6]::uuid and c.kind = 'key' and c.class in ('personal', 'secret', 'service') and num_nulls(c.parent_id, c.service_jwk_id) = 2;
  if parent.id is null then
    raise exception 'only a key is exchanged for a token' using errcode = 'RF409', hint = 'not-a-key';
  end if;
  if wanted is not null and (cardinality(wanted) = 0 or not wanted <@ array(select split_part(x, ':', 1) from unnest(kernel.held()) x)) then
    raise exception 'you can grant only what you hold' using errcode = 'RF403', hint = 'grant-more-than-held';
  end if;
  perform kernel.sweep_short_tokens(parent.id, null);
  insert into kernel.credential (kind, class, digest, person_id, made_by, tenant_id, parent_id, name, hint, permissions, networks, expires_at)
  values ('key', parent.class, sha256(token_hash), parent.person_id, parent.made_by, parent.tenant_id, parent.id, parent.name, tail,
          coalesce(wanted, parent.permissions), parent.networks,
          least(parent.expires_at, now() + make_interval(secs => least(greatest(seconds, 60), 3600))))
  returning credential.id, credential.expires_at into id, expires_at;
  perform kernel.audit('exchange', 'key', parent.id, null,
    jsonb_strip_nulls(jsonb_build_object('name', parent.name, 'permissions', to_jsonb(wanted), 'expiresAt', kernel.moment(expires_at))), 'info');
end $$;
grant execute on function kernel.exchange_key(bytea, text, integer, text[]) to rf_api;

-- What a publishable key stands for, for the door that takes events and for no other: every other door's enter refuses it. Null
-- columns, that is no row, for whatever is no live publishable key or comes from elsewhere than it may.
create function kernel.publishable(token_hash bytea, ip inet default null)
returns table (tenant_id uuid, credential_id uuid, sites text[]) language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select c.tenant_id, c.id, c.sites
    from kernel.credential c
    join kernel.tenant t on t.id = c.tenant_id and t.state = 'active'
    join kernel.person p on p.id = c.person_id and p.ended_at is null
    join kernel.membership m on m.tenant_id = c.tenant_id and m.person_id = c.person_id and m.ended_at is null
   where c.digest = sha256(publishable.token_hash) and c.kind = 'key' and c.class = 'publishable' and c.ended_at is null
     and (c.expires_at is null or c.expires_at > now())
     and (c.networks is null or exists (select from unnest(c.networks) n where publishable.ip <<= n));
end;
grant execute on function kernel.publishable(bytea, inet) to rf_ingest;

create view kernel.service_accounts with (security_barrier = true) as
select m.id, p.name, p.email, m.roles, m.permissions, m.version, m.created_at,
       am.id as answerable_id, ap.name as answerable_name, ap.email as answerable_email,
       (select max(c.last_seen_at) from kernel.credential c where c.person_id = p.id and c.tenant_id = m.tenant_id) as last_seen_at
  from kernel.membership m
  join kernel.person p on p.id = m.person_id and p.kind = 'service' and p.ended_at is null
  join kernel.person ap on ap.id = p.answerable
  -- Null when whoever answered for it has left: it may do nothing then, until somebody else answers.
  left join kernel.membership am on am.tenant_id = m.tenant_id and am.person_id = p.answerable and am.ended_at is null
 -- Those of directories are listed with their connections.
 where m.tenant_id = (select kernel.bound('member.read')) and m.ended_at is null and ':provisioner' <> all (m.roles);

create view kernel.service_jwks with (security_barrier = true) as
select j.id, m.id as account_id, j.name, j.alg, j.thumbprint, j.jwk, j.permissions, j.networks::text[] as networks,
       j.created_at, j.used_at, j.expires_at, (select b.name from kernel.person b where b.id = j.made_by) as made_by
  from kernel.service_jwk j
  join kernel.membership m on m.tenant_id = j.tenant_id and m.person_id = j.person_id
 where j.tenant_id = (select kernel.bound('key.read')) and (select kernel.holds('key.read')) and j.ended_at is null;
grant select on kernel.service_accounts, kernel.service_jwks to rf_api;

-- The bound organization's live member who is a person; RF422. Internal.
create function kernel.demand_answerable(tenant uuid, member uuid) returns uuid language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  person uuid;
begin
  select p.id into person from kernel.membership m join kernel.person p on p.id = m.person_id and p.kind = 'person' and p.ended_at is null
   where m.tenant_id = tenant and m.id = member and m.ended_at is null and m.until is null;
  if person is null then
    raise exception 'only a person who is a member can answer for it' using errcode = 'RF422', hint = 'answerableId';
  end if;
  return person;
end $$;

-- The membership of a service account of the bound organization, or RF404. Internal.
create function kernel.service_membership(tenant uuid, account uuid) returns kernel.membership language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  found_one kernel.membership;
begin
  select m.* into found_one from kernel.membership m join kernel.person p on p.id = m.person_id and p.kind = 'service' and p.ended_at is null
   where m.tenant_id = tenant and m.id = account and m.ended_at is null and ':provisioner' <> all (m.roles) for update of m;
  if found_one.id is null then
    raise exception 'no such service account' using errcode = 'RF404';
  end if;
  return found_one;
end $$;

create function kernel.create_service_account(label text, wanted_roles text[], answerable_member uuid) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('member.change');
  responsible uuid;
  person uuid := kernel.uuidv7();
  made   uuid;
begin
  perform kernel.demand_key_maker();
  if (select count(*) from (
        select from kernel.membership m join kernel.person p on p.id = m.person_id and p.kind = 'service'
         where m.tenant_id = tenant and m.ended_at is null limit 1000) a) >= 1000 then
    raise exception 'a thousand service accounts are the most' using errcode = 'RF409', hint = 'too-many-accounts';
  end if;
  perform kernel.demand_grantable(tenant, wanted_roles);
  responsible := kernel.demand_answerable(tenant, coalesce(answerable_member, kernel.bound_member()));
  -- No mail ever goes to it (RFC 2606).
  insert into kernel.person (id, email, name, kind, answerable)
  select person, format('service-%s@%s.invalid', right(replace(person::text, '-', ''), 12), t.slug), label, 'service', responsible
    from kernel.tenant t where t.id = tenant;
  insert into kernel.membership (tenant_id, person_id, roles, permissions)
  values (tenant, person, wanted_roles, kernel.permissions_of(tenant, wanted_roles)) returning id into made;
  perform kernel.audit('create', 'service-account', made, null,
    jsonb_build_object('name', label, 'roles', to_jsonb(wanted_roles), 'answerable', (select p.email from kernel.person p where p.id = responsible)), 'warning');
  return made;
end $$;

-- Another name, other roles, or somebody else who answers for it. Who takes it on lends it their rights, so whoever says so
-- holds what its roles give.
create function kernel.change_service_account(account uuid, wanted jsonb, expected integer) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('member.change');
  was    constant kernel.membership := kernel.service_membership(tenant, account);
  person kernel.person;
  given  constant text[] := case when wanted ? 'roles' then array(select jsonb_array_elements_text(wanted -> 'roles')) else was.roles end;
  responsible uuid;
begin
  if expected is not null and was.version <> expected then
    raise exception 'changed meanwhile' using errcode = 'RF412';
  end if;
  perform kernel.demand_grantable(tenant, given);
  perform kernel.demand_grantable(tenant, was.roles);
  select p.* into person from kernel.person p where p.id = was.person_id;
  responsible := case when wanted ? 'answerableId' then kernel.demand_answerable(tenant, (wanted ->> 'answerableId')::uuid) else person.answerable end;
  update kernel.person p set name = coalesce(wanted ->> 'name', p.name), answerable = responsible where p.id = person.id;
  update kernel.membership m set roles = given, permissions = kernel.permissions_of(tenant, given), version = m.version + 1
   where m.tenant_id = tenant and m.id = account;
  perform kernel.audit('change', 'service-account', account,
    jsonb_build_object('name', person.name, 'roles', to_jsonb(was.roles), 'answerable', (select p.email from kernel.person p where p.id = person.answerable)),
    jsonb_build_object('name', coalesce(wanted ->> 'name', person.name), 'roles', to_jsonb(given), 'answerable', (select p.email from kernel.person p where p.id = responsible)),
    'warning');
  return was.version + 1;
end $$;

create function kernel.end_service_account(account uuid) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('member.change');
  was    constant kernel.membership := kernel.service_membership(tenant, account);
begin
  perform kernel.demand_grantable(tenant, was.roles);
  perform kernel.off_board(tenant, account, 'its service account ended');
  update kernel.person p set ended_at = now() where p.id = was.person_id;
  perform kernel.audit('end', 'service-account', account, jsonb_build_object('roles', to_jsonb(was.roles)), null, 'warning');
end $$;

-- What a key or public key of a service account comes to be with: what was asked for, else all that the account and its maker
-- both hold. Raises for whoever may not make one. `told` is what the trail says of it. Internal.
create function kernel.service_key_terms(
  account uuid, label text, wanted text[], asked timestamptz, networks cidr[],
  out tenant uuid, out person uuid, out maker uuid, out permissions text[], out expires timestamptz, out told jsonb
) language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  held   constant text[] := kernel.held();
  member kernel.membership;
begin
  tenant := kernel.demand('key.create');
  perform kernel.demand('member.change'), kernel.demand_room_for_key(), kernel.demand_networks(service_key_terms.networks),
          kernel.demand_networks_held(service_key_terms.networks);
  member := kernel.service_membership(tenant, account);
  person := member.person_id;
  maker := (kernel.verified())[5]::uuid;
  permissions := coalesce(wanted, array(
    select distinct split_part(x, ':', 1) from unnest(kernel.within(member.permissions, held)) x order by 1));
  if not permissions <@ array(select split_part(x, ':', 1) from unnest(held) x) then
    raise exception 'you can grant only what you hold' using errcode = 'RF403', hint = 'grant-more-than-held';
  end if;
  expires := kernel.key_expiry(asked);
  told := jsonb_strip_nulls(jsonb_build_object('name', label, 'account', account, 'permissions', to_jsonb(permissions),
                                               'networks', to_jsonb(service_key_terms.networks), 'expiresAt', kernel.moment(expires)));
end $$;

create function kernel.create_service_key(
  account uuid, label text, token_hash bytea, tail text, wanted text[], expires timestamptz, networks cidr[]
) returns uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  terms record;
  made  uuid;
begin
  select t.* into terms from kernel.service_key_terms(account, label, wanted, expires, create_service_key.networks) t;
  insert into kernel.credential (kind, class, digest, person_id, made_by, tenant_id, name, hint, permissions, networks, expires_at)
  values ('key', 'service', sha256(token_hash), terms.person, terms.maker, terms.tenant, label, tail, terms.permissions, create_service_key.networks,
          terms.expires)
  returning id into made;
  perform kernel.audit('create', 'key', made, null, terms.told || '{"class": "service"}', 'notice');
  return made;
end $$;

create function kernel.add_service_jwk(
  account uuid, label text, public_jwk jsonb, algorithm text, print text, wanted text[], expires timestamptz, networks cidr[]
) returns uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  terms record;
  made  uuid;
begin
  select t.* into terms from kernel.service_key_terms(account, label, wanted, expires, add_service_jwk.networks) t;
  insert into kernel.service_jwk (tenant_id, person_id, made_by, name, jwk, alg, thumbprint, permissions, networks, expires_at)
  values (terms.tenant, terms.person, terms.maker, label, public_jwk, algorithm, print, terms.permissions, add_service_jwk.networks, terms.expires)
  returning id into made;
  perform kernel.audit('create', 'public-key', made, null, terms.told || jsonb_build_object('alg', algorithm, 'thumbprint', print), 'notice');
  return made;
exception when unique_violation then
  raise exception 'taken' using errcode = 'RF409', hint = 'jwk';
end $$;

-- Ends a public key with all tokens that were given for it.
create function kernel.end_service_jwk(jwk_id uuid) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('key.end');
  ended  kernel.service_jwk;
begin
  -- None of them is anybody's own.
  update kernel.service_jwk j set ended_at = now()
   where j.id = jwk_id and j.tenant_id = tenant and j.ended_at is null and kernel.holds('key.end') returning j.* into ended;
  if ended.id is null then
    raise exception 'no such key' using errcode = 'RF404';
  end if;
  perform kernel.end_credentials(array(select c.id from kernel.credential c where c.service_jwk_id = jwk_id and c.ended_at is null), 'revoked');
  perform kernel.audit('end', 'public-key', jwk_id, jsonb_build_object('name', ended.name), null, 'notice');
end $$;

grant execute on function
  kernel.key_environment(), kernel.change_key(uuid, jsonb), kernel.reroll_key(uuid, bytea, text, integer),
  kernel.create_service_account(text, text[], uuid), kernel.change_service_account(uuid, jsonb, integer), kernel.end_service_account(uuid),
  kernel.create_service_key(uuid, text, bytea, text, text[], timestamptz, cidr[]),
  kernel.add_service_jwk(uuid, text, jsonb, text, text, text[], timestamptz, cidr[]), kernel.end_service_jwk(uuid)
  to rf_api;

-- The public keys that an assertion of this account may be signed with; none for whatever is no live service account. The
-- server checks the signature, which PostgreSQL cannot, and says so by its word (kernel.demand_word).
create function kernel.assertion_keys(account uuid) returns table (id uuid, jwk jsonb, alg text) language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select j.id, j.jwk, j.alg
    from kernel.service_jwk j
    join kernel.membership m on m.tenant_id = j.tenant_id and m.person_id = j.person_id and m.ended_at is null
   where m.id = account and j.ended_at is null and (j.expires_at is null or j.expires_at > now())
   order by j.id limit 20;
end;

-- A token of one hour for an assertion whose signature was found good: once for each jti, while account, public key and maker
-- live. Answers what became of it; the trail has the same.
create function kernel.service_token(
  jwk_id uuid, jti_hash bytea, assertion_expires timestamptz, token_hash bytea, tail text, request_id uuid, ip inet, device text, word bytea
) returns text language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  signer  kernel.service_jwk;
  account record;
  minted  uuid;
  verdict text;
begin
  perform kernel.demand_fresh_transaction();
  -- The database cannot check the signature; it takes the server's word for it, and nobody else's.
  perform kernel.demand_word(word, concat_ws('|', 'service-token', jwk_id, encode(jti_hash, 'hex'), encode(token_hash, 'hex')));
  select j.* into signer from kernel.service_jwk j where j.id = jwk_id;
  -- Not while somebody of whom it depends is being off-boarded; read again after that.
  perform pg_advisory_xact_lock(l) from (
    select distinct kernel.person_lock(x) as l from unnest(array[signer.made_by, (select p.answerable from kernel.person p where p.id = signer.person_id)]) x
     where x is not null order by 1) locks;
  select j.* into signer from kernel.service_jwk j where j.id = jwk_id and j.ended_at is null and (j.expires_at is null or j.expires_at > now());
  select m.id as member, p.id as person, p.email into account
    from kernel.membership m join kernel.person p on p.id = m.person_id and p.ended_at is null
    join kernel.tenant t on t.id = m.tenant_id and t.state = 'active'
   where m.tenant_id = signer.tenant_id and m.person_id = signer.person_id and m.ended_at is null;
  if signer.id is null or account.person is null then
    return 'ended';
  end if;
  verdict := case when assertion_expires <= now() then 'expired'
                  when assertion_expires > now() + interval '5 min' then 'too-long'
                  when signer.networks is not null and not exists (select from unnest(signer.networks) n where service_token.ip <<= n)
                    then 'address-not-allowed' end;
  if verdict is null then
    delete from kernel.ticket k where k.person_id = account.person and k.purpose = 'assertion' and k.expires_at < now() - interval '1 hour';
    insert into kernel.ticket (digest, purpose, tenant_id, person_id, expires_at, used_at)
    values (kernel.ticket_digest('assertion', sha256(uuid_send(jwk_id) || jti_hash)), 'assertion', signer.tenant_id, account.person, assertion_expires, now())
    on conflict (digest) do nothing;
    if not found then
      verdict := 'replayed';
    end if;
  end if;
  if verdict is null then
    perform kernel.sweep_short_tokens(null, jwk_id);
    insert into kernel.credential (kind, class, digest, person_id, made_by, tenant_id, name, hint, permissions, networks, service_jwk_id, ip, device,
                                   last_seen_at, expires_at)
    values ('key', 'service', sha256(token_hash), account.person, signer.made_by, signer.tenant_id, signer.name, tail, signer.permissions, signer.networks,
            signer.id, service_token.ip, service_token.device, now(), now() + interval '1 hour') returning id into minted;
    update kernel.service_jwk j set used_at = now() where j.id = jwk_id and (j.used_at is null or j.used_at < now() - interval '30 s');
  end if;
  insert into kernel.audit_event (tenant_id, actor_id, actor_email, credential_id, request_id, ip, device, action, resource_type, resource_id, severity, after)
  values (signer.tenant_id, account.person, account.email, minted, service_token.request_id, service_token.ip, left(service_token.device, 500),
          case when verdict is null then 'sign-in' else 'sign-in-refused' end, 'service-account', account.member,
          case when verdict is null then 'info' else 'warning' end,
          jsonb_strip_nulls(jsonb_build_object('publicKey', signer.name, 'reason', verdict)));
  return coalesce(verdict, 'minted');
end $$;

-- An assertion that was refused before its signer was known: in the trail of the account that it claims to be of, else among
-- the installation's refusals.
create function kernel.refuse_assertion(account uuid, reason text, request_id uuid, ip inet, device text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  insert into kernel.audit_event (tenant_id, actor_id, actor_email, request_id, ip, device, action, resource_type, resource_id, severity, after)
  select m.tenant_id, p.id, p.email, refuse_assertion.request_id, refuse_assertion.ip, left(refuse_assertion.device, 500), 'sign-in-refused',
         'service-account', m.id, 'warning', jsonb_build_object('reason', left(refuse_assertion.reason, 100))
    from kernel.membership m join kernel.person p on p.id = m.person_id and p.kind = 'service' where m.id = account;
  if not found then
    insert into kernel.refusal (reason, door, request_id, ip, device)
    values (left(refuse_assertion.reason, 100), 'service-token', refuse_assertion.request_id, refuse_assertion.ip, left(refuse_assertion.device, 500));
  end if;
end $$;
grant execute on function
  kernel.assertion_keys(uuid), kernel.service_token(uuid, bytea, timestamptz, bytea, text, uuid, inet, text, bytea),
  kernel.refuse_assertion(uuid, text, uuid, inet, text) to rf_auth;

-- The same for the bound organization: a view runs its functions as whoever asks it.
create function kernel.answers_here(person uuid) returns uuid language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select kernel.answers_for(kernel.bound('key.read'), person);
end;
grant execute on function kernel.answers_here(uuid) to rf_worker;

-- Keys that end within two weeks, with whom to tell: whoever has the key, or answers for its service account.
create view kernel.keys_to_warn_of with (security_barrier = true) as
select c.id, c.name, c.hint, c.class, case k.kind when 'service' then k.name end as account, c.expires_at, p.name as person_name, p.email, t.name as organization, t.slug, t.locale, t.time_zone
  from kernel.credential c
  join kernel.person k on k.id = c.person_id
  join kernel.person p on p.id = kernel.answers_here(k.id) and p.ended_at is null
  join kernel.tenant t on t.id = c.tenant_id
 where c.tenant_id = (select kernel.bound('key.read')) and (select kernel.holds('key.read')) and c.kind = 'key' and c.ended_at is null
   and c.service_jwk_id is null and c.parent_id is null and c.replaced_by is null and c.warned_at is null
   and c.expires_at between now() and now() + interval '14 days'
   -- Whoever made a key for a few days knows when it ends.
   and c.expires_at - c.created_at > interval '21 days';
grant select on kernel.keys_to_warn_of to rf_worker;

-- Notes that a key's people are told, with the letter that tells them.
create function kernel.warn_of_key(key_id uuid, mail_id uuid, subject text, sealed_body bytea) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('key.read');
  told   kernel.credential;
begin
  update kernel.credential c set warned_at = now()
   where c.id = key_id and c.tenant_id = tenant and c.kind = 'key' and c.ended_at is null and c.warned_at is null returning c.* into told;
  if told.id is null then
    return false;
  end if;
  perform kernel.queue_mail(tenant, mail_id, p.email, subject, 'key-expiry', sealed_body)
     from kernel.person p where p.id = kernel.answers_for(tenant, told.person_id);
  perform kernel.audit('expire-soon', 'key', key_id, null, jsonb_build_object('name', told.name, 'expiresAt', kernel.moment(told.expires_at)), 'notice');
  return true;
end $$;
grant execute on function kernel.warn_of_key(uuid, uuid, text, bytea) to rf_worker;
