import { Client, escapeLiteral } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { account, contact } from "../../server/features/crm/index.ts";
import { knownKeys } from "../../server/features/imports/run/known-keys.ts";
import type { Result, Statement } from "../../server/foundation/database/index.ts";
import { sha256 } from "../../server/foundation/ids/index.ts";
import { type ListWish, type Resource, sortNames, statementsOf } from "../../server/kernel/resource/index.ts";
import { emptyDatabase, type TestDatabase } from "../cluster.ts";
import { installTrial, type SeededOrganization, seedOrganizations } from "../seed.ts";

/**
 * The plan gate: on 200 organizations with 100,000 contacts, no statement that declarations make reads a table of all
 * organizations from end to end, whether it is planned for its values or once for all.
 */

const prefix = "plan";
const sampleMax = 400;
const fewRows = 100;
let database: TestDatabase;
let client: Client;
let organization: SeededOrganization;
let contactIds: string[];
let tenantTables: Map<string, number>;

beforeAll(async () => {
  database = await emptyDatabase("plans");
  await installTrial(database.dsn, prefix);
  const { organizations } = await seedOrganizations(database.dsn, {
    name: "org",
    organizations: 200,
    contactsEach: 500,
    prefix,
  });
  const middle = organizations[99];
  if (middle === undefined) throw new Error("nothing was seeded");
  organization = middle;
  client = new Client({ connectionString: database.dsn });
  await client.connect();
  const ids = await client.query("select id from app.contact where tenant_id = $1 order by id", [
    middle.tenantId,
  ]);
  contactIds = ids.rows.map(({ id }) => String(id));
  const tables = await client.query(
    `select c.oid::int, c.oid::regclass::text as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
      where c.relkind = 'r' and c.relnamespace in ('app'::regnamespace, 'kernel'::regnamespace) and c.relpages > 10`,
  );
  tenantTables = new Map(tables.rows.map(({ oid, name }) => [String(name), Number(oid)]));
}, 240_000);

afterAll(async () => {
  await client?.end();
  await database?.drop();
}, 60_000);

const modes = ["force_generic_plan", "force_custom_plan"] as const;

/** Runs the work as rf_api, bound to the organization's owner with these permissions, and leaves nothing behind. */
async function asDoor<T>(needs: readonly string[], mode: string, work: () => Promise<T>): Promise<T> {
  await client.query(`set session authorization ${prefix}_api`);
  await client.query(`set plan_cache_mode = ${mode}`);
  await client.query("begin");
  try {
    await client.query("select kernel.enter($1, $2, $3, null, '127.0.0.1', 'plans')", [
      sha256(organization.token),
      organization.slug,
      needs,
    ]);
    return await work();
  } finally {
    await client.query("rollback");
    await client.query("reset session authorization");
    await client.query("deallocate all");
  }
}

/** A node of EXPLAIN (format json), as far as it matters here. */
interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly Schema?: string;
  readonly "Index Name"?: string;
  readonly "Index Cond"?: string;
  readonly "Plan Rows": number;
  readonly Plans?: readonly PlanNode[];
}

async function planOf({ text, values }: Statement): Promise<PlanNode> {
  await client.query(`prepare asked as ${text}`);
  const literals = values.map(literal).join(", ");
  const { rows } = await client.query(
    `explain (format json, verbose) execute asked${literals === "" ? "" : `(${literals})`}`,
  );
  return rows[0]["QUERY PLAN"][0].Plan;
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value))
    return escapeLiteral(
      `{${value.map((each) => (each === null ? "null" : JSON.stringify(each))).join(",")}}`,
    );
  return escapeLiteral(String(value));
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

