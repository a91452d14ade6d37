import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, expect } from "vitest";
import { newToken } from "../../server/foundation/ids/index.ts";
import { type HostileProvider, hostileProvider } from "../hostile-provider.ts";
import { hostileWorld } from "../hostile-world.ts";
import { proves } from "../proves.ts";
import { cameIn, type Org, own, type SsoWorld } from "../sso-world.ts";
import { attack } from "./attack.ts";

// The way there and back: states, codes, callbacks and addresses that do not belong together.

proves("IAM-7");

let world: SsoWorld;
let provider: HostileProvider;
let acme: Org;
let rival: Org;
let connection: string;
let rivals: string;

beforeAll(async () => {
  ({ world, provider, acme, connection } = await hostileWorld());
  rival = await world.server.organization("rival");
  await world.verifyDomain(rival, "rival.example");
  rivals = await world.connect(rival, provider.issuer);
});
afterAll(() => world.stop());

const person = (): void => {
  provider.person = { sub: "subject-1", email: "ada@corp.example", email_verified: true };
};
const signedIn = async (): Promise<number> => {
  const { rows } = await world.db.query(
    "select count(*)::integer as count from kernel.credential where sso_tenant_id is not null",
  );
  return rows[0].count;
};
const tokenRequests = (): number => provider.tokenRequests.length;

attack(
  {
    id: "F-CVE-2025-46815",
    title: "one code and state, fifty times at once (ZITADEL: an intent used again)",
    expected: "1 in, 1 code redeemed",
  },
  async () => {
    person();
    const browser = world.server.stranger();
    const query = provider.authorize(await world.begin(browser, connection));
    const [before, asked] = [await signedIn(), tokenRequests()];
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => world.arrive(browser, connection, query)),
    );
    expect(answers.filter(cameIn)).toHaveLength(1);
    expect(await signedIn()).toBe(before + 1);
    expect(tokenRequests() - asked).toBe(1);
    expect(cameIn(await world.arrive(browser, connection, query))).toBe(false);
    return "1 in, 1 code redeemed";
  },
);

attack(
  {
    id: "GHSA-x445-f3h2-j279",
    title: "a state that was begun at one connection, at the callback of another (Auth.js)",
    expected: "refused, no code sent",
  },
  async () => {
    person();
    const browser = world.server.stranger();
    const query = provider.authorize(await world.begin(browser, connection));
    const asked = tokenRequests();
    expect(cameIn(await world.arrive(browser, rivals, query))).toBe(false);
    expect(tokenRequests()).toBe(asked);
    return "refused, no code sent";
  },
);

attack(
  {
    id: "E-csrf",
    title: "an attacker's code and state, brought to a victim's browser (with none, and with another cookie)",
    expected: "refused, no code sent",
  },
  async () => {
    person();
    const attacker = world.server.stranger();
    const query = provider.authorize(await world.begin(attacker, connection));
    const asked = tokenRequests();
    const victim = world.server.stranger();
    expect(cameIn(await world.arrive(victim, connection, query))).toBe(false);
    await world.begin(victim, connection);
    expect(cameIn(await world.arrive(victim, connection, query))).toBe(false);
    expect(victim.cookies.has("__Host-sid")).toBe(false);
    expect(tokenRequests()).toBe(asked);
    return "refused, no code sent";
  },
);

attack(
  {
    id: "E-forced",
    title: "have a page of another site begin a sign-in in the victim's browser (login CSRF, CVE-2026-7507)",
    expected: "a page of ours that asks",
  },
  async () => {
    const answer = await world.server
      .stranger()
      .get(`/auth/sso/${connection}`, { headers: { "sec-fetch-site": "cross-site" } });
    expect(answer.headers["location"]).toBe(`/sign-in?sso=${connection}`);
    expect(answer.headers["set-cookie"]).toBeUndefined();
    return "a page of ours that asks";
  },
);

