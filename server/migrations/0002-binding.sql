-- The binding: which organization, whose hands, and exactly which permissions, sealed to one transaction.
--
-- The setting `ringfence.binding` can be written by any role (PostgreSQL has no way to forbid it), so nothing in it is
-- believed before its MAC is: mac | key | kind | tenant | member | person | credential | pid | transaction time |
-- request | ip | needs | e-mail | device. No field can hold a `|`, so the text is read in one way only.

set local role rf_kernel;

-- Verifies the binding of this transaction and returns its fields; raises when there is none or it is not ours, from
-- this backend, of this transaction and young. Positions: 2 key, 3 kind, 4 tenant, 5 member, 6 person, 7 credential,
-- 8 pid, 9 transaction time (microseconds), 10 request, 11 ip, 12 needs, 13 e-mail, 14 device.
create function kernel.verified() returns text[] language plpgsql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp as $$
declare
  binding constant text := current_setting('ringfence.binding', true);
  field   constant text[] := string_to_array(binding, '|');
  genuine boolean;
begin
  if cardinality(field) is distinct from 14 or length(field[1]) <> 64 then
    raise exception 'no organization is bound to this transaction' using errcode = '42501';
  end if;
  -- The key is a column of this query and never a value of ours (see seal_key). Comparing hashes of the MACs leaves
  -- nothing to time. Credential and membership are asked again: a binding dies with them, even in a transaction that is open.
  select sha256(sha256(k.outer_pad || sha256(k.inner_pad || convert_to(substr(binding, 66), 'UTF8'))))
           = sha256(decode(field[1], 'hex'))
         and case field[3]
               when 'credential' then exists (
                 select from kernel.credential c where c.id = field[7]::uuid and c.ended_at is null)
                 and exists (
                 select from kernel.membership m where m.tenant_id = field[4]::uuid and m.id = field[5]::uuid and m.ended_at is null)
               when 'job' then exists (
                 select from kernel.job j where j.id = field[7]::uuid and j.state = 'running')
               else true
             end
    into genuine
    from kernel.seal_key k
   where k.id = field[2]::smallint;
  if genuine is not true
     or field[8]::integer <> pg_backend_pid()
     or field[9]::bigint <> (extract(epoch from transaction_timestamp()) * 1000000)::bigint
     or clock_timestamp() > transaction_timestamp()
          + (case field[3] when 'credential' then interval '15 s' when 'job' then interval '10 min' else interval '1 day' end)
  then
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
  if position(',' || need || ',' in field[12]) > 0 or position(',' || need || ':own,' in field[12]) > 0 then
    return field[4]::uuid;
  end if;
  return null;
end $$;

-- Whether the permission is held for everybody's records, not only for one's own.
create function kernel.holds(need text) returns boolean language sql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp
return position(',' || need || ',' in (kernel.verified())[12]) > 0;

create function kernel.bound_tenant() returns uuid language sql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp
return ((kernel.verified())[4])::uuid;

create function kernel.bound_member() returns uuid language sql stable parallel restricted security definer
set search_path = pg_catalog, pg_temp
return nullif((kernel.verified())[5], '')::uuid;

grant execute on function kernel.bound(text), kernel.holds(text), kernel.bound_tenant(), kernel.bound_member()
  to rf_owner, rf_migrate, rf_api, rf_ingest, rf_worker, rf_live, rf_public;

-- Writes the sealed binding. Only the kernel's own functions call this: whoever could, would choose a tenant.
create function kernel.bind(
  kind text, tenant uuid, member uuid, person uuid, credential uuid, needs text[], request uuid, ip inet, email text, device text
) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  -- All transactions that begin in one message of the simple protocol, or in one DO block, carry one timestamp, and a
  -- binding made in the first of them would be good in the others. So none is made in the message that began its transaction;
  -- every other transaction of this backend then has another timestamp.
  if statement_timestamp() = transaction_timestamp() then
    raise exception 'begin the transaction in a message of its own' using errcode = '42501';
  end if;
  perform set_config('ringfence.binding',
    encode(sha256(k.outer_pad || sha256(k.inner_pad || convert_to(k.payload, 'UTF8'))), 'hex') || '|' || k.payload, true)
    from (select s.inner_pad, s.outer_pad,
                 format('%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|,%s,|%s|%s', s.id, kind, tenant, member, person, credential, pg_backend_pid(),
                        (extract(epoch from transaction_timestamp()) * 1000000)::bigint, request, host(ip), array_to_string(needs, ','),
                        translate(email, '|', '_'), translate(device, '|', '/')) as payload
            -- Without needs nothing is bound, rather than something that holds nothing.
            from kernel.seal_key s where needs is not null order by s.id desc limit 1) k;
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

