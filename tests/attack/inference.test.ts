import type { Client } from "pg";
import { beforeAll, expect } from "vitest";
import { boundAs } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attack, attackLater } from "./attack.ts";
import {
  accountId,
  attackGround,
  canary,
  contactId,
  outcome,
  summed,
  tried,
  valueOf,
} from "./attack-ground.ts";

// Section E of the leak checklist: what can be guessed about another organization's rows without reading them.

proves("ISO-1", "ISO-6");

const ground = attackGround();

beforeAll(async () => {
  // Enough of one kind that the planner would know it, had it been allowed to look.
  const api = await ground.connect();
  const { owner, slug } = ground.rival;
  const needs = ["contact.create", "account.create"];
  await boundAs(api, { token: owner.token, slug, needs }, async () => {
    await api.query(`insert into app.contact (tenant_id, id, first_name, last_name, title, source, country, notes, custom)
      select kernel.bound('contact.create'), gen_random_uuid(), 'Zebra', 'Zebra', 'Zebra', 'Zebra', 'Zebra', 'Zebra', '{"a": "Zebra"}' from generate_series(1, 3000)`);
    await api.query(`insert into app.account (tenant_id, id, name, industry, country, notes)
      select kernel.bound('account.create'), gen_random_uuid(), 'Zebra', 'Zebra', 'Zebra', 'Zebra' from generate_series(1, 3000)`);
  });
  for (let at = 0; at < 3; at += 1) await ground.db.member(ground.rival, "member");
  await (await ground.superuser()).query("analyze");
});

interface Plan {
  readonly "Plan Rows": number;
  readonly "Total Cost": number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Index Cond"?: string;
  readonly Plans?: readonly Plan[];
}

async function explain(client: Client, text: string, options = ""): Promise<Plan> {
  const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: Plan }] }>(
    `explain (format json${options}) ${text}`,
  );
  const plan = rows[0]?.["QUERY PLAN"][0].Plan;
  if (plan === undefined) throw new Error("no plan");
  return plan;
}

const removed = (plan: Plan): number =>
  (plan["Rows Removed by Filter"] ?? 0) + (plan.Plans ?? []).reduce((sum, child) => sum + removed(child), 0);
const condition = (plan: Plan): string =>
  [plan["Index Cond"] ?? "", ...(plan.Plans ?? []).map(condition)].join(" ");

attack(
  {
    id: "E1",
    title: "count with EXPLAIN ANALYZE what a filter on another's value removed",
    expected: "the same count for a value that only the other has and for one that nobody has",
  },
  async () => {
    const api = await ground.connect();
    await api.query(
      "set enable_indexscan = off; set enable_bitmapscan = off; set enable_indexonlyscan = off",
    );
    await ground.inAcme(api, ["contact.read"], async () => {
      for (const filter of ["last_name = $", "last_name like $", "last_name > $", "last_name || '' = $"]) {
        const count = async (value: string): Promise<number> =>
          removed(
            await explain(
              api,
              `select from app.contact where ${filter.replace("$", `'${value}'`)}`,
              ", analyze",
            ),
          );
        expect(await count("Zebra"), filter).toBe(await count("Zebrb"));
      }
    });
    return "the same count";
  },
);

interface Asked {
  readonly relation: string;
  readonly column: string;
  readonly type: string;
}

/** Values that PostgreSQL itself compares by statistics under row security: leakproof operators on these types only. */
const absent: Record<string, string> = {
  text: "'Zzzz absent'",
  uuid: "'ffffffff-ffff-7fff-bfff-ffffffffffff'",
  integer: "2000000000",
  bytea: "'\\xffffffff'",
  date: "'2999-01-01'",
  "timestamp with time zone": "'2999-01-01'",
};

// What the product declares as a closed list keeps statistics, and archived_at the share of nulls: no value of anybody's.
const closed = new Set(["stage", "of", "state", "phase", "dedupe", "type", "archived_at"]);