attack(
  {
    id: "E-code-injection",
    title: "a stolen code of somebody else's sign-in, put into one's own (RFC 9700 section 4.5)",
    expected: "refused: nonce",
  },
  async () => {
    person();
    const [victim, attacker] = [world.server.stranger(), world.server.stranger()];
    const stolen = provider.authorize(await world.begin(victim, connection)).get("code") ?? "";
    const mine = provider.authorize(await world.begin(attacker, connection));
    mine.set("code", stolen);
    expect(cameIn(await world.arrive(attacker, connection, mine))).toBe(false);
    expect((await world.reasons(acme))[0]).toMatch(/nonce/);
    return "refused: nonce";
  },
);

attack(
  {
    id: "E-verifier",
    title: "read what a sign-in under way has in the database",
    expected: "no state, cookie, nonce or verifier",
  },
  async () => {
    person();
    const browser = world.server.stranger();
    const location = await world.begin(browser, connection);
    await world.arrive(browser, connection, provider.authorize(location));
    const verifier = provider.tokenRequests.at(-1)?.form.get("code_verifier") ?? "";
    expect(verifier).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const { rows } = await world.db.query("select t::text as row from kernel.ticket t");
    const dump = rows.map(({ row }) => String(row)).join("\n");
    const asked = new URL(location).searchParams;
    for (const secret of [
      verifier,
      asked.get("state"),
      asked.get("nonce"),
      browser.cookies.get("__Host-sso"),
    ]) {
      expect(dump).not.toContain(secret);
    }
    return "no state, cookie, nonce or verifier";
  },
);

attack(
  {
    id: "E-mix-up",
    title:
      "an answer in the name of another provider, of none where this one promises its name, and of itself with a slash (RFC 9207)",
    expected: "refused, no code sent",
  },
  async () => {
    person();
    for (const iss of ["https://elsewhere.example", null, `${provider.issuer}/`, ""]) {
      const browser = world.server.stranger();
      const query = provider.authorize(await world.begin(browser, connection));
      if (iss === null) query.delete("iss");
      else query.set("iss", iss);
      const asked = tokenRequests();
      expect(cameIn(await world.arrive(browser, connection, query))).toBe(false);
      expect(tokenRequests()).toBe(asked);
    }
    return "refused, no code sent";
  },
);

const doubled = ["code", "state", "iss", "error"];
attack(
  {
    id: "CVE-2026-9689",
    title: `each of ${doubled.length} parameters twice (parameter pollution)`,
    expected: "refused, no code sent",
  },
  async () => {
    person();
    for (const name of doubled) {
      const browser = world.server.stranger();
      const query = provider.authorize(await world.begin(browser, connection));
      const asked = tokenRequests();
      const answer = await world.arrive(browser, connection, `${String(query)}&${name}=another&${name}=more`);
      expect([303, 422]).toContain(answer.status);
      expect(browser.cookies.has("__Host-sid")).toBe(false);
      expect(tokenRequests()).toBe(asked);
    }
    const browser = world.server.stranger();
    const query = provider.authorize(await world.begin(browser, connection));
    expect(cameIn(await world.arrive(browser, connection, `${String(query)}&id_token=x&id_token=y`))).toBe(
      false,
    );
    return "refused, no code sent";
  },
);

attack(
  { id: "E-implicit", title: "tokens in the answer instead of a code", expected: "refused" },
  async () => {
    person();
    const browser = world.server.stranger();
    const query = provider.authorize(await world.begin(browser, connection));
    query.delete("code");
    query.set("id_token", await provider.sign({ sub: "subject-1" }));
    query.set("access_token", "x");
    expect(cameIn(await world.arrive(browser, connection, query))).toBe(false);
    return "refused";
  },
);

