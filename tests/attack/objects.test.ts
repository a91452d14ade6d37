import type { Client } from "pg";
import { expect } from "vitest";
import { openPool, sql } from "../../server/foundation/database/index.ts";
import { sha256 } from "../../server/foundation/ids/index.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { attackGround, contactId, outcome, summed, tried } from "./attack-ground.ts";

// Section D of the leak checklist: what stands around the tables, and what a door could put there.

proves("ISO-1", "ISO-6");

const ground = attackGround();

/** Each as the api door, unbound; all must be refused for want of privilege. */
async function refused(texts: readonly string[], code = "42501"): Promise<string> {
  const api = await ground.connect();
  for (const text of texts) expect(await outcome(api, text), text).toBe(code);
  return code;
}

async function none(text: string): Promise<string> {
  const { rows } = await (await ground.superuser()).query<Record<string, unknown>>(text);
  expect(rows).toEqual([]);
  return "none";
}

const doorMay = (privilege: string): string => `has_table_privilege('rf_api', c.oid, '${privilege}')`;

attack(
  {
    id: "D1",
    title: "find a view outside the kernel's bound ones that a door can read, or make one",
    expected: "none, 42501",
  },
  async () => {
    await none(`select c.oid::regclass from pg_class c join pg_namespace n on n.oid = c.relnamespace
                 where c.relkind = 'v' and n.nspname !~ '^(pg_|information_schema$)' and ${doorMay("select")}
                   and not (n.nspname = 'kernel' and pg_get_viewdef(c.oid) ~ 'kernel[.]bound|bound[(]')`);
    const api = await ground.connect();
    return `none, ${await outcome(api, "create view public.mine as select * from app.contact")}`;
  },
);

attack({ id: "D2", title: "find a view that reads another view of its owner", expected: "none" }, () =>
  none(`select r.ev_class::regclass from pg_rewrite r join pg_depend d on d.objid = r.oid and d.classid = 'pg_rewrite'::regclass
            join pg_class v on v.oid = r.ev_class join pg_class on_it on on_it.oid = d.refobjid and d.refclassid = 'pg_class'::regclass
           where v.relnamespace in ('kernel'::regnamespace, 'app'::regnamespace) and on_it.relkind in ('v', 'm') and on_it.oid <> v.oid`),
);

attack(
  { id: "D4", title: "find or make a materialized view of tenant rows", expected: "none, 42501" },
  async () => {
    await none("select oid::regclass from pg_class where relkind = 'm'");
    return `none, ${await refused(["create materialized view public.mine as select * from app.contact"])}`;
  },
);

attack(
  { id: "D5", title: "find or make a child table of a tenant table", expected: "none, 42501" },
  async () => {
    await none(
      "select inhrelid::regclass from pg_inherits i join pg_class c on c.oid = i.inhparent where c.relkind in ('r', 'p')",
    );
    return `none, ${await refused(["create table public.mine () inherits (app.contact)", "create temp table mine () inherits (app.contact)"])}`;
  },
);

attack(
  {
    id: "D7",
    title: "reach the rows from outside: dblink, postgres_fdw, a foreign server",
    expected: "none, 42501",
  },
  async () => {
    await none(
      "select extname from pg_extension where extname in ('dblink', 'postgres_fdw', 'file_fdw', 'adminpack')",
    );
    await none("select srvname from pg_foreign_server");
    return `none, ${await refused(["create extension dblink", "create extension postgres_fdw", "create foreign data wrapper mine"])}`;
  },
);

attack(
  { id: "D8", title: "find a definer function whose names a temp table could take over", expected: "none" },
  () =>
    none(`select oid::regprocedure from pg_proc where prosecdef and pronamespace in ('kernel'::regnamespace, 'app'::regnamespace)
             and not coalesce(proconfig @> array['search_path=pg_catalog, pg_temp'], false)`),
);

attack({ id: "D9", title: "find a function of ours that everybody may call", expected: "none" }, () =>
  none(`select f.oid::regprocedure from pg_proc f, aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) x
           where f.pronamespace in ('kernel'::regnamespace, 'app'::regnamespace) and x.grantee = 0`),
);

attack(
  {
    id: "D10",
    title: "find a function of ours that resolves names by its caller's search_path",
    expected: "none",
  },
  () =>
    none(`select oid::regprocedure from pg_proc where pronamespace in ('kernel'::regnamespace, 'app'::regnamespace)
             and not coalesce(proconfig @> array['search_path=pg_catalog, pg_temp'], false) and prosqlbody is null
             -- Runs with its caller's rights, names every function with its schema, and is called by pinned ones.
             and not (proname = 'search_tokens' and not prosecdef)`),
);

