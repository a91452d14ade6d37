import { readFileSync } from "node:fs";
import { Client, Pool } from "pg";
import { openPool, sql, type Statement } from "../server/foundation/database/index.ts";
import { startThrowawayCluster } from "../tests/throwaway-cluster.ts";

/**
 * The executor against stock `pg`, on one row of 100,000 read by its key: rate and CPU per operation, in this process
 * and in PostgreSQL. The arms take turns, so that a busy machine slows all of them alike; the ratios are medians over
 * the rounds. `npx tsx bench/executor.ts [folder with PostgreSQL's binaries]`
 */

const connections = 8;
const rounds = 7;
const roundMs = 1200;
const rows = 100_000;

interface Arm {
  readonly name: string;
  readonly act: () => Promise<unknown>;
}

interface Reading {
  readonly rate: number;
  readonly nodeMicroseconds: number;
  readonly serverMicroseconds: number;
}

const text = "select id, tenant, name, email, at, amount, extra from thing where id = $1";
const byId = (): Statement =>
  sql`select id, tenant, name, email, at, amount, extra from thing where id = ${anyId()}`;
const setting = (): Statement => sql`select set_config('bench.tenant', ${"a tenant"}, true)`;
const anyId = (): number => 1 + Math.floor(Math.random() * rows);

const cluster = await startThrowawayCluster(process.argv[2]);
const dsn = cluster.superuserDsn;
const watcher = new Client({ connectionString: dsn });
await watcher.connect();
await watcher.query(`create table thing (id int primary key, tenant int not null, name text, email text,
  at timestamptz default now(), amount int8 default 5, extra jsonb default '{"a":1}')`);
await watcher.query(
  `insert into thing select g, g % 200, 'name ' || g, 'e' || g || '@example.test' from generate_series(1, $1::int) g`,
  [rows],
);
await watcher.query("vacuum analyze thing");

const limits = { statementTimeoutMs: 5000, transactionTimeoutMs: 5000 };
const ours = openPool({ connectionString: dsn, max: connections, applicationName: "ours", ...limits });
const stock = new Pool({ connectionString: dsn, max: connections });

const rival = "pg, one prepared query";
const control = "pg, begin/set/query/commit awaited";
const arms: readonly Arm[] = [
  { name: rival, act: () => stock.query({ name: "by-id", text, values: [anyId()] }) },
  { name: control, act: fourSteps },
  { name: "batch of one", act: () => ours.batch([byId()]) },
  { name: "batch of set + query", act: () => ours.batch([setting(), byId()]) },
  { name: "tx: begin+set, query, commit", act: () => ours.tx([setting()], (t) => t.run(byId())) },
];

async function fourSteps(): Promise<void> {
  const client = await stock.connect();
  try {
    await client.query("begin");
    await client.query({
      name: "set",
      text: "select set_config('bench.tenant', $1, true)",
      values: ["a tenant"],
    });
    await client.query({ name: "by-id", text, values: [anyId()] });
    await client.query("commit");
  } finally {
    client.release();
  }
}

async function measure({ act }: Arm, milliseconds: number): Promise<Reading> {
  const server = await serverCpu();
  const cpu = process.cpuUsage();
  const start = performance.now();
  let count = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() - start < milliseconds) {
      await act();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, caller));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const served = (await serverCpu()) - server;
  return {
    rate: count / seconds,
    nodeMicroseconds: (user + system) / count,
    serverMicroseconds: served / count,
  };
}

/** CPU that all server processes have used so far, in microseconds; 0 where there is no /proc. */
async function serverCpu(): Promise<number> {
  if (process.platform !== "linux") return 0;
  const { rows: processes } = await watcher.query<{ pid: number }>("select pid from pg_stat_activity");
  const microsecondsPerTick = 10_000;
  const ticks = processes.map(({ pid }) => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((sum, value) => sum + value, 0) * microsecondsPerTick;
}

const readings = new Map<string, Reading[]>(arms.map(({ name }) => [name, []]));
for (const arm of arms) await measure(arm, 400);
for (let round = 0; round < rounds; round += 1) {
  for (const arm of arms) readings.get(arm.name)?.push(await measure(arm, roundMs));
}

function middle(name: string, pick: (reading: Reading) => number): number {
  const values = (readings.get(name) ?? []).map(pick).toSorted((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? Number.NaN;
}

function ratio(name: string, other: string): string {
  const pairs = (readings.get(name) ?? []).map(({ rate }, round) => {
    const against = readings.get(other)?.[round]?.rate ?? Number.NaN;
    return rate / against;
  });
  pairs.toSorted((a, b) => a - b);
  return (pairs[Math.floor(pairs.length / 2)] ?? Number.NaN).toFixed(2);
}

const cpuOf = ({ nodeMicroseconds, serverMicroseconds }: Reading): number =>
  nodeMicroseconds + serverMicroseconds;
const cpuOfRival = middle(rival, cpuOf);
console.log(
  `${connections} connections, medians of ${rounds} rounds of ${roundMs} ms, node ${process.version}`,
);
for (const { name } of arms) {
  const rate = middle(name, (reading) => reading.rate).toFixed(0);
  const node = middle(name, (reading) => reading.nodeMicroseconds).toFixed(1);
  const server = middle(name, (reading) => reading.serverMicroseconds).toFixed(1);
  console.log(
    `${name.padEnd(36)}${rate.padStart(7)}/s   CPU: node ${node.padStart(5)} µs, server ${server.padStart(5)} µs` +
      `   rate: ${ratio(name, rival)}x one prepared query, ${ratio(name, control)}x the four steps` +
      `   CPU: 1/${(cpuOfRival / middle(name, cpuOf)).toFixed(2)} of one prepared query`,
  );
}

await Promise.all([ours.close(), stock.end(), watcher.end()]);
await cluster.stop();
