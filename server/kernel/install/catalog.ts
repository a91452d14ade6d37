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
  return facts.sort((a, b) => compare(`${a.kind} ${a.name}`, `${b.kind} ${b.name}`));
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
doors as (select * from pg_roles where rolname ~ ('^' || $1 || '_(kernel|owner|migrate|api|auth|ingest|worker|live|public|ops)$'))
select 'schema' as kind, nspname::text as name, concat_ws(' ', nspowner::regrole, ${acl("nspacl", "n", "nspowner")}) as definition from ours
union all
select 'relation', n.nspname || '.' || c.relname,
       concat_ws(' ', c.relkind, c.relowner::regrole, c.relrowsecurity, c.relforcerowsecurity, c.relpersistence,
         array_to_string(c.reloptions, ','), ${acl("c.relacl", "r", "c.relowner")},
         case when c.relkind in ('v', 'm') then md5(regexp_replace(pg_get_viewdef(c.oid), '\\m[a-z_]+\\.|\\s+', '', 'g')) end)
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
select 'index', n.nspname || '.' || i.relname, pg_get_indexdef(i.oid)
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
select 'rule', n.nspname || '.' || c.relname || ' ' || r.rulename, 'a rewrite rule'
  from pg_rewrite r join pg_class c on c.oid = r.ev_class join ours n on n.oid = c.relnamespace where r.rulename <> '_RETURN'
union all
select 'function', n.nspname || '.' || f.proname || '(' || pg_get_function_identity_arguments(f.oid) || ')',
       concat_ws(' ', f.prokind, f.proowner::regrole, f.prosecdef, f.provolatile, f.proparallel, f.proleakproof,
         array_to_string(f.proconfig, ','), ${acl("f.proacl", "f", "f.proowner")},
         md5(coalesce(nullif(f.prosrc, ''), regexp_replace(pg_get_function_sqlbody(f.oid), '\\s+', ' ', 'g'))))
  from pg_proc f join ours n on n.oid = f.pronamespace
union all
select 'role', r.rolname,
       concat_ws(' ', case when r.rolsuper then 'SUPERUSER' end, case when r.rolbypassrls then 'BYPASSRLS' end,
         case when r.rolcreaterole then 'CREATEROLE' end, case when r.rolcreatedb then 'CREATEDB' end,
         case when r.rolreplication then 'REPLICATION' end, case when r.rolcanlogin then 'login' end, case when r.rolinherit then 'INHERIT' end,
         (select string_agg('member of ' || m.roleid::regrole, ', ' order by m.roleid::regrole::text collate "C") from pg_auth_members m where m.member = r.oid),
         (select string_agg(array_to_string(s.setconfig, ','), ' ; ' order by s.setdatabase) from pg_db_role_setting s where s.setrole = r.oid))
  from doors r
union all
select 'database', 'PUBLIC', coalesce((select string_agg(x.privilege_type, ' ' order by x.privilege_type)
    from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) x where d.datname = current_database() and x.grantee = 0), 'nothing')
union all
select 'schema for all', n.nspname, string_agg(x.privilege_type, ' ' order by x.privilege_type)
  from pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) x
 where x.grantee = 0 and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and x.privilege_type = 'CREATE' group by n.nspname
union all
select 'reach of ' || r.rolname, n.nspname || '.' || c.relname, 'can be used'
  from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join doors r
 where n.nspname !~ '^pg_' and n.nspname not in ('kernel', 'app', 'information_schema') and c.relkind in ('r', 'v', 'm', 'p', 'f', 'S') and r.rolcanlogin
   and has_schema_privilege(r.oid, n.oid, 'usage')
   and case when c.relkind = 'S' then has_sequence_privilege(r.oid, c.oid, 'usage, select, update')
            else has_table_privilege(r.oid, c.oid, 'select, insert, update, delete, truncate, references, trigger') end
union all
select 'definer function', n.nspname || '.' || f.proname, f.proowner::regrole::text
  from pg_proc f join pg_namespace n on n.oid = f.pronamespace cross join (select oid from doors where rolname = $1 || '_api') r
 where f.prosecdef and n.nspname !~ '^pg_' and n.nspname not in ('kernel', 'app', 'information_schema')
   and has_schema_privilege(r.oid, n.oid, 'usage') and has_function_privilege(r.oid, f.oid, 'execute')
union all
select d.kind, d.name, d.definition from kernel.declared_rows() d`;
