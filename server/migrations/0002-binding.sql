-- The binding: which organization, whose hands, and exactly which permissions, sealed to one transaction.
--
-- The setting `ringfence.binding` can be written by any role (PostgreSQL has no way to forbid it), so nothing in it is
-- believed before its MAC is: mac | kind | tenant | member | person | authority | request | ip | needs | e-mail | device.
-- No field can hold a `|`, so the text is read in one way only. The MAC also covers the transaction's time and the backend,
-- and its keys are columns of the authority's own row: of the credential, the job, or for migrations the installation.

set local role rf_kernel;

-- The MAC of a binding in this transaction and this backend. Its body is bound to pg_catalog when it is made and no
-- search_path is pinned, so that it is inlined: the keys stay columns of the query, and a call costs nothing.
create function kernel.binding_mac(inner_pad bytea, outer_pad bytea, payload text) returns bytea language sql stable
return sha256(outer_pad || sha256(inner_pad || timestamptz_send(transaction_timestamp()) || int4send(pg_backend_pid()) || convert_to(payload, 'UTF8')));

-- The pass that this transaction has presented, while it is good: digest | pass | seal of this transaction and backend, which
-- only kernel.present can make. It is asked by each statement and not once, since an end must hold for what follows.
--
-- All of it is text and nothing is decoded: the planner looks at the setting too, whatever stands in it, to estimate.
create view kernel.presented_pass with (security_barrier = true) as
select p.tenant_id, p.needs, p.field
  from kernel.pass p
 where p.digest = left(current_setting('ringfence.binding', true), 64)
   and encode(sha256(p.key || timestamptz_send(transaction_timestamp()) || int4send(pg_backend_pid())), 'hex')
       = substr(current_setting('ringfence.binding', true), 71)
   and clock_timestamp() < least(p.expires_at, transaction_timestamp() + interval '15 s');
grant select (tenant_id, needs) on kernel.presented_pass to rf_owner, rf_migrate, rf_api, rf_ingest, rf_worker, rf_live, rf_public;

-- Verifies the binding of this transaction and returns its fields; raises when there is none or it is not ours, from
-- this backend, of this transaction and young. Positions: 2 kind, 3 tenant, 4 member, 5 person, 6 authority (credential or
-- job), 7 request, 8 ip, 9 needs, 10 e-mail, 11 device.
--
-- Each branch is one query of one row by its key, and few expressions: what PostgreSQL sets up for them, once a statement,
-- is most of what a request costs. `ended_at` stands in no WHERE, or stale statistics would lead into the partial indexes.
create function kernel.verified() returns text[] language plpgsql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp as $$
declare
  binding constant text := current_setting('ringfence.binding', true);
  field   text[] := string_to_array(binding, '|');
  genuine boolean;
begin
  -- Comparing hashes of the MACs leaves nothing to time. Credential and membership are asked again: a binding dies with
  -- them, even in a transaction that is open.
  case field[2]
    when 'credential' then
      select length(field[1]) = 64 and c.ended_at is null
             and sha256(decode(field[1], 'hex')) = sha256(kernel.binding_mac(c.inner_pad, c.outer_pad, substr(binding, 66)))
             and clock_timestamp() < transaction_timestamp() + interval '15 s'
             and (select m.ended_at is null and coalesce(m.until > clock_timestamp(), true)
                    from kernel.membership m where m.tenant_id = field[3]::uuid and m.id = field[4]::uuid)
        into genuine from kernel.credential c where c.id = field[6]::uuid;
    when 'job' then
      select length(field[1]) = 64 and j.state = 'running'
             and sha256(decode(field[1], 'hex')) = sha256(kernel.binding_mac(j.inner_pad, j.outer_pad, substr(binding, 66)))
             and clock_timestamp() < transaction_timestamp() + interval '10 min'
        into genuine from kernel.job j where j.id = field[6]::uuid;
    when 'migration' then
      select length(field[1]) = 64
             and sha256(decode(field[1], 'hex')) = sha256(kernel.binding_mac(i.inner_pad, i.outer_pad, substr(binding, 66)))
             and clock_timestamp() < transaction_timestamp() + interval '1 day'
        into genuine from kernel.installation i;
    when 'pass' then
      select p.field into field from kernel.presented_pass p;
      if not found then
        raise exception 'this pass is spent' using errcode = 'RF410';
      end if;
      genuine := true;
    else
      raise exception 'no organization is bound to this transaction' using errcode = '42501';
  end case;
  if genuine is not true then
    raise exception 'the binding of this transaction is not valid' using errcode = '42501';
  end if;
  return field;
