import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newToken, sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import type { Answer, Client } from "../client.ts";
import type { Organization } from "../installed-database.ts";
import { linkTo } from "../mail-ground.ts";
import { proves } from "../proves.ts";
import { account, type Account, addPasskey, authenticator, keyOf } from "../second-factors.ts";
import { testServer, type TestServer } from "../server.ts";
import { tokensFor } from "../tokens.ts";
import { attack } from "./attack.ts";
import { less, mattersOn, sql } from "./take-away.ts";

// A browser that stands in for a second factor: for its person only, until something about their factors changes, where no
// organization of theirs forbids it, and never for what wants the factor itself.

proves("IAM-8");

let server: TestServer;
let acme: Organization & { readonly browser: Client };
let db: Awaited<ReturnType<TestServer["database"]["connectAsSuperuser"]>>;
beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  db = await server.database.connectAsSuperuser();
});
afterAll(() => server.stop());
const matters = mattersOn(() => db);

const cookie = "__Host-remembered";
const password = "quite-long winter 47 ferns";

interface Guarded extends Account {
  readonly codes: string[];
}

/** Somebody with a second factor, and backup codes that need no clock. */
async function guarded(organization: Organization = acme): Promise<Guarded> {
  const person = await account(server, organization);
  const { status, json } = await addPasskey(person.browser, authenticator());
  expect(status).toBe(201);
  return { ...person, codes: [...json.backupCodes] };
}

async function firstFactor(browser: Client, email: string, proof = password): Promise<void> {
  const { json } = await browser.post("/auth/sign-in", { email, password: proof });
  expect(json).toEqual({ signedIn: false, next: "second-factor" });
}

const showCode = (browser: Client, { codes }: Guarded, remember?: boolean): Promise<Answer> =>
  browser.post("/auth/second-factor", {
    method: "backup-code",
    code: codes.pop(),
    ...(remember === undefined ? {} : { remember }),
  });

/** A browser in which this person has had it remembered; signed in. */
async function remembered(who: Guarded): Promise<Client> {
  const browser = server.stranger();
  await firstFactor(browser, who.email);
  const { status, json } = await showCode(browser, who, true);
  expect([status, json.rememberedUntil]).toEqual([200, expect.any(String)]);
  return browser;
}

/** Signs in anew in a browser that holds what `browser` was given: where that ends. */
async function again(browser: Client, { email }: Guarded, proof = password): Promise<string> {
  return (await tryAgain(browser, email, proof)).word;
}

async function tryAgain(
  browser: Client,
  email: string,
  proof = password,
): Promise<{ word: string; visitor: Client }> {
  const visitor = server.stranger();
  visitor.cookies.set(cookie, browser.cookies.get(cookie) ?? "");
  await firstFactor(visitor, email, proof);
  const { json } = await visitor.post("/auth/second-factor/remembered");
  expect(visitor.cookies.has("__Host-sid")).toBe(json.signedIn);
  return { word: json.signedIn ? "signed in" : "asked", visitor };
}

const wanting = (tenant: string, roles: string[] | null, allowed = false): Promise<unknown> =>
  db.query(
    "update kernel.tenant set mfa_roles = $2, mfa_grace_days = 0, mfa_from = now() - interval '1 day', remembered_devices = $3 where id = $1",
    [tenant, roles, allowed],
  );
let organizations = 0;
const another = (): Promise<Organization & { readonly browser: Client }> =>
  server.organization(`another-${(organizations += 1)}`);
/** Past the moment's grace of a new member. */
const settled = ({ personId }: Account): Promise<unknown> =>
  db.query("update kernel.membership set created_at = now() - interval '1 hour' where person_id = $1", [
    personId,
  ]);

