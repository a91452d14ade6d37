import type { Client as Database } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newApiKey, newToken } from "../../server/foundation/ids/index.ts";
import type { Client } from "../client.ts";
import { boundAs, enter, type Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { testServer, type TestServer } from "../server.ts";
import { valueOf } from "./attack-ground.ts";
import { less, mattersOn } from "./take-away.ts";

// Whoever has more keys and tokens than PostgreSQL has room for locks, by months of a program that exchanges its key or to keep from being
// removed, or is busy with their own sessions while they are: they end like any other.

proves("IAM-13", "IAM-10");

/** Four times what is locked of them; on a machine as it is installed there is room for some four thousand locks of everybody. */
const many = 2000;
let server: TestServer;
let acme: Organization & { readonly browser: Client };
let db: Database;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  db = await server.database.connectAsSuperuser();
});
afterAll(() => server.stop());
const matters = mattersOn(() => db);

/** A key of this person, and so many tokens that it was exchanged for. */
async function keyWithTokens(personId: string, tokens: number, expires: string): Promise<string> {
  const { rows } = await db.query<{ id: string }>(
    `with made as (
       insert into kernel.credential (kind, class, digest, person_id, tenant_id, name)
       select 'key', 'personal', sha256(kernel.random_block()), $1, $2, 'of a program' returning id),
     tokens as (
       insert into kernel.credential (kind, class, digest, person_id, tenant_id, parent_id, name, expires_at)
       select 'key', 'personal', sha256(int4send(n) || uuid_send(m.id)), $1, $2, m.id, 'a token', now() + $4::interval
         from made m, generate_series(1, $3) n)
     select id from made`,
    [personId, acme.id, tokens, expires],
  );
  return String(rows[0]?.id);
}

/** How many locks the transaction holds after it has done this, as the owner; and how many of the person's keys and tokens are left. */
async function locksOf(
  personId: string,
  need: string,
  text: string,
  id: string,
): Promise<{ locks: number; left: unknown }> {
  const api = await server.database.connectAs("api");
  const who = { token: acme.owner.token, slug: "acme", needs: [need] };
  const locks = await boundAs(api, who, async () => {
    await api.query(text, [id]);
    const pid = await valueOf(api, "select pg_backend_pid()");
    return valueOf(db, "select count(*)::integer from pg_locks where pid = $1 and locktype = 'advisory'", [
      pid,
    ]);
  }).finally(() => api.end());
  const left =
    "select count(*)::integer from kernel.credential where person_id = $1 and ended_at is null and kind = 'key'";
  return { locks: Number(locks), left: await valueOf(db, left, [personId]) };
}
const endKey = "select kernel.end_key($1)";

matters(
  "many-locks",
  "the bound of what is locked of many that end at once",
  ["few", "all"],
  async () => {
    const { personId } = await server.person(acme, "admin");
    const { locks, left } = await locksOf(
      personId,
      "key.end",
      endKey,
      await keyWithTokens(personId, many, "1 hour"),
    );
    expect(left).toBe(0);
    return locks > many ? "all" : locks < 600 ? "few" : String(locks);
  },
  less("kernel.outwait_credentials(uuid[])", ["w.nth <= 500", "true"]),
);

test("whoever has as many is off-boarded all the same, and what ran out is not waited for", async () => {
  const { personId, memberId } = await server.person(acme, "admin");
  const key = await keyWithTokens(personId, many, "1 hour");
  await db.query("update kernel.credential set expires_at = now() - interval '3 min' where parent_id = $1", [
    key,
  ]);
  const { locks, left } = await locksOf(
    personId,
    "member.change",
    "select kernel.end_membership($1)",
    memberId,
  );
  expect([locks < 20, left]).toEqual([true, 0]);
});

test("one of them by which somebody is in is waited for, however long ago it was used last", async () => {
  const { personId } = await server.person(acme, "admin");
  const key = await keyWithTokens(personId, many, "1 hour");
  const { token } = newApiKey("personal");
  await db.query(
    "update kernel.credential set digest = sha256(sha256($2)), last_seen_at = now() - interval '50 min' where id = (select id from kernel.credential where parent_id = $1 limit 1)",
    [key, Buffer.from(token)],
  );
  const inside = await server.database.connectAs("api");
  await inside.query("begin");
  await enter(inside, token, "acme", ["contact.read"]);
  const ended = acme.browser.delete(`/o/acme/v1/keys/${key}`);
  let over = false;
  const done = ended.finally(() => (over = true));
  const waits =
    "select count(*)::integer from pg_locks l join pg_database d on d.oid = l.database and d.datname = current_database() where locktype = 'advisory' and not granted";
  while (!over && Number(await valueOf(db, waits)) === 0) await new Promise((next) => setTimeout(next, 20));
  expect(over).toBe(false);
  await inside.query("rollback");
  expect((await done).status).toBe(204);
  await inside.end();
});