const malformed = [
  "",
  "state=",
  "state=x",
  `state=${"x".repeat(4097)}`,
  "state[]=x&code=y",
  "error=access_denied",
  "state=%00",
  "state=%ff",
  `state=${encodeURIComponent("'; drop table kernel.ticket; --")}&code=1`,
  Array.from({ length: 101 }, (_, at) => `p${at}=1`).join("&"),
];
attack(
  {
    id: "GHSA-xmf8-cvqr-rfgj",
    title: `${malformed.length} malformed answers (Auth.js: a throw on a malformed header)`,
    expected: "refused, never 5xx",
  },
  async () => {
    for (const query of malformed) {
      const browser = world.server.stranger();
      await world.begin(browser, connection);
      const { status } = await world.arrive(browser, connection, query);
      expect([303, 400, 422], query.slice(0, 40)).toContain(status);
      expect(browser.cookies.has("__Host-sid")).toBe(false);
    }
    for (const cookie of ["__Host-sso=", "__Host-sso=x; __Host-sso=y", `__Host-sso=${"x".repeat(5000)}`]) {
      const answer = await world.server
        .stranger()
        .get(`/auth/oidc/${connection}/callback?state=${newToken()}&code=x`, { headers: { cookie } });
      expect([303, 400]).toContain(answer.status);
    }
    return "refused, never 5xx";
  },
);

attack(
  {
    id: "E-error-closed",
    title:
      "a provider that answers with an error, slowly, with nonsense or not at all (GHSA-8fpg-xm3f-6cx3: fail-open)",
    expected: "refused",
  },
  async () => {
    person();
    const answering = (status: number, type: string, body: string): HostileProvider["tricks"] => ({
      answer: (_, response) => {
        response.writeHead(status, { "content-type": type }).end(body);
        return true;
      },
    });
    const ways: HostileProvider["tricks"][] = [
      answering(500, "application/json", "{}"),
      answering(200, "text/html", "<p>hello"),
      answering(200, "application/json", "{"),
      {
        answer: (request) => {
          request.socket.destroy();
          return true;
        },
      },
      { response: () => ({ error: "invalid_grant" }) },
    ];
    for (const tricks of ways) {
      const browser = world.server.stranger();
      const query = provider.authorize(await world.begin(browser, connection));
      Object.assign(provider.tricks, tricks);
      const answer = await world.arrive(browser, connection, query);
      for (const name of Object.keys(tricks)) Reflect.deleteProperty(provider.tricks, name);
      expect(cameIn(answer)).toBe(false);
      // What was begun is over: the same answer is not taken when the provider has recovered.
      expect(cameIn(await world.arrive(browser, connection, query))).toBe(false);
    }
    return "refused";
  },
);

attack(
  {
    id: "CVE-2026-3047",
    title:
      "come back to a connection that was disabled meanwhile, and begin at one (CVE-2026-2603, CVE-2026-3009)",
    expected: "refused",
  },
  async () => {
    person();
    const other = await world.connect(acme, provider.issuer);
    const browser = world.server.stranger();
    const query = provider.authorize(await world.begin(browser, other));
    expect((await acme.browser.post(`/o/acme/v1/sso-connections/${other}/disable`)).status).toBe(204);
    expect(cameIn(await world.arrive(browser, other, query))).toBe(false);
    expect(cameIn(await browser.get(`/auth/sso/${other}`, own))).toBe(false);
    return "refused";
  },
);

attack(
  {
    id: "E-changed",
    title: "point a connection elsewhere while somebody is on the way",
    expected: "refused; an enabled one cannot be",
  },
  async () => {
    person();
    const other = await world.connect(acme, provider.issuer);
    const read = async (): Promise<number> =>
      (await acme.browser.get(`/o/acme/v1/sso-connections/${other}`)).json.version;
    const settings = {
      issuer: provider.issuer,
      clientId: "another-client",
      tokenAuth: "client_secret_basic",
    };
    const moved = await acme.browser.patch(
      `/o/acme/v1/sso-connections/${other}`,
      { settings, secret: "another secret" },
      { version: await read() },
    );
    expect(moved.status).toBe(409);
    const browser = world.server.stranger();
    const query = provider.authorize(await world.begin(browser, other));
    await world.db.query(
      `update kernel.sso_connection set settings = settings || '{"clientId": "another-client"}', version = version + 1 where id = $1`,
      [other],
    );
    expect(cameIn(await world.arrive(browser, other, query))).toBe(false);
    expect((await world.reasons(acme))[0]).toBe("the connection was changed meanwhile");
    return "refused; an enabled one cannot be";
  },
);

