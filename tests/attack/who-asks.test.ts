import { expect } from "vitest";
import { doorRoles } from "../../server/kernel/install/index.ts";
import { boundAs } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { attackGround, outcome, summed, tried } from "./attack-ground.ts";

// Section A of the leak checklist: whom PostgreSQL takes a door for.

proves("ISO-1", "ISO-2", "ISO-6");

const ground = attackGround();
const theirRows = "select * from app.contact";

async function asEveryDoor(texts: (role: string) => readonly string[], expected: string): Promise<string> {
  const seen: string[] = [];
  for (const role of doorRoles) {
    const client = await ground.connect(role);
    for (const text of texts(`rf_${role}`)) seen.push(await outcome(client, text));
  }
  expect(summed(seen)).toBe(expected);
  return summed(seen);
}

async function none(text: string): Promise<string> {
  const { rows } = await (await ground.superuser()).query<Record<string, unknown>>(text);
  expect(rows).toEqual([]);
  return "none";
}

const doors = "rolname ~ '^rf_(api|auth|ingest|worker|live|public|ops)$'";
const relations = "c.relnamespace = 'app'::regnamespace and c.relkind in ('r', 'p')";

attack({ id: "A1", title: "become superuser, which no row security binds", expected: "42501" }, () =>
  asEveryDoor(
    (role) => [`alter role ${role} superuser`, "create role mine superuser", "set role postgres"],
    "42501",
  ),
);

attack({ id: "A2", title: "become a role with BYPASSRLS", expected: "none, 42501" }, async () => {
  await none(
    `select rolname from pg_roles where ${doors} and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)`,
  );
  return `none, ${await asEveryDoor((role) => [`alter role ${role} bypassrls`, `alter role ${role} createrole`], "42501")}`;
});

attack(
  { id: "A3", title: "find a tenant table that does not force row security on its owner", expected: "none" },
  () =>
    none(
      `select c.oid::regclass from pg_class c where ${relations} and not (c.relrowsecurity and c.relforcerowsecurity)`,
    ),
);

attack(
  { id: "A4", title: "find a door that belongs to another role or owns anything", expected: "none" },
  async () => {
    await none(
      `select r.rolname from pg_auth_members m join pg_roles r on r.oid = m.member where ${doors.replace("rolname", "r.rolname")}`,
    );
    return none(
      `select c.oid::regclass from pg_class c join pg_roles r on r.oid = c.relowner where ${doors.replace("rolname", "r.rolname")}`,
    );
  },
);

attack(
  { id: "A5", title: "find a tenant table that lacks a wall for one of the four commands", expected: "none" },
  () =>
    none(`select c.oid::regclass, command from pg_class c cross join unnest(array['r', 'a', 'w', 'd']) command
         where ${relations} and not exists (
           select from pg_policy p where p.polrelid = c.oid and p.polcmd = command::"char" and not p.polpermissive
              and p.polroles = '{0}')`),
);

attack({ id: "A6", title: "find a wall that lets everything through", expected: "none" }, () =>
  none(`select p.polrelid::regclass, p.polname from pg_policy p join pg_class c on c.oid = p.polrelid
         where ${relations} and not p.polpermissive
           and (coalesce(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) !~ 'bound|bound_tenant|^false$|holds'
                or p.polcmd in ('a', 'w') and p.polname !~ '^(own_rows|update_wall)$' and p.polwithcheck is null)`),
);

attack(
  { id: "A7", title: "a later permissive policy of USING (true) for everybody", expected: "42501; own rows" },
  async () => {
    const superuser = await ground.superuser();
    await superuser.query(
      "create policy too_kind on app.contact for all to public using (true) with check (true)",
    );
    try {
      const api = await ground.connect();
      const unbound = await outcome(api, theirRows);
      const bound = await ground.inAcme(api, ["contact.read"], () => outcome(api, theirRows));
      expect([unbound, bound]).toEqual(["42501", "9 rows"]);
      return `${unbound}; own ${bound}`;
    } finally {
      await superuser.query("drop policy too_kind on app.contact");
    }
  },
);

attack({ id: "A8", title: "no binding, an empty one, or one of spaces", expected: "42501" }, async () => {
  const api = await ground.connect();
  const seen = [await outcome(api, theirRows)];
  for (const value of ["''", "' '", "'|'", "default"]) {
    await api.query(`set ringfence.binding = ${value}`);
    for (const text of [theirRows, "update app.contact set source = 'x'", "select app.erase_contact('{}')"]) {
      seen.push(await outcome(api, text));
    }
  }
  expect(summed(seen)).toBe("42501");
  return summed(seen);
});

attack({ id: "A9", title: "set row_security = off", expected: "42501" }, async () => {
  const api = await ground.connect();
  await api.query("set row_security = off");
  const seen = [
    await outcome(api, theirRows),
    await ground.inAcme(api, ["contact.read"], () => tried(api, theirRows)),
  ];
  expect(summed(seen)).toBe("42501");
  return summed(seen);
});

attack({ id: "A10", title: "SET ROLE, SET SESSION AUTHORIZATION, RESET ROLE", expected: "42501" }, () =>
  asEveryDoor(
    () => [
      "set role rf_owner",
      "set role rf_kernel",
      "set role rf_migrate",
      "set session authorization rf_owner",
      "set session authorization postgres",
      "grant rf_owner to rf_api",
    ],
    "42501",
  ),
);

attack(
  { id: "A11", title: "run a plan that was made under another binding", expected: "each its own rows" },
  async () => {
    const api = await ground.connect();
    for (const mode of ["auto", "force_generic_plan", "force_custom_plan"]) {
      await api.query(`set plan_cache_mode = ${mode}`);
      await api.query("prepare kept as select tenant_id from app.contact");
      for (let round = 0; round < 8; round += 1) {
        const mine = round % 2 === 0 ? ground.acme : ground.rival;
        await boundAs(
          api,
          { token: mine.owner.token, slug: mine.slug, needs: ["contact.read"] },
          async () => {
            const { rows } = await api.query<{ tenant_id: string }>("execute kept");
            expect(rows.map((row) => row.tenant_id)).toEqual(Array.from({ length: 9 }, () => mine.id));
          },
        );
        expect(await outcome(api, "execute kept")).toBe("42501");
      }
      await api.query("deallocate kept");
    }
    return "own rows only";
  },
);

attack(
  { id: "A12", title: "reach a table that was made yesterday and protected by nobody", expected: "42501" },
  async () => {
    const superuser = await ground.superuser();
    await superuser.query("set role rf_owner");
    await superuser.query("create table app.fresh as select 1 as secret");
    await superuser.query("set role rf_kernel");
    await superuser.query("create table kernel.fresh as select 1 as secret");
    await superuser.query("reset role");
    try {
      return await asEveryDoor(
        () => ["select * from app.fresh", "select * from kernel.fresh", "insert into app.fresh values (1)"],
        "42501",
      );
    } finally {
      await superuser.query("drop table app.fresh, kernel.fresh");
    }
  },
);

attack(
  {
    id: "A13",
    title: "belong to pg_read_all_data or another role of PostgreSQL's own",
    expected: "none, 42501",
  },
  async () => {
    await none(`select r.rolname, b.rolname from pg_roles r cross join pg_roles b
               where ${doors.replace("rolname", "r.rolname")} and b.rolname ~ '^pg_' and b.rolname <> 'pg_database_owner'
                 and pg_has_role(r.oid, b.oid, 'member')`);
    return `none, ${await asEveryDoor((role) => [`grant pg_read_all_data to ${role}`], "42501")}`;
  },
);
