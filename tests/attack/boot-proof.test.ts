import { Client } from "pg";
import { describe, expect, test } from "vitest";
import { dsnAs, install, InstallRefused } from "../../server/kernel/install/index.ts";
import { clonedDatabase } from "../cluster.ts";
import { installOptionsFor, testPassword, withDoors, type InstalledDatabase } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { codeOf } from "./attack-ground.ts";

// The server does not start on a database that differs from what this version declares. With a prefix of its own, since
// installing repairs roles, which belong to the cluster.

proves("ISO-8");

const prefix = "boot";

async function scratch(): Promise<InstalledDatabase> {
  const database = await clonedDatabase("installed_boot", async (dsn) => {
    await install(installOptionsFor(dsn, prefix));
  });
  return withDoors(database, prefix);
}

/** What install says about a database after this was done to it as superuser; nothing when it starts. */
async function faultsAfter(sabotage: string, undo = ""): Promise<readonly string[]> {
  const db = await scratch();
  const superuser = await db.connectAsSuperuser();
  try {
    await superuser.query(sabotage.replaceAll("{database}", `"${db.name}"`));
    return await install(installOptionsFor(db.dsn, prefix)).then(
      () => [],
      (error: unknown) => {
        if (error instanceof InstallRefused) return error.faults;
        throw error;
      },
    );
  } finally {
    if (undo !== "") await superuser.query(undo);
    await db.drop();
  }
}

interface Sabotage {
  readonly title: string;
  readonly sql: string;
  /** What the refusal must name. */
  readonly names: string;
  /** For what belongs to the cluster and outlives the database. */
  readonly undo?: string;
}

const sabotages: readonly Sabotage[] = [
  {
    title: "drop a policy",
    sql: "drop policy select_wall on app.contact",
    names: "policy app.contact select_wall is missing",
  },
  {
    title: "change a policy",
    sql: "alter policy select_wall on app.contact using (true)",
    names: "policy app.contact select_wall differs",
  },
  {
    title: "add a permissive policy",
    sql: "create policy kind on app.contact using (true)",
    names: "policy app.contact kind is not declared",
  },
  {
    title: "stop forcing row security",
    sql: "alter table app.contact no force row level security",
    names: "relation app.contact differs",
  },
  {
    title: "switch row security off",
    sql: "alter table app.contact disable row level security",
    names: "relation app.contact differs",
  },
  {
    title: "add a table",
    sql: "set role boot_owner; create table app.extra (id int); reset role",
    names: "relation app.extra is not declared",
  },
  {
    title: "add a child table, which inherits no policy",
    sql: "create table app.part () inherits (app.contact)",
    names: "relation app.part is not declared",
  },
  {
    title: "grant a kernel table",
    sql: "grant select on kernel.person to boot_api",
    names: "relation kernel.person differs",
  },
  {
    title: "grant a column",
    sql: "grant update (archived_at) on app.contact to boot_api",
    names: "column app.contact.archived_at differs",
  },
  {
    title: "grant a kernel function",
    sql: "grant execute on function kernel.bind_migration(uuid, text[]) to boot_api",
    names: "function kernel.bind_migration",
  },
  {
    title: "change a function's body",
    sql: "create or replace function kernel.bound(need text) returns uuid language sql stable security definer as 'select null::uuid'",
    names: "function kernel.bound(need text) differs",
  },
  {
    title: "unpin a function's search_path",
    sql: "alter function kernel.verified() reset search_path",
    names: "function kernel.verified() differs",
  },
  {
    title: "disable a trigger",
    sql: "alter table app.contact disable trigger record_update",
    names: "trigger app.contact record_update differs",
  },
  {
    title: "disable the checks of references",
    sql: "alter table app.contact disable trigger all",
    names: "foreign key check app.contact",
  },
  {
    title: "add a rule",
    sql: "create rule quiet as on insert to app.account do also nothing",
    names: "rule app.account quiet is not declared",
  },
  {
    title: "replace a view without its barrier (D3)",
    sql: "alter view kernel.members reset (security_barrier)",
    names: "relation kernel.members differs",
  },
  {
    title: "drop a reference",
    sql: "alter table app.contact drop constraint contact_tenant_id_account_id_fkey",
    names: "constraint app.contact contact_tenant_id_account_id_fkey is missing",
  },
  {
    title: "add a unique index without tenant_id",
    sql: "create unique index wide on app.contact (external_id)",
    names: "index app.wide is not declared",
  },
  {
    title: "gather planner statistics",
    sql: "alter table app.account alter name set statistics 100",
    names: "column app.account.name differs",
  },
  {
    title: "gather extended statistics",
    sql: "create statistics app.both on first_name, last_name from app.contact",
    names: "extended statistics app.contact both",
  },
  {
    title: "show rows by a view elsewhere",
    sql: "create view public.all_contacts as select * from app.contact; grant select on public.all_contacts to boot_api",
    names: "reach of boot_api public.all_contacts",
  },
  {
    title: "show one column of a table elsewhere",
    sql: "create table public.copy as select 1 as secret; grant select (secret) on public.copy to boot_public",
    names: "public.copy is not declared",
  },
  {
    title: "open a catalog",
    sql: "grant select on pg_catalog.pg_statistic to boot_api",
    names: "pg_catalog.pg_statistic is not declared",
  },
  {
    title: "add a definer function elsewhere",
    sql: "create function public.all_contacts() returns setof app.contact language sql security definer as 'select * from app.contact'",
    names: "definer function public.all_contacts",
  },
  {
    title: "let a door make objects",
    sql: "grant create on schema public to boot_api",
    names: "public is not declared",
  },
  {
    title: "let everybody make objects",
    sql: "create schema other; grant create on schema other to public",
    names: "schema for all other is not declared",
  },
  {
    title: "let a door make temporary tables",
    sql: "grant temporary on database {database} to boot_api",
    names: "database",
  },
  {
    title: "widen a role of the product",
    sql: "update kernel.role set permissions = permissions || '{contact.erase}' where preset = 'crm' and key = 'viewer'",
    names: "role crm viewer differs",
  },
  {
    title: "widen a job",
    sql: "update kernel.job_kind set needs = needs || '{member.change}' where name = 'mail.send'",
    names: "job kind mail.send differs",
  },
  {
    title: "grant for tables to come",
    sql: "alter default privileges for role boot_owner in schema app grant select on tables to boot_api",
    names: "default privileges",
  },
  {
    title: "switch triggers off for every session",
    sql: "alter database {database} set session_replication_role = replica",
    names: "database setting everybody session_replication_role",
  },
  {
    title: "make a door a member of the owner",
    sql: "grant boot_owner to boot_api",
    names: "differs",
    undo: "revoke boot_owner from boot_api",
  },
  {
    title: "let a door read everything",
    sql: "grant pg_read_all_data to boot_api",
    names: "differs",
    undo: "revoke pg_read_all_data from boot_api",
  },
  {
    title: "lend the owner to an outsider",
    sql: "create role boot_outsider; grant boot_owner to boot_outsider",
    names: "differs",
    undo: "drop role boot_outsider",
  },
];

