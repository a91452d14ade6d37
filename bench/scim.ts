import { scimRoutes } from "../server/features/scim/index.ts";
import { openPool, type Pool } from "../server/foundation/database/index.ts";
import { newApiKey, sha256 } from "../server/foundation/ids/index.ts";
import { configureLog, log } from "../server/foundation/log/index.ts";
import { buildServer, promisedRates, type Server } from "../server/http/index.ts";
import { limiterInMemory } from "../server/kernel/limits/index.ts";
import { openTenancy } from "../server/kernel/tenancy/index.ts";
import { trialSecret } from "../tests/seed.ts";
import { preparedGround } from "./ground.ts";
import { backendCpu, median } from "./process-cpu.ts";

/**
 * PATCHes of a SCIM group: how many statements the server sends and what they cost, for 10 members and for 1,000 (or as many as
 * asked); in a group that gives no role, in one that gives everybody another, and in one whose loss ends everybody's access. Then
 * how long it takes until thousands are off-boarded, by their directory and by the end of the single sign-on that made them.
 * `npm run bench scim [members] [rounds]`
 */

const atOnce = 4;
const [members = 1000, rounds = 5] = process.argv.slice(2).map(Number);
const limits = { statementTimeoutMs: 60_000, transactionTimeoutMs: 60_000 };
const applicationName = "bench scim";

/** What everybody who belongs here has: a session, one that the organization's provider opened, and a key; one in ten has invited somebody. */
const withEverything = `
  with people as (
    select m.tenant_id, m.person_id from kernel.scim_user u join kernel.membership m on m.id = u.member_id where m.ended_at is null),
  sessions as (
    insert into kernel.credential (kind, digest, person_id, sso_tenant_id, expires_at)
    select 'session', sha256(kernel.random_block()), p.person_id, confined.id, now() + interval '1 hour'
      from people p cross join lateral (values (null::uuid), (p.tenant_id)) confined (id)),
  invitations as (
    insert into kernel.ticket (digest, purpose, tenant_id, email, roles, invited_by, expires_at)
    select sha256(kernel.random_block()), 'invitation', p.tenant_id, p.person_id || '@elsewhere.example', '{viewer}', p.person_id, now() + interval '1 hour'
      from people p where random() < 0.1)
  insert into kernel.credential (kind, class, digest, person_id, tenant_id)
  select 'key', 'personal', sha256(kernel.random_block()), p.person_id, p.tenant_id from people p`;

/** As if a connection of single sign-on had made them. */
const bySingleSignOn = `
  with made as (
    insert into kernel.sso_connection (tenant_id, kind, name, state, proof_sealed, proof_digest, answers)
    select m.tenant_id, 'oidc', 'Bench', 'enabled', '\\x00', sha256('proof'), m.id from kernel.membership m where 'owner' = any (m.roles) limit 1
    returning id),
  others as (update kernel.sso_connection set state = 'disabled'),
  known as (
    insert into kernel.sso_identity (connection_id, issuer, subject, tenant_id, person_id, member_id, provisioned)
    select made.id, 'https://provider.example', m.person_id::text, m.tenant_id, m.person_id, m.id, true
      from made, kernel.scim_user u join kernel.membership m on m.id = u.member_id)
  select id from made`;

configureLog({ level: "error" });
const ground = await preparedGround({ name: "org", organizations: 1, contactsEach: 1 });
const counted = { statements: 0, trips: 0 };
const groups = new Map<string, string>();
let token = "";
const api = openPool({ connectionString: ground.dsnOf("api"), max: 4, applicationName, ...limits });
const auth = openPool({
  connectionString: ground.dsnOf("auth"),
  max: 2,
  applicationName: "bench auth",
  ...limits,
});
try {
  const server = await served(counting(api), auth);
  const ids = await provisioned(server, members);
  console.log(
    `\n${members} users; medians of ${rounds} rounds, node ${process.version}, client and server in one process`,
  );
  for (const [what, group] of [
    ["gives no role", "Plain"],
    ["gives another role", "Managers"],
  ] as const) {
    for (const some of [ids.slice(0, 10), ids]) await measure(server, what, group, some);
  }
  await setting(
    'update kernel.scim_connection set default_role = null, role_mapping = \'{"Managers": "manager"}\'',
  );
  await measure(server, "its loss ends access", "Managers", ids);
  await offBoarding(server, ids);
} finally {
  await api.close();
  await auth.close();
  await ground.stop();
}

async function setting(text: string): Promise<void> {
  await ground.db.query(text);
}

/**
 * The access of everybody, who has a session, a session of the organization's own and a key each, ended in the ways that directories
 * have: a change of one group, bulks of a thousand, and a PATCH each, some at a time.
 */
