-- SCIM 2.0 (RFC 7643, 7644): what a customer's directory says of the organization's people, and what follows from it.
--
-- A connection asks by a service account of its own whose keys hold `member.provision` and nothing else. Which roles it gives is
-- judged whenever it gives them: never more than an admin's, nor than whoever answers for it holds at that moment. Its keys are the
-- organization's and outlive whoever made them; they are good while somebody is a member who may manage directories, and give
-- nothing to whoever had one and may manage it no longer. Owners are nobody's but their own. Every way in which somebody loses
-- access ends at kernel.off_board_all.

set local role rf_kernel;

create table kernel.scim_connection (
  tenant_id    uuid not null references kernel.tenant,
  id           uuid not null default kernel.uuidv7(),
  name         text not null check (length(name) between 1 and 100),
  -- Of its service account.
  member_id    uuid not null,
  -- What somebody in no mapped group gets; null gives nothing to them.
  default_role text,
  -- Name of a group in the directory → role.
  role_mapping jsonb not null default '{}' check (jsonb_typeof(role_mapping) = 'object'),
  -- The only domains of addresses that it provisions; none means all that the organization has verified.
  domains      text[] not null default '{}' check (cardinality(domains) <= 50),
  state        text not null default 'active' check (state in ('active', 'ended')),
  version      integer not null default 1,
  created_at   timestamptz not null default now(),
  changed_at   timestamptz,
  ended_at     timestamptz,
  primary key (tenant_id, id),
  unique (id),
  foreign key (tenant_id, member_id) references kernel.membership (tenant_id, id)
);

-- A person as the directory sees them. The person's own row is theirs: a directory names it, and seldom writes it.
create table kernel.scim_user (
  tenant_id     uuid not null,
  id            uuid not null default kernel.uuidv7(),
  connection_id uuid not null references kernel.scim_connection (id),
  member_id     uuid not null,
  external_id   text check (length(external_id) between 1 and 500),
  user_name     text not null check (length(user_name) between 1 and 320),
  user_key      text collate "C" not null,
  -- What the directory tells and the product shows: names, title, addresses.
  attributes    jsonb not null default '{}' check (jsonb_typeof(attributes) = 'object'),
  active        boolean not null,
  -- The roles that this connection last gave; what people changed by hand since then stays until the directory says otherwise.
  granted       text[] not null default '{}',
  -- Whether the person was made by this connection, so that a new name or address may be written to them.
  made_person   boolean not null,
  -- Whether what the directory said of them has yet to be settled: a change of thousands takes more than one transaction.
  due           boolean not null default false,
  version       integer not null default 1,
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (id),
  unique (connection_id, user_key),
  unique (connection_id, external_id),
  unique (tenant_id, member_id),
  foreign key (tenant_id, member_id) references kernel.membership (tenant_id, id)
);

create table kernel.scim_group (
  tenant_id     uuid not null,
  id            uuid not null default kernel.uuidv7(),
  connection_id uuid not null references kernel.scim_connection (id),
  external_id   text check (length(external_id) between 1 and 500),
  display_name  text not null check (length(display_name) between 1 and 256),
  display_key   text collate "C" not null,
  version       integer not null default 1,
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (id),
  unique (connection_id, display_key),
  unique (connection_id, external_id)
);

create table kernel.scim_member (
  group_id uuid not null references kernel.scim_group (id) on delete cascade,
  user_id  uuid not null references kernel.scim_user (id) on delete cascade,
  primary key (group_id, user_id)
);
create index scim_member_user on kernel.scim_member (user_id);

create index scim_user_due on kernel.scim_user (connection_id) where due;

-- The last things that went wrong, for the administrator who wonders why somebody is missing.
create table kernel.scim_fault (
  tenant_id     uuid not null,
  id            uuid not null default kernel.uuidv7(),
  connection_id uuid not null references kernel.scim_connection (id),
  at            timestamptz not null default clock_timestamp(),
  operation     text not null,
  status        integer not null,
  detail        text not null,
  primary key (connection_id, id)
);
create index scim_fault_tenant on kernel.scim_fault (tenant_id, id);

call kernel.drop_statistics('kernel.scim_connection');
call kernel.drop_statistics('kernel.scim_user');
call kernel.drop_statistics('kernel.scim_group');
call kernel.drop_statistics('kernel.scim_member');
call kernel.drop_statistics('kernel.scim_fault');

-- Whether the organization has proven that this domain is its own, and DNS still says so: newcomers are made by it. Internal.
create function kernel.domain_verified(tenant uuid, domain text) returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select exists (select from kernel.domain d
                  where d.tenant_id = tenant and d.name = lower(domain_verified.domain) and d.verified_at is not null and d.missing_since is null and d.ended_at is null);
end;

-- The connection whose key is bound, while it lives; null for every other binding, so that no row equals it. RF403 while nobody is
-- left who could answer for what it does: a directory that was told nobody is here would begin to add them anew.
create function kernel.scim_bound() returns uuid language plpgsql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp as $$
declare
  field constant text[] := kernel.verified();
  found_one uuid;