const returns = [
  "https://evil.example",
  "//evil.example",
  "/\\evil.example",
  "/o/acme/../../auth/sign-out",
  "/o/rival",
  "/o/acme-evil",
  "javascript:alert(1)",
  "/o/acme/%2f%2fevil.example",
  "/o/acme@evil.example",
  "/o/acme/..;/..;/auth/sign-out",
  "/o/acme/..;/rival",
  "/o/acme\r\nset-cookie: x=y",
];
attack(
  {
    id: "E-open-redirect",
    title: `${returns.length} places to go on to after signing in (Keycloak CVE-2026-3872 among them)`,
    expected: "the organization",
  },
  async () => {
    person();
    for (const place of returns) {
      const browser = world.server.stranger();
      const location = await world.begin(browser, connection, `?returnTo=${encodeURIComponent(place)}`);
      const answer = await world.arrive(browser, connection, provider.authorize(location));
      expect(answer.headers["location"], place).toBe("/o/acme");
    }
    return "the organization";
  },
);

attack(
  {
    id: "E-host",
    title: "forged Host, X-Forwarded-Host and Forwarded headers while going to the provider (CVE-2025-64101)",
    expected: "the configured origin",
  },
  async () => {
    for (const headers of [
      { host: "evil.example" },
      { "x-forwarded-host": "evil.example" },
      { forwarded: "host=evil.example" },
      { origin: "https://evil.example" },
    ] as Record<string, string>[]) {
      const answer = await world.server
        .stranger()
        .get(`/auth/sso/${connection}`, { headers: { ...headers, "sec-fetch-site": "none" } });
      const redirect = new URL(String(answer.headers["location"])).searchParams.get("redirect_uri");
      expect(redirect).toBe(`https://ringfence.example/auth/oidc/${connection}/callback`);
    }
    return "the configured origin";
  },
);