describe("a browser that is remembered", () => {
  test("is let in without a code, has shown no second factor, and stands in one's list", async () => {
    const who = await guarded();
    const browser = server.stranger();
    await firstFactor(browser, who.email);
    expect((await browser.get("/auth/second-factor")).json).toMatchObject({
      remembered: false,
      mayRemember: true,
    });
    const done = await showCode(browser, who, true);
    const [line] = [done.headers["set-cookie"] ?? []].flat().filter((set) => set.startsWith(cookie));
    expect(line).toMatch(/^__Host-remembered=[\w-]{43}; Path=\/; .*Max-Age=2592000/i);
    expect(line).toMatch(/HttpOnly/i);
    expect(line).toMatch(/Secure/i);
    expect(line).toMatch(/SameSite=Lax/i);
    expect((await browser.get("/auth/remembered-devices")).json.items).toEqual([
      {
        id: expect.any(String),
        device: expect.any(String),
        createdAt: expect.any(String),
        expiresAt: done.json.rememberedUntil,
        lastUsedAt: null,
        current: true,
      },
    ]);
    const { word, visitor } = await tryAgain(browser, who.email);
    expect(word).toBe("signed in");
    const { rows } = await db.query(
      "select factors, second_factor_at, proved_at from kernel.credential where digest = sha256($1)",
      [sha256(visitor.cookies.get("__Host-sid") ?? "")],
    );
    expect(rows).toEqual([
      { factors: ["password", "remembered-device"], second_factor_at: null, proved_at: null },
    ]);
    const { items } = (await visitor.get("/auth/remembered-devices")).json;
    expect(items).toMatchObject([{ lastUsedAt: expect.any(String), current: true }]);
    // Another visitor of the same list is another browser.
    expect((await who.browser.get("/auth/remembered-devices")).json.items[0].current).toBe(false);
    expect((await who.browser.delete(`/auth/remembered-devices/${items[0].id}`)).status).toBe(204);
    expect((await who.browser.delete(`/auth/remembered-devices/${items[0].id}`)).status).toBe(404);
    expect(await again(browser, who)).toBe("asked");
    const told = await db.query(
      "select action, after ->> 'factors' as factors from kernel.audit_event where actor_id = $1 and action in ('remember-device', 'forget-device', 'sign-in', 'proof-refused') order by id",
      [who.personId],
    );
    expect(told.rows.map(({ action, factors }) => [action, factors])).toEqual([
      ["sign-in", '["password"]'],
      ["sign-in", '["password", "backup-code"]'],
      ["remember-device", null],
      ["sign-in", '["password", "remembered-device"]'],
      ["forget-device", null],
      ["proof-refused", null],
    ]);
  });

  test("is only by one's wish, in the session that has shown the factor; and with a new token each time", async () => {
    const who = await guarded();
    const browser = server.stranger();
    await firstFactor(browser, who.email);
    await showCode(browser, who);
    expect(browser.cookies.has(cookie)).toBe(false);
    await firstFactor(browser, who.email);
    await showCode(browser, who, true);
    const first = browser.cookies.get(cookie);
    await firstFactor(browser, who.email);
    await showCode(browser, who, true);
    expect(browser.cookies.get(cookie)).not.toBe(first);
    expect((await browser.get("/auth/remembered-devices")).json.items).toHaveLength(1);
    // And a wrong code has none remembered.
    const guess = server.stranger();
    await firstFactor(guess, who.email);
    const wrong = { method: "totp", code: "000000", remember: true };
    expect((await guess.post("/auth/second-factor", wrong)).status).toBe(401);
    expect(guess.cookies.has(cookie)).toBe(false);
  });

  test("is let in after a passkey or a link by mail as well", async () => {
    const who = await guarded();
    const device = authenticator();
    // The first factor of the session is its second one here.
    expect((await addPasskey(who.browser, device)).status).toBe(201);
    const browser = server.stranger();
    await firstFactor(browser, who.email);
    const { json } = await browser.post("/auth/second-factor/passkey-options");
    const response = device.getJSON("https://ringfence.example", json.options);
    expect((await browser.post("/auth/second-factor/passkey", { response, remember: true })).status).toBe(
      200,
    );
    expect((await browser.post("/auth/magic-link", { email: who.email })).status).toBe(202);
    const { token } = await linkTo(server.database, who.email, "magic-link");
    expect((await browser.post("/auth/magic-link/redeem", { token })).json.next).toBe("second-factor");
    expect((await browser.get("/auth/second-factor")).json.remembered).toBe(true);
    expect((await browser.post("/auth/second-factor/remembered")).json.signedIn).toBe(true);
  });
});

