-- The demo: organizations that were made up, so that a new installation has something to show. They are marked, their mail
-- never leaves, and one command erases them without a trace. Nothing here touches any other organization.

set local role rf_kernel;

create function kernel.demo_organizations() returns table (id uuid, slug text, state text) language sql stable security definer
set search_path = pg_catalog, pg_temp
begin atomic
  select t.id, t.slug, t.state from kernel.tenant t where t.demo order by t.id;
end;
grant execute on function kernel.demo_organizations() to rf_migrate;

-- Removes all rows of one organization from every table of a schema that has a tenant_id, whatever tables there are by now:
-- the newest first, and again until no reference holds any of them back. Runs with its caller's rights. Internal.
create function kernel.delete_rows_of(tenant uuid, wanted_schema text) returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  waiting text[];
  held    text[];
  one     text;
begin
  select array_agg(c.oid::regclass::text order by c.oid desc) into waiting
    from pg_class c join pg_attribute a on a.attrelid = c.oid
   where c.relnamespace = wanted_schema::regnamespace and c.relkind = 'r' and a.attname = 'tenant_id' and not a.attisdropped;
  while waiting is not null loop
    held := null;
    foreach one in array waiting loop
      begin
        execute format('delete from %s t where t.tenant_id = $1', one) using tenant;
      exception when foreign_key_violation then
        held := held || one;
      end;
    end loop;
    if held = waiting then
      raise exception 'these tables hold each other: %', array_to_string(held, ', ');
    end if;
    waiting := held;
  end loop;
end $$;
grant execute on function kernel.delete_rows_of(uuid, text) to rf_owner;

-- Erases a demo organization: its records, its trail, its mail, keys, invitations and members, the people who belong to no
-- other organization, and itself. Raises RF409 for an organization that is no demo. Only the migration role may call it.
create function kernel.erase_demo(tenant uuid) returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  people uuid[];
begin
  perform from kernel.tenant t where t.id = tenant and t.demo for update;
  if not found then
    raise exception 'not a demo organization' using errcode = 'RF409', hint = 'not-a-demo';
  end if;
  select array_agg(m.person_id) into people from kernel.membership m
   where m.tenant_id = tenant and not exists (
     select from kernel.membership o where o.person_id = m.person_id and o.tenant_id <> tenant);
  perform kernel.bind('migration', tenant, null, null, tenant, array(select p.key from kernel.permission p), null, null, 'migration', 'ringfence');
  perform app.delete_demo_rows();
  perform kernel.delete_rows_of(tenant, 'kernel');
  delete from kernel.refusal r where r.person_id = any (people);
  delete from kernel.credential c where c.person_id = any (people);
  delete from kernel.person p where p.id = any (people);
  delete from kernel.tenant t where t.id = tenant;
  -- With nobody left, the installation is as it was before anybody had set it up.
  update kernel.installation i set claimed_at = null where not exists (select from kernel.tenant);
end $$;
grant execute on function kernel.erase_demo(uuid) to rf_migrate;

set local role rf_owner;

-- The part of erase_demo that only the owner of the tables can do, and only for the organization that is bound.
create function app.delete_demo_rows() returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform kernel.delete_rows_of(kernel.bound_tenant(), 'app');
end $$;
grant execute on function app.delete_demo_rows() to rf_kernel;
