import { request } from "node:http";
import type { Client as Database } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../server/foundation/ids/index.ts";
import { client } from "../client.ts";
import type { Member, Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { testServer, type TestServer } from "../server.ts";
import { type Pair, refresh, tokensFor } from "../tokens.ts";

// A refresh token is good once. What comes back is a lost reply or a second tab, or a thief; these tests hold the line between them.

proves("IAM-5");

let server: TestServer;
let acme: Organization;
let db: Database;
let member: Member;
let pair: Pair;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  db = await server.database.connectAsSuperuser();
});
afterAll(() => server.stop());
beforeEach(async () => {
  member = await server.database.member(acme, "viewer");
  pair = await tokensFor(server, member.token);
});

const statusOf = async (accessToken: string): Promise<number> =>
  (await server.bearer(accessToken).get("/o/acme/v1/contacts")).status;
const sessionStatus = async (): Promise<number> =>
  (await server.browserOf(member.token).get("/auth/me")).status;
/** Makes the uses of this token look so many seconds older. */
const age = (refreshToken: string, seconds: number): Promise<unknown> =>
  db.query("update kernel.spent_refresh set at = at - make_interval(secs => $2) where digest = sha256($1)", [
    sha256(refreshToken),
    seconds,
  ]);
const familyOf = async (): Promise<{ heads: number; spent: number; access: number }> => {
  const { rows } = await db.query(
    `select (select count(*)::int from kernel.credential c where c.person_id = $1 and c.kind = 'refresh' and c.ended_at is null) as heads,
            (select count(*)::int from kernel.spent_refresh u join kernel.credential c on c.id = u.family_id where c.person_id = $1) as spent,
            (select count(*)::int from kernel.credential c where c.person_id = $1 and c.kind = 'access' and c.ended_at is null) as access`,
    [member.personId],
  );
  return rows[0];
};
const expectDead = async (...pairs: readonly Pair[]): Promise<void> => {
  for (const { accessToken, refreshToken } of pairs) {
    expect(await statusOf(accessToken)).toBe(401);
    const answer = await refresh(server, refreshToken);
    expect([answer.status, answer.json.type]).toEqual([401, expect.stringMatching(/not-signed-in$/)]);
  }
  expect(await sessionStatus()).toBe(401);
};

describe("two tabs and lost replies", () => {
  test("100 parallel refreshes of one token are 100 answers with the same successor, and no cookie is cleared (OpenRisk #700, fliks #457, geolens #634, nocturne #391, f3-nation #375, crosswithfriends #566, node-oauth2-server #80; better-auth GHSA-392p-2q2v-4372, Keycloak CVE-2026-1035)", async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => refresh(server, pair.refreshToken)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => 200));
    const given = new Set(answers.map(({ json }) => `${json.accessToken} ${json.refreshToken}`));
    expect(given.size).toBe(1);
    // One head, one successor: the first access token and the next.
    expect(await familyOf()).toEqual({ heads: 1, spent: 1, access: 2 });
    for (const { headers } of answers) {
      expect(headers["set-cookie"]).toBeUndefined();
      expect(headers["clear-site-data"]).toBeUndefined();
      expect(headers["cache-control"]).toBe("no-store");
    }
    expect(await statusOf(answers[0]?.json.accessToken)).toBe(200);
    expect((await refresh(server, answers[99]?.json.refreshToken)).status).toBe(200);
  });

  test("a reply that got lost is given again within the grace, three times and no more (fastmcp #5037)", async () => {
    const first = (await refresh(server, pair.refreshToken)).json;
    await age(pair.refreshToken, 5);
    for (let at = 0; at < 3; at += 1) {
      const { status, json } = await refresh(server, pair.refreshToken);
      expect([status, json]).toEqual([200, first]);
    }
    expect((await refresh(server, pair.refreshToken)).status).toBe(401);
    await expectDead(first);
  });

  test("a client that went away before the answer comes back and gets it", async () => {
    await new Promise<void>((resolve, reject) => {
      const body = JSON.stringify({ refreshToken: pair.refreshToken });
      const outgoing = request(`${server.origin}/auth/tokens/refresh`, {
        method: "POST",
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
      });
      outgoing.on("error", () => resolve());
      outgoing.on("response", () => reject(new Error("it was answered after all")));
      outgoing.end(body, () => setTimeout(() => outgoing.destroy(), 1));
    }).catch(() => undefined);
    const deadline = performance.now() + 5000;
    while ((await familyOf()).spent === 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect((await familyOf()).spent).toBe(1);
    await age(pair.refreshToken, 4);
    const { status, json } = await refresh(server, pair.refreshToken);
    expect(status).toBe(200);
    expect(await statusOf(json.accessToken)).toBe(200);
    expect(await familyOf()).toMatchObject({ heads: 1, spent: 1 });
  });

  test("a server that died between the change and the answer has lost nothing: the next one gives it", async () => {
    const first = (await refresh(server, pair.refreshToken)).json;
    await age(pair.refreshToken, 3);
    const other = await testServer({}, server.database);
    try {
      const again = await refresh(other, pair.refreshToken);
      expect([again.status, again.json]).toEqual([200, first]);
      // Its memory of what was checked is empty, and the other's keys are its own.
      expect((await other.bearer(first.accessToken).get("/o/acme/v1/contacts")).status).toBe(200);
    } finally {
      await other.stop();
    }
  });

  test("two servers change one token once between them", async () => {
    const other = await testServer({}, server.database);
    try {
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, at) => refresh(at % 2 === 0 ? server : other, pair.refreshToken)),
      );
      expect(new Set(answers.map(({ status, json }) => `${status} ${json.refreshToken}`)).size).toBe(1);
      expect(await familyOf()).toEqual({ heads: 1, spent: 1, access: 2 });
    } finally {
      await other.stop();
    }
  });
});