attack(
  {
    id: "GHSA-5rr4-8452-hf4v",
    title:
      "a provider that sends our requests on to this machine's own doors (SSRF by redirect; CVE-2026-1180, CVE-2026-4366)",
    expected: "not followed",
  },
  async () => {
    const hits: string[] = [];
    const inner: Server = createServer((request, response) => {
      hits.push(request.url ?? "");
      response.end("{}");
    });
    await new Promise<void>((resolve) => inner.listen(0, "127.0.0.1", resolve));
    const address = inner.address();
    const port = typeof address === "object" ? address?.port : 0;
    const evil = await hostileProvider("/evil");
    evil.tricks.answer = (_, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${port}/latest/meta-data` }).end();
      return true;
    };
    const made = await world.connect(acme, evil.issuer);
    expect(cameIn(await world.server.stranger().get(`/auth/sso/${made}`, own))).toBe(false);
    expect(hits).toEqual([]);
    await evil.stop();
    await new Promise((resolve) => inner.close(resolve));
    return "not followed";
  },
);

attack(
  {
    id: "BA-9974",
    title:
      "providers on private, link-local and mapped addresses and by plain HTTP, chosen by an administrator (better-auth #9974, Logto 58cb52c705)",
    expected: "nothing sent",
  },
  async () => {
    const issuers = [
      "http://169.254.169.254",
      "https://169.254.169.254",
      "https://10.0.0.1",
      "https://[::1]",
      "https://[::ffff:10.0.0.1]",
      "https://[fd00::1]",
      "https://0.0.0.0",
      "https://192.168.0.1",
      "http://example.com",
      "https://user:password@127.0.0.1",
    ];
    for (const issuer of issuers) {
      const made = await acme.browser.post("/o/acme/v1/sso-connections", { kind: "oidc", name: "Inner" });
      const settings = { issuer, clientId: "x", tokenAuth: "client_secret_post" };
      const changed = await acme.browser.patch(
        `/o/acme/v1/sso-connections/${made.json.id}`,
        { settings, secret: "a secret of the client" },
        { version: made.json.version },
      );
      if (changed.status === 422) continue;
      const tried = await acme.browser.post(`/o/acme/v1/sso-connections/${made.json.id}/test`);
      expect([tried.status, issuer]).toEqual([409, issuer]);
      expect(tried.json.detail).toMatch(/not a public address|not over HTTPS|credentials|no address/);
    }
    return "nothing sent";
  },
);

const discoveries: readonly [string, (metadata: Record<string, unknown>) => Record<string, unknown>][] = [
  ["another issuer", (metadata) => ({ ...metadata, issuer: "https://elsewhere.example" })],
  ["its issuer with a slash", (metadata) => ({ ...metadata, issuer: `${String(metadata["issuer"])}/` })],
  ["no issuer", ({ issuer: _, ...metadata }) => metadata],
  [
    "an authorization endpoint that is a script",
    (metadata) => ({ ...metadata, authorization_endpoint: "javascript:alert(1)//" }),
  ],
  [
    "a token endpoint in the metadata service",
    (metadata) => ({ ...metadata, token_endpoint: "http://169.254.169.254/token" }),
  ],
  ["keys in the metadata service", (metadata) => ({ ...metadata, jwks_uri: "http://169.254.169.254/jwks" })],
];
attack(
  {
    id: "BA-10225",
    title: `discovery that names ${discoveries.length} things that it should not (javascript: address, other issuers, inner doors; better-auth #10225)`,
    expected: "all refused",
  },
  async () => {
    for (const [name, discovery] of discoveries) {
      const evil = await hostileProvider();
      evil.tricks.discovery = discovery;
      const made = await world.connect(acme, evil.issuer);
      const browser = world.server.stranger();
      const answer = await browser.get(`/auth/sso/${made}`, own);
      const location = String(answer.headers["location"]);
      if (location.startsWith(`${evil.issuer}/`)) {
        expect(cameIn(await world.arrive(browser, made, evil.authorize(location))), name).toBe(false);
      } else {
        expect(cameIn(answer), name).toBe(false);
      }
      await evil.stop();
    }
    return "all refused";
  },
);

attack(
  {
    id: "C-Polis-8947367",
    title:
      "another organization's connection by hints: idp_hint, domain_hint, organization, connection in the query (Polis commit 8947367; Keycloak #33308: the address says which organization)",
    expected: "ignored or refused",
  },
  async () => {
    person();
    for (const name of ["idp_hint", "kc_idp_hint", "organization", "tenant", "connection", "domain_hint"]) {
      const answer = await world.server.stranger().get(`/auth/sso/${connection}?${name}=${rivals}`, own);
      expect([422, name]).toEqual([answer.status, name]);
      const browser = world.server.stranger();
      const query = provider.authorize(await world.begin(browser, connection));
      query.set(name, rivals);
      const back = await world.arrive(browser, connection, query);
      expect(back.headers["location"]).toBe("/o/acme");
      expect((await browser.get("/o/rival/v1/contacts")).status).toBe(404);
    }
    return "ignored or refused";
  },
);

attack(
  {
    id: "C-connections",
    title: "another organization's connection, domain and people by id, with each door of administration",
    expected: "404",
  },
  async () => {
    const { json } = await rival.browser.get("/o/rival/v1/domains");
    const theirs = json.items[0].id;
    const at = `/o/acme/v1/sso-connections/${rivals}`;
    const answers = [
      await acme.browser.get(at),
      await acme.browser.patch(at, { name: "Mine" }, { version: 1 }),
      await acme.browser.post(`${at}/enable`),
      await acme.browser.post(`${at}/disable`),
      await acme.browser.post(`${at}/test`),
      await acme.browser.post(`${at}/end`, { offBoard: true }),
      await acme.browser.delete(`${at}/people/${rival.owner.memberId}`),
      await acme.browser.post("/o/acme/v1/sso-setup-links", { connectionId: rivals }),
      await acme.browser.post(`/o/acme/v1/domains/${theirs}/check`),
      await acme.browser.delete(`/o/acme/v1/domains/${theirs}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
    expect((await acme.browser.get(`${at}/people`)).json).toEqual({ items: [] });
    const after = await rival.browser.get(`/o/rival/v1/sso-connections/${rivals}`);
    expect(after.json).toMatchObject({ name: "Our provider", state: "enabled" });
    return "404";
  },
);