describe("what a remembered browser leaves closed", () => {
  test("every dangerous act, until a factor was shown; no password stands in for that", async () => {
    const who = await guarded();
    const browser = (await tryAgain(await remembered(who), who.email)).visitor;
    const key = { name: "a key", permissions: ["contact.read"] };
    expect(keyOf(await browser.post("/o/acme/v1/keys", key))).toEqual([403, "fresh-proof-needed"]);
    expect(keyOf(await browser.post("/auth/totp"))).toEqual([403, "fresh-proof-needed"]);
    expect(keyOf(await browser.post("/auth/email", { email: "other@second.example" }))).toEqual([
      403,
      "fresh-proof-needed",
    ]);
    expect(keyOf(await browser.post("/auth/prove", { password }))).toEqual([403, "second-factor-needed"]);
    expect((await browser.post("/auth/prove", { backupCode: who.codes.pop() })).status).toBe(200);
    expect((await browser.post("/o/acme/v1/keys", key)).status).toBe(201);
    // It is not shown a second time for the one that is removed, as the last of all.
    const { factors } = (await browser.get("/auth/security")).json;
    expect((await browser.delete(`/auth/factors/${factors[0].id}`)).status).toBe(204);
    const db2 = await db.query(
      "select factors from kernel.credential where person_id = $1 and ended_at is null and kind = 'session'",
      [who.personId],
    );
    expect(db2.rows).toEqual([{ factors: ["password", "backup-code"] }]);
  });

  test("an organization that asks for second factors and has not allowed it: nothing is remembered, and nothing counts", async () => {
    const strict = await another();
    const who = await guarded(strict);
    const browser = await remembered(who);
    await wanting(strict.id, ["member"]);
    await settled(who);
    expect(await again(browser, who)).toBe("asked");
    // Nor is anything remembered anew there.
    const visitor = server.stranger();
    await firstFactor(visitor, who.email);
    expect((await visitor.get("/auth/second-factor")).json.mayRemember).toBe(false);
    expect((await showCode(visitor, who, true)).json).toMatchObject({
      signedIn: true,
      rememberedUntil: null,
    });
    expect(visitor.cookies.has(cookie)).toBe(false);
    // Other roles than the person's do not count.
    await wanting(strict.id, ["owner"]);
    expect(await again(browser, who)).toBe("signed in");
  });

  test("allowed by one organization and not by the other, it is not honoured; what it opened before is asked for the factor", async () => {
    const [one, other] = [await another(), await another()];
    const who = await guarded(one);
    await db.query(
      "insert into kernel.membership (tenant_id, person_id, roles, permissions, created_at) values ($1, $2, '{member}', kernel.permissions_of($1, '{member}'), now() - interval '1 hour')",
      [other.id, who.personId],
    );
    await settled(who);
    await wanting(one.id, ["*"], true);
    const browser = await remembered(who);
    const { word, visitor } = await tryAgain(browser, who.email);
    expect(word).toBe("signed in");
    const seen = async (slug: string): Promise<unknown> => keyOf(await visitor.get(`/o/${slug}/v1/contacts`));
    expect(await seen(one.slug)).toEqual([200, ""]);
    const me = async (): Promise<(string | null)[]> =>
      (await visitor.get("/auth/me")).json.organizations.map(
        (told: { secondFactorBy: string | null }) => told.secondFactorBy,
      );
    expect(await me()).toEqual([null, null]);
    await wanting(other.id, ["*"]);
    expect(await again(browser, who)).toBe("asked");
    expect([await seen(one.slug), await seen(other.slug)]).toEqual([
      [200, ""],
      [403, "second-factor-needed"],
    ]);
    const { accessToken } = await tokensFor(server, visitor.cookies.get("__Host-sid") ?? "");
    expect(keyOf(await server.bearer(accessToken).get(`/o/${other.slug}/v1/contacts`))).toEqual([
      403,
      "second-factor-needed",
    ]);
    // Whoever takes it back is told before whom that asks.
    await wanting(one.id, ["member"], true);
    const told = await one.browser.post(`/o/${one.slug}/v1/security/preview`, { rememberedDevices: false });
    expect(told.json.endingSessions).toMatchObject({ count: 1, people: [{ email: who.email }] });
    await wanting(one.id, ["*"]);
    expect(await seen(one.slug)).toEqual([403, "second-factor-needed"]);
    expect(await me()).toEqual([expect.any(String), expect.any(String)]);
    expect((await visitor.post("/auth/prove", { backupCode: who.codes.pop() })).status).toBe(200);
    expect(await seen(one.slug)).toEqual([200, ""]);
  });

  test("an organization's setting is changed by who may, is in the trail, and is off until then", async () => {
    const own = await another();
    const at = `/o/${own.slug}/v1/security`;
    const { rememberedDevices, version } = (await own.browser.get(at)).json;
    expect(rememberedDevices).toBe(false);
    const changed = await own.browser.patch(at, { rememberedDevices: true }, { version });
    expect([changed.status, changed.json.rememberedDevices]).toEqual([200, true]);
    const { rows } = await db.query(
      "select before, after from kernel.audit_event where tenant_id = $1 and resource_type = 'security'",
      [own.id],
    );
    expect(rows).toEqual([{ before: { rememberedDevices: false }, after: { rememberedDevices: true } }]);
  });
});

