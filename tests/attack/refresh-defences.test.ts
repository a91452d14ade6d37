import type { Client as Database } from "pg";
import { afterAll, beforeAll } from "vitest";
import { newToken, sha256 } from "../../server/foundation/ids/index.ts";
import { client } from "../client.ts";
import type { Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { testServer, type TestServer } from "../server.ts";
import { type Pair, refresh, tokensFor } from "../tokens.ts";
import { less, mattersOn } from "./take-away.ts";

// Each defence of the tokens of programs matters: with it taken away, what it is there for succeeds.

proves("IAM-5");

let server: TestServer;
let acme: Organization;
let db: Database;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  db = await server.database.connectAsSuperuser();
});
afterAll(() => server.stop());

const matters = mattersOn(() => db);
const replay = "kernel.replay_refresh(bytea,integer,uuid,inet,text,uuid,text,bytea)";
const rotate = "kernel.rotate_refresh(bytea,bytea,bytea,bytea,inet,text)";
const gate = "kernel.gate(uuid,uuid,uuid,inet,text[])";
const enter = "kernel.enter(bytea,text,text[],uuid,inet,text,text)";
const ended = "kernel.end_credentials(uuid[],text)";

interface Held extends Pair {
  readonly session: string;
  readonly personId: string;
}

async function somebody(): Promise<Held> {
  const { token, personId } = await server.database.member(acme, "viewer");
  return { ...(await tokensFor(server, token)), session: token, personId };
}

const statusOf = async (accessToken: string): Promise<string> =>
  String((await server.bearer(accessToken).get("/o/acme/v1/contacts")).status);
const set = (token: string, what: string): Promise<unknown> =>
  db.query(`update kernel.credential set ${what} where digest = sha256($1)`, [sha256(token)]);
const age = (token: string, seconds: number): Promise<unknown> =>
  db.query("update kernel.spent_refresh set at = at - make_interval(secs => $2) where digest = sha256($1)", [
    sha256(token),
    seconds,
  ]);

/** Uses a token, waits, and uses it again; says how the second answer and then the family's newest token fared. */
async function usedTwice(
  seconds: number,
  headers: Record<string, string> = {},
  ip?: string,
): Promise<string> {
  const held = await somebody();
  const first = (await refresh(server, held.refreshToken)).json;
  await age(held.refreshToken, seconds);
  const from = ip === undefined ? server.stranger() : client({ origin: server.origin, ip });
  const { status } = await from.send("POST", "/auth/tokens/refresh", {
    body: { refreshToken: held.refreshToken },
    headers,
  });
  return `${status}, family ${await statusOf(first.accessToken)}`;
}