async function offBoarding(server: Server, ids: readonly string[]): Promise<void> {
  const at = `/Groups/${groups.get("Managers") ?? ""}`;
  const inactive = (id: string): Asked => ["PATCH", `/Users/${id}`, replaced("active", false)];
  const everybody = { op: "add", path: "members", value: ids.map((value) => ({ value })) };
  const arms: readonly (readonly [string, (connection: string) => Promise<unknown>])[] = [
    ["one change of a group", () => ask(server, "PATCH", at, replaced("members", []))],
    ["bulks of a thousand", () => inBulks(server, ids.map(inactive))],
    [`${atOnce} PATCHes at a time`, () => someAtATime(server, ids.map(inactive))],
    ["the end of their single sign-on", (connection) => singleSignOnEnds(connection)],
  ];
  for (const [what, leave] of arms) {
    await ask(server, "PATCH", at, { Operations: [everybody] });
    await ground.db.query(withEverything);
    const connection = await madeBySingleSignOn();
    const { wall, node, database, statements } = await read(() => leave(connection));
    const [left] = await ground.db.query(
      "select count(*)::integer as live from kernel.scim_user u join kernel.membership m on m.id = u.member_id where m.ended_at is null",
    );
    if (left?.["live"] !== 0) throw new Error(`${what}: ${String(left?.["live"])} still belong`);
    console.log(
      `off-boarding of ${ids.length} by ${what}: ${(wall / 1000).toFixed(1)} s, ${statements} statements, ` +
        `node ${(node / 1000).toFixed(1)} s + database ${(database / 1000).toFixed(1)} s of CPU`,
    );
    await inBulks(
      server,
      ids.map((id): Asked => ["PATCH", `/Users/${id}`, replaced("active", true)]),
    );
  }
}

async function madeBySingleSignOn(): Promise<string> {
  const [made] = await ground.db.query(bySingleSignOn);
  await ground.db.query("update kernel.credential set proved_at = now() where kind = 'session'");
  return String(made?.["id"]);
}

/** What the door does: asks again while there is more. */
async function singleSignOnEnds(connection: string): Promise<void> {
  const [organization] = ground.seeded.organizations;
  if (organization === undefined) throw new Error("nothing was seeded");
  const hands = [sha256(organization.token), organization.slug];
  const text = "select kernel.enter($1, $2, '{security.change,member.change}', null, null, null)";
  const end = { text: "select more from kernel.end_sso_connection($1, true)", values: [connection] };
  for (let more = true; more;) {
    const { rows } = await counting(api).tx([{ text, values: hands }], (t) => t.run(end));
    more = rows[0]?.["more"] === true;
  }
}

type Asked = readonly [method: "POST" | "PATCH", path: string, body: unknown];

function replaced(path: string, value: unknown): unknown {
  return { Operations: [{ op: "replace", path, value }] };
}

async function inBulks(server: Server, asked: readonly Asked[]): Promise<void> {
  for (let from = 0; from < asked.length; from += 1000) {
    const Operations = asked.slice(from, from + 1000).map(([method, path, data]) => ({ method, path, data }));
    const told = await ask(server, "POST", "/Bulk", { Operations });
    // What a bulk answers.
    const done = told["Operations"] as { status: string }[];
    if (done.some(({ status }) => status !== "200")) throw new Error("not everything was done");
  }
}

