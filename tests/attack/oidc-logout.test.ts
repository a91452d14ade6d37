import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import { generateKeyPair, SignJWT } from "jose";
import { newToken, sha256 } from "../../server/foundation/ids/index.ts";
import type { Answer, Client } from "../client.ts";
import { type HostileProvider, hostileProvider } from "../hostile-provider.ts";
import { hostileWorld } from "../hostile-world.ts";
import { proves } from "../proves.ts";
import { cameIn, type Org, type SsoWorld } from "../sso-world.ts";
import { attack } from "./attack.ts";
import { less, mattersOn } from "./take-away.ts";

// OpenID Connect Back-Channel Logout 1.0: what a provider says ends, and what somebody in its name does not.

proves("IAM-7");

let world: SsoWorld;
let provider: HostileProvider;
let acme: Org;
let other: Org;
let connection: string;
let beside: string;
let number = 0;

beforeAll(async () => {
  ({ world, provider, acme, connection } = await hostileWorld());
  other = await world.server.organization("other");
  await world.verifyDomain(other, "other.example");
  beside = await world.connect(acme, provider.issuer);
});
afterAll(() => world.stop());
beforeEach(() => {
  number += 1;
});
const matters = mattersOn(() => world.db);

type Claims = Record<string, unknown>;
const subject = (): string => `subject-${number}`;
const now = (): number => Math.floor(Date.now() / 1000);
const event = "http://schemas.openid.net/event/backchannel-logout";
const said = (more: Claims = {}): Claims => ({
  iss: provider.issuer,
  aud: "ringfence",
  iat: now(),
  exp: now() + 120,
  jti: newToken(),
  events: { [event]: {} },
  sub: subject(),
  ...more,
});
const signed = (claims: Claims = said(), header: Claims = {}): Promise<string> =>
  provider.sign(claims, { typ: "logout+jwt", ...header });