attack(
  {
    id: "D11",
    title: "write another organization's row past the policies, as a superuser that is bound",
    expected: "42501 from the trigger",
  },
  async () => {
    const superuser = await ground.superuser();
    const seen = await ground.inAcme(superuser, ["contact.read"], async () => [
      await tried(
        superuser,
        `insert into app.contact (tenant_id, id) values ('${ground.rival.id}', gen_random_uuid())`,
      ),
      await tried(superuser, `update app.contact set source = 'x' where tenant_id = '${ground.rival.id}'`),
      await tried(superuser, `delete from app.contact where tenant_id = '${ground.rival.id}'`),
    ]);
    seen.push(await outcome(superuser, "update app.contact set source = 'x'"));
    expect(summed(seen)).toBe("42501");
    return summed(seen);
  },
);

attack(
  { id: "D12", title: "TRUNCATE, REFERENCES, TRIGGER and ownership of a tenant table", expected: "42501" },
  () =>
    refused([
      "truncate app.contact",
      "alter table app.contact disable row level security",
      "alter table app.contact no force row level security",
      "alter table app.contact disable trigger all",
      "alter table app.contact owner to rf_api",
      "drop policy select_wall on app.contact",
      "create policy mine on app.contact using (true)",
      "create index mine on app.contact (email)",
      "comment on table app.contact is 'mine'",
      "create trigger mine after insert on app.contact execute function kernel.record_contact()",
      "create rule mine as on insert to app.contact do also nothing",
    ]),
);

attack({ id: "D13", title: "LOCK TABLE to stop every organization", expected: "42501" }, async () => {
  const api = await ground.connect();
  const superuser = await ground.superuser();
  const { rows } = await superuser.query<{ relation: string }>(
    "select oid::regclass::text as relation from pg_class where relkind = 'r' and relnamespace in ('app'::regnamespace, 'kernel'::regnamespace)",
  );
  const relations = rows.map(({ relation }) => relation);
  expect(relations).toEqual(expect.arrayContaining(["app.contact", "app.import_chunk", "kernel.credential"]));
  const seen: string[] = [];
  await ground.inAcme(api, ["contact.read", "contact.change", "import.change"], async () => {
    for (const relation of relations) {
      for (const mode of [
        "access exclusive",
        "exclusive",
        "share row exclusive",
        "share",
        "share update exclusive",
      ]) {
        seen.push(await tried(api, `lock table ${relation} in ${mode} mode`));
      }
    }
  });
  expect(summed(seen)).toBe("42501");
  return summed(seen);
});

attack({ id: "D14", title: "pass data through large objects and server files", expected: "42501" }, () =>
  refused([
    "select lo_create(0)",
    "select lo_creat(-1)",
    "select lo_from_bytea(0, 'x')",
    "select lo_get(1)",
    "select loread(0, 1)",
    "select lo_import('/etc/passwd')",
    "select lo_export(1, '/tmp/x')",
    "select * from pg_largeobject",
    "select pg_read_file('/etc/passwd')",
    "select pg_ls_dir('.')",
    "copy app.contact to '/tmp/x'",
    "copy (select 1) to program 'true'",
    "copy app.contact from program 'true'",
  ]),
);

attack({ id: "D15", title: "read counters that all organizations share", expected: "none" }, () =>
  none(
    "select oid::regclass from pg_class where relkind = 'S' and relnamespace in ('kernel'::regnamespace, 'app'::regnamespace)",
  ),
);

attack(
  {
    id: "D16",
    title: "leave a cursor WITH HOLD behind on a pooled connection for the next organization's request",
    expected: "the next request finds no cursor",
  },
  async () => {
    const connectionString = ground.db.dsnFor("api");
    const pool = openPool({
      connectionString,
      max: 1,
      applicationName: "attack",
      statementTimeoutMs: 9000,
      transactionTimeoutMs: 9000,
    });
    try {
      const entered = (slug: "acme" | "rival") => ({
        text: "select kernel.enter($1, $2, '{contact.read}', null, null, null)",
        values: [sha256(ground[slug].owner.token), slug],
      });
      await pool
        .batch([
          entered("rival"),
          sql`declare left_behind cursor with hold for select notes from app.contact`,
        ])
        .catch(() => undefined);
      const found = pool.batch([entered("acme"), sql`fetch all from left_behind`]);
      const seen = await found.then(
        ([, rows]) => `${rows?.count ?? 0} rows`,
        () => "no cursor",
      );
      expect(seen).toBe("no cursor");
      return seen;
    } finally {
      await pool.close();
    }
  },
);

attack({ id: "D17", title: "keep rows in a temporary table", expected: "42501" }, () =>
  refused([
    "create temp table kept as select 1",
    "create temp table kept (id int)",
    "select * into temp kept from app.contact",
  ]),
);

async function heard(client: Client, work: () => Promise<unknown>): Promise<number> {
  let count = 0;
  client.on("notification", () => (count += 1));
  await work();
  await client.query("select 1");
  return count;
}