end $$;

-- The organization that is bound, when the binding holds this permission (fully, or for one's own records); else null,
-- which no row's tenant_id equals. Policies ask this once a statement.
create function kernel.bound(need text) returns uuid language plpgsql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp as $$
declare
  field constant text[] := kernel.verified();
begin
  if position(',' || need || ',' in field[9]) > 0 or position(',' || need || ':own,' in field[9]) > 0 then
    return field[3]::uuid;
  end if;
  return null;
end $$;

-- Whether the permission is held for everybody's records, not only for one's own.
create function kernel.holds(need text) returns boolean language plpgsql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp as $$
begin
  return position(',' || need || ',' in (kernel.verified())[9]) > 0;
end $$;

create function kernel.bound_tenant() returns uuid language plpgsql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp as $$
begin
  return ((kernel.verified())[3])::uuid;
end $$;

create function kernel.bound_member() returns uuid language plpgsql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp as $$
begin
  return nullif((kernel.verified())[4], '')::uuid;
end $$;

-- The text of a policy for reading: the row of the bound organization. A pass is looked up by a query that is planned and
-- started with the statement itself, which costs a fraction of a call; whatever else is bound is asked of kernel.bound.
create function kernel.reading_wall(need text) returns text language sql immutable
set search_path = pg_catalog, pg_temp
return format('tenant_id = (select coalesce((select p.tenant_id from kernel.presented_pass p where strpos(p.needs, %L) > 0), kernel.bound(%L)))',
              ',' || need || ',', need);
grant execute on function kernel.reading_wall(text) to rf_owner, rf_migrate;

grant execute on function kernel.bound(text), kernel.holds(text), kernel.bound_tenant(), kernel.bound_member()
  to rf_owner, rf_migrate, rf_api, rf_ingest, rf_worker, rf_live, rf_public;

-- What a MAC covers and a binding shows. Whatever comes from outside loses its `|`. Its body is bound to pg_catalog when it
-- is made, so no search_path is pinned, which would keep it from being inlined.
create function kernel.binding_payload(
  kind text, tenant uuid, member uuid, person uuid, authority uuid, needs text[], request uuid, ip inet, email text, device text
) returns text language sql stable
return format('%s|%s|%s|%s|%s|%s|%s|,%s,|%s|%s', kind, tenant, member, person, authority, request, host(ip), array_to_string(needs, ','),
              translate(email, '|', '_'), translate(device, '|', '/'));

-- Writes the sealed binding. Only the kernel's own functions call this: whoever could, would choose a tenant.
create function kernel.bind(
  kind text, tenant uuid, member uuid, person uuid, authority uuid, needs text[], request uuid, ip inet, email text, device text
) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform kernel.demand_message_of_its_own();
  perform set_config('ringfence.binding',
    encode(kernel.binding_mac(k.inner_pad, k.outer_pad, k.payload), 'hex') || '|' || k.payload, true)
    from (select s.inner_pad, s.outer_pad, kernel.binding_payload(bind.kind, tenant, member, person, authority, needs, request, ip, email, device) as payload
            from (select c.inner_pad, c.outer_pad from kernel.credential c where bind.kind = 'credential' and c.id = authority
                  union all select j.inner_pad, j.outer_pad from kernel.job j where bind.kind = 'job' and j.id = authority
                  union all select i.inner_pad, i.outer_pad from kernel.installation i where bind.kind = 'migration') s
            -- Without needs nothing is bound, rather than something that holds nothing.
           where needs is not null) k;
end $$;

-- All transactions that begin in one message of the simple protocol, or in one DO block, carry one timestamp, and a
-- binding made in the first of them would be good in the others. So none is made in the message that began its transaction;
-- every other transaction of this backend then has another timestamp.
create function kernel.demand_message_of_its_own() returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  if statement_timestamp() = transaction_timestamp() then
    raise exception 'begin the transaction in a message of its own' using errcode = '42501';
  end if;
end $$;

-- One credential's transactions hold this lock shared; ending the credential takes it exclusively, and so returns only
-- when none of them can answer any more. New ones wait, and then find it ended.
create function kernel.credential_lock(digest bytea) returns bigint language sql immutable parallel safe
return ('x' || encode(substring(digest from 1 for 8), 'hex'))::bit(64)::bigint;

create function kernel.person_lock(person uuid) returns bigint language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return uuid_hash_extended(person, 7460);

-- Refuses to judge on an old view of the world: a snapshot from before a revoke would still show the credential alive.
create function kernel.demand_fresh_transaction() returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'enter only under READ COMMITTED' using errcode = '42501';
  end if;
  if clock_timestamp() > transaction_timestamp() + interval '2 s' then
    raise exception 'enter only in a young transaction' using errcode = '42501';
  end if;
  if coalesce(current_setting('ringfence.binding', true), '') <> '' then
    raise exception 'this transaction has a binding already' using errcode = '42501';
  end if;
end $$;

-- Whether any of these is an act for which a session must have been proven within the last ten minutes.
create function kernel.dangerous(needs text[]) returns boolean language sql immutable
return array_to_string(needs, ',') ~ '(^|,)([a-z_]+\.(export|erase)|key\.create|member\.change|member\.invite|outbox\.reveal|role\.change|security\.change|support\.grant)(,|$)';

-- From when on an organization lets in a member with these roles by a second factor only; null where it asks none of them. Inlined, as no
-- search_path is pinned.
create function kernel.second_factor_by(asked text[], asked_from timestamptz, grace_days integer, roles text[], since timestamptz) returns timestamptz
language sql stable parallel safe
return case when asked = '{*}' or asked && roles then greatest(asked_from, since) + make_interval(days => grace_days) end;

-- Why this credential may not come into this organization now, though it lives and belongs here; null when it may. Internal.
create function kernel.gate(tenant uuid, member uuid, credential uuid, ip inet, needs text[]) returns text language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select case
      when t.networks is not null and not exists (select from unnest(t.networks) n where gate.ip <<= n) then 'address not allowed'
      when c.networks is not null and not exists (select from unnest(c.networks) n where gate.ip <<= n) then 'address not allowed'
      when c.kind = 'key' then null
      when s.created_at + make_interval(secs => t.session_max_seconds) < now()
        or coalesce(c.last_seen_at, c.created_at) + make_interval(secs => t.session_idle_seconds) < now()
        or s.created_at < m.sessions_from
        or t.session_bound = 'address' and gate.ip is distinct from s.opened_ip
        or t.session_bound = 'network' and not coalesce(
             gate.ip <<= network(set_masklen(s.opened_ip, case family(s.opened_ip) when 4 then 24 else 48 end)), false) then 'sign in again'
      -- The first of its factors opened it; what was proved later does not make a password's session another one.
      when s.factors[1] = any (t.closed_ways) then 'another way needed'
      -- The platform's staff cannot have the organization's own single sign-on; a second factor they have always.
      when m.until is not null and s.second_factor_at is null then 'second factor needed'
      -- Nor may whoever runs a provider come in as one of the staff.
      when m.until is not null and s.sso_tenant_id is not null then 'sign in again'
      when t.sso_enforced and s.sso_tenant_id is distinct from t.id and m.until is null and not (m.break_glass and 'owner' = any (m.roles))
        then 'single sign-on needed'
      -- What that has closed stays closed when it is demanded no longer. Whoever joined since has brought their session along.
      when s.created_at < t.sso_closed_at and m.created_at < t.sso_closed_at and s.sso_tenant_id is distinct from t.id and m.until is null
       and not (m.break_glass and 'owner' = any (m.roles)) then 'sign in again'
      -- Whoever gets in past it does so with two factors, whatever became of theirs since.
      when t.sso_enforced and s.sso_tenant_id is distinct from t.id and s.second_factor_at is null then 'second factor needed'
      when s.second_factor_at is null and not (t.remembered_devices and 'remembered-device' = any (s.factors))
       and kernel.second_factor_by(t.mfa_roles, t.mfa_from, t.mfa_grace_days, m.roles, m.created_at) < now()
        then 'second factor needed'
      when kernel.dangerous(needs) and (c.proved_at is null or c.proved_at < now() - interval '10 min') then 'fresh proof needed'
    end
    -- A token of a program is held to what holds for the session behind it.
    from kernel.tenant t, kernel.membership m, kernel.credential c join kernel.credential s on s.id = coalesce(c.parent_id, c.id)
   where t.id = gate.tenant and m.tenant_id = gate.tenant and m.id = gate.member and c.id = gate.credential;
end;

-- All that a secret key may ever do: it sends, reads a little, and neither changes nor removes anything (contract/api-key.ts).
create function kernel.secret_ceiling() returns text[] language sql immutable parallel safe
return '{account.create,account.read,contact.create,contact.read,organization.read,own_field.read}'::text[];

-- What a key may do at most by its class, whatever it was given: null for no such limit. A key of a service account may no
-- more than whoever made it may now. Internal.
create function kernel.key_reach(credential uuid) returns text[] language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select case c.class
      when 'secret' then kernel.secret_ceiling()
      when 'service' then coalesce((select m.permissions from kernel.membership m
                                     where m.tenant_id = c.tenant_id and m.person_id = c.made_by and m.ended_at is null), '{}')
    end
    from kernel.credential c where c.id = key_reach.credential;
end;

-- What of `held` lies within `reach`; what is held for everybody's records, and reached for own ones only, shrinks to those.
create function kernel.within(held text[], reach text[]) returns text[] language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  select case when reach is null then held else (
    select coalesce(array_agg(distinct case when x = any (reach) or split_part(x, ':', 1) = any (reach) then x else x || ':own' end), '{}')
      from unnest(held) x where x = any (reach) or split_part(x, ':', 1) = any (reach) or x || ':own' = any (reach)) end;
end;

-- Lets a transaction act for whoever holds the token, in one organization, with exactly the permissions named and no
-- other. Raises RF401 (no live credential), RF404 (no such organization for this person), RF403 (a permission is
-- missing). `organization` null means the one that the key belongs to.
--
-- Whoever holds all of it, and not only for own records, is judged and bound by one query: most requests come no further. Of the
-- platform's staff it raises RF428 until the organization's trail holds what they are about to look at (kernel.write_look).
create function kernel.enter(
  token_hash bytea, organization text, needs text[], request_id uuid, ip inet, device text, what text default null,
  out tenant_id uuid, out slug text, out person_id uuid, out member_id uuid, out credential_id uuid,
  out email text, out locale text, out time_zone text, out currency text
) language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  token_digest constant bytea := sha256(token_hash);
  held   text[];
  capped text[];
  live   boolean;
  here   boolean;
  lent   boolean;
  bound  text;
begin
  -- The same as in the functions, which are called only to raise: a call costs as much as the questions.
  if current_setting('transaction_isolation') <> 'read committed' or clock_timestamp() > transaction_timestamp() + interval '2 s'
     or coalesce(current_setting('ringfence.binding', true), '') <> '' or statement_timestamp() = transaction_timestamp() then
    perform kernel.demand_fresh_transaction(), kernel.demand_message_of_its_own();
  end if;
  -- Before the query that judges, so that its snapshot is younger than any revoke that this lock waited for.
  perform pg_advisory_xact_lock_shared(kernel.credential_lock(token_digest));
  select w.id, w.person_id, w.capped, w.email, w.tenant_id, w.slug, w.locale, w.time_zone, w.currency, w.member_id, w.held, w.live, w.here, w.lent,
         case when w.live and w.here and not w.gated and needs <@ w.held and (w.capped is null or needs <@ w.capped) then
           set_config('ringfence.binding', encode(kernel.binding_mac(w.inner_pad, w.outer_pad, w.payload), 'hex') || '|' || w.payload, true)
         end
    into credential_id, person_id, capped, email, tenant_id, slug, locale, time_zone, currency, member_id, held, live, here, lent, bound
    from (
      select c.id, c.person_id, c.permissions as capped, c.inner_pad, c.outer_pad, p.email, t.id as tenant_id, t.slug, t.locale, t.time_zone, t.currency,
             m.id as member_id, m.permissions as held, m.until > clock_timestamp() as lent,
             c.ended_at is null and p.ended_at is null and c.kind in ('session', 'access', 'key') and c.class is distinct from 'publishable'
             and (c.expires_at is null or c.expires_at > now())
             and (c.idle_seconds is null or coalesce(c.last_seen_at, c.created_at) + make_interval(secs => c.idle_seconds) > now()) as live,
             m.id is not null and m.ended_at is null and (c.tenant_id is null or c.tenant_id = t.id)
             and (c.sso_tenant_id is null or c.sso_tenant_id = t.id) as here,
             t.gated or c.networks is not null or m.until is not null or m.sessions_from is not null
             or case c.kind when 'key' then c.class in ('secret', 'service') else kernel.dangerous(needs) end as gated,
             kernel.binding_payload('credential', t.id, m.id, c.person_id, c.id, needs, enter.request_id, enter.ip, p.email, enter.device) as payload
        from kernel.credential c
        join kernel.person p on p.id = c.person_id
        left join kernel.tenant t
               on t.slug = coalesce(organization, (select o.slug from kernel.tenant o where o.id = c.tenant_id))
              and t.state = 'active'
        left join kernel.membership m on m.tenant_id = t.id and m.person_id = c.person_id
       where c.digest = token_digest
      -- Judged once: without this, the planner would write every expression into each place that uses it.
      offset 0) w;
  if bound is null then
    if lent and live and here then
      perform kernel.demand_look(tenant_id, member_id, needs, what);
    end if;
    perform kernel.enter_otherwise(live, here, held, capped, needs, tenant_id, member_id, person_id, credential_id, request_id, ip, email, device);
  end if;
  if array_to_string(needs, ',') like any (array['%.export%', '%.reveal%']) then
    perform kernel.audit('read', split_part((select n from unnest(needs) n where n ~ '[.](export|reveal)' limit 1), '.', 1),
                         null, null, jsonb_build_object('permission', to_jsonb(needs)), 'notice');
  end if;
end $$;

-- Each need as it is held, within what the credential may do at most: in full, for one's own records only (`…:own`, to which
-- the row policies then add the owner), or null where it is not held.
create function kernel.granted(held text[], capped text[], needs text[]) returns text[] language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return (select array_agg(case when capped is not null and n.need <> all (capped) then null
                              when n.need = any (held) then n.need
                              when n.need || ':own' = any (held) then n.need || ':own' end order by n.at)
          from unnest(needs) with ordinality n (need, at));