/** As a provider's server does: no cookie, no page that it comes from. */
async function post(token: string | null, at = connection, form?: string): Promise<Answer> {
  const raw = form ?? (token === null ? "" : new URLSearchParams({ logout_token: token }).toString());
  return world.server.stranger().send("POST", `/auth/oidc/${at}/backchannel-logout`, {
    raw,
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
}

async function enter(sid?: string, at = connection, sub = subject()): Promise<Client> {
  provider.person = {
    sub,
    email: `${sub}@corp.example`,
    email_verified: true,
    ...(sid === undefined ? {} : { sid }),
  };
  const browser = world.server.stranger();
  const answer = await world.arrive(browser, at, provider.authorize(await world.begin(browser, at)));
  if (!cameIn(answer)) throw new Error((await world.reasons(acme))[0]);
  return browser;
}
const reads = async (browser: Client): Promise<number> => (await browser.get("/o/acme/v1/contacts")).status;
const trail = async (action: string): Promise<{ actor_email: string; after: Claims; severity: string }[]> =>
  (
    await world.db.query(
      "select actor_email, after, severity from kernel.audit_event where tenant_id = $1 and action = $2 order by id desc",
      [acme.id, action],
    )
  ).rows;

attack(
  {
    id: "L-ends",
    title:
      "come on with a session, its passes, its tokens, or the step before the second factor, after the provider ended it",
    expected: "401 at once",
  },
  async () => {
    const browser = await enter("sid-1");
    for (let round = 0; round < 3; round += 1) expect(await reads(browser)).toBe(200);
    const tokens = await browser.post("/auth/tokens", { organization: "acme" });
    expect(tokens.status).toBe(201);
    const program = world.server.bearer(tokens.json.accessToken);
    expect((await program.get("/v1/contacts")).status).toBe(200);
    const answer = await post(await signed());
    expect([answer.status, answer.headers["cache-control"]]).toEqual([200, "no-store"]);
    expect([await reads(browser), (await program.get("/v1/contacts")).status]).toEqual([401, 401]);
    const refresh = { refreshToken: tokens.json.refreshToken };
    expect((await world.server.stranger().post("/auth/tokens/refresh", refresh)).status).toBe(401);
    expect((await trail("logout"))[0]).toMatchObject({
      actor_email: `${subject()}@corp.example`,
      severity: "info",
      after: { sessions: 1, named: "subject" },
    });
    return "401 at once";
  },
);

attack(
  {
    id: "L-pending",
    title:
      "show the second factor after the provider ended the sign-in that waits for it, or the session that came of it",
    expected: "401",
  },
  async () => {
    await enter();
    await world.db.query("update kernel.person set second_factor_since = now() where email = $1", [
      `${subject()}@corp.example`,
    ]);
    const step = async (): Promise<string> => {
      const browser = world.server.stranger();
      await world.arrive(browser, connection, provider.authorize(await world.begin(browser, connection)));
      return browser.cookies.get("__Host-step") ?? "";
    };
    const ended = async (token: string): Promise<unknown> =>
      (
        await world.db.query(
          "select ended_at is not null as ended from kernel.credential where digest = $1",
          [sha256(sha256(token))],
        )
      ).rows[0].ended;
    const [waiting, passed] = [await step(), await step()];
    // As kernel.pass_second_factor does once the proof was judged.
    const session = newToken();
    await world.db.query(
      `with pending as (
         select id, person_id, sso_tenant_id from kernel.credential where digest = $1
       )
       select kernel.sso_carry(p.id, kernel.mint_session(p.person_id, $2, null, 'x', '{sso,totp}', p.sso_tenant_id)) from pending p`,
      [sha256(sha256(passed)), sha256(session)],
    );
    expect((await post(await signed())).status).toBe(200);
    expect([await ended(waiting), await ended(session)]).toEqual([true, true]);
    return "401";
  },
);

attack(
  {
    id: "L-only",
    title:
      "end more than was said: another session of the person (sid), other people, what another connection opened, password sessions, other organizations",
    expected: "they go on",
  },
  async () => {
    const [one, two] = [await enter("sid-a"), await enter("sid-b")];
    const elsewhere = await enter("sid-a", beside);
    const somebody = await enter("sid-a", connection, `${subject()}-else`);
    const token = newToken();
    await world.db.query(
      "select kernel.mint_session(p.id, $2, null, 'x') from kernel.person p where p.email = $1",
      [`${subject()}@corp.example`, sha256(token)],
    );
    const password = world.server.browserOf(token);
    expect((await post(await signed(said({ sid: "sid-a" })))).status).toBe(200);
    expect([await reads(one), await reads(two), await reads(elsewhere), await reads(somebody)]).toEqual([
      401, 200, 200, 200,
    ]);
    expect((await password.get("/auth/me")).status).toBe(200);
    // By the session's name alone, whoever is in it.
    expect((await post(await signed(said({ sub: undefined, sid: "sid-b" })))).status).toBe(200);
    expect([await reads(two), await reads(elsewhere), await reads(somebody)]).toEqual([401, 200, 200]);
    // A name of the one's subject with the other's session names nobody.
    expect((await post(await signed(said({ sub: "nobody", sid: "sid-a" })))).status).toBe(200);
    expect(await reads(somebody)).toBe(200);
    return "they go on";
  },
);

attack(
  {
    id: "L-replay",
    title: "send a token again: to the same connection, to another one of the same provider, fifty at once",
    expected: "400 after the first; the trail has it",
  },
  async () => {
    const token = await signed();
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(token)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(49);
    const browser = await enter();
    expect((await post(token)).status).toBe(400);
    expect(await reads(browser)).toBe(200);
    expect((await trail("logout-refused"))[0]).toMatchObject({
      severity: "warning",
      after: { reason: "used before" },
    });
    return "400 after the first; the trail has it";
  },
);

attack(
  {
    id: "L-token",
    title:
      "a token that is no logout token: of another type, algorithm, key, issuer, client or time; with a nonce, without name, event or subject; an id token; malformed, huge, doubled (unsigned: Keycloak CVE-2026-18569)",
    expected: "400, all alike; nobody is signed out",
  },
  async () => {
    const browser = await enter("sid-x");
    const stranger = await generateKeyPair("RS256");
    const forged = await new SignJWT(said())
      .setProtectedHeader({ alg: "RS256", typ: "logout+jwt", kid: "one" })
      .sign(stranger.privateKey);
    const secret = await new SignJWT(said())
      .setProtectedHeader({ alg: "HS256", typ: "logout+jwt" })
      .sign(Buffer.from("a secret of the client, long enough for HS256"));
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const none = `${part({ alg: "none", typ: "logout+jwt" })}.${part(said())}.`;
    const bad: Record<string, string | null> = {
      "no typ": await signed(said(), { typ: undefined }),
      JWT: await signed(said(), { typ: "JWT" }),
      "at+jwt": await signed(said(), { typ: "at+jwt" }),
      "another key": forged,
      HS256: secret,
      none,
      "an unknown critical header": await signed(said(), { crit: ["x"], x: 1 }),
      "another issuer": await signed(said({ iss: "https://evil.example" })),
      "a slash more": await signed(said({ iss: `${provider.issuer}/` })),
      "another client": await signed(said({ aud: "other" })),
      "no client": await signed(said({ aud: undefined })),
      "no iat": await signed(said({ iat: undefined })),
      old: await signed(said({ iat: now() - 400 })),
      "from the future": await signed(said({ iat: now() + 600 })),
      expired: await signed(said({ exp: now() - 120 })),
      "no jti": await signed(said({ jti: undefined })),
      "a number for jti": await signed(said({ jti: 7 })),
      "a long jti": await signed(said({ jti: "x".repeat(501) })),
      "no events": await signed(said({ events: undefined })),
      "another event": await signed(said({ events: { "http://schemas.openid.net/event/other": {} } })),
      "a list of events": await signed(said({ events: [event] })),
      "an event that is none": await signed(said({ events: { [event]: "yes" } })),
      "a nonce": await signed(said({ nonce: "n" })),
      "an empty nonce": await signed(said({ nonce: "" })),
      nobody: await signed(said({ sub: undefined })),
      "a number for sub": await signed(said({ sub: 7 })),
      "an empty sid": await signed(said({ sid: "" })),
      "an id token": await provider.sign({ ...said({ events: undefined }), nonce: "n" }),
      malformed: "a.b.c",
      "not a token": "x",
      empty: "",
      missing: null,
      huge: await signed(said({ filler: "x".repeat(9000) })),
    };
    const seen = new Set<string>();
    for (const [what, token] of Object.entries(bad)) {
      const answer = await post(token);
      expect([what, answer.status]).toEqual([what, 400]);
      seen.add(JSON.stringify({ ...answer.json, requestId: undefined, instance: undefined }));
    }
    // The algorithm that the connection names, and not whichever the key could do.
    const settings = { issuer: provider.issuer, clientId: "ringfence", tokenAuth: "client_secret_basic" };
    const pinned = await world.connect(acme, provider.issuer, {
      settings: { ...settings, idTokenAlg: "RS512" },
    });
    expect((await post(await signed(), pinned)).status).toBe(400);
    const twice = `logout_token=${await signed()}&logout_token=${await signed()}`;
    expect((await post(null, connection, twice)).status).toBe(400);
    expect(seen.size).toBe(1);
    const noted = await world.db.query(
      "select reason, sum(times) over ()::integer as times from kernel.refusal where door = 'oidc-logout' order by at desc, id desc",
    );
    expect(noted.rows[0]?.times).toBeGreaterThan(Object.keys(bad).length);
    expect(noted.rows.map(({ reason }) => reason)).toContain("the token has a nonce");
    expect(await reads(browser)).toBe(200);
    expect((await post(await signed())).status).toBe(200);
    expect(await reads(browser)).toBe(401);
    return "400, all alike; nobody is signed out";
  },
);

attack(
  {
    id: "L-connection",
    title:
      "say it at a connection that there is none of, is disabled, is SAML, or is another organization's with another provider",
    expected: "400, as for a wrong token; they go on",
  },
  async () => {
    const browser = await enter();
    const evil = await hostileProvider();
    const theirs = await world.connect(other, evil.issuer);
    const saml = await acme.browser.post("/o/acme/v1/sso-connections", { kind: "saml", name: "SAML" });
    const off = await world.connect(acme, provider.issuer);
    await acme.browser.post(`/o/acme/v1/sso-connections/${off}/disable`);
    const nowhere = "0199a000-0000-4000-8000-000000000000";
    for (const at of [nowhere, saml.json.id, off, theirs])
      expect((await post(await signed(), at)).status).toBe(400);
    // Its own provider may say what it likes there: it reaches its own connection's sessions.
    const claims = { ...said(), iss: evil.issuer };
    const token = await evil.sign(claims, { typ: "logout+jwt" });
    expect((await post(token, theirs)).status).toBe(200);
    expect((await post(await evil.sign({ ...claims, jti: "x" }, { typ: "logout+jwt" }))).status).toBe(400);
    expect(await reads(browser)).toBe(200);
    await evil.stop();
    return "400, as for a wrong token; they go on";
  },
);

attack(
  {
    id: "L-door",
    title:
      "end sessions with the password of the auth door alone, or from a page in a browser with somebody's cookies",
    expected: "RF403; nothing of theirs",
  },
  async () => {
    const browser = await enter();
    const auth = await world.server.database.connectAs("auth");
    const call = (proof: Buffer) =>
      auth
        .query(
          "select kernel.sso_log_out($1, $2, 'x', now() + interval '1 minute', $3, null, null, null, null)",
          [connection, proof, subject()],
        )
        .then(
          () => "done",
          (error: { code: string }) => error.code,
        );
    expect(await call(Buffer.alloc(32, 7))).toBe("RF403");
    await expect(
      auth.query("select kernel.sso_remember($1, 'x', now())", [connection]),
    ).rejects.toMatchObject({
      code: "42501",
    });
    const answer = await browser.send("POST", `/auth/oidc/${connection}/backchannel-logout`, {
      raw: "logout_token=x",
      headers: { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "cross-site" },
    });
    expect(answer.status).toBe(400);
    expect(await reads(browser)).toBe(200);
    return "RF403; nothing of theirs";
  },
);

const logOut = "kernel.sso_log_out(uuid,bytea,text,timestamptz,text,text,uuid,inet,text)";

matters(
  "logout-once",
  "the memory of tokens that were used",
  ["400, 200", "200, 401"],
  async () => {
    const token = await signed();
    await post(token);
    const browser = await enter();
    return `${(await post(token)).status}, ${await reads(browser)}`;
  },
  less(logOut, ["if not kernel.sso_remember(connection, 'logout|' || token, until) then", "if false then"]),
);

matters(
  "logout-connection",
  "the connection in what a logout ends",
  ["200", "401"],
  async () => {
    const browser = await enter("sid-m", beside);
    await post(await signed());
    return String(await reads(browser));
  },
  less("kernel.sso_named(uuid,text,text)", [/s\.connection_id = sso_named\.connection/g, "true"]),
);

matters(
  "logout-proof",
  "the organization's proof",
  ["RF403", "done"],
  async () => {
    const auth = await world.server.database.connectAs("auth");
    return auth
      .query("select kernel.sso_log_out($1, $2, $3, now(), 'x', null, null, null, null)", [
        connection,
        Buffer.alloc(32),
        newToken(),
      ])
      .then(
        () => "done",
        (error: { code: string }) => error.code,
      );
  },
  less(logOut, ["perform kernel.demand_sso_proof(connection, proof);", ""]),
);