type End = readonly [what: string, end: (who: Guarded, browser: Client) => Promise<unknown>, proof?: string];

const newPassword = "three slow otters 81 lamps";
/** Whatever ends all that is remembered of somebody. */
const ends: readonly End[] = [
  [
    "another factor",
    async ({ browser }) => expect((await addPasskey(browser, authenticator())).status).toBe(201),
  ],
  [
    "new backup codes",
    async (who) => {
      const { status, json } = await who.browser.post("/auth/backup-codes");
      expect(status).toBe(200);
      who.codes.splice(0, who.codes.length, ...json.codes);
    },
  ],
  [
    "another password",
    async ({ browser }) =>
      expect(
        (await browser.post("/auth/password", { current: password, password: newPassword, endOthers: false }))
          .status,
      ).toBe(200),
    newPassword,
  ],
  [
    "a password that was set by mail",
    async ({ email }) => {
      const browser = server.stranger();
      await browser.post("/auth/password-reset", { email });
      const { token } = await linkTo(server.database, email, "password-reset");
      const { status } = await browser.post("/auth/password-reset/redeem", { token, password: newPassword });
      expect(status).toBe(204);
    },
    newPassword,
  ],
  [
    "another address",
    async (who) => db.query("update kernel.person set email = 'b' || email where id = $1", [who.personId]),
  ],
  [
    "signing out everywhere else",
    async ({ browser }) => expect((await browser.delete("/auth/sessions")).status).toBe(200),
  ],
  [
    "an administrator, who has the member sign in again",
    async ({ memberId }) =>
      expect((await acme.browser.post(`/o/acme/v1/members/${memberId}/end-sessions`)).status).toBe(204),
  ],
  [
    "leaving an organization",
    async ({ memberId }) => {
      const { version } = (await acme.browser.get(`/o/acme/v1/members/${memberId}`)).json;
      expect(
        (
          await acme.browser.delete(
            `/o/acme/v1/members/${memberId}`,
            version === undefined ? {} : { version },
          )
        ).status,
      ).toBe(204);
    },
  ],
];

describe("all that is remembered of somebody ends by", () => {
  test.each(ends.map((row) => [row[0], row] as const))("%s", async (what, [, end, proof]) => {
    const who = await guarded();
    const browser = await remembered(who);
    const other = await guarded();
    const others = await remembered(other);
    await end(who, browser);
    const email = what === "another address" ? `b${who.email}` : who.email;
    expect((await tryAgain(browser, email, proof)).word).toBe("asked");
    expect(await again(others, other)).toBe("signed in");
  });

  test("a factor less", async () => {
    const who = await guarded();
    await addPasskey(who.browser, authenticator());
    const browser = await remembered(who);
    const { factors } = (await who.browser.get("/auth/security")).json;
    expect((await who.browser.delete(`/auth/factors/${factors[1].id}`)).status).toBe(204);
    expect(await again(browser, who)).toBe("asked");
  });

  test("thirty days, by the database's clock", async () => {
    const who = await guarded();
    const browser = await remembered(who);
    const older = (by: string): Promise<unknown> =>
      db.query(
        "update kernel.remembered_device set expires_at = expires_at - $2::interval where person_id = $1",
        [who.personId, by],
      );
    await older("29 days 23 hours");
    expect(await again(browser, who)).toBe("signed in");
    await older("2 hours");
    expect(await again(browser, who)).toBe("asked");
    expect((await who.browser.get("/auth/remembered-devices")).json.items).toEqual([]);
  });

  test("twenty others: the oldest gives way", async () => {
    const who = await guarded();
    const browser = await remembered(who);
    await db.query(
      "insert into kernel.remembered_device (person_id, digest, device) select $1, sha256(n::text::bytea), 'x' from generate_series(1, 19) n",
      [who.personId],
    );
    expect(await again(browser, who)).toBe("signed in");
    await remembered(who);
    expect(await again(browser, who)).toBe("asked");
  });
});

