import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import type { Client as Database } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newToken, sha256 } from "../../server/foundation/ids/index.ts";
import type { Answer } from "../client.ts";
import type { Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { publicUrl, testServer, type TestServer } from "../server.ts";
import { refresh, type Pair, tokensFor } from "../tokens.ts";

let server: TestServer;
let acme: Organization;
let rival: Organization;
let db: Database;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  rival = await server.organization("rival");
  db = await server.database.connectAsSuperuser();
});
afterAll(() => server.stop());

const problemOf = ({ status, json }: Answer): [number, string] => [
  status,
  String(json?.type ?? "").replace(/^.*\//, ""),
];
const statusOf = async (accessToken: string, path = "/o/acme/v1/contacts"): Promise<number> =>
  (await server.bearer(accessToken).get(path)).status;

describe("an access token", () => {
  proves("IAM-5");

  test("is a short JWT for one hour that says whose and which session's it is", async () => {
    const { accessToken, tokenType, expiresIn } = await tokensFor(server, acme.owner.token);
    expect([tokenType, expiresIn]).toEqual(["Bearer", 3600]);
    expect(accessToken.length).toBeLessThan(1024);
    const { kid, ...header } = decodeProtectedHeader(accessToken);
    expect([header, typeof kid]).toEqual([{ alg: "EdDSA", typ: "at+jwt" }, "string"]);
    const { iat = 0, exp = 0, jti, ...claims } = decodeJwt(accessToken);
    const { rows } = await db.query("select id from kernel.credential where digest = sha256($1)", [
      sha256(acme.owner.token),
    ]);
    expect(claims).toEqual({ iss: publicUrl, aud: publicUrl, sub: acme.owner.personId, sid: rows[0].id });
    expect([exp - iat, typeof jti]).toEqual([3600, "string"]);
  });

  test("is verified by a library that knows nothing but our published keys", async () => {
    const keys = createRemoteJWKSet(new URL(`${server.origin}/.well-known/jwks.json`));
    const { accessToken } = await tokensFor(server, acme.owner.token, "acme");
    const { payload } = await jwtVerify(accessToken, keys, {
      issuer: publicUrl,
      audience: publicUrl,
      typ: "at+jwt",
      algorithms: ["EdDSA"],
    });
    expect(payload).toMatchObject({ sub: acme.owner.personId, tid: acme.id });
  });

  test("does what its person may, without a cookie or a CSRF token, and counts as nobody else", async () => {
    const { accessToken } = await tokensFor(server, acme.owner.token);
    const program = server.bearer(accessToken);
    const made = await program.post("/o/acme/v1/contacts", { firstName: "Ada", lastName: "Lovelace" });
    expect(made.status).toBe(201);
    expect((await program.get("/auth/me")).json.person.email).toBe(acme.owner.email);
    expect(await statusOf(accessToken, "/v1/contacts")).toBe(404);
    expect(await statusOf(accessToken, "/o/rival/v1/contacts")).toBe(404);
    const { rows } = await db.query(
      "select actor_id, c.kind from kernel.audit_event e join kernel.credential c on c.id = e.credential_id where resource_id = $1",
      [made.json.id],
    );
    expect(rows).toEqual([{ actor_id: acme.owner.personId, kind: "access" }]);
  });

  test("beside a cookie is refused, whichever of them is good", async () => {
    const { accessToken } = await tokensFor(server, acme.owner.token);
    for (const [cookie, bearer] of [
      [acme.owner.token, accessToken],
      ["x".repeat(43), accessToken],
      [acme.owner.token, "a.b.c".padEnd(40, "c")],
    ]) {
      const answer = await server.stranger().send("GET", "/auth/me", {
        headers: { cookie: `__Host-sid=${cookie}`, authorization: `Bearer ${bearer}` },
      });
      expect(problemOf(answer)).toEqual([400, "two-credentials"]);
    }
  });

  test("for one organization is good there only, and names it by itself", async () => {
    const member = await server.database.member(acme, "viewer");
    const both = await joined(member.personId);
    const { accessToken } = await tokensFor(server, member.token, "acme");
    expect(decodeJwt(accessToken)["tid"]).toBe(acme.id);
    expect(await statusOf(accessToken, "/v1/contacts")).toBe(200);
    expect(await statusOf(accessToken)).toBe(200);
    expect(await statusOf(accessToken, "/o/rival/v1/contacts")).toBe(404);
    expect((await server.browserOf(member.token).get("/o/rival/v1/contacts")).status).toBe(200);
    const { organizations } = (await server.bearer(accessToken).get("/auth/me")).json;
    expect(organizations.map(({ slug }: { slug: string }) => slug)).toEqual(["acme"]);
    await both();
  });

  test("is given for no organization but one's own, and to nothing but a session", async () => {
    const owner = server.browserOf(acme.owner.token);
    expect(problemOf(await owner.post("/auth/tokens", { organization: "rival" }))).toEqual([
      404,
      "not-found",
    ]);
    const { accessToken, refreshToken } = await tokensFor(server, acme.owner.token);
    const key = await server.database.key(acme, acme.owner);
    for (const token of [accessToken, refreshToken, key, newToken()]) {
      expect(problemOf(await server.bearer(token).post("/auth/tokens", {}))).toEqual([401, "not-signed-in"]);
    }
    expect(problemOf(await server.stranger().post("/auth/tokens", {}))).toEqual([401, "not-signed-in"]);
    expect(await statusOf(refreshToken)).toBe(401);
  });

  test("is known to the database by a digest only, and so is its refresh token", async () => {
    const { accessToken, refreshToken } = await tokensFor(server, acme.owner.token);
    await refresh(server, refreshToken);
    const tables = await db.query(
      "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('kernel', 'app')",
    );
    const dump = await Promise.all(
      tables.rows.map(
        async ({ name }) =>
          (await db.query(`select coalesce(string_agg(t::text, ' '), '') as all from ${name} t`)).rows[0].all,
      ),
    ).then((all) => all.join("\n"));
    expect(dump).toContain(sha256(sha256(refreshToken)).toString("hex"));
    expect(dump).toContain(sha256(sha256(accessToken)).toString("hex"));
    for (const secret of [
      accessToken,
      accessToken.split(".")[2] ?? "",
      refreshToken,
      sha256(refreshToken).toString("hex"),
    ])
      expect(dump).not.toContain(secret);
  });

  test("ends with an hour, though its session lives", async () => {
    const { accessToken } = await tokensFor(server, acme.owner.token);
    expect(await statusOf(accessToken)).toBe(200);
    await db.query("update kernel.credential set expires_at = now() where digest = sha256($1)", [
      sha256(accessToken),
    ]);
    expect(await statusOf(accessToken)).toBe(401);
  });

  /** Makes the person a viewer of the rival too, until undone. */
  async function joined(personId: string): Promise<() => Promise<unknown>> {
    await db.query(
      "insert into kernel.membership (tenant_id, person_id, roles, permissions) values ($1, $2, '{viewer}', kernel.permissions_of($1, '{viewer}'))",
      [rival.id, personId],
    );
    return () =>
      db.query("update kernel.membership set ended_at = now() where tenant_id = $1 and person_id = $2", [
        rival.id,
        personId,
      ]);
  }
});

describe("what ends a session ends its tokens", () => {
  proves("IAM-5", "IAM-6");

  const dead = async ({ accessToken, refreshToken }: Pair): Promise<void> => {
    expect([await statusOf(accessToken), (await refresh(server, refreshToken)).status]).toEqual([401, 401]);
  };

  test("signing out, ending it from another one, ending all others", async () => {
    const member = await server.database.member(acme, "viewer");
    const second = await sessionOf(member.personId);
    const third = await sessionOf(member.personId);
    const [mine, theirs, others] = [
      await tokensFor(server, member.token),
      await tokensFor(server, second),
      await tokensFor(server, third),
    ];
    const browser = server.browserOf(member.token);
    const { items } = (await browser.get("/auth/sessions")).json;
    expect(items.map(({ programs }: { programs: number }) => programs)).toEqual([1, 1, 1]);
    const { rows } = await db.query("select id from kernel.credential where digest = sha256($1)", [
      sha256(second),
    ]);
    expect((await browser.delete(`/auth/sessions/${rows[0].id}`)).status).toBe(204);
    await dead(theirs);
    expect((await browser.delete("/auth/sessions")).json).toEqual({ ended: 1 });
    await dead(others);
    expect(await statusOf(mine.accessToken)).toBe(200);
    expect((await browser.post("/auth/sign-out")).status).toBe(204);
    await dead(mine);
  });

  test("a program that signs out ends its own tokens, and not the session that let it in", async () => {
    const [mine, others] = [
      await tokensFor(server, acme.owner.token),
      await tokensFor(server, acme.owner.token),
    ];
    const next = (await refresh(server, mine.refreshToken)).json;
    expect((await server.bearer(next.accessToken).post("/auth/sign-out")).status).toBe(204);
    for (const token of [mine.accessToken, next.accessToken]) expect(await statusOf(token)).toBe(401);
    expect((await refresh(server, next.refreshToken)).status).toBe(401);
    expect(await statusOf(others.accessToken)).toBe(200);
    expect((await server.browserOf(acme.owner.token).get("/auth/me")).status).toBe(200);
  });

  test("leaving an organization ends what is bound to it, and nothing else", async () => {
    const member = await server.database.member(acme, "viewer");
    const [bound, free] = [
      await tokensFor(server, member.token, "acme"),
      await tokensFor(server, member.token),
    ];
    const owner = server.browserOf(acme.owner.token);
    expect((await owner.delete(`/o/acme/v1/members/${member.memberId}`)).status).toBe(204);
    await dead(bound);
    expect(await statusOf(free.accessToken)).toBe(404);
    // Who belongs nowhere is given no tokens; what there is serves the next organization.
    expect((await refresh(server, free.refreshToken)).status).toBe(401);
    await db.query(
      "insert into kernel.membership (tenant_id, person_id, roles, permissions) select id, $1, '{viewer}', '{}' from kernel.tenant where slug = 'rival'",
      [member.personId],
    );
    expect((await refresh(server, free.refreshToken)).status).toBe(200);
  });

  test("a session that lapsed by itself is listed while a program holds tokens of it, and can be ended", async () => {
    const member = await server.database.member(acme, "viewer");
    const second = await sessionOf(member.personId);
    const pair = await tokensFor(server, second);
    await db.query(
      "update kernel.credential set last_seen_at = now() - interval '13 hours' where digest = sha256($1)",
      [sha256(second)],
    );
    expect((await server.browserOf(second).get("/auth/me")).status).toBe(401);
    expect(await statusOf(pair.accessToken)).toBe(200);
    const browser = server.browserOf(member.token);
    const { items } = (await browser.get("/auth/sessions")).json;
    const lapsed = items.find(({ current }: { current: boolean }) => !current);
    expect(lapsed).toMatchObject({ programs: 1 });
    expect((await browser.delete(`/auth/sessions/${lapsed.id}`)).status).toBe(204);
    await dead(pair);
    expect((await browser.get("/auth/sessions")).json.items).toHaveLength(1);
  });

  test("of more than 20 families the one used longest ago gives way", async () => {
    const member = await server.database.member(acme, "viewer");
    const pairs: Pair[] = [];
    for (let at = 0; at < 21; at += 1) pairs.push(await tokensFor(server, member.token));
    const [first, second] = pairs;
    await dead(first as Pair);
    expect(await statusOf(String(second?.accessToken))).toBe(200);
  });

  async function sessionOf(personId: string): Promise<string> {
    const token = newToken();
    await db.query("select kernel.mint_session($1, $2, '203.0.113.7', 'a phone')", [personId, sha256(token)]);
    return token;
  }
});

describe("what an organization asks of sessions, it asks of their tokens", () => {
  proves("IAM-5");

  const settings: readonly (readonly [
    setting: string,
    change: string,
    session: string,
    program: string,
    problem: string,
  ])[] = [
    [
      "an end after so long",
      "session_max_seconds = 3600",
      "created_at = now() - interval '61 minutes'",
      "",
      "sign-in-again",
    ],
    [
      "an end without use",
      "session_idle_seconds = 600",
      "",
      "last_seen_at = now() - interval '11 minutes'",
      "sign-in-again",
    ],
    [
      "the address it was opened from",
      "session_bound = 'address'",
      "opened_ip = '198.51.100.7'",
      "",
      "sign-in-again",
    ],
    [
      "the network it was opened from",
      "session_bound = 'network'",
      "opened_ip = '198.51.100.7'",
      "",
      "sign-in-again",
    ],
    [
      "a second factor",
      "mfa_roles = '{*}', mfa_grace_days = 0, mfa_from = now() - interval '1 day'",
      "",
      "",
      "second-factor-needed",
    ],
    ["single sign-on", "sso_enforced = true", "", "", "single-sign-on-needed"],
    ["a network", "networks = '{192.0.2.0/24}'", "", "", "address-not-allowed"],
  ];
  const asItWas =
    "networks = null, sso_enforced = false, mfa_roles = null, session_bound = 'none', session_idle_seconds = null, session_max_seconds = null";

  test.each(settings)("%s", async (_, change, session, program, problem) => {
    const member = await server.database.member(acme, "viewer");
    await db.query(
      "update kernel.membership set created_at = now() - interval '2 days' where tenant_id = $1 and id = $2",
      [acme.id, member.memberId],
    );
    const pair = await tokensFor(server, member.token);
    const bound = await tokensFor(server, member.token, "acme");
    const set = (what: string, token: string): Promise<unknown> =>
      what === ""
        ? Promise.resolve()
        : db.query(`update kernel.credential set ${what} where digest = sha256($1)`, [sha256(token)]);
    try {
      await db.query(`update kernel.tenant set ${change} where id = $1`, [acme.id]);
      await set(session, member.token);
      for (const { accessToken } of [pair, bound]) await set(program, accessToken);
      for (const { accessToken } of [pair, bound]) {
        const answer = await server.bearer(accessToken).get("/o/acme/v1/contacts");
        expect(problemOf(answer)).toEqual([403, problem]);
      }
      // New tokens are no way around it: none are given, and those that there are are good again afterwards.
      for (const { refreshToken } of [pair, bound])
        expect(problemOf(await refresh(server, refreshToken))).toEqual([403, problem]);
      if (program === "") {
        const again = await server.browserOf(member.token).post("/auth/tokens", { organization: "acme" });
        expect(problemOf(again)).toEqual([403, problem]);
      }
    } finally {
      await db.query(`update kernel.tenant set ${asItWas} where id = $1`, [acme.id]);
    }
    expect(await statusOf(bound.accessToken)).toBe(200);
  });

  test("a session that one organization's provider vouched for gives tokens for that one only", async () => {
    const member = await server.database.member(acme, "viewer");
    const token = newToken();
    await db.query("select kernel.mint_session($1, $2, '127.0.0.1', 'a test', '{sso}', $3)", [
      member.personId,
      sha256(token),
      acme.id,
    ]);
    const pair = await tokensFor(server, token);
    expect(decodeJwt(pair.accessToken)["tid"]).toBe(acme.id);
    expect(await statusOf(pair.accessToken, "/v1/contacts")).toBe(200);
    const next = (await refresh(server, pair.refreshToken)).json;
    expect(decodeJwt(next.accessToken)["tid"]).toBe(acme.id);
    const { rows } = await db.query(
      "select distinct sso_tenant_id, tenant_id from kernel.credential where parent_id = (select id from kernel.credential where digest = sha256($1))",
      [sha256(token)],
    );
    expect(rows).toEqual([{ sso_tenant_id: acme.id, tenant_id: acme.id }]);
    const rivals = await server.browserOf(token).post("/auth/tokens", { organization: "rival" });
    expect(problemOf(rivals)).toEqual([404, "not-found"]);
  });

  test("a proof that the session gives later lifts no token that is out", async () => {
    const admin = await server.database.member(acme, "owner");
    await db.query(
      "update kernel.credential set proved_at = now() - interval '11 minutes' where digest = sha256($1)",
      [sha256(admin.token)],
    );
    const pair = await tokensFor(server, admin.token, "acme");
    await db.query("update kernel.credential set proved_at = now() where digest = sha256($1)", [
      sha256(admin.token),
    ]);
    const dangerous = (bearer: string): Promise<Answer> =>
      server.bearer(bearer).post("/v1/keys", { name: "A key" });
    expect(problemOf(await dangerous(pair.accessToken))).toEqual([403, "fresh-proof-needed"]);
    const next = (await refresh(server, pair.refreshToken)).json;
    expect(problemOf(await dangerous(next.accessToken))).toEqual([403, "fresh-proof-needed"]);
    const fresh = await tokensFor(server, admin.token, "acme");
    expect((await dangerous(fresh.accessToken)).status).toBe(201);
  });
});
