import type { Administration } from "../../foundation/database/index.ts";
import { withoutPrefix } from "./roles.ts";

/** One fact of the live catalog: what kind of thing, its name, and all that matters about it. */
export interface CatalogFact {
  readonly kind: string;
  readonly name: string;
  readonly definition: string;
}

/**
 * Reads everything that isolation rests on, in words that are the same on every supported PostgreSQL: relations, columns,
 * keys, policies, triggers, functions, grants, roles and their settings, and the rows that the declarations made.
 */
export async function readCatalog(db: Administration, prefix: string): Promise<CatalogFact[]> {
  const rows = await db.query(catalogQuery, [prefix]);
  const facts = rows.map((row) => ({
    kind: String(row["kind"]),
    name: withoutPrefix(String(row["name"]), prefix),
    definition: withoutPrefix(String(row["definition"]), prefix),
  }));
  return facts.toSorted((a, b) => compare(`${a.kind} ${a.name}`, `${b.kind} ${b.name}`));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Differences in words an operator can act on; empty when the catalog is as declared. */
export function differences(expected: readonly CatalogFact[], live: readonly CatalogFact[]): string[] {
  const key = ({ kind, name }: CatalogFact): string => `${kind} ${name}`;
  const wanted = new Map(expected.map((fact) => [key(fact), fact.definition]));
  const found = new Map(live.map((fact) => [key(fact), fact.definition]));
  const faults: string[] = [];
  for (const [name, definition] of wanted) {
    const there = found.get(name);
    if (there === undefined) faults.push(`${name} is missing`);
    else if (there !== definition) faults.push(`${name} differs from what is declared`);
  }
  for (const name of found.keys()) if (!wanted.has(name)) faults.push(`${name} is not declared`);
  return faults;
}

/** ACLs sorted and in words, the owner's own rights left out; null and the default mean the same. */
const acl = (column: string, kind: string, owner: string): string =>
  `coalesce((select string_agg(coalesce(g.rolname, 'PUBLIC') || ':' || x.privilege_type || case when x.is_grantable then '*' else '' end, ' ' order by g.rolname collate "C", x.privilege_type)
     from (select distinct grantee, privilege_type, is_grantable from aclexplode(coalesce(${column}, acldefault('${kind}', ${owner})))) x
     left join pg_roles g on g.oid = x.grantee where x.grantee <> ${owner} and x.privilege_type <> 'MAINTAIN'), '-')`;

// Versions print a view with or without the names of its only relation, so these are left out of the comparison.
const catalogQuery = `
with ours as (select oid, nspname, nspowner, nspacl from pg_namespace where nspname in ('kernel', 'app')),
doors as (select * from pg_roles where rolname ~ ('^' || $1 || '_(kernel|owner|migrate|api|auth|ingest|worker|live|public|ops)$')),
outside as (select oid, nspname, nspowner, nspacl from pg_namespace where nspname !~ '^pg_' and nspname not in ('kernel', 'app', 'information_schema'))
select 'schema' as kind, nspname::text as name, concat_ws(' ', nspowner::regrole, ${acl("nspacl", "n", "nspowner")}) as definition from ours
union all
select 'relation', n.nspname || '.' || c.relname,
       concat_ws(' ', c.relkind, c.relowner::regrole, c.relrowsecurity, c.relforcerowsecurity, c.relpersistence,
         array_to_string(c.reloptions, ','), ${acl("c.relacl", "r", "c.relowner")},
         case when c.relkind in ('v', 'm') then md5(regexp_replace(pg_get_viewdef(c.oid), '\\m[a-z_]+\\.|\\s+', '', 'g')) end,
         (select string_agg(distinct d.refobjid::regprocedure::text, ',') from pg_rewrite w join pg_depend d on d.objid = w.oid and d.classid = 'pg_rewrite'::regclass
           where w.ev_class = c.oid and d.refclassid = 'pg_proc'::regclass))
  from pg_class c join ours n on n.oid = c.relnamespace where c.relkind in ('r', 'v', 'm', 'p', 'f', 'S')
union all
select 'column', n.nspname || '.' || c.relname || '.' || a.attname,
       concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attgenerated, a.attidentity,
         case when coalesce(a.attstattarget, -1) = 0 then 'no-statistics' end,
         case when a.attacl is not null then (select string_agg(coalesce(g.rolname, 'PUBLIC') || ':' || x.privilege_type, ' ' order by g.rolname collate "C", x.privilege_type)
            from aclexplode(a.attacl) x left join pg_roles g on g.oid = x.grantee) end)
  from pg_attribute a join pg_class c on c.oid = a.attrelid join ours n on n.oid = c.relnamespace
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
 where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p')
union all
select 'constraint', n.nspname || '.' || c.relname || ' ' || k.conname, pg_get_constraintdef(k.oid)
  from pg_constraint k join pg_class c on c.oid = k.conrelid join ours n on n.oid = c.relnamespace where k.contype <> 'n'
union all
select 'index', n.nspname || '.' || i.relname, concat_ws(' ', pg_get_indexdef(i.oid), case when not (x.indisvalid and x.indisready) then 'invalid' end)
  from pg_index x join pg_class i on i.oid = x.indexrelid join ours n on n.oid = i.relnamespace
union all
select 'policy', n.nspname || '.' || c.relname || ' ' || p.polname,
       concat_ws(' | ', p.polcmd, p.polpermissive,
         (select string_agg(case when r = 0 then 'PUBLIC' else r::regrole::text end, ',' order by r::regrole::text collate "C") from unnest(p.polroles) r),
         pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
  from pg_policy p join pg_class c on c.oid = p.polrelid join ours n on n.oid = c.relnamespace
union all
select 'trigger', n.nspname || '.' || c.relname || ' ' || t.tgname, concat_ws(' ', t.tgenabled, pg_get_triggerdef(t.oid))
  from pg_trigger t join pg_class c on c.oid = t.tgrelid join ours n on n.oid = c.relnamespace where not t.tgisinternal
union all
select 'foreign key check', n.nspname || '.' || c.relname, 'switched off'
  from pg_trigger t join pg_class c on c.oid = t.tgrelid join ours n on n.oid = c.relnamespace where t.tgisinternal and t.tgenabled <> 'O' group by 2
union all
select 'extended statistics', n.nspname || '.' || c.relname || ' ' || s.stxname, 'read by the planner for everybody'
  from pg_statistic_ext s join pg_class c on c.oid = s.stxrelid join ours n on n.oid = c.relnamespace
union all
select 'statistics on an expression', n.nspname || '.' || i.relname, string_agg(a.attname, ' ' order by a.attnum)
  from pg_index x join pg_class i on i.oid = x.indexrelid join ours n on n.oid = i.relnamespace
  join pg_attribute a on a.attrelid = i.oid and x.indkey[a.attnum - 1] = 0 and coalesce(a.attstattarget, -1) <> 0 group by 2
union all
select 'rule', n.nspname || '.' || c.relname || ' ' || r.rulename, 'a rewrite rule'
  from pg_rewrite r join pg_class c on c.oid = r.ev_class join ours n on n.oid = c.relnamespace where r.rulename <> '_RETURN'
union all
select 'function', n.nspname || '.' || f.proname || '(' || pg_get_function_identity_arguments(f.oid) || ')',
       concat_ws(' ', f.prokind, f.proowner::regrole, f.prosecdef, f.provolatile, f.proparallel, f.proleakproof,
         array_to_string(f.proconfig, ','), ${acl("f.proacl", "f", "f.proowner")},
         md5(regexp_replace(coalesce(nullif(f.prosrc, ''), regexp_replace(pg_get_function_sqlbody(f.oid), '\\s+', ' ', 'g')),
           '\\m' || $1 || '_(kernel|owner|migrate|api|auth|ingest|worker|live|public|ops)\\M', 'rf_\\1', 'g')))
  from pg_proc f join ours n on n.oid = f.pronamespace
union all
select 'role', r.rolname,
       concat_ws(' ', case when r.rolsuper then 'SUPERUSER' end, case when r.rolbypassrls then 'BYPASSRLS' end,
         case when r.rolcreaterole then 'CREATEROLE' end, case when r.rolcreatedb then 'CREATEDB' end,
         case when r.rolreplication then 'REPLICATION' end, case when r.rolcanlogin then 'login' end, case when r.rolinherit then 'INHERIT' end,
         (select string_agg(concat_ws(' ', 'member of', m.roleid::regrole, case when m.admin_option then 'as administrator' end,
                   case when to_jsonb(m) ->> 'inherit_option' = 'true' then 'inherits' end), ', ' order by m.roleid::regrole::text collate "C")
            from pg_auth_members m where m.member = r.oid and not (r.rolname = $1 || '_kernel' and m.roleid::regrole::text = 'pg_signal_backend')),
         (select string_agg('lent to ' || m.member::regrole, ', ' order by m.member::regrole::text collate "C") from pg_auth_members m
           where m.roleid = r.oid and coalesce(to_jsonb(m) ->> 'set_option', 'true') = 'true' and m.member not in (select oid from doors)),
         (select string_agg(array_to_string(s.setconfig, ','), ' ; ' order by s.setdatabase) from pg_db_role_setting s where s.setrole = r.oid))
  from doors r
union all
select 'database', 'PUBLIC', coalesce((select string_agg(x.privilege_type, ' ' order by x.privilege_type)
    from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) x where d.datname = current_database() and x.grantee = 0), 'nothing')
union all
select 'database', r.rolname, string_agg(p, ' ' order by p)
  from doors r cross join unnest(array['CONNECT', 'CREATE', 'TEMPORARY']) p
 where exists (select from pg_database d, aclexplode(d.datacl) x where d.datname = current_database() and x.grantee = r.oid and x.privilege_type = p) group by 2
union all
select 'database setting', coalesce(r.rolname, 'everybody') || ' ' || split_part(s, '=', 1), split_part(s, '=', 2)
  from pg_db_role_setting d left join pg_roles r on r.oid = d.setrole cross join unnest(d.setconfig) s
 where d.setrole = 0 and d.setdatabase in (0, (select oid from pg_database where datname = current_database()))
   and split_part(s, '=', 1) ~ '^(session_replication_role|row_security|ringfence\\..*|.*_preload_libraries)$'
union all
select 'default privileges', concat_ws(' ', d.defaclrole::regrole, n.nspname, d.defaclobjtype), ${acl("d.defaclacl", "f", "d.defaclrole")}
  from pg_default_acl d join doors r on r.oid = d.defaclrole and not (r.rolcanlogin and r.rolname <> $1 || '_migrate') left join pg_namespace n on n.oid = d.defaclnamespace
union all
select 'extension', e.extname, 'reaches past row security'
  from pg_extension e where e.extname ~ '^(dblink|postgres_fdw|file_fdw|adminpack|pageinspect|pg_surgery|pgrowlocks|pgstattuple|pg_buffercache|pl(perl|python3|tcl)u)$'
union all
select 'schema for ' || r.rolname, n.nspname, 'CREATE' from outside n cross join doors r
 where r.rolcanlogin and r.rolname <> $1 || '_migrate' and has_schema_privilege(r.oid, n.oid, 'create')
   and not exists (select from aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) x where x.grantee = 0 and x.privilege_type = 'CREATE')
union all
select 'schema for all', n.nspname, string_agg(x.privilege_type, ' ' order by x.privilege_type)
  from pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) x
 where x.grantee = 0 and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and x.privilege_type = 'CREATE' group by n.nspname
union all
select 'reach of ' || r.rolname, n.nspname || '.' || c.relname, 'can be used'
  from pg_class c join outside n on n.oid = c.relnamespace cross join doors r
 where c.relkind in ('r', 'v', 'm', 'p', 'f', 'S') and r.rolcanlogin
   and has_schema_privilege(r.oid, n.oid, 'usage')
   and case when c.relkind = 'S' then has_sequence_privilege(r.oid, c.oid, 'usage, select, update')
            else has_table_privilege(r.oid, c.oid, 'delete, truncate, trigger') or has_any_column_privilege(r.oid, c.oid, 'select, insert, update, references') end
union all
select 'reach of ' || r.rolname, 'pg_catalog.' || c.relname, 'can be used'
  from pg_class c cross join doors r
 where c.relnamespace = 'pg_catalog'::regnamespace and r.rolcanlogin
   and c.relname in ('pg_authid', 'pg_statistic', 'pg_statistic_ext_data', 'pg_largeobject', 'pg_user_mapping', 'pg_subscription')
   and has_table_privilege(r.oid, c.oid, 'select, insert, update, delete')
union all
select 'definer function', n.nspname || '.' || f.proname || ' for ' || r.rolname, f.proowner::regrole::text
  from pg_proc f join outside n on n.oid = f.pronamespace cross join doors r
 where f.prosecdef and r.rolcanlogin
   and has_schema_privilege(r.oid, n.oid, 'usage') and has_function_privilege(r.oid, f.oid, 'execute')
union all
select d.kind, d.name, d.definition from kernel.declared_rows() d`;