describe("a database that differs from the declarations", () => {
  for (const [at, { title, sql, names, undo }] of sabotages.entries()) {
    attack(
      { id: `ISO-8-${at + 1}`, title: `${title}, then start`, expected: "refused, and named" },
      async () => {
        const faults = await faultsAfter(sql, undo);
        expect(faults.join("\n")).toContain(names);
        return "refused, and named";
      },
    );
  }

  test("one that does not differ starts, again and again", async () => {
    expect(await faultsAfter("select 1")).toEqual([]);
  });
});

describe("what a role can do to itself", () => {
  attack(
    {
      id: "N-alter-role",
      title: "ALTER ROLE on oneself: password and settings, here and everywhere",
      expected: "repaired by the next start",
    },
    async () => {
      const db = await scratch();
      const api = await db.connectAs("api");
      await api.query("alter role boot_api password 'chosen by the thief'");
      await api.query("alter role boot_api set search_path = 'public'");
      await api.query("alter role boot_api set statement_timeout = 0");
      await api.query(
        `alter role boot_api in database "${db.name}" set default_transaction_isolation = 'serializable'`,
      );
      await expect(
        db.connectAs("api").catch((error: unknown) => Promise.reject(new Error(codeOf(error)))),
      ).rejects.toThrow("28P01");
      await install(installOptionsFor(db.dsn, prefix));
      const again = await db.connectAs("api");
      const { rows } = await again.query<Record<string, string>>(
        "select current_setting('statement_timeout') as timeout, current_setting('default_transaction_isolation') as isolation, current_setting('search_path') as path",
      );
      expect(rows[0]).toEqual({ timeout: "10s", isolation: "read committed", path: '"$user", public' });
      const thief = new Client({ connectionString: dsnAs(db.dsn, "boot_api", "chosen by the thief") });
      await expect(thief.connect()).rejects.toThrow(/password/);
      await db.drop();
      return "repaired";
    },
  );

  attack(
    {
      id: "N-attributes",
      title: "a door that was made superuser, BYPASSRLS or INHERIT",
      expected: "repaired by the next start",
    },
    async () => {
      const db = await scratch();
      const superuser = await db.connectAsSuperuser();
      await superuser.query(
        "alter role boot_api superuser; alter role boot_worker bypassrls createrole; alter role boot_live inherit",
      );
      await install(installOptionsFor(db.dsn, prefix));
      const { rows } = await superuser.query(
        "select rolname from pg_roles where rolname ~ '^boot_' and rolcanlogin and (rolsuper or rolbypassrls or rolcreaterole or rolinherit)",
      );
      expect(rows).toEqual([]);
      await db.drop();
      return "repaired";
    },
  );
});

describe("what is no drift but another installation", () => {
  test.each([
    ["another secret", { keyCheck: Buffer.alloc(32) }, "RINGFENCE_SECRET"],
    ["another region", { region: "us" }, "RINGFENCE_REGION"],
  ])("%s is refused by name", async (_, changed, named) => {
    const db = await scratch();
    const starting = install({ ...installOptionsFor(db.dsn, prefix), ...changed });
    await expect(starting).rejects.toThrow(named);
    await db.drop();
  });

  test("a migration that was changed after it ran is refused by name", async () => {
    const db = await scratch();
    const superuser = await db.connectAsSuperuser();
    await superuser.query("update kernel.migration set sha256 = 'x' where name = '0001-kernel.sql'");
    await expect(install(installOptionsFor(db.dsn, prefix))).rejects.toThrow("0001-kernel.sql");
    await db.drop();
  });

  test("passwords are the installation's own", () => {
    expect(testPassword("api")).not.toBe(testPassword("worker"));
  });
});