attack(
  {
    id: "RD-another",
    title: "sign in with one's own password in a browser that is remembered for somebody else",
    expected: "asked for the code; the other's stays",
  },
  async () => {
    const [victim, attacker] = [await guarded(), await guarded()];
    const browser = await remembered(attacker);
    expect(await again(browser, victim)).toBe("asked");
    expect(await again(browser, attacker)).toBe("signed in");
    return "asked for the code; the other's stays";
  },
);

attack(
  {
    id: "RD-digest",
    title: "show what the database keeps, a backup of it, or another kind of cookie, in place of the token",
    expected: "asked for the code each time",
  },
  async () => {
    const who = await guarded();
    const browser = await remembered(who);
    const { rows } = await db.query("select digest, id from kernel.remembered_device where person_id = $1", [
      who.personId,
    ]);
    const kept = Buffer.from(rows[0].digest);
    const shown = [
      kept.toString("base64url"),
      kept.toString("hex"),
      sha256(browser.cookies.get(cookie) ?? "").toString("base64url"),
      browser.cookies.get("__Host-device") ?? "",
      browser.cookies.get("__Host-sid") ?? "",
      rows[0].id,
      newToken(),
      "",
    ];
    for (const value of shown) {
      const visitor = server.stranger();
      visitor.cookies.set(cookie, value);
      expect([value, await again(visitor, who)]).toEqual([value, "asked"]);
    }
    expect(await again(browser, who)).toBe("signed in");
    return "asked for the code each time";
  },
);

attack(
  {
    id: "RD-guess",
    title: "try tokens at one sign-in that waits",
    expected: "over after five; each in the trail",
  },
  async () => {
    const who = await guarded();
    const visitor = server.stranger();
    await firstFactor(visitor, who.email);
    const seen: number[] = [];
    for (let tries = 0; tries < 6; tries += 1) {
      visitor.cookies.set(cookie, newToken());
      seen.push((await visitor.post("/auth/second-factor/remembered")).status);
    }
    expect(seen).toEqual([200, 200, 200, 200, 200, 401]);
    const { rows } = await db.query(
      "select count(*)::integer as count from kernel.audit_event where actor_id = $1 and action = 'proof-refused'",
      [who.personId],
    );
    expect(rows[0].count).toBe(5);
    return "over after five; each in the trail";
  },
);