-- The rest of enter: says why not, or binds what is held for own records only.
create function kernel.enter_otherwise(
  live boolean, here boolean, held text[], capped text[], needs text[],
  tenant uuid, member uuid, person uuid, credential uuid, request uuid, ip inet, email text, device text
) returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  granted text[];
  closed  text;
  lent    timestamptz;
begin
  if live is not true then
    raise exception 'not signed in' using errcode = 'RF401';
  end if;
  select m.until into lent from kernel.membership m where m.tenant_id = tenant and m.id = member;
  if here is not true or lent <= clock_timestamp() then
    raise exception 'no such organization' using errcode = 'RF404';
  end if;
  closed := kernel.gate(tenant, member, credential, ip, needs);
  if closed is not null then
    raise exception '%', closed using errcode = 'RF403';
  end if;
  granted := kernel.granted(kernel.within(held, kernel.key_reach(credential)), capped, needs);
  if array_position(granted, null) is not null then
    raise exception 'not allowed' using errcode = 'RF403',
      hint = (select string_agg(n.need, ', ') from unnest(needs, granted) n (need, given) where n.given is null);
  end if;
  if lent is not null then
    email := kernel.support_enters(tenant, member, credential, request, ip, email, device);
  end if;
  perform kernel.bind('credential', tenant, member, person, credential, granted, request, ip, email, device);