/** What is wrong with the scans of a plan. */
function faultsOf(plan: PlanNode): string[] {
  return nodesOf(plan).flatMap((node) => {
    const name = `${node.Schema ?? ""}.${node["Relation Name"] ?? ""}`;
    const condition = node["Index Cond"] ?? "no condition";
    switch (node["Node Type"]) {
      case "Seq Scan":
        return tenantTables.has(name) ? [`${name} is read from end to end`] : [];
      case "Index Scan":
      case "Index Only Scan":
        // A pass is found by its digest: it says which organization.
        return !tenantTables.has(name) ||
          (name === "kernel.pass" ? /\bdigest = / : /\btenant_id = /).test(condition)
          ? []
          : [`${name} is looked up by ${condition}`];
      case "Bitmap Index Scan":
        // All at once, to sort or to hash them: with a large organization that takes seconds. With few it is the better way.
        return condition.includes(" AND ") || node["Plan Rows"] < fewRows
          ? []
          : [`all records of the organization are collected: ${condition}`];
      default:
        return [];
    }
  });
}

/** The tables of which the work has read every page; what functions and triggers do is counted too. */
async function scannedWhole(work: () => Promise<unknown>): Promise<string[]> {
  const role = await client.query("select session_user as name");
  await client.query("reset session authorization");
  const before = await scans();
  await client.query(`set session authorization ${client.escapeIdentifier(String(role.rows[0].name))}`);
  await work();
  await client.query("reset session authorization");
  const after = await scans();
  return [...after].flatMap(([name, count]) => (count > (before.get(name) ?? 0) ? [name] : []));
}

/** Counted by this backend and not yet given to the others: only differences within a transaction mean something. */
async function scans(): Promise<Map<string, number>> {
  const counted = await client.query(
    "select oid::regclass::text as name, pg_stat_get_xact_numscans(oid) as scans from unnest($1::oid[]) oid",
    [[...tenantTables.values()]],
  );
  return new Map(counted.rows.map(({ name, scans: count }) => [String(name), Number(count)]));
}

async function gate(needs: readonly string[], statement: Statement): Promise<void> {
  for (const mode of modes) {
    const plan = await asDoor(needs, mode, () => planOf(statement));
    expect(faultsOf(plan), `${mode}: ${statement.text}`).toEqual([]);
    const scanned = await asDoor(needs, mode, () =>
      scannedWhole(() => client.query({ text: statement.text, values: [...statement.values] })),
    );
    expect(scanned, `${mode}: ${statement.text}`).toEqual([]);
  }
}

const plainWish: ListWish = {
  limit: 20,
  after: null,
  sort: "-createdAt",
  q: null,
  tag: null,
  filters: {},
  archived: false,
};

/** Every shape of list that a resource's doors can ask for. */
function* wishesOf({ fields }: Resource): Generator<[string, ListWish]> {
  const shapes: [string, Partial<ListWish>][] = [
    ["all", {}],
    ["the archive", { archived: true }],
    ["a tag", { tag: "vip" }],
    ["an unknown tag", { tag: "nobody-has-it" }],
    ...Object.entries(fields)
      .filter(([, { canFilter }]) => canFilter)
      .flatMap(([name, { kind, isRequired, options }]): [string, Partial<ListWish>][] => [
        [
          name,
          {
            filters: {
              [name]: kind === "ref" || kind === "member" ? organization.memberId : (options[0] ?? "web"),
            },
          },
        ],
        ...(isRequired
          ? []
          : [[`no ${name}`, { filters: { [name]: "none" } }] as [string, Partial<ListWish>]]),
      ]),
  ];
  for (const [name, shape] of shapes) {
    for (const sort of sortNames) yield [`${name} by ${sort}`, { ...plainWish, ...shape, sort }];
  }
  for (const q of [
    "anna",
    "anna mü",
    "müller",
    "anna.m",
    "@mail7.example",
    "0664 1000",
    "+43664100",
    "zzz",
  ]) {
    yield [`search ${q}`, { ...plainWish, q }];
    yield [`search ${q} with a tag`, { ...plainWish, q, tag: "vip" }];
  }
}

test("a scan of a whole table does not get past this gate", async () => {
  const statement: Statement = { text: "select max(notes) from app.contact where notes = $1", values: ["x"] };
  expect(faultsOf(await planOf(statement))).toEqual(["app.contact is read from end to end"]);
  await client.query("begin");
  expect(await scannedWhole(() => client.query({ text: statement.text, values: ["x"] }))).toEqual([
    "app.contact",
  ]);
  await client.query("rollback");
  await client.query("deallocate all");
});