async function someAtATime(server: Server, asked: readonly Asked[]): Promise<void> {
  const waiting = [...asked];
  const one = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await ask(server, ...next);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

/** The same pool, with what goes through it counted. */
function counting(pool: Pool): Pool {
  return {
    ...pool,
    batch(statements, options) {
      counted.trips += 1;
      counted.statements += statements.length;
      return pool.batch(statements, options);
    },
    tx(first, work, options) {
      // BEGIN travels with the first statements, COMMIT alone.
      counted.trips += 2;
      counted.statements += first.length + 2;
      return pool.tx(
        first,
        (t, results) => {
          const told = (statements: number): void => {
            counted.trips += 1;
            counted.statements += statements;
          };
          const run: typeof t.run = (statement) => (told(1), t.run(statement));
          const batch: typeof t.batch = (statements) => (told(statements.length), t.batch(statements));
          return work({ run, batch }, results);
        },
        options,
      );
    },
  };
}

async function served(pool: Pool, authPool: Pool): Promise<Server> {
  const tenancy = openTenancy({ api: pool, auth: authPool });
  const plenty = { limit: 10_000_000, periodMs: 60_000 };
  const [organization] = ground.seeded.organizations;
  if (organization === undefined) throw new Error("nothing was seeded");
  token = newApiKey("scim").token;
  await ground.db.query(
    "insert into kernel.domain (tenant_id, name, token, verified_at) values ($1, 'bench.example', repeat('t', 43), now())",
    [organization.tenantId],
  );
  await pool.tx(
    [
      {
        text: "select * from kernel.enter($1, $2, '{security.change}', null, null, null)",
        values: [sha256(organization.token), organization.slug],
      },
    ],
    async (t) => {
      await t.run({
        text: "select kernel.scim_open('Bench', 'member', $1, '{}', $2, 'tail', null)",
        values: [JSON.stringify({ Managers: "manager" }), sha256(token)],
      });
    },
  );
  return buildServer({
    routes: scimRoutes({ publicUrl: () => "http://127.0.0.1" }),
    kernel: {
      scopeFor: (caller, needs, signal) => tenancy.scopeFor(caller, needs, signal),
      personScope: (caller, signal) => tenancy.personScope(caller, signal),
      whose: (caller, signal) => tenancy.whose(caller, signal),
      recordRefusal: () => undefined,
      sessionOpened: async () => undefined,
    },
    limiter: limiterInMemory(),
    log,
    publicUrl: "http://127.0.0.1",
    version: "0.0.0",
    secret: trialSecret,
    rates: {
      ...promisedRates,
      address: plenty,
      provisioningKey: plenty,
      tenant: plenty,
      bursts: { ...promisedRates.bursts, bulk: plenty },
    },
  });
}

async function ask(
  server: Server,
  method: "POST" | "PATCH",
  path: string,
  body: unknown,
): Promise<Record<string, unknown>> {
  const answer = await server.inject({
    method,
    url: `/scim/v2${path}`,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
    payload: JSON.stringify(body),
  });
  if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${answer.body}`);
  return answer.body === "" ? {} : answer.json();
}

/** As many users as asked, by bulks of a thousand. */
async function provisioned(server: Server, wanted: number): Promise<string[]> {
  const ids: string[] = [];
  const begun = performance.now();
  while (ids.length < wanted) {
    const from = ids.length;
    const Operations = Array.from({ length: Math.min(1000, wanted - from) }, (_, at) => ({
      method: "POST",
      path: "/Users",
      bulkId: `b${at}`,
      data: { userName: `user${from + at}@bench.example`, displayName: `User ${from + at}` },
    }));
    const told = await ask(server, "POST", "/Bulk", { Operations });
    // What a bulk answers.
    const done = told["Operations"] as { status: string; location: string }[];
    if (done.some(({ status }) => status !== "201")) throw new Error("not everybody was provisioned");
    ids.push(...done.map(({ location }) => location.split("/").at(-1) ?? ""));
  }
  // As autovacuum does within a minute: plans from before there was anybody are made anew.
  await ground.db.query("analyze");
  console.log(`${wanted} users provisioned in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  for (const displayName of ["Plain", "Managers"])
    groups.set(displayName, String((await ask(server, "POST", "/Groups", { displayName }))["id"]));
  return ids;
}

async function measure(server: Server, what: string, group: string, ids: readonly string[]): Promise<void> {
  const at = `/Groups/${groups.get(group) ?? ""}`;
  const all = { add: [] as Reading[], remove: [] as Reading[] };
  // The first round warms up.
  for (let round = 0; round <= rounds; round += 1) {
    for (const op of ["add", "remove"] as const) {
      const body = { Operations: [{ op, path: "members", value: ids.map((value) => ({ value })) }] };
      const reading = await read(() => ask(server, "PATCH", at, body));
      if (round > 0) all[op].push(reading);
    }
  }
  for (const op of ["add", "remove"] as const) {
    const of = (part: (reading: Reading) => number): string =>
      median(all[op].map(part)).toFixed(part === sent ? 0 : 1);
    console.log(
      `${what.padEnd(22)} ${op.padEnd(6)} ${String(ids.length).padStart(5)} members: ${of(sent)} statements in ${of((one) => one.trips)} round trips, ` +
        `node ${of((one) => one.node)} ms + database ${of((one) => one.database)} ms of CPU, ${of((one) => one.wall)} ms`,
    );
  }
}

interface Reading {
  readonly statements: number;
  readonly trips: number;
  readonly node: number;
  readonly database: number;
  readonly wall: number;
}

function sent(reading: Reading): number {
  return reading.statements;
}

async function read(work: () => Promise<unknown>): Promise<Reading> {
  const before = { ...counted, database: await backendCpu(ground.db, applicationName) };
  const cpu = process.cpuUsage();
  const begun = performance.now();
  await work();
  const wall = performance.now() - begun;
  const used = process.cpuUsage(cpu);
  return {
    statements: counted.statements - before.statements,
    trips: counted.trips - before.trips,
    node: (used.user + used.system) / 1000,
    database: ((await backendCpu(ground.db, applicationName)) - before.database) / 1000,
    wall,
  };
}
