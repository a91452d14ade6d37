-- `call kernel.protect(…)` is the only way a tenant table comes to be. What it does not do to a table, the boot proof
-- notices: a table in schema app that skipped it keeps the server from starting.

set local role rf_owner;
create schema app;
revoke all on schema app from public;
grant usage on schema app to rf_kernel, rf_migrate, rf_api, rf_ingest, rf_worker, rf_live, rf_public;
alter default privileges revoke execute on functions from public;
alter default privileges revoke usage on types from public;

set local role rf_kernel;
grant references on kernel.tenant, kernel.membership to rf_owner;

-- What is protected, and how each column is to be treated; the record functions and the boot proof read it.
create table kernel.protected (
  relation text primary key,
  resource text not null,
  -- column → open | personal | credential | derived (worked out by the database)
  care     jsonb not null,
  own      text
);
grant select, insert, delete on kernel.protected to rf_migrate;

-- Counts a row's changes, for ETag and If-Match, and says when. The row rules are the policies' business, not this one's.
create function kernel.stamp() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp as $$
begin
  new.version := old.version + 1;
  new.updated_at := now();
  return new;
end $$;
grant execute on function kernel.stamp() to rf_owner;

-- An expression for what an audit row says of one side of a change: all values that are not null, or with `other` those that
-- the other side does not have. Most values are text, and one array of text becomes jsonb in less time than a
-- list of arguments, each of whose types is looked up; keys in the order in which jsonb keeps them need no sorting; lists
-- and maps are mostly empty, and then cost a comparison each.
create function kernel.record_expression(relation text, care jsonb, side text, other text default null) returns text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  col     record;
  value   text;
  present text;
  changed text;
  keys    text[] := '{}';
  texts   text[] := '{}';
  scalars text[] := '{}';
  lists   text[] := '{}';
  filled  text[] := '{}';