describe.each([contact, account])("$name", (resource: Resource) => {
  const statements = statementsOf(resource);
  const needs = [`${resource.name}.read`, "account.read"];
  const also = (action: string): string[] => [...new Set([...needs, `${resource.name}.${action}`])];

  test("lists, filters and searches, page after page", async () => {
    for (const [name, wish] of wishesOf(resource)) {
      await gate(needs, statements.list(wish));
      const after = statements.cursorAfter(
        { id: contactIds[250], sortKey: wish.sort.endsWith("updatedAt") ? "2025-01-01T00:00:00Z" : "m" },
        wish,
      );
      await gate(needs, statements.list({ ...wish, after })).catch((error: unknown) => {
        throw new Error(`${name}, second page`, { cause: error });
      });
    }
  }, 120_000);

  test("one record: read, state, create, change, archive, erase, history", async () => {
    const [id = ""] = contactIds;
    await gate(needs, statements.read(id));
    await gate(needs, statements.state(id));
    await gate(
      also("create"),
      statements.create(organization.memberId, { firstName: "Ada", name: "Ada", tags: ["x"] }),
    );
    await gate(
      also("change"),
      statements.change(id, 1, resource === contact ? { firstName: "Zoë" } : { name: "Zoë" }),
    );
    await gate(also("archive"), statements.setArchived([id], [1], true));
    await gate(also("erase"), statements.erase(contactIds.slice(0, 50)));
    await gate(needs, {
      text: "select * from kernel.history($1, $2, $3, $4)",
      values: [resource.name, id, null, 50],
    });
  });
});

test("the audit trail by each of its filters", async () => {
  const [id = ""] = contactIds;
  const none: readonly unknown[] = [null, 50, null, null, null, null, null, null, null];
  const filters: (readonly [number, unknown])[] = [
    [0, id],
    [2, "migration"],
    [3, "create"],
    [4, "contact"],
    [5, id],
    [6, "warning"],
    [6, "info"],
  ];
  const text = "select * from kernel.audit_events($1, $2, $3, $4, $5, $6, $7, $8, $9)";
  await gate(["audit.read"], { text, values: none });
  for (const [position, value] of filters)
    await gate(["audit.read"], { text, values: none.with(position, value) });
});

test("a pass is looked up by its digest, even in a plan from when nobody had one", async () => {
  const reads = [
    "select * from app.contact where id = $1",
    "select count(*) from app.account where id <> $1",
  ];
  for (const before of ["select", "vacuum analyze kernel.pass"]) {
    await client.query(before);
    for (const mode of modes) {
      for (const text of reads) {
        const plan = await asDoor(["contact.read"], mode, () => planOf({ text, values: [contactIds[0]] }));
        const lookups = nodesOf(plan).filter((node) => node["Relation Name"] === "pass");
        expect(lookups, `${before}, ${mode}: ${text}`).toHaveLength(1);
        expect(lookups[0]).toMatchObject({ "Node Type": "Index Scan", "Index Name": "pass_pkey" });
      }
    }
  }
  const { rows } = await client.query(
    "select count(*)::int as real from kernel.pass where expires_at > '-infinity'",
  );
  expect(rows).toEqual([{ real: 0 }]);
});

test("what an import looks up: keys, accounts by domain and by name", async () => {
  const asked: Statement[] = [];
  const empty: Result = { rows: [], count: 0 };
  const t = {
    run: async (statement: Statement) => (asked.push(statement), empty),
    batch: async (batch: readonly Statement[]) => batch.map((statement) => (asked.push(statement), empty)),
  };
  const many = Array.from({ length: sampleMax }, (_, index) => ({
    key: `nobody${index}@mail.example`,
    externalId: `crm-${index}`,
  }));
  await knownKeys(t, "contact", many);
  await knownKeys(t, "account", many);
  expect(asked).toHaveLength(4);
  for (const statement of asked) await gate(["contact.read", "account.read"], statement);
});