describe("a token that comes back", () => {
  test("a second after the grace ends the family and its session, for both who hold it", async () => {
    const first = (await refresh(server, pair.refreshToken)).json;
    await age(pair.refreshToken, 11);
    expect((await refresh(server, pair.refreshToken)).status).toBe(401);
    await expectDead(pair, first);
    const { rows } = await db.query(
      "select action, severity from kernel.audit_event where actor_id = $1 and action = 'refresh-reuse'",
      [member.personId],
    );
    expect(rows).toEqual([{ action: "refresh-reuse", severity: "critical" }]);
    const mails = await db.query(
      "select to_address, purpose, body from kernel.person_mail where to_address = $1",
      [member.email],
    );
    expect(mails.rows).toMatchObject([{ purpose: "refresh-reuse" }]);
    expect(String(mails.rows[0].body)).not.toContain("refresh token");
  });

  test("is found out after any number of changes, and after a restart (Keycloak CVE-2026-9802)", async () => {
    let last = pair;
    for (let at = 0; at < 5; at += 1) last = (await refresh(server, last.refreshToken)).json;
    await age(pair.refreshToken, 3600);
    const other = await testServer({}, server.database);
    try {
      expect((await refresh(other, pair.refreshToken)).status).toBe(401);
    } finally {
      await other.stop();
    }
    await expectDead(last);
  });

  test("from another network within the grace is a thief's", async () => {
    const thief = client({ origin: server.origin, ip: "203.0.113.9" });
    await refresh(server, pair.refreshToken);
    const stolen = await thief.send("POST", "/auth/tokens/refresh", {
      body: { refreshToken: pair.refreshToken },
    });
    expect(stolen.status).toBe(401);
    await expectDead(pair);
  });

  test("from a neighbour in the same /24 or /48 within the grace is the same program on the move", async () => {
    for (const [at, [here, there, elsewhere]] of [
      ["203.0.113.9", "203.0.113.200", "203.0.114.9"],
      ["2001:db8:1:2::9", "2001:db8:1:3::4", "2001:db8:2::9"],
    ].entries()) {
      const mine = at === 0 ? pair : await tokensFor(server, member.token);
      const from = (ip = ""): ReturnType<typeof refresh> =>
        client({ origin: server.origin, ip }).send("POST", "/auth/tokens/refresh", {
          body: { refreshToken: mine.refreshToken },
        });
      const [first, second] = [await from(here), await from(there)];
      expect([second.status, second.json]).toEqual([200, first.json]);
      if (at === 1) expect((await from(elsewhere)).status).toBe(401);
    }
  });

  test("from another program within the grace is a thief's", async () => {
    const first = await refresh(server, pair.refreshToken, { "user-agent": "app/1.0" });
    expect(first.status).toBe(200);
    expect((await refresh(server, pair.refreshToken, { "user-agent": "curl/8" })).status).toBe(401);
    await expectDead(first.json);
  });

  test("is a thief's at once where the grace is set to 0", async () => {
    const strict = await testServer({ RINGFENCE_REFRESH_GRACE_SECONDS: "0" }, server.database);
    try {
      const first = (await refresh(strict, pair.refreshToken)).json;
      expect((await refresh(strict, pair.refreshToken)).status).toBe(401);
      await expectDead(first);
    } finally {
      await strict.stop();
    }
  });

  test("has a grace of a minute where that is set, and of no more than a minute", async () => {
    const patient = await testServer({ RINGFENCE_REFRESH_GRACE_SECONDS: "60" }, server.database);
    try {
      const first = (await refresh(patient, pair.refreshToken)).json;
      await age(pair.refreshToken, 57);
      expect((await refresh(patient, pair.refreshToken)).json).toEqual(first);
      await age(pair.refreshToken, 4);
      expect((await refresh(patient, pair.refreshToken)).status).toBe(401);
    } finally {
      await patient.stop();
    }
    await expect(testServer({ RINGFENCE_REFRESH_GRACE_SECONDS: "61" }, server.database)).rejects.toThrow();
  });

  test("many at once after the grace end the family once, and nobody waits for ever", async () => {
    const first = (await refresh(server, pair.refreshToken)).json;
    const second = (await refresh(server, first.refreshToken)).json;
    await age(pair.refreshToken, 60);
    await age(first.refreshToken, 60);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, at) =>
        refresh(server, at % 2 === 0 ? pair.refreshToken : first.refreshToken),
      ),
    );
    for (const { status } of answers) expect(status).toBe(401);
    await expectDead(second);
    const { rows } = await db.query(
      "select count(*)::int as times from kernel.audit_event where actor_id = $1 and action = 'refresh-reuse'",
      [member.personId],
    );
    expect(rows[0].times).toBeGreaterThanOrEqual(1);
  });
});