attack(
  {
    id: "E2",
    title:
      "spell out values of every column of every table and view through EXPLAIN's estimates, with no credential",
    expected: "one estimate for values that exist and values that do not",
  },
  async () => {
    const api = await ground.connect();
    const superuser = await ground.superuser();
    const { rows: columns } = await api.query<Asked>(readable);
    let compared = 0;
    for (const { relation, column, type } of columns) {
      const nowhere = absent[type];
      if (nowhere === undefined || closed.has(column)) continue;
      const frequent = await frequentValue(superuser, relation, column);
      for (const operator of ["=", "<", ">="]) {
        const asked = async (value: string): Promise<Plan> =>
          explain(api, `select from ${relation} where ${column} ${operator} ${value}`);
        const [there, not] = [await asked(frequent ?? nowhere), await asked(nowhere)];
        expect(there["Plan Rows"], `${relation}.${column} ${operator} ${frequent ?? ""}`).toBe(
          not["Plan Rows"],
        );
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(200);
    return "one estimate";
  },
  60_000,
);

const readable = `
  select c.oid::regclass::text as relation, a.attname as column, format_type(a.atttypid, null) as type
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
   where c.relnamespace in ('app'::regnamespace, 'kernel'::regnamespace) and has_table_privilege(c.oid, 'select')
     -- What the product itself declares, the same for everybody.
     and c.relname not in ('roles', 'permissions')`;

/** The most frequent value of a column; for a view, of the table column of the same name. */
async function frequentValue(superuser: Client, relation: string, column: string): Promise<string | null> {
  const from: Record<string, string> = {
    "kernel.members": "kernel.person natural join (select id as person_id, roles from kernel.membership) m",
    "kernel.organization": "kernel.tenant",
    "kernel.invitations": "kernel.ticket",
    "kernel.keys": "kernel.credential",
    "kernel.audit_trail": "kernel.audit_event",
    "kernel.outbox": "kernel.mail",
  };
  await superuser.query("begin");
  try {
    const text = `select quote_literal(${column}) from ${from[relation] ?? relation} where ${column} is not null group by ${column} order by count(*) desc limit 1`;
    const value = await valueOf(superuser, text);
    return typeof value === "string" ? value : null;
  } catch {
    // A column that the view works out; the estimate is compared with an absent value all the same.
    return null;
  } finally {
    await superuser.query("rollback");
  }
}

attack(
  {
    id: "E3",
    title: "read planner statistics, or make an operator that leaks them",
    expected: "0 rows, 42501",
  },
  async () => {
    const api = await ground.connect();
    const seen = [
      await outcome(api, "select * from pg_stats where schemaname in ('app', 'kernel')"),
      await outcome(api, "select * from pg_stats_ext"),
      await outcome(api, "select * from pg_stats_ext_exprs"),
      await outcome(api, "select * from pg_statistic"),
      await outcome(api, "select * from pg_statistic_ext_data"),
      await outcome(api, "create function public.leak(text) returns boolean language sql as 'select true'"),
      await outcome(api, "create operator public.~~~ (function = texteq, leftarg = text, rightarg = text)"),
      await outcome(api, "create statistics public.mine on first_name, last_name from app.contact"),
      await outcome(api, "alter table app.contact alter last_name set statistics 100"),
    ];
    expect(seen).toEqual([
      "0 rows",
      "0 rows",
      "0 rows",
      "42501",
      "42501",
      "42501",
      "42501",
      "42501",
      "42501",
    ]);
    return summed(seen);
  },
);

attack({ id: "E4", title: "read sizes, counters of writes, and activity", expected: "42501" }, async () => {
  const api = await ground.connect();
  const texts = [
    "select pg_relation_size('app.contact')",
    "select pg_total_relation_size('app.contact')",
    "select pg_indexes_size('app.contact')",
    "select pg_database_size(current_database())",
    "select * from pg_stat_user_tables",
    "select * from pg_stat_xact_user_tables",
    "select * from pg_stat_user_indexes",
    "select * from pg_statio_user_tables",
    "select * from pg_stat_database",
    "select * from pg_stat_user_functions",
    "select pg_stat_reset()",
  ];
  const seen: string[] = [];
  for (const text of texts) seen.push(await outcome(api, text));
  expect(summed(seen)).toBe("42501");
  return summed(seen);
});

attack(
  {
    id: "E5",
    title: "find by its timing an index that reaches hidden rows",
    expected: "tenant_id in every index condition",
  },
  async () => {
    const api = await ground.connect();
    await api.query("set enable_seqscan = off");
    await ground.inAcme(api, ["contact.read", "account.read"], async () => {
      for (const text of [
        `select from app.contact where email = 'person1@${canary}.example' and archived_at is null`,
        "select from app.contact where sort_name >= 'z' and archived_at is null",
        `select from app.contact where id = '${contactId}'`,
        "select from app.contact_token where token >= 'zebra' and token < 'zebrb'",
        "select from app.account where domain = 'x.example' and archived_at is null",
        `select from app.contact where account_id = '${accountId}' and archived_at is null`,
      ]) {
        expect(condition(await explain(api, text)), text).toContain("tenant_id = ");
      }
    });
    return "tenant_id in every index condition";
  },
);

attack(
  {
    id: "E6",
    title: "let an expression that fails or tells run before the policy",
    expected: "never runs on another's row",
  },
  async () => {
    const api = await ground.connect();
    await api.query("set enable_indexscan = off; set enable_bitmapscan = off");
    const seen = await ground.inAcme(api, ["contact.read"], async () => [
      await tried(
        api,
        "select * from app.contact where 1 / (case when last_name = 'Zebra' then 0 else 1 end) = 1",
      ),
      await tried(
        api,
        "select * from app.contact where (case when notes = 'Zebra' then notes end)::int is null",
      ),
      await tried(
        api,
        `select * from app.contact where notes ~ (case when notes = '${canary}' then '(' else '' end)`,
      ),
      await tried(
        api,
        `select * from app.contact order by 1 / (case when notes = '${canary}' then 0 else 1 end)`,
      ),
    ]);
    expect(summed(seen)).toBe("9 rows");
    return summed(seen);
  },
);

attack({ id: "E7", title: "read what other sessions are running", expected: "42501" }, async () => {
  const api = await ground.connect();
  const seen = [
    await outcome(api, "select query from pg_stat_activity"),
    await outcome(api, "select * from pg_stat_get_activity(null)"),
    await outcome(api, "select * from pg_stat_replication"),
    await outcome(api, "select * from pg_stat_progress_copy"),
    await outcome(api, "select pg_stat_get_backend_activity(1)"),
  ];
  expect(summed(seen)).toBe("42501");
  return summed(seen);
});

attack(
  {
    id: "E8",
    title: "tell another organization's thing from one that does not exist, by the refusal",
    expected: "the same refusal",
  },
  async () => {
    const api = await ground.connect();
    const superuser = await ground.superuser();
    const key = await ground.db.key(ground.rival, ground.rival.owner, ["contact.read"]);
    const theirKey = await valueOf(
      superuser,
      "select id from kernel.credential where kind = 'key' and hint = $1",
      [key.slice(-4)],
    );
    const needs = [
      "member.change",
      "member.invite",
      "key.end",
      "contact.read",
      "contact.archive",
      "contact.erase",
    ];
    const told = async (text: string, id: unknown): Promise<string> => {
      await api.query("savepoint told");
      const error: unknown = await api.query(text, [id]).catch((thrown: unknown) => thrown);
      await api.query("rollback to savepoint told");
      return JSON.stringify(error, ["code", "message", "detail", "hint", "rows"]);
    };
    await ground.inAcme(api, needs, async () => {
      const nobody = "0198c0de-0000-7000-8000-00000000ffff";
      for (const [text, theirs] of [
        ["select kernel.end_membership($1)", ground.rival.owner.memberId],
        ["select kernel.change_roles($1, '{viewer}', null)", ground.rival.owner.memberId],
        ["select kernel.end_key($1)", theirKey],
        ["select kernel.withdraw_invitation($1)", theirKey],
        ["select kernel.history('contact', $1, null, 10)", ground.rival.id],
        ["select app.archive_contact(array[$1::uuid], null, true)", ground.rival.id],
      ] as const) {
        expect(await told(text, theirs), text).toBe(await told(text, nobody));
      }
    });
    return "the same refusal";
  },
);

attackLater(
  {
    id: "E9",
    title: "read the time of creation out of a UUIDv7",
    expected: "known to whoever may see the id",
  },
  "accepted: ids are shown inside the organization only, and links carry random tokens",
);

attack(
  { id: "E10", title: "make another organization wait for one's own locks", expected: "nobody waits" },
  async () => {
    const [mine, theirs] = [await ground.connect(), await ground.connect()];
    await theirs.query("set lock_timeout = '1s'");
    const needs = ["contact.read", "contact.change", "contact.create", "account.read", "account.change"];
    const seen = await ground.inAcme(mine, needs, async () => {
      await mine.query("update app.contact set source = 'held'");
      await mine.query("update app.account set industry = 'held'");
      const fresh =
        "insert into app.contact (tenant_id, id, email) values (kernel.bound('contact.create'), '0198c0de-0000-7000-8000-00000000eeee', 'race@x.example')";
      await mine.query(fresh);
      const { owner, slug } = ground.rival;
      return boundAs(theirs, { token: owner.token, slug, needs }, async () => [
        await tried(theirs, `update app.contact set source = 'free' where id = '${contactId}'`),
        await tried(theirs, fresh),
        await tried(theirs, `update app.account set industry = 'free' where id = '${accountId}'`),
      ]);
    });
    expect(summed(seen)).toBe("1 row");
    return "nobody waits";
  },
);

attackLater(
  { id: "E11", title: "starve others of connections or workers", expected: "limits per organization" },
  "asked over HTTP: the limiter's tests; workers lease across organizations by due time",
);

attack(
  {
    id: "N-parallel",
    title: "have the rows read by parallel workers, which know no binding",
    expected: "own rows; 42501 unbound",
  },
  async () => {
    const api = await ground.connect();
    const forced =
      Number(await valueOf(api, "show server_version_num")) >= 160_000
        ? "debug_parallel_query"
        : "force_parallel_mode";
    await api.query(`set ${forced} = on; set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0;
      set min_parallel_index_scan_size = 0; set max_parallel_workers_per_gather = 4; set enable_indexscan = off; set enable_bitmapscan = off`);
    const seen = [await outcome(api, "select count(*) from app.contact")];
    const counts = await ground.inAcme(api, ["contact.read"], async () => [
      await valueOf(api, "select count(*)::int from app.contact"),
      await valueOf(
        api,
        `select count(*)::int from app.contact where notes = '${canary}' or last_name = 'Zebra'`,
      ),
    ]);
    expect(counts).toEqual([9, 0]);
    expect(seen).toEqual(["42501"]);
    return `own rows; ${summed(seen)}`;
  },
);
