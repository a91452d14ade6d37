import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client as Database } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPool } from "../../server/foundation/database/index.ts";
import { newToken, sha256 } from "../../server/foundation/ids/index.ts";
import { openTenancy } from "../../server/kernel/tenancy/index.ts";
import { type Answer, client, type Client } from "../client.ts";
import type { Member, Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { testServer, type TestServer } from "../server.ts";
import { tokensFor } from "../tokens.ts";

let folder: string;
let server: TestServer;
let acme: Organization;
let rival: Organization;
let db: Database;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ringfence-sessions-"));
  const places = join(folder, "places.csv");
  await writeFile(places, "network,country,city\n203.0.113.0/24,AT,Vienna\n2001:db8:7::/48,FR,Lyon\n");
  server = await testServer({ RINGFENCE_GEOIP_FILE: places });
  acme = await server.organization("acme");
  rival = await server.organization("rival");
  db = await server.database.connectAsSuperuser();
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const problemOf = ({ status, json }: Answer): [number, string] => [
  status,
  String(json?.type ?? "").replace(/^.*\//, ""),
];

async function sessionOf(member: Member, ip = "203.0.113.7", device = "a phone"): Promise<string> {
  const token = newToken();
  await db.query("select kernel.mint_session($1, $2, $3, $4)", [member.personId, sha256(token), ip, device]);
  return token;
}

describe("the list of one's sessions", () => {
  proves("IAM-6");

  test("says device and browser in words, the address, its place where a file tells, last use, and programs", async () => {
    const member = await server.database.member(acme, "viewer");
    const firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";
    const phone = await sessionOf(member, "2001:db8:7:1::9", firefox);
    await tokensFor(server, phone);
    await sessionOf(member, "198.51.100.4");
    const { items } = (await server.browserOf(member.token).get("/auth/sessions")).json;
    expect(
      items.map(({ id, createdAt, lastSeenAt, ...said }: Record<string, unknown>) => {
        expect([typeof id, typeof createdAt, typeof lastSeenAt]).toEqual(["string", "string", "string"]);
        return said;
      }),
    ).toEqual([
      { device: "a test", ip: null, place: null, current: true, programs: 0 },
      { device: "a phone", ip: "198.51.100.4", place: null, current: false, programs: 0 },
      { device: "Firefox on Windows", ip: "2001:db8:7:1::9", place: "Lyon, FR", current: false, programs: 1 },
    ]);
  });

  test("holds twenty; the one that was used longest ago gives way, and the trail says so", async () => {
    const member = await server.database.member(acme, "viewer");
    const tokens: string[] = [];
    for (let at = 0; at < 19; at += 1) tokens.push(await sessionOf(member));
    const [oldest = "", next = ""] = tokens;
    await db.query(
      "update kernel.credential set last_seen_at = now() - interval '1 hour' where digest = sha256($1)",
      [sha256(oldest)],
    );
    const program = await tokensFor(server, oldest);
    const newest = await sessionOf(member, "198.51.100.9");
    const statuses = await Promise.all(
      [oldest, next, newest, member.token].map(
        async (token) => (await server.browserOf(token).get("/auth/me")).status,
      ),
    );
    expect(statuses).toEqual([401, 200, 200, 200]);
    expect((await server.bearer(program.accessToken).get("/auth/me")).status).toBe(401);
    expect((await server.browserOf(newest).get("/auth/sessions")).json.items).toHaveLength(20);
    const { rows } = await db.query(
      "select severity, host(ip) as ip from kernel.audit_event where actor_id = $1 and action = 'session-displaced'",
      [member.personId],
    );
    expect(rows).toEqual([{ severity: "notice", ip: "198.51.100.9" }]);
  });
});

describe("last use", () => {
  proves("IAM-6");

  test("costs two writes a minute at most, for thousands of requests at three servers (connect-session-sequelize #67, expressjs/session #891, WordPress mcp-adapter #166, thunderid PR #4257, bunmail #28)", async () => {
    const member = await server.database.member(acme, "viewer");
    const { accessToken } = await tokensFor(server, member.token);
    const limits = {
      max: 4,
      applicationName: "a test",
      statementTimeoutMs: 10_000,
      transactionTimeoutMs: 10_000,
    };
    const pools = { api: open("api"), auth: open("auth") };
    function open(role: "api" | "auth"): ReturnType<typeof openPool> {
      return openPool({ connectionString: server.database.dsnFor(role), ...limits });
    }
    const servers = Array.from({ length: 3 }, () => openTenancy(pools));
    const writesOf = async (): Promise<Record<string, number>> => {
      const { rows } = await db.query(
        "select kind, count(*)::int as times from kernel.write_seen group by 1",
      );
      return Object.fromEntries(rows.map(({ kind, times }) => [kind, times]));
    };
    await db.query("create table kernel.write_seen (kind text)");
    await db.query(
      `create function kernel.note_write() returns trigger language plpgsql as $$ begin insert into kernel.write_seen values (new.kind); return null; end $$`,
    );
    await db.query(
      "create trigger note_write after update on kernel.credential for each row execute function kernel.note_write()",
    );
    await db.query("grant all on kernel.write_seen to public");
    await db.query("grant execute on function kernel.note_write() to public");
    await db.query("update kernel.credential set last_seen_at = last_seen_at - interval '1 minute'");
    await db.query("delete from kernel.write_seen");
    const ask = async (at: number): Promise<void> => {
      const token = at % 2 === 0 ? member.token : accessToken;
      const caller = {
        tokenHash: sha256(token),
        organization: "acme",
        requestId: "0198c0de-0000-7000-8000-000000000001",
        ip: "203.0.113.7",
        device: "a test",
      };
      const scope = servers[at % 3]?.scopeFor(caller, ["contact.read"], new AbortController().signal);
      await scope?.run({ text: "select count(*) from app.contact", values: [] });
    };
    const half = async (): Promise<void> => {
      for (let at = 0; at < 1200; at += 12)
        await Promise.all(Array.from({ length: 12 }, (_, more) => ask(at + more)));
      for (const { sightings } of servers) await sightings.flush();
    };
    await half();
    expect(await writesOf()).toEqual({ session: 1, access: 1 });
    await half();
    expect(await writesOf()).toEqual({ session: 1, access: 1 });
    await db.query("alter table kernel.credential disable trigger note_write");
    await db.query("update kernel.credential set last_seen_at = last_seen_at - interval '31 seconds'");
    await db.query("alter table kernel.credential enable trigger note_write");
    await half();
    expect(await writesOf()).toEqual({ session: 2, access: 2 });
    await db.query("drop trigger note_write on kernel.credential");
    await Promise.all([pools.api.close(), pools.auth.close()]);
  });
});

describe("limits that an organization sets on sessions", () => {
  proves("IAM-6");

  const here = "127.0.0.1";
  const cases: readonly (readonly [name: string, organization: string, session: string, from: string])[] = [
    [
      "an end after so long",
      "session_max_seconds = 3600",
      "created_at = now() - interval '61 minutes'",
      here,
    ],
    [
      "an end without use",
      "session_idle_seconds = 600",
      "last_seen_at = now() - interval '11 minutes'",
      here,
    ],
    ["one address", "session_bound = 'address'", `opened_ip = '203.0.113.7'`, "203.0.113.8"],
    ["one network", "session_bound = 'network'", `opened_ip = '203.0.113.7'`, "203.0.114.7"],
    ["one network of IPv6", "session_bound = 'network'", `opened_ip = '2001:db8:7::1'`, "2001:db8:8::1"],
  ];
  const within: Readonly<Record<string, string>> = {
    "an end after so long": "created_at = now() - interval '59 minutes'",
    "an end without use": "last_seen_at = now() - interval '9 minutes'",
    "one address": `opened_ip = '203.0.113.8'`,
    "one network": `opened_ip = '203.0.114.200'`,
    "one network of IPv6": `opened_ip = '2001:db8:8:ffff::1'`,
  };

  test.each(cases)(
    "%s: there, at once and for whoever had passes; not elsewhere",
    async (name, organization, session, from) => {
      const member = await server.database.member(acme, "viewer");
      await db.query(
        "insert into kernel.membership (tenant_id, person_id, roles, permissions) values ($1, $2, '{viewer}', kernel.permissions_of($1, '{viewer}'))",
        [rival.id, member.personId],
      );
      const set = (what: string): Promise<unknown> =>
        db.query(`update kernel.credential set ${what} where digest = sha256($1)`, [sha256(member.token)]);
      const browser = client({ origin: server.origin, session: member.token, ip: from });
      // The third request has a pass, and reads by it.
      for (let at = 0; at < 3; at += 1) expect((await browser.get("/o/acme/v1/contacts")).status).toBe(200);
      try {
        await db.query(`update kernel.tenant set ${organization} where id = $1`, [acme.id]);
        await set(within[name] ?? "");
        for (let at = 0; at < 3; at += 1) expect((await browser.get("/o/acme/v1/contacts")).status).toBe(200);
        await set(session);
        // A change of the session's own row that no request can make; the passes are as good as gone by their own time.
        await db.query("delete from kernel.pass");
        expect(problemOf(await browser.get("/o/acme/v1/contacts"))).toEqual([403, "sign-in-again"]);
        expect((await browser.get("/o/rival/v1/contacts")).status).toBe(200);
        expect((await browser.get("/auth/me")).status).toBe(200);
      } finally {
        await db.query(
          "update kernel.tenant set session_bound = 'none', session_idle_seconds = null, session_max_seconds = null where id = $1",
          [acme.id],
        );
      }
    },
  );

  test("a pass lives no longer than they let the session", async () => {
    const member = await server.database.member(acme, "viewer");
    const { accessToken } = await tokensFor(server, member.token);
    await db.query("update kernel.tenant set session_max_seconds = 3600 where id = $1", [acme.id]);
    await db.query(
      "update kernel.credential set created_at = now() - interval '59 minutes 40 seconds' where digest = sha256($1)",
      [sha256(member.token)],
    );
    try {
      for (const browser of [server.browserOf(member.token), server.bearer(accessToken)]) {
        for (let at = 0; at < 3; at += 1) expect((await browser.get("/o/acme/v1/contacts")).status).toBe(200);
      }
      const { rows } = await db.query(
        "select c.kind, p.expires_at <= now() + interval '20 seconds' as capped from kernel.pass p join kernel.credential c on c.id = p.credential_id where p.person_id = $1 order by 1",
        [member.personId],
      );
      expect(rows).toEqual([
        { kind: "access", capped: true },
        { kind: "session", capped: true },
      ]);
    } finally {
      await db.query("update kernel.tenant set session_max_seconds = null where id = $1", [acme.id]);
    }
  });
});

describe("two tabs with two organizations", () => {
  proves("ISO-1");

  test("1,000 interleaved requests by one session and one token show nothing of the other organization", async () => {
    const member = await server.database.member(acme, "owner");
    await db.query(
      "insert into kernel.membership (tenant_id, person_id, roles, permissions) values ($1, $2, '{owner}', kernel.permissions_of($1, '{owner}'))",
      [rival.id, member.personId],
    );
    const { accessToken } = await tokensFor(server, member.token);
    const tabs: readonly Client[] = [server.browserOf(member.token), server.bearer(accessToken)];
    for (const slug of ["acme", "rival"]) {
      for (let at = 0; at < 3; at += 1) {
        const made = await tabs[0]?.post(`/o/${slug}/v1/contacts`, { lastName: `Of ${slug}` });
        expect(made?.status).toBe(201);
      }
    }
    let bled = 0;
    let seen = 0;
    const one = async (at: number): Promise<void> => {
      const slug = at % 2 === 0 ? "acme" : "rival";
      const tab = tabs[(at >> 1) % 2];
      const { status, json } = (await tab?.get(`/o/${slug}/v1/contacts?q=Of`)) ?? { status: 0, json: null };
      expect(status).toBe(200);
      for (const { lastName } of json.items) {
        seen += 1;
        if (lastName !== `Of ${slug}`) bled += 1;
      }
    };
    for (let at = 0; at < 1000; at += 20)
      await Promise.all(Array.from({ length: 20 }, (_, more) => one(at + more)));
    expect([bled, seen]).toEqual([0, 3000]);
    const { rows } = await db.query("select tenant_id from kernel.credential where digest = sha256($1)", [
      sha256(member.token),
    ]);
    expect(rows).toEqual([{ tenant_id: null }]);
  });
});