attack(
  {
    id: "RD-parallel",
    title: "use one sign-in that waits fifty times at once, and have one factor remember fifty browsers",
    expected: "one session each, one browser",
  },
  async () => {
    const who = await guarded();
    const browser = await remembered(who);
    const visitor = server.stranger();
    visitor.cookies.set(cookie, browser.cookies.get(cookie) ?? "");
    await firstFactor(visitor, who.email);
    const header = { cookie: [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join("; ") };
    const token = await visitor.csrf();
    const same = { ...header, "x-csrf-token": token, "sec-fetch-site": "same-origin" };
    const fifty = await Promise.all(
      Array.from({ length: 50 }, () =>
        server.stranger().send("POST", "/auth/second-factor/remembered", { headers: same }),
      ),
    );
    expect(fifty.filter(({ json }) => json.signedIn === true)).toHaveLength(1);
    const waiting = server.stranger();
    await firstFactor(waiting, who.email);
    await waiting.csrf();
    const code = who.codes.pop();
    await Promise.all(
      Array.from({ length: 50 }, () =>
        waiting.post("/auth/second-factor", { method: "backup-code", code, remember: true }),
      ),
    );
    const { rows } = await db.query(
      "select count(*)::integer as count from kernel.remembered_device where person_id = $1",
      [who.personId],
    );
    expect(rows[0].count).toBe(2);
    return "one session each, one browser";
  },
);

const pass = "kernel.pass_remembered(bytea,bytea,bytea,uuid,inet,text)";
const gate = "kernel.gate(uuid,uuid,uuid,inet,text[])";

matters(
  "remembered-person",
  "whose browser it is",
  ["asked", "signed in"],
  async () => again(await remembered(await guarded()), await guarded()),
  less(pass, ["d.person_id = pending.person_id and", ""]),
);

matters(
  "remembered-end",
  "its end after thirty days",
  ["asked", "signed in"],
  async () => {
    const who = await guarded();
    const browser = await remembered(who);
    await db.query("update kernel.remembered_device set expires_at = now() where person_id = $1", [
      who.personId,
    ]);
    return again(browser, who);
  },
  less(pass, ["d.expires_at > now() and ", ""]),
);

matters(
  "remembered-strictest",
  "the question whether an organization forbids it, at each sign-in",
  ["asked", "signed in"],
  async () => {
    const strict = await another();
    const who = await guarded(strict);
    const browser = await remembered(who);
    await wanting(strict.id, ["*"]);
    return again(browser, who);
  },
  less(pass, [" and kernel.may_remember(pending.person_id, pending.sso_tenant_id)", ""]),
);

matters(
  "remembered-password",
  "that a password which was set by mail ends it",
  ["asked", "signed in"],
  async () => {
    const who = await guarded();
    const browser = await remembered(who);
    const visitor = server.stranger();
    await visitor.post("/auth/password-reset", { email: who.email });
    const { token } = await linkTo(server.database, who.email, "password-reset");
    await visitor.post("/auth/password-reset/redeem", { token, password: newPassword });
    return again(browser, who, newPassword);
  },
  sql(
    "alter table kernel.person disable trigger forget_devices",
    "alter table kernel.person enable trigger forget_devices",
  ),
);

matters(
  "remembered-factor",
  "that a factor which is added ends it",
  ["asked", "signed in"],
  async () => {
    const who = await guarded();
    const browser = await remembered(who);
    expect((await addPasskey(who.browser, authenticator())).status).toBe(201);
    return again(browser, who);
  },
  sql(
    "alter table kernel.factor disable trigger forget_devices_insert",
    "alter table kernel.factor enable trigger forget_devices_insert",
  ),
);

matters(
  "remembered-moment",
  "that only the transaction in which the factor was shown has a browser remembered: rf_auth's password and a session of any age",
  ["nothing", "remembered"],
  async () => {
    const who = await guarded();
    const session = (await remembered(who)).cookies.get("__Host-sid") ?? "";
    const auth = await server.database.connectAs("auth");
    const { rows } = await auth.query(
      "select kernel.remember_second_factor($1, $2, null, $3, '203.0.113.9', 'x') as until",
      [sha256(session), sha256(newToken()), uuidv7()],
    );
    return rows[0].until === null ? "nothing" : "remembered";
  },
  less("kernel.remember_second_factor(bytea,bytea,bytea,uuid,inet,text)", [
    "c.created_at = now()\n     and c.second_factor_at = now() and",
    "",
  ]),
);

matters(
  "remembered-gate",
  "the gate's own question whether the organization allows it",
  ["403", "200"],
  async () => {
    const own = await another();
    const who = await guarded(own);
    const { visitor } = await tryAgain(await remembered(who), who.email);
    await wanting(own.id, ["*"]);
    await settled(who);
    return String((await visitor.get(`/o/${own.slug}/v1/contacts`)).status);
  },
  less(gate, ["t.remembered_devices AND ", ""]),
);

matters(
  "remembered-proof",
  "that no password proves anew what a remembered browser has opened",
  ["403 second-factor-needed", "200 "],
  async () => {
    const who = await guarded();
    const { visitor } = await tryAgain(await remembered(who), who.email);
    return keyOf(await visitor.post("/auth/prove", { password })).join(" ");
  },
  less("kernel.prove(bytea,text,uuid,bigint,bytea,bytea,bytea,jsonb,uuid,inet,text)", [
    "method = 'password' and 'remembered-device' = any (session.factors)",
    "false",
  ]),
);

/** The last one: nobody's session is left. */
test("the operator ends all that is remembered of everybody, with the sessions", async () => {
  const who = await guarded();
  const browser = await remembered(who);
  await (await server.database.connectAs("ops")).query("select kernel.operator_end_sessions()");
  expect(await again(browser, who)).toBe("asked");
});
