import { contact } from "../server/features/crm/contact.ts";
import { openPool, type Pool, type Statement } from "../server/foundation/database/index.ts";
import { sha256, uuidv7 } from "../server/foundation/ids/index.ts";
import { statementsOf } from "../server/kernel/resource/index.ts";
import type { SeededOrganization } from "../tests/seed.ts";
import { type Ground, preparedGround } from "./ground.ts";
import { backendCpu, median } from "./process-cpu.ts";
import { checks } from "./session-check.ts";

/**
 * What entering, asking the binding and recording a change cost PostgreSQL, in microseconds of CPU on one connection, and who is
 * signed in against better-auth, over HTTP; the arms take turns. `npm run bench session`
 */

const rounds = 9;
const flightsPerRound = 1500;
const applicationName = "bench session";
const limits = { statementTimeoutMs: 10_000, transactionTimeoutMs: 12_000 };
const statements = statementsOf(contact);
const needs = ["contact.read", "account.read"];

const ground = await preparedGround({ name: "org", organizations: 20, contactsEach: 1000 });
const pool = openPool({ connectionString: ground.dsnOf("api"), max: 1, applicationName, ...limits });
try {
  const organization = ground.seeded.organizations[3];
  if (organization === undefined) throw new Error("nothing was seeded");
  await reads(ground, pool, organization);
  await bounds(ground, pool, organization);
  await updates(ground, pool, organization);
  await checks(ground);
} finally {
  await pool.close();
  await ground.stop();
}

function enter({ token, slug }: SeededOrganization, wanted: readonly string[]): Statement {
  return {
    text: "select * from kernel.enter($1, $2, $3, $4, $5, $6)",
    values: [sha256(token), slug, wanted, uuidv7(), "127.0.0.1", "bench"],
  };
}

/** CPU of the backend for one flight, in microseconds. */
async function cost({ db }: Ground, flights: number, fly: () => Promise<unknown>): Promise<number> {
  const before = await backendCpu(db, applicationName);
  for (let flight = 0; flight < flights; flight += 1) await fly();
  return ((await backendCpu(db, applicationName)) - before) / flights;
}

type Arms = Readonly<Record<string, () => Promise<unknown>>>;

async function alternate(
  where: Ground,
  arms: Arms,
  before: (arm: string) => Promise<void> = async () => undefined,
): Promise<Map<string, number>> {
  const readings = new Map<string, number[]>();
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, fly] of Object.entries(arms)) {
      await before(name);
      const reading = await cost(where, flightsPerRound, fly);
      // The first round warms up plans and caches.
      if (round > 0) readings.set(name, [...(readings.get(name) ?? []), reading]);
    }
  }
  return new Map([...readings].map(([name, all]) => [name, median(all)]));
}

async function reads(where: Ground, api: Pool, organization: SeededOrganization): Promise<void> {
  const ids = await idsOf(where, organization);
  let turn = 0;
  const id = (): string => ids[(turn += 1) % ids.length] ?? "";
  const plain: Statement = { text: "select 1", values: [] };
  const costs = await alternate(where, {
    "an empty flight": () => api.batch([plain]),
    enter: () => api.batch([enter(organization, needs)]),
    "enter and read by id": () => api.batch([enter(organization, needs), statements.read(id())]),
  });
  print(costs);
}

/** Asked over and over in one statement, which policies never do: they ask once a statement. */
async function bounds(where: Ground, api: Pool, organization: SeededOrganization): Promise<void> {
  const calls = 2000;
  const asked: Statement = {
    text: "select count(kernel.bound('contact.read')) from generate_series(1, $1::integer)",
    values: [calls],
  };
  const each = await cost(where, 30, () => api.batch([enter(organization, needs), asked]));
  print(new Map([["kernel.bound, once", each / calls]]));
}

/** The same table with its audit trigger and without. */
async function updates(where: Ground, api: Pool, organization: SeededOrganization): Promise<void> {
  const ids = await idsOf(where, organization);
  let turn = 0;
  const change = (): Promise<unknown> => {
    turn += 1;
    const values = { title: `Title ${turn}` };
    const wanted = [...needs, "contact.change"];
    return api.batch([
      enter(organization, wanted),
      statements.change(ids[turn % ids.length] ?? "", null, values),
    ]);
  };
  const [audited, unaudited] = ["enter and audited change", "enter and unaudited change"] as const;
  const costs = await alternate(where, { [audited]: change, [unaudited]: change }, (arm) =>
    where.db.script(
      `alter table app.contact ${arm === audited ? "enable" : "disable"} trigger record_update`,
    ),
  );
  print(costs);
  const ratio = (costs.get(unaudited) ?? 0) / (costs.get(audited) ?? 1);
  console.log(
    `audited change: ${ratio.toFixed(2)}x unaudited (bar 0.55x: ${ratio >= 0.55 ? "kept" : "MISSED"})`,
  );
}

async function idsOf({ db }: Ground, { tenantId }: SeededOrganization): Promise<string[]> {
  const rows = await db.query("select id from app.contact where tenant_id = $1 order by id", [tenantId]);
  return rows.map(({ id }) => String(id));
}

function print(costs: ReadonlyMap<string, number>): void {
  for (const [name, microseconds] of costs)
    console.log(`${name.padEnd(28)} ${microseconds.toFixed(1).padStart(7)} µs`);
}