end $$;
grant execute on function kernel.enter(bytea, text, text[], uuid, inet, text, text) to rf_api, rf_live;

-- Whose a credential is, and to which organization the request that shows it belongs, as far as the person does: what it is counted under before
-- anything is asked for. It judges nothing.
create function kernel.whose(token_hash bytea, organization text, out person_id uuid, out tenant_id uuid) language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select c.person_id, m.tenant_id
    from kernel.credential c
    left join kernel.tenant t
           on t.slug = coalesce(whose.organization, (select o.slug from kernel.tenant o where o.id = c.tenant_id))
          and t.id = coalesce(c.tenant_id, c.sso_tenant_id, t.id)
    left join kernel.membership m on m.tenant_id = t.id and m.person_id = c.person_id and m.ended_at is null
   where c.digest = sha256(token_hash) and c.ended_at is null and (c.expires_at is null or c.expires_at > now());
end;
grant execute on function kernel.whose(bytea, text) to rf_api;

-- Held shared while a pass is made of an organization, a person and a membership, and exclusively by whoever changes one.
create function kernel.judged_lock(id uuid) returns bigint language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return uuid_hash_extended(id, 7461);

-- Stands for all of them: PostgreSQL has no room for a lock on each of a hundred thousand.
create function kernel.nobody() returns uuid language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return '00000000-0000-0000-0000-000000000000'::uuid;