matters(
  "refresh-grace",
  "the end of the grace",
  ["401, family 401", "200, family 200"],
  () => usedTwice(11),
  less(replay, ["least(grace_seconds, 60)", "3600"]),
);
matters(
  "refresh-network",
  "the network that an answer is repeated to",
  ["401, family 401", "200, family 200"],
  () => usedTwice(1, {}, "203.0.113.9"),
  less(replay, ["replay_refresh.ip <<= spent.network", "true"]),
);
matters(
  "refresh-program",
  "the program that an answer is repeated to",
  ["401, family 401", "200, family 200"],
  () => usedTwice(1, { "user-agent": "curl/8" }),
  less(replay, ["spent.device is not distinct from replay_refresh.device", "true"]),
);
matters(
  "refresh-clock",
  "the look at a clock that was set back",
  ["401, family 401", "200, family 200"],
  () => usedTwice(-3600),
  less(replay, ["between -1 and", "between -9999 and"]),
);
matters(
  "refresh-reuse",
  "the end of the family at a second use",
  ["401, family 401", "401, family 200"],
  () => usedTwice(60),
  less(replay, ["perform kernel.end_credentials(array[family.parent_id], 'refresh token used twice');", ""]),
);
matters(
  "refresh-replays",
  "the count of repeated answers",
  ["200 200 200 401", "200 200 200 200"],
  async () => {
    const held = await somebody();
    await refresh(server, held.refreshToken);
    await age(held.refreshToken, 4);
    const seen: number[] = [];
    for (let at = 0; at < 4; at += 1) seen.push((await refresh(server, held.refreshToken)).status);
    return seen.join(" ");
  },
  less(replay, ["spent.replays < 3", "true"]),
);
matters(
  "refresh-once",
  "the digest in the condition of the update that changes it (better-auth GHSA-392p-2q2v-4372, Keycloak CVE-2026-1035)",
  ["one successor", "40 successors"],
  async () => {
    const held = await somebody();
    const { rows } = await db.query("select id from kernel.credential where digest = sha256($1)", [
      sha256(held.refreshToken),
    ]);
    const auth = await Promise.all(Array.from({ length: 8 }, () => server.database.connectAs("auth")));
    const made = await Promise.all(
      Array.from({ length: 40 }, async (_, at) => {
        const { rows: one } = (await auth[at % 8]?.query(
          "select kernel.rotate_refresh($1, $2, $3, 'sealed', '127.0.0.1', 'a test') as rotated",
          [sha256(held.refreshToken), sha256(newToken()), sha256(newToken())],
        )) ?? { rows: [] };
        return one[0]?.rotated === true;
      }),
    );
    await db.query("delete from kernel.spent_refresh where family_id = $1", [rows[0].id]);
    const count = made.filter(Boolean).length;
    return count === 1 ? "one successor" : `${count} successors`;
  },
  // Without the condition, whatever ever was a token of the family changes it; and nothing keeps its use from being noted twice.
  async (superuser) => {
    await superuser.query("alter table kernel.spent_refresh drop constraint spent_refresh_pkey");
    const back = await less(rotate, [
      "where c.digest = presented and c.kind = 'refresh' and c.ended_at is null and c.expires_at > now()",
      "where c.kind = 'refresh' and c.id = (select max(n.id::text)::uuid from kernel.credential n where n.kind = 'refresh') and c.ended_at is null and c.expires_at > now()",
    ])(superuser);
    return async () => {
      await back();
      await superuser.query(
        "alter table kernel.spent_refresh add constraint spent_refresh_pkey primary key (digest)",
      );
    };
  },
);
matters(
  "refresh-idle",
  "the idle limit of a family",
  ["401", "200"],
  async () => {
    const held = await somebody();
    await set(held.refreshToken, "last_seen_at = now() - interval '4 days'");
    return String((await refresh(server, held.refreshToken)).status);
  },
  less(rotate, [
    "and coalesce(c.last_seen_at, c.created_at) + make_interval(secs => c.idle_seconds) > now()",
    "",
  ]),
);
matters(
  "refresh-of-ended",
  "the end of a family, asked by whoever refreshes",
  ["401", "200"],
  async () => {
    const held = await somebody();
    await set(held.refreshToken, "ended_at = now()");
    return String((await refresh(server, held.refreshToken)).status);
  },
  less(rotate, ["and c.ended_at is null and c.expires_at > now()", ""]),
);
matters(
  "token-children",
  "the end of tokens with their session",
  ["401, refresh 401", "200, refresh 401"],
  async () => {
    const held = await somebody();
    await server.browserOf(held.session).post("/auth/sign-out");
    return `${await statusOf(held.accessToken)}, refresh ${(await refresh(server, held.refreshToken)).status}`;
  },
  less(ended, [/union select [^\n]+ c\.parent_id = any \(ids\)[^\n]+\n/g, "\n"]),
);
matters(
  "token-kind",
  "the kinds of credential that enter",
  ["401", "404"],
  async () => {
    const held = await somebody();
    // A refresh token, shown where an access token belongs; whoever is let in finds no organization named.
    return String((await server.bearer(held.refreshToken).get("/v1/contacts")).status);
  },
  less(enter, [
    "c.kind in ('session', 'access', 'key')",
    "c.kind in ('session', 'access', 'key', 'refresh')",
  ]),
);
matters(
  "token-expiry",
  "the hour of an access token, as the database counts it",
  ["401", "200"],
  async () => {
    const held = await somebody();
    await set(held.accessToken, "expires_at = now()");
    return statusOf(held.accessToken);
  },
  less(enter, ["and (c.expires_at is null or c.expires_at > now())", ""]),
);
matters(
  "token-gate",
  "the session behind a token, at the gate of an organization",
  ["403", "200"],
  async () => {
    const held = await somebody();
    await set(held.session, "created_at = now() - interval '2 hours'");
    await db.query("update kernel.tenant set session_max_seconds = 3600 where id = $1", [acme.id]);
    const seen = await statusOf(held.accessToken);
    await db.query("update kernel.tenant set session_max_seconds = null where id = $1", [acme.id]);
    return seen;
  },
  less(gate, [/s\.id = COALESCE\(c\.parent_id, c\.id\)/gi, "s.id = c.id"]),
);
matters(
  "token-of-one",
  "the organization that a token is bound to",
  ["404", "200"],
  async () => {
    const held = await somebody();
    const rival = await db.query("select id from kernel.tenant where slug = 'house'");
    await db.query(
      "insert into kernel.membership (tenant_id, person_id, roles, permissions) values ($1, $2, '{viewer}', kernel.permissions_of($1, '{viewer}'))",
      [rival.rows[0].id, held.personId],
    );
    const { accessToken } = await tokensFor(server, held.session, "acme");
    return String((await server.bearer(accessToken).get("/o/house/v1/contacts")).status);
  },
  less(enter, ["and (c.tenant_id is null or c.tenant_id = t.id)", ""]),
);
matters(
  "token-late",
  "the second look at what an ended session has given",
  ["0 left", "2 left"],
  async () => {
    const { token, personId } = await server.database.member(acme, "viewer");
    const auth = await Promise.all([server.database.connectAs("auth"), server.database.connectAs("auth")]);
    await auth[0].query("begin");
    await auth[0].query("select kernel.issue_tokens($1, null, $2, $3, null, null, 'a program')", [
      sha256(token),
      sha256(newToken()),
      sha256(newToken()),
    ]);
    const ending = auth[1].query("select kernel.sign_out($1, null, null, null)", [sha256(token)]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await auth[0].query("commit");
    await ending;
    const { rows } = await db.query(
      "select count(*)::int as left from kernel.credential where person_id = $1 and kind in ('access', 'refresh') and ended_at is null",
      [personId],
    );
    return `${rows[0].left} left`;
  },
  less(ended, ["exit when cardinality(wanted) = 0;", "exit when cardinality(wanted) = 0 or ended > 0;"]),
);
matters(
  "token-proof",
  "the proof that a token was given with, in place of the session's",
  ["403", "201"],
  async () => {
    const { token } = await server.database.member(acme, "owner");
    await set(token, "proved_at = now() - interval '11 minutes'");
    const { accessToken } = await tokensFor(server, token, "acme");
    await set(token, "proved_at = now()");
    return String((await server.bearer(accessToken).post("/v1/keys", { name: "A key" })).status);
  },
  less(gate, [/c\.proved_at/g, "s.proved_at"]),
);
matters(
  "sightings",
  "the half minute between two writes of last use",
  ["1 write", "3 writes"],
  async () => {
    const { token } = await server.database.member(acme, "viewer");
    await set(token, "last_seen_at = now() - interval '1 hour'");
    const auth = await server.database.connectAs("auth");
    let writes = 0;
    const versionOf = async (): Promise<string> =>
      (
        await db.query("select xmin::text as version from kernel.credential where digest = sha256($1)", [
          sha256(token),
        ])
      ).rows[0].version;
    for (let at = 0; at < 3; at += 1) {
      const before = await versionOf();
      await auth.query("select kernel.touch_credentials(array[$1::bytea], array['127.0.0.1'::inet])", [
        sha256(token),
      ]);
      if ((await versionOf()) !== before) writes += 1;
    }
    return writes === 1 ? "1 write" : `${writes} writes`;
  },
  less("kernel.touch_credentials(bytea[],inet[])", [
    "and (k.last_seen_at is null or k.last_seen_at <= now() - interval '30 seconds')",
    "",
  ]),
);