describe("clocks that jump", () => {
  test("a database set back by an hour makes no long grace of it", async () => {
    const first = (await refresh(server, pair.refreshToken)).json;
    await age(pair.refreshToken, -3600);
    expect((await refresh(server, pair.refreshToken)).status).toBe(401);
    await expectDead(first);
  });

  test("a database set forward by an hour ends access tokens and no family", async () => {
    await db.query(
      "update kernel.credential set expires_at = expires_at - interval '1 hour', created_at = created_at - interval '1 hour', last_seen_at = last_seen_at - interval '1 hour' where person_id = $1 and kind <> 'session'",
      [member.personId],
    );
    expect(await statusOf(pair.accessToken)).toBe(401);
    const { status, json } = await refresh(server, pair.refreshToken);
    expect([status, await statusOf(json.accessToken)]).toEqual([200, 200]);
  });
});

describe("the life of a family", () => {
  const set = (what: string, refreshToken: string): Promise<unknown> =>
    db.query(`update kernel.credential set ${what} where digest = sha256($1)`, [sha256(refreshToken)]);

  test("ends after three days without a refresh", async () => {
    await set("last_seen_at = now() - interval '3 days 1 second'", pair.refreshToken);
    expect((await refresh(server, pair.refreshToken)).status).toBe(401);
    // Nobody but its owner can have held it back, so nothing else ends.
    expect(await sessionStatus()).toBe(200);
  });

  test("goes on just before that", async () => {
    await set("last_seen_at = now() - interval '2 days 23 hours'", pair.refreshToken);
    expect((await refresh(server, pair.refreshToken)).status).toBe(200);
  });

  test("ends with the seventh day at the latest, however often it was refreshed", async () => {
    const lifeOf = async (refreshToken: string): Promise<string> =>
      (
        await db.query("select expires_at::text as at from kernel.credential where digest = sha256($1)", [
          sha256(refreshToken),
        ])
      ).rows[0].at;
    const until = await lifeOf(pair.refreshToken);
    const next = (await refresh(server, pair.refreshToken)).json;
    expect(await lifeOf(next.refreshToken)).toBe(until);
    const { rows } = await db.query("select $1::timestamptz <= now() + interval '7 days' as capped", [until]);
    expect(rows[0].capped).toBe(true);
    await set("expires_at = now() + interval '30 seconds'", next.refreshToken);
    const last = (await refresh(server, next.refreshToken)).json;
    const { rows: access } = await db.query(
      "select expires_at <= now() + interval '30 seconds' as capped from kernel.credential where digest = sha256($1)",
      [sha256(last.accessToken)],
    );
    expect(access[0].capped).toBe(true);
    await set("expires_at = now()", last.refreshToken);
    expect((await refresh(server, last.refreshToken)).status).toBe(401);
  });

  test("leaves no more behind than can be counted: access tokens, sealed answers, changes", async () => {
    let last = pair;
    for (let at = 0; at < 25; at += 1) last = (await refresh(server, last.refreshToken)).json;
    expect((await familyOf()).access).toBe(20);
    await db.query("update kernel.spent_refresh set at = at - interval '3 minutes'");
    last = (await refresh(server, last.refreshToken)).json;
    const { rows } = await db.query(
      "select count(u.successor)::int as sealed from kernel.spent_refresh u join kernel.credential c on c.id = u.family_id where c.person_id = $1",
      [member.personId],
    );
    expect(rows[0].sealed).toBe(1);
    await db.query(
      "insert into kernel.spent_refresh (digest, family_id) select sha256(int4send(n)), (select id from kernel.credential where digest = sha256($1)) from generate_series(1, 5000) n",
      [sha256(last.refreshToken)],
    );
    expect((await refresh(server, last.refreshToken)).status).toBe(401);
  });

  test("made-up, malformed and foreign tokens are refused alike, and none of them ends anything", async () => {
    const answers = [
      await refresh(server, "x".repeat(43)),
      await refresh(server, member.token),
      await refresh(server, acme.owner.token),
    ];
    for (const { status, json } of answers) {
      expect([status, json.detail]).toEqual([401, answers[0]?.json.detail]);
    }
    expect((await refresh(server, pair.accessToken)).status).toBe(422);
    expect(await sessionStatus()).toBe(200);
    expect((await refresh(server, pair.refreshToken)).status).toBe(200);
  });
});