-- Makes a pass of the binding of this transaction, when it only reads, for everybody's records and not only own ones. Null
-- when it does more, or when somebody is just changing what it would be judged by: the next request is then judged anew.
--
-- What it is judged by is locked until it is there: a change waits for it and then takes it away. Not by row locks, which
-- could be held for ever to keep somebody from being removed; whoever holds these is ended (kernel.outwait).
create function kernel.mint_pass(
  out pass bytea, out tenant_id uuid, out slug text, out person_id uuid, out member_id uuid, out credential_id uuid,
  out email text, out locale text, out time_zone text, out currency text
) language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  bound constant text[] := kernel.verified();
  needs constant text[] := string_to_array(btrim(bound[9], ','), ',');
  until timestamptz;
begin
  if bound[2] <> 'credential' or cardinality(needs) = 0 or exists (select from unnest(needs) n where n !~ '^[a-z_]+\.read$') then
    return;
  end if;
  -- Before the query that judges, so that its snapshot is younger than any change that held one of them.
  if not (select bool_and(pg_try_advisory_xact_lock_shared(kernel.judged_lock(j.id::uuid))) from unnest(bound[3:5] || array[kernel.nobody()::text]) j (id)) then
    return;
  end if;
  -- A pass that a crash loses is made again, so nobody has to wait until the disk has it.
  perform set_config('synchronous_commit', 'off', true);
  select t.id, t.slug, p.id, m.id, c.id, p.email, t.locale, t.time_zone, t.currency,
         least(now() + case when t.gated or c.networks is not null then interval '1 min' else interval '5 min' end, c.expires_at,
               coalesce((select s.created_at from kernel.credential s where s.id = c.parent_id), c.created_at) + make_interval(secs => t.session_max_seconds),
               coalesce(c.last_seen_at, c.created_at) + make_interval(secs => c.idle_seconds))
    into tenant_id, slug, person_id, member_id, credential_id, email, locale, time_zone, currency, until
    from kernel.credential c
    join kernel.person p on p.id = c.person_id
    join kernel.tenant t on t.id = bound[3]::uuid
    join kernel.membership m on m.tenant_id = t.id and m.id = bound[4]::uuid and m.person_id = p.id
   -- None for the platform's staff: each of their requests is judged, and written down.
   where c.id = bound[6]::uuid and num_nulls(c.ended_at, p.ended_at, m.ended_at, m.until) = 4 and t.state = 'active'
     and needs <@ m.permissions and (c.permissions is null or needs <@ c.permissions)
     and (c.class is null or c.class not in ('secret', 'service') or needs <@ kernel.within(m.permissions, kernel.key_reach(c.id)))
     and (not t.gated and c.networks is null or kernel.gate(t.id, m.id, c.id, nullif(bound[8], '')::inet, needs) is null);
  if found then
    pass := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
    insert into kernel.pass (digest, credential_id, person_id, tenant_id, member_id, needs, field, expires_at)
    values (encode(sha256(pass), 'hex'), credential_id, person_id, tenant_id, member_id, bound[9],
            '{"",pass}'::text[] || bound[3:6] || '{""}' || bound[8:], until);
  end if;
