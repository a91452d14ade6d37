import type { Client } from "pg";
import { expect } from "vitest";
import { sha256 } from "../../server/foundation/ids/index.ts";
import { doorRoles } from "../../server/kernel/install/index.ts";
import { boundAs } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { attackGround, canary, outcome, summed, tried } from "./attack-ground.ts";

// Every table of schema app, every verb, with no binding, with another organization's, and with forged ones; every view,
// table and function of schema kernel as every door. Tables come from the catalog, so that a new one is attacked unasked.

proves("ISO-1", "ISO-2", "ISO-6");

const ground = attackGround();

interface Column {
  readonly relation: string;
  readonly column: string;
}

/** What the api door may set in each table: the verbs are tried as far as the grants go, and then once beyond. */
async function columnsOf(client: Client): Promise<Map<string, string[]>> {
  const { rows } = await client.query<Column>(`
    select c.oid::regclass::text as relation, a.attname as column
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     where c.relnamespace = 'app'::regnamespace and c.relkind in ('r', 'p') order by 1, a.attnum`);
  const columns = new Map<string, string[]>();
  for (const { relation, column } of rows) columns.set(relation, [...(columns.get(relation) ?? []), column]);
  expect(columns.size).toBeGreaterThanOrEqual(6);
  return columns;
}

/** One statement a verb that would touch every row it can see; columns that no door may write are tried as well. */
function verbs(relation: string, columns: readonly string[]): Record<string, string[]> {
  const updates = columns.map((column) => `update ${relation} set ${column} = ${column}`);
  return {
    select: [
      `select * from ${relation}`,
      `select count(*) from ${relation} having count(*) > 0`,
      `select 1 from ${relation} for update`,
      `copy (select * from ${relation}) to stdout`,
      `table ${relation}`,
    ],
    insert: [
      `insert into ${relation} (${columns.join(", ")}) select ${columns.join(", ")} from ${relation}`,
      `insert into ${relation} default values`,
    ],
    update: updates,
    delete: [
      `delete from ${relation}`,
      `merge into ${relation} t using ${relation} s on t.tenant_id = s.tenant_id when matched then delete`,
      `truncate ${relation}`,
    ],
  };
}

for (const verb of ["select", "insert", "update", "delete"]) {
  attack(
    {
      id: `W-unbound-${verb}`,
      title: `${verb} on every tenant table without a binding, as every door`,
      expected: "42501",
    },
    async () => {
      const columns = await columnsOf(await ground.superuser());
      const seen: string[] = [];
      for (const role of doorRoles) {
        const client = await ground.connect(role);
        for (const [relation, names] of columns) {
          for (const text of verbs(relation, names)[verb] ?? []) seen.push(await outcome(client, text));
        }
      }
      expect(summed(seen)).toBe("42501");
      return summed(seen);
    },
    60_000,
  );
}

const allNeeds = ["account", "contact", "own_field", "import"].flatMap((resource) => [
  `${resource}.read`,
  `${resource}.create`,
  `${resource}.change`,
  `${resource}.archive`,
]);

attack(
  {
    id: "W-bound-read",
    title: "read every column of every table bound to one organization, looking for the other's canary",
    expected: "own rows, no canary",
  },
  async () => {
    const columns = await columnsOf(await ground.superuser());
    const client = await ground.connect();
    let rows = 0;
    await ground.inAcme(client, allNeeds, async () => {
      for (const relation of columns.keys()) {
        const result = await client.query<Record<string, unknown>>(
          `select x.*, x::text as whole from ${relation} x`,
        );
        rows += result.rowCount ?? 0;
        expect(JSON.stringify(result.rows)).not.toContain(canary);
        expect(JSON.stringify(result.rows)).not.toContain(Buffer.from(canary).toString("hex"));
        for (const row of result.rows) expect(row["tenant_id"]).toBe(ground.acme.id);
      }
    });
    expect(rows).toBeGreaterThan(20);
    return "own rows, no canary";
  },
);

attack(
  {
    id: "W-bound-write",
    title: "write every table with all needs of one organization, naming the other's id",
    expected: "42501 or 0 rows, and the other's rows untouched",
  },
  async () => {
    const superuser = await ground.superuser();
    const columns = await columnsOf(superuser);
    const fingerprint = async (): Promise<unknown[]> => {
      const sums: unknown[] = [];
      for (const relation of columns.keys()) {
        const text = `select md5(coalesce(string_agg(x::text, '|' order by x::text), '')) from ${relation} x where tenant_id = $1`;
        sums.push((await superuser.query(text, [ground.rival.id])).rows);
      }
      return sums;
    };
    const before = await fingerprint();
    const client = await ground.connect();
    const seen: string[] = [];
    await ground.inAcme(client, allNeeds, async () => {
      for (const [relation, names] of columns) {
        const foreign = `tenant_id = '${ground.rival.id}'`;
        for (const column of names)
          seen.push(await tried(client, `update ${relation} set ${column} = ${column} where ${foreign}`));
        seen.push(await tried(client, `update ${relation} set tenant_id = '${ground.rival.id}'`));
        seen.push(await tried(client, `delete from ${relation} where ${foreign}`));
        seen.push(await tried(client, `select 1 from ${relation} where ${foreign} for update`));
        const listed = names
          .map((name) => (name === "tenant_id" ? `'${ground.rival.id}'::uuid` : `x.${name}`))
          .join(", ");
        seen.push(
          await tried(
            client,
            `insert into ${relation} (${names.join(", ")}) select ${listed} from ${relation} x`,
          ),
        );
      }
      const ids = "(select array_agg(id) from app.contact)";
      seen.push(await tried(client, `select * from app.erase_contact(${ids})`));
    });
    expect([...new Set(seen)].toSorted()).toEqual(["0 rows", "42501"]);
    expect(await fingerprint()).toEqual(before);
    return "0 rows, 42501; untouched";
  },
);