begin
  if field[2] <> 'credential' or position(',member.provision,' in field[9]) = 0 then
    return null;
  end if;
  select s.id into found_one from kernel.scim_connection s join kernel.credential c on c.id = field[6]::uuid
   where s.tenant_id = field[3]::uuid and s.member_id = field[4]::uuid and s.state = 'active'
     and c.kind = 'key' and c.class = 'scim' and c.tenant_id = s.tenant_id;
  if found_one is not null and kernel.answers_for(field[3]::uuid, field[5]::uuid) is null then
    raise exception 'nobody answers for this directory: somebody must who may manage directories' using errcode = 'RF403', hint = 'member.provision';
  end if;
  return found_one;
end $$;
grant execute on function kernel.scim_bound() to rf_api;

-- What the bound connection's directory reads back.
create view kernel.scim_users with (security_barrier = true) as
select u.id, u.user_name, u.user_key, u.external_id, u.attributes, u.version + m.version as version,
       -- Somebody whom people here removed is not active, whatever the directory last said.
       u.active and (m.ended_at is null or u.granted = '{}') as active,
       case when m.ended_at is null then m.roles else '{}' end as roles, u.created_at, greatest(u.updated_at, m.ended_at) as updated_at, u.due
  from kernel.scim_user u join kernel.membership m on m.tenant_id = u.tenant_id and m.id = u.member_id
 where u.connection_id = (select kernel.scim_bound());

create view kernel.scim_groups with (security_barrier = true) as
select g.id, g.display_name, g.display_key, g.external_id, g.version, g.created_at, g.updated_at
  from kernel.scim_group g where g.connection_id = (select kernel.scim_bound());

create view kernel.scim_members with (security_barrier = true) as
select x.group_id, x.user_id, coalesce(u.attributes ->> 'displayName', u.user_name) as user_display, g.display_name as group_display
  from kernel.scim_group g join kernel.scim_member x on x.group_id = g.id join kernel.scim_user u on u.id = x.user_id
 where g.connection_id = (select kernel.scim_bound());

grant select on kernel.scim_users, kernel.scim_groups, kernel.scim_members to rf_api;

-- The bound connection, locked: what one directory asks for is done one thing after the other. RF403 for all other bindings. Internal.
create function kernel.scim_hands() returns kernel.scim_connection language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  connection kernel.scim_connection;
begin
  select s.* into connection from kernel.scim_connection s where s.id = kernel.scim_bound() for update;
  if connection.id is null then
    raise exception 'not the key of a live connection' using errcode = 'RF403', hint = 'member.provision';
  end if;
  return connection;
end $$;

-- Takes the connection's lock, so that what is read next is what is then changed, and does what an earlier change has left; says
-- whether that left more.
create function kernel.scim_begin() returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  return kernel.scim_settle_due(kernel.scim_hands());
end $$;

-- Whether these roles give no more than an admin has: what is above is out of a directory's reach. Internal.
create function kernel.scim_reaches(tenant uuid, roles text[]) returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select 'owner' <> all (roles) and kernel.covers(kernel.permissions_of(tenant, '{admin}'), kernel.permissions_of(tenant, roles));
end;

-- Whether the connection may give this role now: there is such a role, it reaches no further than an admin's, and whoever answers
-- for the connection holds all of it. Internal.
create function kernel.scim_may_grant(connection kernel.scim_connection, role text) returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select kernel.permissions_of(connection.tenant_id, array[role]) <> '{}' and kernel.scim_reaches(connection.tenant_id, array[role])
     and kernel.covers((select m.permissions
                          from kernel.membership own
                          join kernel.membership m on m.tenant_id = own.tenant_id and m.person_id = kernel.answers_for(own.tenant_id, own.person_id)
                         where own.tenant_id = connection.tenant_id and own.id = connection.member_id and m.ended_at is null),
                       kernel.permissions_of(connection.tenant_id, array[role]));
end;

-- Who was shown a key of this connection that is still good, and may manage directories no longer: to them it gives nothing until
-- it has another key, or whoever left could take the key along and let themselves back in. Internal.
create function kernel.scim_barred(connection kernel.scim_connection) returns uuid[] language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  account constant uuid := (select m.person_id from kernel.membership m where m.tenant_id = connection.tenant_id and m.id = connection.member_id);
begin
  return array(
    select k.made_by
      from (select distinct c.made_by from kernel.credential c
             where c.person_id = account and c.ended_at is null and c.class = 'scim' and (c.expires_at is null or c.expires_at > now()) offset 0) k
     where (select kernel.directs(m) from kernel.membership m where m.tenant_id = connection.tenant_id and m.person_id = k.made_by) is not true);
end $$;