end $$;

-- Presents a pass in place of entering, for whoever shows the token too: a handle alone is worth nothing. The demands and the
-- lock are those of enter: an end of the credential waits for whatever reads by it, since nothing reads that did not come by here.
create function kernel.present(token_hash bytea, pass bytea) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  presented text;
begin
  if current_setting('transaction_isolation') <> 'read committed' or clock_timestamp() > transaction_timestamp() + interval '2 s'
     or coalesce(current_setting('ringfence.binding', true), '') <> '' or statement_timestamp() = transaction_timestamp() then
    perform kernel.demand_fresh_transaction(), kernel.demand_message_of_its_own();
  end if;
  presented := pg_advisory_xact_lock_shared(kernel.credential_lock(sha256(token_hash)));
  select set_config('ringfence.binding', p.digest || '|pass|'
           || encode(sha256(p.key || timestamptz_send(transaction_timestamp()) || int4send(pg_backend_pid())), 'hex'), true)
    into presented
    from kernel.pass p
    join kernel.credential c on c.id = p.credential_id
    -- Once more, though its change takes the pass: whoever holds the door's password can make a pass that nobody waits for.
    join kernel.membership m on m.tenant_id = p.tenant_id and m.id = p.member_id
   where p.digest = encode(sha256(pass), 'hex') and c.digest = sha256(token_hash) and num_nulls(c.ended_at, m.ended_at) = 2
     and string_to_array(btrim(p.needs, ','), ',') <@ m.permissions;
  if presented is null then
    raise exception 'this pass is spent' using errcode = 'RF410';
  end if;