attack(
  {
    id: "D18",
    title: "LISTEN while another organization works, and pg_notify",
    expected: "nothing heard, 42501",
  },
  async () => {
    const listener = await ground.connect();
    for (const channel of ["contact", "app", "kernel", "job", "outbox", "audit", "ringfence"])
      await listener.query(`listen ${channel}`);
    const api = await ground.connect();
    const count = await heard(listener, () => ground.db.member(ground.rival, "member"));
    expect(count).toBe(0);
    return `${count} heard, ${await outcome(api, "select pg_notify('app', 'x')")}`;
  },
);

attack(
  { id: "D19", title: "block others, or signal to them, through advisory locks", expected: "42501" },
  () =>
    refused([
      "select pg_advisory_lock(1)",
      "select pg_advisory_xact_lock_shared(1)",
      "select pg_try_advisory_lock(1, 2)",
      "select pg_try_advisory_xact_lock(1)",
      "select pg_advisory_unlock_all()",
      "select * from pg_locks",
      "select pg_blocking_pids(1)",
    ]),
);

attack({ id: "D20", title: "cancel or end the work of others, or sleep", expected: "42501" }, () =>
  refused([
    "select pg_cancel_backend(pid) from generate_series(1, 2) pid",
    "select pg_terminate_backend(1)",
    "select pg_sleep(1)",
    "select pg_sleep_for('1 s')",
    "select pg_reload_conf()",
    "select pg_log_backend_memory_contexts(1)",
  ]),
);

attack({ id: "D21", title: "read the change stream, or copy the database", expected: "42501" }, async () => {
  const seen = await refused([
    "select pg_create_logical_replication_slot('mine', 'test_decoding')",
    "select pg_create_physical_replication_slot('mine')",
    "create subscription mine connection 'dbname=x' publication mine",
    "select pg_logical_emit_message(true, 'x', 'y')",
    "select pg_export_snapshot()",
    `create database mine template "${ground.db.name}"`,
  ]);
  // What pg_dump does: row_security off turns a filtered read into an error.
  const api = await ground.connect();
  await api.query("set row_security = off");
  expect(await outcome(api, "copy app.contact to stdout")).toBe("42501");
  return seen;
});

attack(
  { id: "D22", title: "find an index of a kind that looks past row security", expected: "only btree" },
  async () => {
    await none(`select i.relname from pg_class i join pg_am a on a.oid = i.relam
                 where i.relkind = 'i' and i.relnamespace = 'app'::regnamespace and a.amname <> 'btree'`);
    return "only btree";
  },
);

attack(
  {
    id: "N-temp-trigger",
    title: "hang a record function on a temp table of one's own, as a role that has TEMP",
    expected: "42501",
  },
  async () => {
    const superuser = await ground.superuser();
    await superuser.query(`grant temp on database "${ground.db.name}" to rf_worker`);
    const worker = await ground.connect("worker");
    await worker.query("create temp table mine (tenant_id uuid, id uuid, archived_at timestamptz)");
    const trigger = (name: string): string =>
      `create trigger mine after insert on mine referencing new table as new_rows for each statement execute function ${name}()`;
    const seen = [
      await outcome(worker, trigger("kernel.record_contact")),
      await outcome(worker, trigger("app.index_contact")),
      await outcome(worker, "create function pg_temp.f() returns int language sql as 'select 1'"),
    ];
    await superuser.query(`revoke temp on database "${ground.db.name}" from rf_worker`);
    expect(summed(seen)).toBe("42501");
    return summed(seen);
  },
);

attack(
  {
    id: "N-backfill",
    title: "a migration's bare UPDATE as the owner, which row security would let touch nothing in silence",
    expected: "42501; through the kernel's procedure every organization",
  },
  async () => {
    const migrate = await ground.connect("migrate");
    await migrate.query("set role rf_owner");
    const seen = [
      await outcome(migrate, "update app.contact set source = 'backfilled'"),
      await outcome(migrate, `delete from app.contact where id = '${contactId}'`),
      await outcome(
        migrate,
        "insert into app.contact (tenant_id, id) select tenant_id, gen_random_uuid() from app.contact",
      ),
    ];
    expect(summed(seen)).toBe("42501");
    await migrate.query("reset role");
    await migrate.query("begin");
    await migrate.query(
      "call kernel.for_each_tenant('{contact.read,contact.archive}', 'update app.contact set source = ''backfilled''')",
    );
    await migrate.query("commit");
    const superuser = await ground.superuser();
    const { rows } = await superuser.query(
      "select distinct tenant_id from app.contact where source = 'backfilled'",
    );
    expect(rows).toHaveLength(2);
    return `42501; ${rows.length} organizations`;
  },
);