test("what a key was exchanged for goes once it ran out, when it is exchanged again", async () => {
  const made = await acme.browser.post("/o/acme/v1/keys", { name: "Of a program" });
  const program = server.bearer(made.json.key);
  for (let nth = 0; nth < 3; nth += 1) expect((await program.post("/v1/keys/exchange", {})).status).toBe(200);
  await db.query("update kernel.credential set expires_at = now() - interval '6 min' where parent_id = $1", [
    made.json.id,
  ]);
  expect((await program.post("/v1/keys/exchange", {})).status).toBe(200);
  expect(
    await valueOf(db, "select count(*)::integer from kernel.credential where parent_id = $1", [made.json.id]),
  ).toBe(1);
});

test("nobody has more than a thousand keys, nor an organization more service accounts", async () => {
  const admin = await server.person(acme, "admin");
  await db.query("alter table kernel.credential disable trigger tell_of_key");
  await db.query(
    `insert into kernel.credential (kind, class, digest, person_id, tenant_id, name)
     select 'key', 'personal', sha256(int4send(n) || uuid_send($1)), $1, $2, 'one of many' from generate_series(1, 999) n`,
    [admin.personId, acme.id],
  );
  await db.query("alter table kernel.credential enable trigger tell_of_key");
  const make = () => admin.browser.post("/o/acme/v1/keys", { name: "One more" });
  expect([(await make()).status, (await make()).status]).toEqual([201, 409]);
});

/**
 * How the removal of a member ends who asks something by one session, while a request by another of theirs takes long: locks are taken in the order
 * of their numbers, and the slow one's is the last of them or the first.
 */
async function removalBeside(
  ask: (browser: Client) => Promise<unknown>,
  slowIs: "last" | "first",
): Promise<string> {
  const { personId, memberId, token } = await server.person(acme, "admin");
  const lockOf = (given: string): Promise<unknown> =>
    valueOf(db, "select kernel.credential_lock(sha256(sha256($1)))", [Buffer.from(given)]);
  const others = Array.from({ length: 8 }, () => newToken());
  for (const other of others) {
    await db.query(
      `insert into kernel.credential (kind, digest, person_id, expires_at, proved_at)
       values ('session', sha256(sha256($1)), $2, now() + interval '1 hour', now())`,
      [Buffer.from(other), personId],
    );
  }
  const locks = await Promise.all(
    [token, ...others].map(async (one) => ({ one, lock: BigInt(String(await lockOf(one))) })),
  );
  const inOrder = locks.toSorted((a, b) => (a.lock < b.lock ? -1 : 1)).map(({ one }) => one);
  const [quick, slow] = slowIs === "last" ? [inOrder.at(0), inOrder.at(-1)] : [inOrder.at(-1), inOrder.at(0)];
  const inside = await server.database.connectAs("api");
  await inside.query("begin");
  await enter(inside, String(slow), "acme", ["contact.read"]);
  const removed = acme.browser.delete(`/o/acme/v1/members/${memberId}`);
  const waits = "select count(*)::integer from pg_locks where locktype = 'advisory' and not granted";
  while (Number(await valueOf(db, waits)) === 0) await new Promise((next) => setTimeout(next, 20));
  const asked = ask(server.browserOf(String(quick)));
  // Longer than until whoever waits has looked for a deadlock, and shorter than a request is waited for.
  await new Promise((next) => setTimeout(next, 1300));
  await inside.query("rollback");
  await inside.end();
  const { status } = await removed;
  await asked;
  return String(status);
}

matters(
  "off-board-order",
  "the order in which off-boarding waits, the person before what they are in by: a member ends their other sessions, while a request of theirs takes long, as they are removed",
  ["204", "503"],
  () => removalBeside((browser) => browser.delete("/auth/sessions"), "last"),
  less(
    "kernel.off_board_all(uuid,uuid[],text)",
    ["perform kernel.outwait(array(select kernel.person_lock(p) from unnest(people) p));", ""],
    [
      "robots := array(",
      "perform pg_advisory_xact_lock(k.lock) from (select kernel.person_lock(p) as lock from unnest(people) p order by 1) k; robots := array(",
    ],
  ),
);

matters(
  "leave-order",
  "the order in which leaving waits, the person before the session: a member leaves, while a request of theirs takes long, as they are removed",
  ["204", "503"],
  () => removalBeside((browser) => browser.delete("/auth/organizations/acme"), "first"),
  less("kernel.leave_organization(bytea,text,uuid,inet,text)", ["kernel.own_session", "kernel.live_session"]),
);