attack(
  {
    id: "W-kernel-relations",
    title: "read every relation of the kernel unbound, as every door and as rf_owner",
    expected: "42501",
  },
  async () => {
    const superuser = await ground.superuser();
    const { rows } = await superuser.query<{ relation: string; kind: string }>(
      "select oid::regclass::text as relation, relkind as kind from pg_class where relnamespace = 'kernel'::regnamespace and relkind in ('r', 'v', 'S', 'm')",
    );
    expect(rows.length).toBeGreaterThan(20);
    const seen: string[] = [];
    for (const role of doorRoles) {
      const client = await ground.connect(role);
      for (const { relation } of rows) {
        seen.push(await outcome(client, `select * from ${relation}`));
        for (const text of [`delete from ${relation}`, `insert into ${relation} default values`]) {
          const written = await outcome(client, text);
          // A view that takes no rows says so (55000) before anybody asks whether one may.
          seen.push(written === "55000" ? "42501" : written);
        }
      }
    }
    await superuser.query("set role rf_owner");
    for (const { relation } of rows) seen.push(await outcome(superuser, `select * from ${relation}`));
    await superuser.query("reset role");
    expect(summed(seen)).toBe("42501");
    return summed(seen);
  },
);

const rolesOfPeople = ["owner", "admin", "manager", "member", "viewer"] as const;

attack(
  {
    id: "W-kernel-views",
    title: "ask every kernel view bound with no need, with each need, as each built-in role",
    expected: "only with its need, only own rows",
  },
  async () => {
    const client = await ground.connect();
    const { rows: views } = await client.query<{ view: string }>(
      "select oid::regclass::text as view from pg_class where relnamespace = 'kernel'::regnamespace and relkind = 'v' and has_table_privilege(oid, 'select')",
    );
    const foreign = [ground.rival.owner.email, ground.rival.id, ground.rival.slug];
    let shown = 0;
    for (const role of rolesOfPeople) {
      const member = await ground.db.member(ground.acme, role);
      const needs = await heldBy(member.token);
      for (const need of [null, ...needs]) {
        await boundAs(
          client,
          { token: member.token, slug: "acme", needs: need === null ? [] : [need] },
          async () => {
            for (const { view } of views) {
              const result = await client.query<Record<string, unknown>>(`select * from ${view}`);
              if (need === null) expect(result.rows, `${view} without a need`).toEqual([]);
              shown += result.rows.length;
              for (const secret of foreign) {
                expect(JSON.stringify(result.rows)).not.toContain(secret);
              }
            }
          },
        );
      }
    }
    expect(shown).toBeGreaterThan(0);
    return "own rows only";
  },
  60_000,
);

async function heldBy(token: string): Promise<string[]> {
  const superuser = await ground.superuser();
  const { rows } = await superuser.query<{ held: string[] }>(
    `select m.permissions as held from kernel.credential c join kernel.membership m on m.person_id = c.person_id
      where c.digest = sha256($1) and m.tenant_id = $2`,
    [sha256(token), ground.acme.id],
  );
  return (rows[0]?.held ?? [])
    .map((held) => held.replace(/:own$/, ""))
    .filter((need) => !/[.](export|reveal)$/.test(need));
}

attack(
  {
    id: "W-kernel-functions",
    title: "call every kernel function that a door was not given",
    expected: "42501",
  },
  async () => {
    const denied: string[] = [];
    for (const role of doorRoles) {
      const client = await ground.connect(role);
      const { rows } = await client.query<{ name: string; args: number; kind: string }>(notGiven);
      for (const { name, args, kind } of rows) {
        const nulls = Array.from({ length: args }, () => "null").join(", ");
        denied.push(await outcome(client, `${kind === "p" ? "call" : "select"} ${name}(${nulls})`));
      }
    }
    expect(denied.length).toBeGreaterThan(200);
    expect(summed(denied)).toBe("42501");
    return summed(denied);
  },
);

const notGiven = `
  select oid::regproc::text as name, pronargs as args, prokind as kind from pg_proc
   where pronamespace in ('kernel'::regnamespace, 'app'::regnamespace) and prorettype <> 'trigger'::regtype
     and not has_function_privilege(oid, 'execute')`;
