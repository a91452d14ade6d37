import { nowMs } from "../../foundation/clock/index.ts";
import type { Administration } from "../../foundation/database/index.ts";
import { postgresSecurity } from "../../foundation/postgres/index.ts";
import { fail, type Finding, ok, warn } from "./finding.ts";

/** The server's version against the oldest minor without a publicly known hole. */
export async function versionFindings(db: Administration, embedded: boolean): Promise<Finding[]> {
  const version = String((await db.query("show server_version"))[0]?.["server_version"]);
  const { floor, below } = postgresSecurity(version);
  if (floor === null)
    return [
      warn("postgresql", `PostgreSQL ${version}: no security floor is known.`, "Use PostgreSQL 15 to 18."),
    ];
  const said = `PostgreSQL ${version}, security floor ${floor}.`;
  if (!below) return [ok("postgresql", said)];
  return embedded
    ? [
        warn(
          "postgresql",
          `${said} The embedded one is for evaluation.`,
          "For production set DATABASE_URL to a current minor.",
        ),
      ]
    : [fail("postgresql", said, `Update PostgreSQL to ${floor} or later.`)];
}

/** Clocks of this machine and of the database: sessions and links live by the database's. */
export async function clockFindings(db: Administration): Promise<Finding[]> {
  const before = nowMs();
  const [row] = await db.query("select extract(epoch from clock_timestamp()) * 1000 as ms");
  const after = nowMs();
  const skew = Math.round(Number(row?.["ms"]) - (before + after) / 2);
  const said = `The database's clock is ${Math.abs(skew)} ms ${skew < 0 ? "behind" : "ahead"}.`;
  const fix = "Let both machines keep time by NTP.";
  if (Math.abs(skew) > 60_000) return [fail("clock", said, fix)];
  return [Math.abs(skew) > 2000 ? warn("clock", said, fix) : ok("clock", said)];
}

/** Whether the server's own log would hold what statements were given. */
export async function statementLogFindings(db: Administration): Promise<Finding[]> {
  const rows = await db.query(
    `select name, setting from pg_catalog.pg_settings
      where name in ('log_statement', 'log_min_duration_statement', 'log_parameter_max_length', 'log_parameter_max_length_on_error')`,
  );
  const setting = new Map(rows.map((row) => [String(row["name"]), String(row["setting"])]));
  const statements =
    setting.get("log_statement") !== "none" || Number(setting.get("log_min_duration_statement")) >= 0;
  const faults = [
    ...(statements && setting.get("log_parameter_max_length") !== "0"
      ? ["logged statements carry their values (log_parameter_max_length)"]
      : []),
    ...(setting.get("log_parameter_max_length_on_error") !== "0"
      ? ["failed statements carry their values (log_parameter_max_length_on_error)"]
      : []),
  ];
  if (faults.length === 0) return [ok("statement log", "PostgreSQL logs no values of statements.")];
  return [
    warn(
      "statement log",
      `PostgreSQL's log holds personal data: ${faults.join("; ")}.`,
      "Set both to 0 in postgresql.conf.",
    ),
  ];
}

/** The door roles: they log in, and can do nothing by themselves. */
export async function roleFindings(db: Administration, prefix: string): Promise<Finding[]> {
  const rows = await db.query(
    `select r.rolname as name,
            r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb or r.rolreplication as mighty,
            exists (select from pg_catalog.pg_auth_members m where m.member = r.oid) as member
       from pg_catalog.pg_roles r where r.rolname ~ ('^' || $1 || '_(api|auth|ingest|worker|live|public|ops)$') order by 1`,
    [prefix],
  );
  const faults = rows.flatMap(({ name, mighty, member }) => [
    ...(mighty === true ? [`${String(name)} has attributes that no door may have`] : []),
    ...(member === true ? [`${String(name)} belongs to another role`] : []),
  ]);
  if (rows.length !== 7) faults.push(`${7 - rows.length} door roles are missing`);
  if (faults.length === 0)
    return [ok("roles", "The 7 door roles log in, own nothing and belong to nothing.")];
  return [
    fail(
      "roles",
      `${faults.join("; ")}.`,
      "Start the server once more: it repairs its roles, or says why not.",
    ),
  ];
}