-- Lets a transaction act for whoever holds the token, in one organization, with exactly the permissions named and no
-- other. Raises RF401 (no live credential), RF404 (no such organization for this person), RF403 (a permission is
-- missing). `organization` null means the one that the key belongs to.
create function kernel.enter(
  token_hash bytea, organization text, needs text[], request_id uuid, ip inet, device text,
  out tenant_id uuid, out slug text, out person_id uuid, out member_id uuid, out credential_id uuid,
  out email text, out locale text, out time_zone text, out currency text
) language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
-- One row of each table by its key, whatever the statistics say: while they are small or stale, the planner would hash them.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
#variable_conflict use_column
declare
  token_digest constant bytea := sha256(token_hash);
  held   text[];
  capped text[];
  granted text[];
  live   boolean;
  here   boolean;
begin
  -- The same as in the function, which is called only to raise: a call costs as much as the three questions.
  if current_setting('transaction_isolation') <> 'read committed' or clock_timestamp() > transaction_timestamp() + interval '2 s'
     or coalesce(current_setting('ringfence.binding', true), '') <> '' then
    perform kernel.demand_fresh_transaction();
  end if;
  perform pg_advisory_xact_lock_shared(kernel.credential_lock(token_digest));
  select c.id, c.person_id, c.permissions, p.email, t.id, t.slug, t.locale, t.time_zone, t.currency, m.id, m.permissions,
         c.ended_at is null and p.ended_at is null
         and (c.expires_at is null or c.expires_at > now())
         and (c.idle_seconds is null or coalesce(c.last_seen_at, c.created_at) + make_interval(secs => c.idle_seconds) > now()),
         m.id is not null and (c.kind = 'session' or c.tenant_id = t.id)
    into credential_id, person_id, capped, email, tenant_id, slug, locale, time_zone, currency, member_id, held, live, here
    from kernel.credential c
    join kernel.person p on p.id = c.person_id
    left join kernel.tenant t
           on t.id = case when organization is null then c.tenant_id
                          else (select o.id from kernel.tenant o where o.slug = organization) end
          and t.state = 'active'
    left join kernel.membership m on m.tenant_id = t.id and m.person_id = c.person_id and m.ended_at is null
   where c.digest = token_digest;
  if live is not true then
    raise exception 'not signed in' using errcode = 'RF401';
  end if;
  if here is not true then
    raise exception 'no such organization' using errcode = 'RF404';
  end if;
  if capped is not null then
    select coalesce(array_agg(x), '{}') into held from unnest(held) x where split_part(x, ':', 1) = any (capped);
  end if;
  if needs <@ held then
    granted := needs;
  else
    -- A permission may be held for one's own records only; the row policies then add the owner.
    select array_agg(case when n = any (held) then n when n || ':own' = any (held) then n || ':own' end)
      into granted from unnest(needs) n;
    if array_position(granted, null) is not null then
      raise exception 'not allowed' using errcode = 'RF403',
        hint = (select string_agg(n, ', ') from unnest(needs) n where n <> all (held) and n || ':own' <> all (held));
    end if;
  end if;
  perform kernel.bind('credential', tenant_id, member_id, person_id, credential_id, granted, request_id, ip, email, device);
  if array_to_string(granted, ',') ~ '[.](export|reveal)(:own)?(,|$)' then
    perform kernel.audit('read', split_part((select n from unnest(granted) n where n ~ '[.](export|reveal)' limit 1), '.', 1),
                         null, null, jsonb_build_object('permission', to_jsonb(granted)), 'notice');
  end if;
end $$;
grant execute on function kernel.enter(bytea, text, text[], uuid, inet, text) to rf_api, rf_live;

-- Makes a new key to seal with; the one before it stays for the transactions that still carry it.
create procedure kernel.rotate_seal_key() language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
  -- 64 random bytes make the padded key block; inner and outer block are that key xor 0x36 and 0x5c (RFC 2104).
  insert into kernel.seal_key (id, inner_pad, outer_pad)
  select coalesce((select max(id) from kernel.seal_key), 0) + 1,
         (select string_agg(set_byte('\x00'::bytea, 0, get_byte(key, i) # 54), ''::bytea order by i) from generate_series(0, 63) i),
         (select string_agg(set_byte('\x00'::bytea, 0, get_byte(key, i) # 92), ''::bytea order by i) from generate_series(0, 63) i)
    from (select uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) as key) fresh;
  delete from kernel.seal_key where id < (select max(id) from kernel.seal_key) - 1;
end $$;
call kernel.rotate_seal_key();
grant execute on procedure kernel.rotate_seal_key() to rf_migrate;

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