begin
  for col in
    select a.attname::text as name, care ->> a.attname as care, format_type(a.atttypid, null) as type
      from pg_attribute a where a.attrelid = to_regclass(relation) and a.attnum > 0 and not a.attisdropped
       and care ->> a.attname <> 'derived' order by octet_length(a.attname::text), a.attname
  loop
    value := format('%s.%I', side, col.name);
    -- A credential is recorded as changed and never as what it was.
    present := case when col.care = 'credential' then format('case when %s is not null then ''[sealed]'' end', value)
                    when col.type = 'jsonb' then format('case when %1$s not in (''{}'', ''[]'') then %1$s end', value)
                    when col.type like '%[]' then format('nullif(%s, ''{}'')', value)
                    when col.type = 'uuid' then value || '::text'
                    else value end;
    if other is not null then
      changed := format('%s is distinct from %s.%I', value, other, col.name);
      present := format('case when %s then %s end', changed, present);
    end if;
    if col.care = 'credential' or col.type in ('text', 'uuid') then
      keys  := keys || col.name;
      texts := texts || present;
    elsif col.type = 'jsonb' or col.type like '%[]' then
      lists  := lists || format('%L, %s', col.name, present);
      filled := filled || coalesce(changed, present || ' is not null');
    else
      scalars := scalars || format('%L, %s', col.name, present);
    end if;
  end loop;
  return concat_ws(' || ',
    case when texts <> '{}' then format('jsonb_strip_nulls(jsonb_object(%L, array[%s]))', keys, array_to_string(texts, ', ')) end,
    case when scalars <> '{}' then format('jsonb_strip_nulls(jsonb_build_object(%s))', array_to_string(scalars, ', ')) end,
    case when lists <> '{}' then format('case when %s then jsonb_strip_nulls(jsonb_build_object(%s)) else ''{}'' end',
                                        array_to_string(filled, ' or '), array_to_string(lists, ', ')) end,
    case when texts = '{}' and scalars = '{}' and lists = '{}' then '''{}''::jsonb' end);
end $$;

-- The text of the trigger function that writes one audit row for each row of a statement. Generated per table, so that
-- its plans are kept; run once a statement over transition tables, so that a bulk insert pays once.
create function kernel.record_function(relation text, resource text, care jsonb) returns text language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
declare
  table_name constant text := split_part(relation, '.', 2);
  hands constant text :=
    'field[3]::uuid, nullif(field[5], '''')::uuid, field[10], field[6]::uuid, nullif(field[7], '''')::uuid, nullif(field[8], '''')::inet, nullif(field[11], '''')';
  columns constant text := 'tenant_id, actor_id, actor_email, credential_id, request_id, ip, device, action, resource_type, resource_id';
begin
  return format($f$
create function kernel.record_%1$s() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $body$
declare
  field constant text[] := kernel.verified();
begin
  -- Somebody else's table with this trigger on it would write our history.
  if tg_relid <> to_regclass(%2$L) then
    raise exception 'not a table of this trigger' using errcode = '42501';
  end if;
  if tg_op = 'INSERT' then
    if exists (select from new_rows n where n.tenant_id is distinct from field[3]::uuid) then
      raise exception 'a row of another organization' using errcode = '42501';
    end if;
    insert into kernel.audit_event (%3$s, after)
    select %4$s, 'create', %5$L, n.id, %6$s from new_rows n;
  elsif tg_op = 'UPDATE' then
    if exists (select from new_rows n where n.tenant_id is distinct from field[3]::uuid) then
      raise exception 'a row of another organization' using errcode = '42501';
    end if;
    insert into kernel.audit_event (%3$s, before, after)
    select %4$s,
           case when o.archived_at is null and n.archived_at is not null then 'archive'
                when o.archived_at is not null and n.archived_at is null then 'restore'
                else 'change' end,
           %5$L, n.id, %7$s, %8$s
      from new_rows n join old_rows o on o.id = n.id;
  else
    if exists (select from old_rows o where o.tenant_id is distinct from field[3]::uuid) then
      raise exception 'a row of another organization' using errcode = '42501';
    end if;
    insert into kernel.audit_event (%3$s, before)
    select %4$s, 'erase', %5$L, o.id, %9$s from old_rows o;
  end if;
  return null;
end $body$;
$f$, table_name, relation, columns, hands, resource,
    kernel.record_expression(relation, care, 'n'), kernel.record_expression(relation, care, 'o', 'n'),
    kernel.record_expression(relation, care, 'n', 'o'), kernel.record_expression(relation, care, 'o'));
end $$;
grant execute on function kernel.record_function(text, text, jsonb) to rf_migrate;

-- EXPLAIN cannot be revoked and its estimates ignore policies, so with statistics on, any door could spell out values of
-- other organizations. Only columns that hold no value of anybody's keep them. Run by the owner of the table.
create procedure kernel.drop_statistics(relation text, kept text[] default '{}') language plpgsql
set search_path = pg_catalog, pg_temp as $$
declare
  column_name text;
begin
  for column_name in
    select a.attname from pg_attribute a
     where a.attrelid = to_regclass(relation) and a.attnum > 0 and not a.attisdropped and a.attname <> all (kept) order by a.attnum
  loop
    execute format('alter table %s alter %I set statistics 0', relation, column_name);
  end loop;
end $$;
grant execute on procedure kernel.drop_statistics(text, text[]) to rf_owner, rf_migrate;

-- Makes a table of schema app a tenant table: forced row security with one policy a command, each asking the binding for
-- its permission; grants by column; audit; version stamps; archive and erase as functions, which the doors cannot do with
-- plain statements; no planner statistics but on closed sets. Run by rf_migrate, which may become both owners.
create procedure kernel.protect(relation text, resource text, care jsonb, own text default null) language plpgsql
set search_path = pg_catalog, pg_temp as $$
declare
  table_name constant text := split_part(relation, '.', 2);
  columns    text;
  missing    text;
  command    text;
  guard      text;
  closed     text[];
begin
  execute 'set local role rf_owner';
  select string_agg(a.attname, ', ') into missing
    from pg_attribute a where a.attrelid = to_regclass(relation) and a.attnum > 0 and not a.attisdropped
     and a.attname not in ('tenant_id', 'id', 'version', 'created_at', 'updated_at', 'archived_at') and not care ? a.attname;
  if missing is not null then
    raise exception '% has columns without care: %', relation, missing;
  end if;
  select string_agg(format('%I', key), ', ' order by key) into columns from jsonb_each_text(care) where value <> 'derived';

  execute format('alter table %s enable row level security', relation);
  execute format('alter table %s force row level security', relation);
  execute format('revoke all on %s from public', relation);
  execute format('grant select on %s to rf_api, rf_worker', relation);
  execute format('grant insert (tenant_id, id, %s) on %s to rf_api, rf_worker', columns, relation);
  execute format('grant update (%s) on %s to rf_api, rf_worker', columns, relation);

  execute format('create policy reach on %s as permissive to rf_owner, rf_api, rf_worker using (true) with check (true)', relation);
  foreach command in array array['select', 'insert', 'update', 'delete'] loop
    guard := case command
      when 'select' then kernel.reading_wall(resource || '.read')
      when 'insert' then format('tenant_id = (select kernel.bound(%L))', resource || '.create')
      -- Only the archive function works as rf_owner; doors update under their own names and cannot touch archived_at.
      when 'update' then format('tenant_id = (select kernel.bound(case when current_user = %L then %L else %L end))',
                                'rf_owner', resource || '.archive', resource || '.change')
      else format('tenant_id = (select kernel.bound(%L))', resource || '.erase') end;
    execute format('create policy %s_wall on %s as restrictive for %s to public %s', command, relation, command,
      case command when 'insert' then 'with check (' || guard || ')'
                   when 'update' then 'using (' || guard || ') with check (' || guard || ')'
                   else 'using (' || guard || ')' end);
  end loop;
  if own is not null then
    -- As with the wall: archiving works as rf_owner. What was one's own stays so, since the new row is asked too.
    execute format('create policy own_rows on %s as restrictive for update to public using ((select kernel.holds(case when current_user = %L then %L else %L end)) or %I = (select kernel.bound_member()))',
      relation, 'rf_owner', resource || '.archive', resource || '.change', own);
  end if;

  -- Yes and no, and values out of a list that the product declares; of archived_at the plans need the share of nulls.
  select array_agg(a.attname) into closed
    from pg_attribute a
   where a.attrelid = to_regclass(relation)
     and (a.attname = 'archived_at'
          or care ->> a.attname = 'open' and (a.atttypid = 'boolean'::regtype or exists (
            select from pg_constraint k where k.conrelid = a.attrelid and k.contype = 'c' and k.conkey = array[a.attnum]
               and pg_get_constraintdef(k.oid) like 'CHECK ((% = ANY (ARRAY[%')));
  call kernel.drop_statistics(relation, closed);

  execute 'set local role rf_kernel';
  execute kernel.record_function(relation, resource, care);
  execute format('grant execute on function kernel.record_%s() to rf_owner', table_name);
  execute 'set local role rf_owner';
  execute format('create trigger record_insert after insert on %s referencing new table as new_rows for each statement execute function kernel.record_%s()', relation, table_name);
  execute format('create trigger record_update after update on %s referencing old table as old_rows new table as new_rows for each statement execute function kernel.record_%s()', relation, table_name);
  execute format('create trigger record_delete after delete on %s referencing old table as old_rows for each statement execute function kernel.record_%s()', relation, table_name);
  execute format('create trigger stamp before update on %s for each row execute function kernel.stamp()', relation);
  execute 'set local role rf_kernel';
  execute format('revoke execute on function kernel.record_%s() from rf_owner', table_name);
  execute 'set local role rf_owner';

  -- `expected` holds the versions that the caller saw (If-Match), or is null to archive whatever is there.
  execute format($f$
create function app.archive_%1$s(ids uuid[], expected integer[], archived boolean)
returns table (id uuid, version integer) language sql volatile security definer
set search_path = pg_catalog, pg_temp as $body$
  update %2$s t set archived_at = case when archive_%1$s.archived then now() end
    from unnest(ids, coalesce(expected, array_fill(null::integer, array[cardinality(ids)]))) as wanted (id, version)
   where t.id = wanted.id and (wanted.version is null or t.version = wanted.version)
     and (t.archived_at is null) = archive_%1$s.archived
  returning t.id, t.version
$body$
$f$, table_name, relation);
  execute format($f$
create function app.erase_%1$s(ids uuid[]) returns setof uuid language sql volatile security definer
set search_path = pg_catalog, pg_temp as $body$
  delete from %2$s t where t.id = any (ids) returning t.id
$body$
$f$, table_name, relation);
  execute format('grant execute on function app.archive_%1$s(uuid[], integer[], boolean), app.erase_%1$s(uuid[]) to rf_api, rf_worker', table_name);
  execute 'set local role rf_migrate';
  insert into kernel.protected (relation, resource, care, own) values (relation, resource, care, own);
end $$;
grant execute on procedure kernel.protect(text, text, jsonb, text) to rf_migrate;

-- A table that is worked out from a protected one (search tokens): read with the same permission, written only by
-- functions of rf_owner, and only for the bound organization.
create procedure kernel.protect_derived(relation text, resource text) language plpgsql
set search_path = pg_catalog, pg_temp as $$
begin
  execute 'set local role rf_owner';
  execute format('alter table %s enable row level security', relation);
  execute format('alter table %s force row level security', relation);
  execute format('revoke all on %s from public', relation);
  execute format('grant select on %s to rf_api, rf_worker', relation);
  execute format('create policy reach on %s as permissive to rf_owner, rf_api, rf_worker using (true) with check (true)', relation);
  execute format('create policy select_wall on %s as restrictive for select to public using (%s)', relation, kernel.reading_wall(resource || '.read'));
  execute format('create policy insert_wall on %s as restrictive for insert to public with check (tenant_id = (select kernel.bound_tenant()))', relation);
  execute format('create policy update_wall on %s as restrictive for update to public using (false)', relation);
  execute format('create policy delete_wall on %s as restrictive for delete to public using (tenant_id = (select kernel.bound_tenant()))', relation);
  call kernel.drop_statistics(relation);
  execute 'set local role rf_migrate';
  insert into kernel.protected (relation, resource, care) values (relation, resource, '{}');
end $$;
grant execute on procedure kernel.protect_derived(text, text) to rf_migrate;

-- A table of raw content that belongs to a record (the chunks of an uploaded file): walled like its record, written with
-- the record's permissions, never changed, and not audited row by row, since its record is. Removing is for functions of
-- the owner, behind the same wall: with the right to delete, a door could also LOCK TABLE and stop every organization.
create procedure kernel.protect_content(relation text, resource text) language plpgsql
set search_path = pg_catalog, pg_temp as $$
begin
  execute 'set local role rf_owner';
  execute format('alter table %s enable row level security', relation);
  execute format('alter table %s force row level security', relation);
  execute format('revoke all on %s from public', relation);
  execute format('grant select, insert on %s to rf_api, rf_worker', relation);
  execute format('create policy reach on %s as permissive to rf_owner, rf_api, rf_worker using (true) with check (true)', relation);
  execute format('create policy select_wall on %s as restrictive for select to public using (%s)', relation, kernel.reading_wall(resource || '.read'));
  execute format('create policy insert_wall on %s as restrictive for insert to public with check (tenant_id = (select kernel.bound(%L)))', relation, resource || '.change');
  execute format('create policy update_wall on %s as restrictive for update to public using (false)', relation);
  execute format('create policy delete_wall on %s as restrictive for delete to public using (tenant_id = (select kernel.bound(%L)))', relation, resource || '.change');
  call kernel.drop_statistics(relation);
  execute 'set local role rf_migrate';
  insert into kernel.protected (relation, resource, care) values (relation, resource, '{}');
end $$;
grant execute on procedure kernel.protect_content(text, text) to rf_migrate;

-- The text that search compares: lower case without accents, so that `Zoë` is found as `zoe`.
create function kernel.plain_text(value text) returns text language sql immutable parallel safe
return case when octet_length(value) = length(value) then lower(value)
            else lower(regexp_replace(normalize(value, NFKD), '[\u0300-\u036f]', '', 'g')) end;

-- The search tokens of one record. A name of n words gives n rotations, each starting at another word, so that one range
-- scan finds it by any word and by any two in a row; an address is found by its start and by its domain; a number by its
-- digits with and without the country's. Runs with the caller's rights; a pinned search_path would double its cost. Every
-- row pays for each statement here, so there are few, and the usual name of two plain words has one of its own.
create function kernel.search_tokens(name text, addresses text[], numbers text[]) returns text[]
language plpgsql immutable parallel safe as $$
declare
  plain  constant text := kernel.plain_text(coalesce(name, ''));
  words  text[];
  tokens text[] := '{}';
  value  text;
begin
  if plain ~ '^[a-z0-9]+ [a-z0-9]+$' and pg_catalog.octet_length(plain) <= 120 then
    tokens := array[plain, pg_catalog.split_part(plain, ' ', 2) || ' ' || pg_catalog.split_part(plain, ' ', 1)];
  else
    words := (pg_catalog.string_to_array(pg_catalog.btrim(pg_catalog.regexp_replace(plain, '[^[:alnum:]]+', ' ', 'g')), ' '))[:8];
    for i in 1 .. pg_catalog.cardinality(words) loop
      if words[i] <> '' then
        tokens := tokens || pg_catalog.left(pg_catalog.array_to_string(words[i :] || words[: i - 1], ' '), 120);
      end if;
    end loop;
  end if;
  foreach value in array coalesce(addresses, '{}') loop
    if value is not null then
      value := pg_catalog.left(pg_catalog.lower(value), 200);
      -- All of a domain stand under one token, in the order of their ids: a new one goes to the end of its own group.
      tokens := tokens || case pg_catalog.strpos(value, '@') when 0 then array[value]
                          else array[value, '@' || pg_catalog.split_part(value, '@', 2)] end;
    end if;
  end loop;
  foreach value in array coalesce(numbers, '{}') loop
    if value is not null then
      value := pg_catalog.translate(value, pg_catalog.translate(value, '0123456789', ''), '');
      tokens := tokens || case when pg_catalog.length(value) > 7 then array['+' || pg_catalog.left(value, 20), '+' || pg_catalog.right(value, 7)]
                               when pg_catalog.length(value) > 3 then array['+' || value] end;
    end if;
  end loop;
  return tokens;
end $$;
grant execute on function kernel.plain_text(text), kernel.search_tokens(text, text[], text[]) to rf_owner, rf_api, rf_worker;