-- Notes what went wrong, and keeps the last hundred. Internal.
create function kernel.scim_note(connection kernel.scim_connection, operation text, status integer, detail text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  insert into kernel.scim_fault (tenant_id, connection_id, operation, status, detail)
  values (connection.tenant_id, connection.id, left(scim_note.operation, 100), scim_note.status, left(scim_note.detail, 500));
  delete from kernel.scim_fault f
   where f.connection_id = connection.id
     and f.id < (select k.id from kernel.scim_fault k where k.connection_id = connection.id order by k.id desc offset 99 limit 1);
end $$;

-- The same for a request that was refused, and so rolled back: the door says it in a transaction of its own.
create function kernel.scim_report(operation text, status integer, detail text) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform kernel.scim_note(kernel.scim_hands(), operation, status, detail);
end $$;

-- Brings memberships into accord with what the directory says of these users: the one place where a directory gives, changes or
-- takes access. `reopen` lets those back in whom people here removed. What is out of the connection's reach raises RF403 when one
-- user is asked for (`strict`), and is left alone and noted when a group is. A few statements, however many users; by indexes,
-- since a plan from a session's first days, when there was nobody, would look at everybody for each. Internal.
create function kernel.scim_settle(connection kernel.scim_connection, users uuid[], reopen boolean, strict boolean) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off as $$
declare
  field   constant text[] := kernel.verified();
  mapped  constant jsonb := (select coalesce(jsonb_object_agg(lower(e.key), e.value), '{}') from jsonb_each_text(connection.role_mapping) e);
  allowed constant text[] := array(
    select r.role from (select connection.default_role as role union select e.value from jsonb_each_text(connection.role_mapping) e) r
     where r.role is not null and kernel.scim_may_grant(connection, r.role));
  barred  constant uuid[] := kernel.scim_barred(connection);
  -- Of all whose access changes, so many: PostgreSQL has no room for the locks of thousands, nor a binding the time. The others
  -- are due next (kernel.scim_settle_due).
  at_once constant integer := 200;
  said    jsonb;
  above   uuid[];
  refused text[];
begin
  if cardinality(users) = 0 then
    return;
  end if;
  -- From the directory's word to what would have to be done, each user once.
  with asked as (
    select u.id, u.member_id, u.active, u.granted, m.roles as had, m.ended_at is null as live, m.ended_at > m.created_at as been,
           m.person_id = any (barred) as barred,
           array(select distinct mapped ->> g.display_key from kernel.scim_member x join kernel.scim_group g on g.id = x.group_id
                  where x.user_id = u.id and mapped ? g.display_key order by 1) as through_groups
      from kernel.scim_user u join kernel.membership m on m.tenant_id = u.tenant_id and m.id = u.member_id
     where u.connection_id = connection.id and u.id = any (users)),
  wished as (
    select a.*, case when not a.active then '{}'
                     when a.through_groups <> '{}' then a.through_groups
                     -- A default is for newcomers, and for those whose groups gave more before: it takes nothing from others.
                     when a.live and a.granted = '{}' then '{}'
                     else array_remove(array[connection.default_role], null) end as wanted
      from asked a),
  judged as (
    select w.*, array(select r from unnest(w.wanted) r where r = any (allowed) and not w.barred or w.live and r = any (w.had) order by 1) as final,
           case when w.live and (not w.active or w.wanted = '{}' and w.granted <> '{}') then 'end'
                when w.live and w.wanted <> '{}' and w.wanted <> w.granted then 'change'
                when not w.live and w.wanted <> '{}' and (w.granted = '{}' or reopen) then 'open' end as act
      from wished w),
  numbered as (
    select j.*, row_number() over (order by j.member_id) as nth from judged j where j.act is not null),
  later as (
    update kernel.scim_user u set due = true from numbered n where u.id = n.id and n.nth > at_once)
  select jsonb_agg(to_jsonb(n)) filter (where n.nth <= at_once) into said from numbered n;
  if said is null then
    return;
  end if;

  -- Each set of roles is judged once.
  with out_of_reach as materialized (
    select k.had from (select distinct d.had from jsonb_to_recordset(said) d (had text[], live boolean) where d.live offset 0) k
     where not kernel.scim_reaches(connection.tenant_id, k.had))
  select array_agg(j.id) into above
    from jsonb_to_recordset(said) j (id uuid, had text[], live boolean) join out_of_reach o on o.had = j.had where j.live;
  if above is not null then
    if strict then
      raise exception 'an owner, and whoever may do more than an admin, is not the directory''s to change' using errcode = 'RF403';
    end if;
    perform kernel.scim_note(connection, 'settle', 403,
      format('%s left as they are: owners, and whoever may do more than an admin, are not the directory''s to change', cardinality(above)));
  end if;
  select array_agg(distinct r) into refused
    from jsonb_to_recordset(said) j (wanted text[], final text[]), unnest(j.wanted) r where r <> all (j.final);
  if refused is not null then
    perform kernel.scim_note(connection, 'settle', 403,
      format('the connection may not give: %s (no such role, more than an admin, more than who answers for it holds, or to somebody who had its key and may manage it no longer)', array_to_string(refused, ', ')));
  end if;

  with doing as (
    select j.* from jsonb_to_recordset(said) j (id uuid, member_id uuid, had text[], final text[], act text, been boolean)
     where j.act in ('change', 'open') and j.final <> '{}' and j.id <> all (coalesce(above, '{}'))),
  giving as materialized (
    select d.final, kernel.permissions_of(connection.tenant_id, d.final) as permissions from (select distinct final from doing) d),
  changed as (
    update kernel.membership m
       set roles = d.final, permissions = g.permissions, ended_at = null, version = m.version + 1,
           -- Whoever comes back signs in again: sessions from before they left do not open this organization.
           sessions_from = case when d.act = 'open' and d.been then clock_timestamp() else m.sessions_from end
      from doing d join giving g on g.final = d.final
     where m.tenant_id = connection.tenant_id and m.id = d.member_id
       and (m.ended_at is not null or m.roles <> d.final)
    returning m.id, d.had, d.final, d.act),
  remembered as (
    update kernel.scim_user u set granted = d.final from doing d where u.id = d.id)
  insert into kernel.audit_event (tenant_id, actor_id, actor_email, credential_id, request_id, ip, device,
                                  action, resource_type, resource_id, severity, before, after)
  select connection.tenant_id, nullif(field[5], '')::uuid, field[10], field[6]::uuid, nullif(field[7], '')::uuid, nullif(field[8], '')::inet,
         nullif(field[11], ''), case c.act when 'open' then 'join' else 'change' end, 'member', c.id,
         case c.act when 'open' then 'notice' else 'warning' end,
         case c.act when 'change' then jsonb_build_object('roles', to_jsonb(c.had)) end, jsonb_build_object('roles', to_jsonb(c.final))
    from changed c;

  update kernel.scim_user u set granted = '{}'
    from jsonb_to_recordset(said) j (id uuid, act text)
   where u.id = j.id and j.act = 'end' and j.id <> all (coalesce(above, '{}'));
  if not found then
    return;
  end if;
  insert into kernel.audit_event (tenant_id, actor_id, actor_email, credential_id, request_id, ip, device,
                                  action, resource_type, resource_id, severity, before)
  select connection.tenant_id, nullif(field[5], '')::uuid, field[10], field[6]::uuid, nullif(field[7], '')::uuid, nullif(field[8], '')::inet,
         nullif(field[11], ''), 'end', 'member', g.id, 'warning', jsonb_build_object('roles', to_jsonb(g.roles))
    from kernel.off_board_all(connection.tenant_id, array(
           select j.member_id from jsonb_to_recordset(said) j (id uuid, member_id uuid, act text)
            where j.act = 'end' and j.id <> all (coalesce(above, '{}'))), 'deprovisioned') g;
end $$;

-- Settles the next of those whom a change of thousands has left; says whether there are more. What was interrupted is done before
-- anything else that the directory asks for. Internal.
create function kernel.scim_settle_due(connection kernel.scim_connection) returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  next_ uuid[] := array(select u.id from kernel.scim_user u where u.connection_id = connection.id and u.due order by u.member_id limit 200);
begin
  if cardinality(next_) = 0 then
    return false;
  end if;
  update kernel.scim_user u set due = false where u.id = any (next_);
  perform kernel.scim_settle(connection, next_, false, false);
  return exists (select from kernel.scim_user u where u.connection_id = connection.id and u.due);
end $$;

-- A new user of the directory. It links a person only where nobody can be deceived: a member of this organization, or an address
-- in a domain that the organization has verified. For all other addresses there is one answer, whether or not somebody has them:
-- a person who is made for a foreign address would wait there for its owner, and a link to them would tell that they exist.
create function kernel.scim_create_user(wanted jsonb) returns uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  connection constant kernel.scim_connection := kernel.scim_hands();
  address    constant text := wanted ->> 'email';
  domain     constant text := lower(split_part(address, '@', 2));
  person     kernel.person;
  belongs    kernel.membership;
  made       uuid;
begin
  if connection.domains <> '{}' and domain <> all (connection.domains) then
    raise exception 'this connection does not provision addresses of that domain' using errcode = 'RF403';
  end if;
  select p.* into person from kernel.person p where lower(p.email) collate "C" = lower(address) collate "C";
  -- The person before the membership, as off-boarding has it.
  perform pg_advisory_xact_lock(kernel.person_lock(person.id));
  select m.* into belongs from kernel.membership m where m.tenant_id = connection.tenant_id and m.person_id = person.id for update;
  -- Whoever is lent a way in is no member, and whether an address is one of the platform's staff is told to nobody.
  if belongs.id is not null and belongs.ended_at is null and belongs.until is null then
    if person.kind <> 'person' or not kernel.scim_reaches(connection.tenant_id, belongs.roles) then
      raise exception 'an owner, and whoever may do more than an admin, is not the directory''s to change' using errcode = 'RF403';
    end if;
  elsif not kernel.domain_verified(connection.tenant_id, domain) then
    raise exception 'the domain of this address is not verified for the organization' using errcode = 'RF409', hint = 'domain';
  elsif person.id is not null and (person.kind <> 'person' or person.ended_at is not null or belongs.until is not null) then
    raise exception 'this address cannot be provisioned' using errcode = 'RF409', hint = 'person';
  end if;
  if person.id is null then
    insert into kernel.person (email, name) values (address, wanted ->> 'name') returning * into person;
    made := person.id;
  end if;
  if made is null and (belongs.id is null or belongs.ended_at is not null) and not kernel.reclaim_person(person.id) then
    raise exception 'whoever has this address belongs to another organization and has never shown that the mailbox is theirs: invite them' using errcode = 'RF409', hint = 'person';
  end if;
  if belongs.id is null then
    -- Ended from the start: kernel.scim_settle gives access, if anything does.
    insert into kernel.membership (tenant_id, person_id, roles, permissions, created_at, ended_at)
    values (connection.tenant_id, person.id, '{viewer}', '{}', now(), now()) returning * into belongs;
  end if;
  insert into kernel.scim_user (tenant_id, connection_id, member_id, external_id, user_name, user_key, attributes, active, made_person)
  values (connection.tenant_id, connection.id, belongs.id, wanted ->> 'externalId', wanted ->> 'userName', lower(wanted ->> 'userName'),
          wanted -> 'attributes', (wanted ->> 'active')::boolean, made is not null)
  returning id into made;
  perform kernel.audit('create', 'scim_user', made, null, (wanted - 'attributes') || jsonb_build_object('member', belongs.id), 'notice');
  perform kernel.scim_settle(connection, array[made], true, true);
  update kernel.scim_connection s set changed_at = now() where s.id = connection.id;
  return made;
end $$;

-- Puts the given description in the place of the one there is. Name and address go to the person's own row only while that is
-- nobody else's business: made by this connection, never given a password or a second factor, belonging nowhere else. Internal.
create function kernel.scim_write_user(connection kernel.scim_connection, target uuid, wanted jsonb) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  was     kernel.scim_user;
  belongs kernel.membership;
  address constant text := wanted ->> 'email';
  movable boolean;
  moved   boolean;
begin
  select u.* into was from kernel.scim_user u where u.id = target and u.connection_id = connection.id for update;
  if was.id is null then
    raise exception 'no such user' using errcode = 'RF404';
  end if;
  update kernel.scim_user u
     set external_id = wanted ->> 'externalId', user_name = wanted ->> 'userName', user_key = lower(wanted ->> 'userName'),
         attributes = wanted -> 'attributes', active = (wanted ->> 'active')::boolean, version = u.version + 1, updated_at = now()
   where u.id = target;
  if was.made_person then
    select m.* into belongs from kernel.membership m where m.tenant_id = was.tenant_id and m.id = was.member_id;
    movable := kernel.domain_verified(was.tenant_id, split_part(address, '@', 2))
      and (connection.domains = '{}' or lower(split_part(address, '@', 2)) = any (connection.domains))
      and not exists (select from kernel.person o where o.id <> belongs.person_id and lower(o.email) collate "C" = lower(address) collate "C");
    update kernel.person p
       set name = wanted ->> 'name', email = case when movable then address else p.email end,
           -- Of the new mailbox nothing is known.
           email_proved_at = case when not movable or lower(p.email) = lower(address) then p.email_proved_at end
      from kernel.person old
     where old.id = belongs.person_id and p.id = old.id and p.verifier is null and p.second_factor_since is null and p.ended_at is null
       and (p.name, p.email) is distinct from (wanted ->> 'name', address)
       and not exists (select from kernel.membership o where o.person_id = p.id and o.tenant_id <> was.tenant_id)
    returning lower(old.email) <> lower(p.email) into moved;
    if moved then
      perform kernel.leave_mailbox(belongs.person_id);
    end if;
  end if;
  perform kernel.audit('change', 'scim_user', target,
    jsonb_build_object('userName', was.user_name, 'externalId', was.external_id, 'active', was.active),
    (wanted - 'attributes') || jsonb_build_object('member', was.member_id));
end $$;

-- Does so for each of these users, and then what follows, all or nothing. Who is said to be active comes back in, whoever removed them.
create function kernel.scim_change_users(targets uuid[], wanted jsonb[]) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  connection constant kernel.scim_connection := kernel.scim_hands();
  active     boolean;
begin
  perform kernel.scim_write_user(connection, c.target, c.wanted) from unnest(targets, scim_change_users.wanted) c (target, wanted);
  foreach active in array '{false,true}'::boolean[] loop
    perform kernel.scim_settle(connection, array(
              select c.target from unnest(targets, scim_change_users.wanted) c (target, wanted) where (c.wanted ->> 'active')::boolean = active), active, true);
  end loop;
  update kernel.scim_connection s set changed_at = now() where s.id = connection.id;
end $$;

create function kernel.scim_delete_user(target uuid) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  connection constant kernel.scim_connection := kernel.scim_hands();
  was kernel.scim_user;
begin
  update kernel.scim_user u set active = false where u.id = target and u.connection_id = connection.id returning u.* into was;
  if was.id is null then
    raise exception 'no such user' using errcode = 'RF404';
  end if;
  perform kernel.scim_settle(connection, array[target], false, true);
  update kernel.scim_group g set version = g.version + 1, updated_at = now()
   where g.id in (select x.group_id from kernel.scim_member x where x.user_id = target);
  delete from kernel.scim_user u where u.id = target;
  perform kernel.audit('end', 'scim_user', target,
    jsonb_build_object('userName', was.user_name, 'externalId', was.external_id, 'member', was.member_id), null, 'notice');
  update kernel.scim_connection s set changed_at = now() where s.id = connection.id;
end $$;

create function kernel.scim_create_group(display text, external text) returns uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  connection constant kernel.scim_connection := kernel.scim_hands();
  made uuid;
begin
  insert into kernel.scim_group (tenant_id, connection_id, external_id, display_name, display_key)
  values (connection.tenant_id, connection.id, external, display, lower(display)) returning id into made;
  perform kernel.audit('create', 'scim_group', made, null, jsonb_strip_nulls(jsonb_build_object('displayName', display, 'externalId', external)));
  return made;
end $$;

-- Names the group and says who is in it: everybody there was (or with `emptied` nobody), less `minus`, and `plus`. Answers those of
-- `plus` whom this connection does not know: they are left out, so that one stranger does not keep a whole push from arriving.
create function kernel.scim_change_group(target uuid, display text, external text, emptied boolean, plus uuid[], minus uuid[]) returns uuid[]
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off as $$
declare
  connection constant kernel.scim_connection := kernel.scim_hands();
  was      kernel.scim_group;
  strange  uuid[];
  joined   uuid[];
  gone     uuid[];
  affected uuid[];
begin
  select g.* into was from kernel.scim_group g where g.id = target and g.connection_id = connection.id for update;
  if was.id is null then
    raise exception 'no such group' using errcode = 'RF404';
  end if;
  select coalesce(array_agg(p.id), '{}') into strange
    from unnest(plus) p (id) left join kernel.scim_user u on u.id = p.id and u.connection_id = connection.id where u.id is null;
  with removed as (
    delete from kernel.scim_member x
     where x.group_id = target and (emptied or x.user_id = any (minus)) and x.user_id <> all (plus) returning x.user_id)
  select coalesce(array_agg(r.user_id), '{}') into gone from removed r;
  with added as (
    insert into kernel.scim_member (group_id, user_id)
    select target, u.id from kernel.scim_user u where u.id = any (plus) and u.connection_id = connection.id
    on conflict do nothing returning user_id)
  select coalesce(array_agg(a.user_id), '{}') into joined from added a;
  if (was.display_name, was.external_id) is distinct from (display, external) or joined <> '{}' or gone <> '{}' then
    update kernel.scim_group g
       set display_name = display, display_key = lower(display), external_id = external, version = g.version + 1, updated_at = now()
     where g.id = target;
    affected := case when was.display_name = display then joined || gone
                     else gone || array(select x.user_id from kernel.scim_member x where x.group_id = target) end;
    update kernel.scim_user u set version = u.version + 1, updated_at = now() where u.id = any (affected);
    perform kernel.audit('change', 'scim_group', target,
      jsonb_build_object('displayName', was.display_name, 'externalId', was.external_id),
      jsonb_build_object('displayName', display, 'externalId', external, 'added', to_jsonb(joined), 'removed', to_jsonb(gone)), 'notice');
    perform kernel.scim_settle(connection, affected, false, false);
    update kernel.scim_connection s set changed_at = now() where s.id = connection.id;
  end if;
  if strange <> '{}' then
    perform kernel.scim_note(connection, 'change group ' || target, 404,
      format('%s members left out, whom this connection does not know: %s', cardinality(strange), array_to_string(strange[:5], ', ')));
  end if;
  return strange;
end $$;

create function kernel.scim_delete_group(target uuid) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  connection constant kernel.scim_connection := kernel.scim_hands();
  was      kernel.scim_group;
  affected uuid[];
begin
  affected := array(select x.user_id from kernel.scim_member x join kernel.scim_group g on g.id = x.group_id
                     where g.id = target and g.connection_id = connection.id);
  delete from kernel.scim_group g where g.id = target and g.connection_id = connection.id returning g.* into was;
  if was.id is null then
    raise exception 'no such group' using errcode = 'RF404';
  end if;
  update kernel.scim_user u set version = u.version + 1, updated_at = now() where u.id = any (affected);
  perform kernel.audit('end', 'scim_group', target,
    jsonb_build_object('displayName', was.display_name, 'externalId', was.external_id, 'members', cardinality(affected)), null, 'notice');
  perform kernel.scim_settle(connection, affected, false, false);
  update kernel.scim_connection s set changed_at = now() where s.id = connection.id;
end $$;

grant execute on function
  kernel.scim_begin(), kernel.scim_report(text, integer, text),
  kernel.scim_create_user(jsonb), kernel.scim_change_users(uuid[], jsonb[]), kernel.scim_delete_user(uuid),
  kernel.scim_create_group(text, text), kernel.scim_change_group(uuid, text, text, boolean, uuid[], uuid[]), kernel.scim_delete_group(uuid)
  to rf_api;

-- The same connections, for the organization's administrators.

-- Roles that a connection's mapping names and it may not give as things are now; for those of the bound organization only, since
-- a view runs its functions as whoever asks it.
create function kernel.scim_out_of_reach(connection uuid) returns text[] language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select array(select distinct r.role from (select s.default_role as role union select e.value from jsonb_each_text(s.role_mapping) e) r
                where r.role is not null and not kernel.scim_may_grant(s, r.role) order by 1)
    from kernel.scim_connection s where s.id = connection and s.tenant_id = kernel.bound('security.read');
end;

-- Who answers for a connection now; null for one that nobody answers for. The same bounds.
create function kernel.scim_answers(connection uuid) returns uuid language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select kernel.answers_for(s.tenant_id, m.person_id)
    from kernel.scim_connection s join kernel.membership m on m.tenant_id = s.tenant_id and m.id = s.member_id
   where s.id = connection and s.tenant_id = kernel.bound('security.read');
end;

-- Whether somebody knows its key who may manage directories no longer. The same bounds.
create function kernel.scim_wants_new_key(connection uuid) returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select kernel.scim_barred(s) <> '{}' from kernel.scim_connection s where s.id = connection and s.tenant_id = kernel.bound('security.read');
end;
grant execute on function kernel.scim_out_of_reach(uuid), kernel.scim_answers(uuid), kernel.scim_wants_new_key(uuid) to rf_api;

create view kernel.scim_connections with (security_barrier = true) as
select s.id, s.name, s.default_role, s.role_mapping, s.domains, s.state, s.version, s.created_at, s.changed_at, s.ended_at,
       answers.name as answerable_name, answers.email as answerable_email,
       case when answers.id is distinct from named.id then named.name end as former_name,
       s.state = 'active' and kernel.scim_wants_new_key(s.id) as wants_new_key,
       (select max(c.last_seen_at) from kernel.credential c where c.person_id = account.id and c.tenant_id = s.tenant_id) as last_seen_at,
       (select jsonb_agg(jsonb_build_object('id', c.id, 'hint', c.hint, 'createdAt', kernel.moment(c.created_at), 'expiresAt', kernel.moment(c.expires_at)) order by c.id desc)
          from kernel.credential c
         where c.person_id = account.id and c.tenant_id = s.tenant_id and c.ended_at is null and (c.expires_at is null or c.expires_at > now())) as keys,
       (select count(*)::integer from kernel.scim_user u where u.connection_id = s.id) as users,
       (select count(*)::integer from kernel.scim_group g where g.connection_id = s.id) as groups,
       case when s.state = 'active' then kernel.scim_out_of_reach(s.id) else '{}' end as out_of_reach
  from kernel.scim_connection s
  join kernel.membership m on m.tenant_id = s.tenant_id and m.id = s.member_id
  join kernel.person account on account.id = m.person_id
  join kernel.person named on named.id = account.answerable
  left join kernel.person answers on answers.id = kernel.scim_answers(s.id)
 where s.tenant_id = (select kernel.bound('security.read'));

create view kernel.scim_faults with (security_barrier = true) as
select f.id, f.connection_id, f.at, f.operation, f.status, f.detail
  from kernel.scim_fault f where f.tenant_id = (select kernel.bound('security.read'));

-- The directory's groups as they stand, for whoever maps them to roles.
create view kernel.scim_group_names with (security_barrier = true) as
select g.id, g.connection_id, g.display_name, (select count(*)::integer from kernel.scim_member x where x.group_id = g.id) as members
  from kernel.scim_group g where g.tenant_id = (select kernel.bound('security.read'));

grant select on kernel.scim_connections, kernel.scim_faults, kernel.scim_group_names to rf_api;

-- Who answers for what the bound hands make: their person, or whoever answers for them. Internal.
create function kernel.scim_answerable() returns uuid language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select coalesce(p.answerable, p.id) from kernel.person p where p.id = (kernel.verified())[5]::uuid;
end;

-- Raises unless the bound member could do by hand what the connection will do: take people in and out, and give these roles. Internal.
create function kernel.scim_demand_mapping(tenant uuid, default_role text, role_mapping jsonb) returns void language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  given text[] := array(select e.value from jsonb_each_text(role_mapping) e union select default_role);
  role  text;
begin
  perform kernel.demand_key_maker();
  -- A directory takes out whom it likes, up to an admin.
  if not kernel.covers(kernel.held(), kernel.permissions_of(tenant, '{admin}')) then
    raise exception 'you can grant only what you hold' using errcode = 'RF403', hint = 'grant-more-than-held';
  end if;
  foreach role in array array_remove(given, null) loop
    perform kernel.demand_grantable(tenant, array[role]);
    if not kernel.scim_reaches(tenant, array[role]) then
      raise exception 'a directory gives no more than an admin holds' using errcode = 'RF422', hint = 'roles';
    end if;
  end loop;
end $$;

create function kernel.scim_open(
  label text, default_role text, role_mapping jsonb, domains text[], token_hash bytea, tail text, expires timestamptz
) returns uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant  constant uuid := kernel.demand('security.change');
  made    constant uuid := kernel.uuidv7();
  account uuid;
  own     uuid;
begin
  perform kernel.scim_demand_mapping(tenant, scim_open.default_role, scim_open.role_mapping);
  insert into kernel.person (email, name, kind, answerable)
  values (made || '@scim.invalid', label, 'service', kernel.scim_answerable()) returning id into account;
  insert into kernel.membership (tenant_id, person_id, roles, permissions)
  values (tenant, account, '{:provisioner}', kernel.permissions_of(tenant, '{:provisioner}')) returning id into own;
  insert into kernel.scim_connection (tenant_id, id, name, member_id, default_role, role_mapping, domains)
  values (tenant, made, label, own, scim_open.default_role, scim_open.role_mapping, array(select lower(d) from unnest(scim_open.domains) d));
  insert into kernel.credential (kind, class, digest, person_id, made_by, tenant_id, name, hint, permissions, expires_at)
  values ('key', 'scim', sha256(token_hash), account, kernel.scim_answerable(), tenant, label, tail, '{member.provision}', expires);
  perform kernel.audit('create', 'scim_connection', made, null, jsonb_build_object(
    'name', label, 'defaultRole', scim_open.default_role, 'roleMapping', scim_open.role_mapping, 'domains', to_jsonb(scim_open.domains)), 'warning');
  return made;
end $$;

-- The live connection of the bound organization, locked; RF404 for any other. Internal.
create function kernel.scim_own(connection uuid) returns kernel.scim_connection language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := kernel.demand('security.change');
  found_one kernel.scim_connection;
begin
  select s.* into found_one from kernel.scim_connection s where s.id = scim_own.connection and s.tenant_id = tenant and s.state = 'active' for update;
  if found_one.id is null then
    raise exception 'no such connection' using errcode = 'RF404';
  end if;
  return found_one;
end $$;

-- Changes what the connection gives; whoever does answers for it from then on. What it says holds for everybody, thousands
-- of them by and by (kernel.scim_go_on).
create function kernel.scim_change_connection(
  connection uuid, label text, default_role text, role_mapping jsonb, domains text[], expected integer
) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  was constant kernel.scim_connection := kernel.scim_own(connection);
  now_is kernel.scim_connection;
begin
  if expected is not null and was.version <> expected then
    raise exception 'changed meanwhile' using errcode = 'RF412';
  end if;
  perform kernel.scim_demand_mapping(was.tenant_id, scim_change_connection.default_role, scim_change_connection.role_mapping);
  update kernel.scim_connection s
     set name = label, default_role = scim_change_connection.default_role, role_mapping = scim_change_connection.role_mapping,
         domains = array(select lower(d) from unnest(scim_change_connection.domains) d), version = s.version + 1
   where s.id = was.id returning s.* into now_is;
  update kernel.person p set answerable = kernel.scim_answerable(), name = label
    from kernel.membership m where m.tenant_id = was.tenant_id and m.id = was.member_id and p.id = m.person_id;
  perform kernel.audit('change', 'scim_connection', was.id,
    jsonb_build_object('name', was.name, 'defaultRole', was.default_role, 'roleMapping', was.role_mapping, 'domains', to_jsonb(was.domains)),
    jsonb_build_object('name', label, 'defaultRole', now_is.default_role, 'roleMapping', now_is.role_mapping, 'domains', to_jsonb(now_is.domains)), 'warning');
  perform kernel.scim_settle(now_is, array(select u.id from kernel.scim_user u where u.connection_id = was.id), false, false);
end $$;

-- Settles the next of those whom a change of the connection has left, for whoever made it; says whether there are more.
create function kernel.scim_go_on(connection uuid) returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  return kernel.scim_settle_due(kernel.scim_own(connection));
end $$;

-- A new key; the older ones live on for so many seconds, or end at once.
create function kernel.scim_reroll(connection uuid, token_hash bytea, tail text, overlap_seconds integer, expires timestamptz) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  was     constant kernel.scim_connection := kernel.scim_own(connection);
  account constant uuid := (select m.person_id from kernel.membership m where m.tenant_id = was.tenant_id and m.id = was.member_id);
  older   constant uuid[] := array(select c.id from kernel.credential c where c.person_id = account and c.ended_at is null);
begin
  -- A key is power to take people in, as much as the mapping is.
  perform kernel.scim_demand_mapping(was.tenant_id, was.default_role, was.role_mapping);
  if overlap_seconds <= 0 then
    perform kernel.end_credentials(older, 'rolled');
  else
    update kernel.credential c set expires_at = least(c.expires_at, now() + make_interval(secs => least(overlap_seconds, 86400))) where c.id = any (older);
  end if;
  insert into kernel.credential (kind, class, digest, person_id, made_by, tenant_id, name, hint, permissions, expires_at)
  values ('key', 'scim', sha256(token_hash), account, kernel.scim_answerable(), was.tenant_id, was.name, tail, '{member.provision}', expires);
  perform kernel.audit('change', 'scim_connection', was.id, null,
    jsonb_strip_nulls(jsonb_build_object('key', tail, 'olderEndInSeconds', greatest(overlap_seconds, 0), 'expiresAt', kernel.moment(expires))), 'warning');
end $$;

-- Ends a connection and its keys. Members stay as they are: they are people's to manage again.
create function kernel.scim_end(connection uuid) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  was constant kernel.scim_connection := kernel.scim_own(connection);
begin
  perform kernel.off_board(was.tenant_id, was.member_id, 'connection ended');
  delete from kernel.scim_group g where g.connection_id = was.id;
  delete from kernel.scim_user u where u.connection_id = was.id;
  update kernel.scim_connection s set state = 'ended', ended_at = now(), version = s.version + 1 where s.id = was.id;
  perform kernel.audit('end', 'scim_connection', was.id, jsonb_build_object('name', was.name), null, 'warning');
end $$;

grant execute on function
  kernel.scim_open(text, text, jsonb, text[], bytea, text, timestamptz), kernel.scim_reroll(uuid, bytea, text, integer, timestamptz),
  kernel.scim_change_connection(uuid, text, text, jsonb, text[], integer), kernel.scim_go_on(uuid), kernel.scim_end(uuid)
  to rf_api;
