import type { Administration } from "../../foundation/database/index.ts";
import { withPrefix } from "./roles.ts";

/** A measure of depth that this platform refused, and what PostgreSQL said. */
export interface RefusedMeasure {
  readonly measure: string;
  readonly reason: string;
}

interface Measure {
  readonly measure: string;
  readonly script: string;
  /** Counts what stays open though the script ran: PostgreSQL only warns when it may not revoke. */
  readonly left: string;
}

/**
 * What the doors must not call though PostgreSQL gives it to everybody: ways to choose a setting, to block or end others,
 * to pass data between organizations, to run text as SQL, to count rows of others.
 */
const functions: readonly { measure: string; names: string; keepFor?: string }[] = [
  { measure: "set_config", names: "^set_config$", keepFor: "rf_kernel, rf_migrate" },
  { measure: "notify", names: "^pg_notify$" },
  { measure: "sleep", names: "^pg_sleep" },
  {
    measure: "signals",
    names: "^pg_(terminate|cancel)_backend$|^pg_log_backend_memory_contexts$",
    keepFor: "rf_kernel",
  },
  { measure: "advisory locks", names: "^pg_(try_)?advisory_", keepFor: "rf_kernel, rf_migrate" },
  {
    measure: "locks of others",
    names: "^pg_lock_status$|^pg_(safe_snapshot_)?blocking_pids$|^pg_prepared_xact$",
    keepFor: "rf_kernel",
  },
  { measure: "large objects", names: "^(lo_|loread$|lowrite$)" },
  {
    measure: "text run as SQL",
    names: "^(query|table|cursor|schema|database)_to_xml|^ts_(stat|rewrite)$",
  },
  { measure: "snapshots", names: "^pg_export_snapshot$" },
  { measure: "messages in the log", names: "^pg_logical_emit_message$" },
  {
    measure: "statistics",
    names:
      "^pg_stat_get_|^pg_stat_reset|^pg_(relation|total_relation|table|indexes|database|tablespace)_size$|^pg_stats_ext_mcvlist_items$",
  },
];

const measures: readonly Measure[] = [
  ...functions.map(({ measure, names, keepFor }) => ({
    measure,
    script: revokeMatching(names, keepFor),
    left: `select count(*)::int as n from pg_catalog.pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace
             and p.proname ~ '${names}' and pg_catalog.has_function_privilege('rf_api', p.oid, 'execute')`,
  })),
  {
    measure: "procedural language",
    script: `revoke usage on language plpgsql, sql from public;
             grant usage on language plpgsql, sql to rf_kernel, rf_owner, rf_migrate`,
    left: `select count(*)::int as n from pg_catalog.pg_language l where l.lanpltrusted
             and pg_catalog.has_language_privilege('rf_api', l.oid, 'usage')`,
  },
  {
    // A revoke waits for open transactions of what it ends; this lets it end those that do not finish (kernel.outwait).
    measure: "ending what outlasts a revoke",
    script: "grant pg_signal_backend to rf_kernel",
    left: "select (not pg_catalog.pg_has_role('rf_kernel', 'pg_signal_backend', 'usage'))::int as n",
  },
];

/** Tries each measure alone; returns those that this platform does not allow, with what it said. */
export async function takeDepthMeasures(db: Administration, prefix: string): Promise<RefusedMeasure[]> {
  const refused: RefusedMeasure[] = [];
  for (const { measure, script, left } of measures) {
    try {
      await db.script(withPrefix(script, prefix));
      const open = (await db.query(withPrefix(left, prefix)))[0]?.["n"];
      if (open !== 0) refused.push({ measure, reason: `${String(open)} stay open to every role` });
    } catch (error) {
      refused.push({ measure, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return refused;
}

/** The measures that are not in force now, without taking any. */
export async function openMeasures(db: Administration, prefix: string): Promise<string[]> {
  const open: string[] = [];
  for (const { measure, left } of measures) {
    if ((await db.query(withPrefix(left, prefix)))[0]?.["n"] !== 0) open.push(measure);
  }
  return open;
}

function revokeMatching(names: string, keepFor?: string): string {
  return `
do $$ declare f regprocedure; begin
  for f in select p.oid from pg_catalog.pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace and p.proname ~ '${names}' loop
    execute format('revoke execute on function %s from public', f);
    ${keepFor === undefined ? "" : `execute format('grant execute on function %s to ${keepFor}', f);`}
  end loop;
end $$`;
}