end $$;
grant execute on function kernel.mint_pass(), kernel.present(bytea, bytea) to rf_api, rf_live;

-- What a pass was judged by has changed: it goes, with the change. Each is a statement of its own, after the change, and so
-- sees every pass whose making the change has waited for.
create function kernel.take_passes() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
  locks constant bigint[] := array(select kernel.judged_lock(w.id) from was w limit 51);
begin
  perform kernel.outwait(case when cardinality(locks) > 50 then array[kernel.judged_lock(kernel.nobody())] else locks end);
  case tg_table_name
    when 'person' then delete from kernel.pass p using was w where p.person_id = w.id;
    when 'tenant' then delete from kernel.pass p using was w where p.tenant_id = w.id;
    when 'membership' then delete from kernel.pass p using was w where p.tenant_id = w.tenant_id and p.member_id = w.id;
  end case;
  return null;
end $$;
create trigger take_passes_update after update on kernel.person referencing old table as was for each statement execute function kernel.take_passes();
create trigger take_passes_delete after delete on kernel.person referencing old table as was for each statement execute function kernel.take_passes();
create trigger take_passes_update after update on kernel.tenant referencing old table as was for each statement execute function kernel.take_passes();
create trigger take_passes_delete after delete on kernel.tenant referencing old table as was for each statement execute function kernel.take_passes();
create trigger take_passes_update after update on kernel.membership referencing old table as was for each statement execute function kernel.take_passes();
create trigger take_passes_delete after delete on kernel.membership referencing old table as was for each statement execute function kernel.take_passes();
-- Of a credential: its end has waited by the credential's own lock, under which its passes are made.
create function kernel.take_passes_of_credential() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
  delete from kernel.pass p where p.credential_id = old.id;
  return null;
end $$;
create trigger take_passes_delete after delete on kernel.credential for each row execute function kernel.take_passes_of_credential();
-- Not for a sighting, which every half minute changes a row of everybody who is there.
create trigger take_passes_update after update on kernel.credential for each row
  when ((old.ended_at, old.expires_at, old.idle_seconds, old.permissions, old.networks) is distinct from (new.ended_at, new.expires_at, new.idle_seconds, new.permissions, new.networks))
  execute function kernel.take_passes_of_credential();

-- Lets a migration change the rows of one organization after another; the migration runner has no other way, since an
-- unbound statement raises on the first row that a policy looks at.
create function kernel.bind_migration(tenant uuid, needs text[]) returns void language sql volatile security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select kernel.bind('migration', tenant, null, null, tenant, needs, null, null, 'migration', 'ringfence');
end;
grant execute on function kernel.bind_migration(uuid, text[]) to rf_migrate;

create function kernel.tenants_to_migrate() returns setof uuid language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select t.id from kernel.tenant t order by t.id;
end;
grant execute on function kernel.tenants_to_migrate() to rf_migrate;

create procedure kernel.for_each_tenant(needs text[], statement text) language plpgsql
set search_path = pg_catalog, pg_temp as $$
declare
  tenant uuid;
begin
  for tenant in select kernel.tenants_to_migrate() loop
    perform kernel.bind_migration(tenant, needs);
    execute 'set local role rf_owner';
    execute statement;
    execute 'set local role rf_migrate';
  end loop;
  perform kernel.unbind_migration();
end $$;
create function kernel.unbind_migration() returns void language sql volatile security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select set_config('ringfence.binding', '', true);
end;
grant execute on function kernel.unbind_migration() to rf_migrate;
grant execute on procedure kernel.for_each_tenant(text[], text) to rf_migrate;
