import type { Administration } from "../../foundation/database/index.ts";
import { scramVerifier } from "../../foundation/ids/index.ts";
import { doorRoles, ownerRoles, withPrefix } from "./roles.ts";
import { type RefusedMeasure, takeDepthMeasures } from "./take-depth-measures.ts";

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
  const superuser = (
    await db.query("select rolsuper from pg_catalog.pg_roles where rolname = current_user")
  )[0]?.["rolsuper"];
  // Naming SUPERUSER or BYPASSRLS at all, even negated, is for superusers; a new role has neither.
  const plain =
    superuser === true
      ? "nosuperuser nobypassrls noreplication nocreatedb nocreaterole"
      : "nocreatedb nocreaterole";
  for (const role of ownerRoles) {
    // The kernel inherits, from pg_signal_backend and nothing else: see the depth measures.
    const inherits = role === "kernel" ? "inherit" : "noinherit";
    await db.script(
      `${existing.has(name(role)) ? "alter" : "create"} role ${name(role)} nologin ${inherits} ${plain}`,
    );
  }
  for (const role of ["migrate", ...doorRoles]) {
    const password = passwordOf(role);
    if (!/^[A-Za-z0-9_-]{32,}$/.test(password)) throw new Error("a role password must be plain base64url");
    await db.script(
      `${existing.has(name(role)) ? "alter" : "create"} role ${name(role)} login noinherit ${plain} password '${scramVerifier(password)}'`,
    );
    // A role can change its own settings; what it set is taken back at each start.
    await db.script(`alter role ${name(role)} reset all`);
  }
  await resetSettingsPerDatabase(db, ["migrate", ...doorRoles].map(name));
  for (const [role, milliseconds] of Object.entries({
    api: 10_000,
    auth: 10_000,
    worker: 300_000,
    live: 10_000,
    public: 10_000,
    ingest: 10_000,
    ops: 60_000,
  })) {
    await db.script(`alter role ${name(role)} set statement_timeout = ${milliseconds}`);
    await db.script(
      `alter role ${name(role)} set idle_in_transaction_session_timeout = ${Math.min(milliseconds, 30_000)}`,
    );
    await db.script(`alter role ${name(role)} set lock_timeout = ${Math.min(milliseconds, 10_000)}`);
  }
  const only = version >= 160_000 ? " with inherit false, set true" : "";
  await db.script(`grant ${ownerRoles.map(name).join(", ")} to ${name("migrate")}${only}`);
  await db.script(withPrefix(databasePrivileges, prefix));
  return takeDepthMeasures(db, prefix);
}

/** What a role set for itself in one database only; RESET ALL alone leaves that. */
async function resetSettingsPerDatabase(db: Administration, roles: readonly string[]): Promise<void> {
  const settings = await db.query(
    `select quote_ident(r.rolname) as role, quote_ident(d.datname) as database
       from pg_catalog.pg_db_role_setting s
       join pg_catalog.pg_roles r on r.oid = s.setrole
       join pg_catalog.pg_database d on d.oid = s.setdatabase
      where r.rolname = any ($1)`,
    [roles],
  );
  for (const { role, database } of settings) {
    await db.script(`alter role ${String(role)} in database ${String(database)} reset all`);
  }
}

const databasePrivileges = `
do $$ begin
  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect on database %I to rf_migrate, rf_api, rf_auth, rf_ingest, rf_worker, rf_live, rf_public, rf_ops', current_database());
  execute format('grant create on database %I to rf_kernel, rf_owner', current_database());
end $$;
revoke create on schema public from public;
`;
