import type { Administration } from "../../foundation/database/index.ts";
import { doorRoles, ownerRoles, withPrefix } from "./roles.ts";

/** A measure of depth that this platform refused, and what PostgreSQL said. */
export interface RefusedMeasure {
  readonly measure: string;
  readonly reason: string;
}

export interface ClusterOptions {
  readonly prefix: string;
  /** The password of a role that logs in, by its name without the prefix. */
  readonly passwordOf: (role: string) => string;
}

/**
 * Makes the roles and takes from PUBLIC what the doors must not have. Safe to run again: it repairs what drifted.
 *
 * Works with a superuser and with a mere CREATEROLE owner of the database; what the latter may not do is returned as
 * refused measures (the depth tier), never left silent.
 */
export async function prepareCluster(
  db: Administration,
  { prefix, passwordOf }: ClusterOptions,
): Promise<RefusedMeasure[]> {
  const name = (role: string): string => `${prefix}_${role}`;
  await db.script("select pg_catalog.pg_advisory_lock(746001)").catch(() => undefined);
  const existing = new Set(
    (await db.query("select rolname from pg_catalog.pg_roles")).map((row) => String(row["rolname"])),
  );
  const version = Number((await db.query("show server_version_num"))[0]?.["server_version_num"]);
  const superuser = (await db.query("select rolsuper from pg_catalog.pg_roles where rolname = current_user"))[0]?.[
    "rolsuper"
  ];
  // Naming SUPERUSER or BYPASSRLS at all, even negated, is for superusers; a new role has neither.
  const plain = superuser === true ? "nosuperuser nobypassrls noreplication nocreatedb nocreaterole" : "nocreatedb nocreaterole";
  for (const role of ownerRoles) {
    await db.script(`${existing.has(name(role)) ? "alter" : "create"} role ${name(role)} nologin noinherit ${plain}`);
  }
  for (const role of ["migrate", ...doorRoles]) {
    const password = passwordOf(role);
    if (!/^[A-Za-z0-9_-]{32,}$/.test(password)) throw new Error("a role password must be plain base64url");
    await db.script(
      `${existing.has(name(role)) ? "alter" : "create"} role ${name(role)} login noinherit ${plain} password '${password}'`,
    );
    // A role can change its own settings; what it set is taken back at each start.
    await db.script(`alter role ${name(role)} reset all`);
  }
  for (const [role, milliseconds] of Object.entries({ api: 10_000, auth: 10_000, worker: 300_000, live: 10_000, public: 10_000, ingest: 10_000, ops: 60_000 })) {
    await db.script(`alter role ${name(role)} set statement_timeout = ${milliseconds}`);
    await db.script(`alter role ${name(role)} set idle_in_transaction_session_timeout = ${Math.min(milliseconds, 30_000)}`);
    await db.script(`alter role ${name(role)} set lock_timeout = ${Math.min(milliseconds, 10_000)}`);
  }
  const only = version >= 160_000 ? " with inherit false, set true" : "";
  await db.script(`grant ${ownerRoles.map(name).join(", ")} to ${name("migrate")}${only}`);
  await db.script(withPrefix(databasePrivileges, prefix));
  return tryDepth(db, prefix);
}

const databasePrivileges = `
do $$ begin
  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect on database %I to rf_migrate, rf_api, rf_auth, rf_ingest, rf_worker, rf_live, rf_public, rf_ops', current_database());
  execute format('grant create on database %I to rf_kernel, rf_owner', current_database());
end $$;
revoke create on schema public from public;
`;

/**
 * What the doors must not call though PostgreSQL gives it to everybody: ways to choose a setting, to block or end others,
 * to pass data between organizations, to run text as SQL, to count rows of others. Each is tried alone.
 */
const depth: readonly { measure: string; functions: string; keepFor?: string }[] = [
  { measure: "set_config", functions: "^set_config$", keepFor: "rf_kernel, rf_migrate" },
  { measure: "notify", functions: "^pg_notify$" },
  { measure: "sleep", functions: "^pg_sleep" },
  { measure: "signals", functions: "^pg_(terminate|cancel)_backend$|^pg_log_backend_memory_contexts$" },
  { measure: "advisory locks", functions: "^pg_(try_)?advisory_", keepFor: "rf_kernel, rf_migrate" },
  { measure: "large objects", functions: "^(lo_|loread$|lowrite$)" },
  { measure: "XML export", functions: "^(query|table|cursor|schema|database)_to_xml" },
  { measure: "snapshots", functions: "^pg_export_snapshot$" },
  { measure: "statistics", functions: "^pg_stat_get_|^pg_stat_reset|^pg_(relation|total_relation|table|indexes|database|tablespace)_size$|^pg_stats_ext_mcvlist_items$" },
];

async function tryDepth(db: Administration, prefix: string): Promise<RefusedMeasure[]> {
  const refused: RefusedMeasure[] = [];
  for (const { measure, functions, keepFor } of depth) {
    try {
      await db.script(withPrefix(revokeMatching(functions, keepFor), prefix));
      const [left] = await db.query(
        `select count(*)::int as n from pg_catalog.pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace and p.proname ~ $1
            and pg_catalog.has_function_privilege($2, p.oid, 'execute')`,
        [functions, `${prefix}_api`],
      );
      if (left?.["n"] !== 0) refused.push({ measure, reason: `${String(left?.["n"])} functions stay open to every role` });
    } catch (error) {
      refused.push({ measure, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return refused;
}

function revokeMatching(functions: string, keepFor?: string): string {
  return `
do $$ declare f regprocedure; begin
  for f in select p.oid from pg_catalog.pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace and p.proname ~ '${functions}' loop
    execute format('revoke execute on function %s from public', f);
    ${keepFor === undefined ? "" : `execute format('grant execute on function %s to ${keepFor}', f);`}
  end loop;
end $$`;
}
