import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { uuidv7 } from "../../server/foundation/ids/index.ts";
import { type Answer, client, type Client, type Json } from "../client.ts";
import { type HostileProvider, hostileProvider } from "../hostile-provider.ts";
import { proves } from "../proves.ts";
import { type SamlWorld, samlWorld } from "../saml-world.ts";
import { publicUrl } from "../server.ts";
import type { Org } from "../sso-world.ts";
import { trailWalk, type Walk, type Written } from "../trail-walk.ts";

// The ways in that are not a person's own: keys, tokens, service accounts, an organization's provider and its directory.

proves("AUD-3");

let world: SamlWorld;
let provider: HostileProvider;
let acme: Org;
let walk: Walk;
const secrets: string[] = [];

beforeAll(async () => {
  world = await samlWorld();
  provider = await hostileProvider();
  acme = await world.server.organization("acme");
  await world.verifyDomain(acme, "acme.example");
  walk = await trailWalk(world.server);
  await walk.skip();
});
afterAll(async () => {
  await world.stop();
  await provider.stop();
});

const at = (path: string): string => `/o/acme/v1${path}`;
const owner = (): Client => walk.walker.browser(acme.owner.token);
const inAcme = (who: string, what: string, severity: string, says: Json = null): Written => ({
  trail: "acme",
  what,
  severity,
  who,
  says,
});
const refused = (what: string, who: string | null = null): Written => ({ trail: null, what, who });
const atDoor = (who: string, reason: string, door: string): Written =>
  inAcme(who, "refused", "warning", { reason, door });
const contacts = "GET /v1/contacts";

/** Somebody whom a provider brought for the first time. */
const joined = (who: string, subject: unknown): Written =>
  inAcme(who, "join", "notice", {
    connection: expect.any(String),
    connectionName: "Our provider",
    subject,
    groups: [],
    email: who,
    roles: ["member"],
    newPerson: true,
  });
const mistyped = (key: string): string => `${key.slice(0, -1)}${key.endsWith("x") ? "y" : "x"}`;

async function made(path: string, body: object): Promise<Json> {
  const { status, json } = await owner().post(at(path), body);
  expect([status, json.type]).toEqual([201, undefined]);
  secrets.push(...[json.key, json.token].filter((one) => typeof one === "string"));
  await walk.skip();
  return json;
}

describe("the trail says of a key", () => {
  test("that it was made, exchanged, refused for what it may not, and ended; and that it was shown after that", async () => {
    const who = acme.owner.email;
    const { id, key } = await made("/keys", {
      name: "Nightly",
      permissions: ["contact.read", "organization.read"],
    });
    const bearer = walk.walker.bearer(key);
    const exchanged = await walk.writes(
      () => bearer.post("/v1/keys/exchange", { seconds: 60 }),
      [inAcme(who, "exchange", "info", { name: "Nightly", expiresAt: expect.any(String) })],
    );
    secrets.push(exchanged.json.accessToken);
    await walk.writes(() => bearer.get("/v1/members"), [atDoor(who, "not-allowed", "GET /v1/members")]);
    await walk.writes(() => bearer.get("/o/elsewhere/v1/contacts"), [refused("not-found", who)]);
    await owner().patch(at(`/keys/${id}`), { networks: ["10.0.0.0/8"] });
    await walk.skip();
    await walk.writes(() => bearer.get("/v1/contacts"), [atDoor(who, "address-not-allowed", contacts)]);
    await walk.writes(
      () => owner().delete(at(`/keys/${id}`)),
      [inAcme(who, "end", "notice", { name: "Nightly" })],
    );
    await walk.writes(() => bearer.get("/v1/contacts"), [atDoor(who, "not-signed-in", contacts)]);
    await walk.writes(
      () => walk.walker.bearer(mistyped(key)).get("/v1/contacts"),
      [refused("not-signed-in")],
    );
  });
});

describe("the trail says of tokens", () => {
  const refresh = (refreshToken: string): Promise<Answer> =>
    walk.walker.browser().send("POST", "/auth/tokens/refresh", { body: { refreshToken } });

  test("that a session gave them, that one came twice, and that a dead one was shown", async () => {
    const { email, token } = await world.server.person(acme, "member");
    secrets.push(token);
    await walk.skip();
    const browser = walk.walker.browser(token);
    const { json } = await walk.writes(
      () => browser.post("/auth/tokens", { organization: "acme" }),
      [inAcme(email, "token-create", "notice")],
    );
    const next = await walk.writes(() => refresh(json.refreshToken), []);
    secrets.push(json.accessToken, json.refreshToken, next.json.accessToken, next.json.refreshToken);
    await world.db.query("update kernel.spent_refresh set at = at - interval '1 minute'");
    await walk.writes(() => refresh(json.refreshToken), [inAcme(email, "refresh-reuse", "critical")]);
    await walk.writes(() => refresh(json.refreshToken), [refused("dead-refresh-token", email)]);
    await walk.writes(() => refresh(next.json.refreshToken), [refused("dead-refresh-token", email)]);
    await walk.writes(() => refresh("r".repeat(43)), [refused("dead-refresh-token")]);
    await walk.writes(
      () => walk.walker.bearer(next.json.accessToken).get("/v1/contacts"),
      [refused("not-signed-in", email)],
    );
  });

  test("that a service account came by its key's assertion, or did not", async () => {
    const { id, email } = await made("/service-accounts", { name: "Signer", roles: ["member"] });
    const keys = await generateKeyPair("ES256");
    await made(`/service-accounts/${id}/public-keys`, { name: "CI", jwk: await exportJWK(keys.publicKey) });
    const now = Math.floor(Date.now() / 1000);
    const assertion = await new SignJWT({
      iss: id,
      sub: id,
      aud: `${publicUrl}/auth/service-token`,
      jti: uuidv7(),
      iat: now,
      exp: now + 120,
    })
      .setProtectedHeader({ alg: "ES256" })
      .sign(keys.privateKey);
    secrets.push(assertion, assertion.split(".")[2] ?? "");
    const ask = (clientAssertion: string): Promise<Answer> =>
      walk.walker.browser().post("/auth/service-token", { clientAssertion });
    const taken = await walk.writes(
      () => ask(assertion),
      [inAcme(email, "sign-in", "info", { publicKey: "CI" })],
    );
    secrets.push(taken.json.accessToken);
    await walk.writes(
      () => ask(assertion),
      [inAcme(email, "sign-in-refused", "warning", { publicKey: "CI", reason: "replayed" })],
    );
    const forged = `${assertion.slice(0, -8)}AAAAAAAA`;
    await walk.writes(
      () => ask(forged),
      [inAcme(email, "sign-in-refused", "warning", { reason: "wrong signature" })],
    );
    const nobody = `${Buffer.from('{"alg":"ES256"}').toString("base64url")}.${Buffer.from(
      JSON.stringify({ iss: uuidv7() }),
    ).toString("base64url")}.AAAA`;
    await walk.writes(() => ask(nobody), [refused(expect.any(String))]);
  });
});

describe("the trail says of single sign-on", () => {
  test("by OpenID: who came in, by what the provider calls them, or why nobody did", async () => {
    const connection = await world.connect(acme, provider.issuer);
    provider.person = { sub: "subject-1", email: "ann@acme.example", email_verified: true, name: "Ann" };
    await walk.skip();
    const [browser, who] = [walk.walker.browser(), "ann@acme.example"];
    let answer = provider.authorize(await world.begin(browser, connection));
    const arrive = (): Promise<Answer> => world.arrive(browser, connection, answer);
    await walk.writes(arrive, [
      joined(who, "subject-1"),
      inAcme(who, "sign-in", "info", { factors: ["sso"], subject: "subject-1" }),
    ]);
    secrets.push(...browser.cookies.values(), answer.get("code") ?? "", answer.get("state") ?? "");
    await walk.writes(arrive, [refused("used already, or not begun in this browser")]);
    provider.person = { sub: "subject-2", email: "eve@elsewhere.example", email_verified: true };
    answer = provider.authorize(await world.begin(browser, connection));
    await walk.writes(arrive, [
      inAcme("unknown", "sign-in-refused", "warning", {
        reason: "address not vouched for",
        subject: "subject-2",
        email: "eve@elsewhere.example",
      }),
    ]);
    provider.tricks.claims = (claims) => ({ ...claims, aud: "somebody-else" });
    answer = provider.authorize(await world.begin(browser, connection));
    await walk.writes(arrive, [
      inAcme("unknown", "sign-in-refused", "warning", { reason: expect.stringContaining("aud") }),
    ]);
    provider.tricks.claims = undefined;
    await walk.writes(
      () => world.arrive(walk.walker.browser(), connection, "code=x&state=y"),
      [refused("no sign-in was begun")],
    );
  });

  test("by OpenID with a second factor of the person's own: the first step, and then that they are in", async () => {
    const connection = await world.connect(acme, provider.issuer);
    const [who, sub] = ["ann@acme.example", "subject-1-there"];
    await world.db.query("delete from kernel.sso_identity");
    await world.db.query("update kernel.person set second_factor_since = now() where email = $1", [who]);
    await world.db.query(
      `insert into kernel.backup_code (person_id, digest)
       select id, kernel.backup_digest(sha256('x')) from kernel.person where email = $1`,
      [who],
    );
    provider.person = { sub, email: who, email_verified: true };
    const browser = walk.walker.browser();
    const answer = provider.authorize(await world.begin(browser, connection));
    await walk.skip();
    await walk.writes(
      () => world.arrive(browser, connection, answer),
      [inAcme(who, "first-factor", "info", { factors: ["sso"], subject: sub })],
    );
    const step = browser.cookies.get("__Host-step") ?? "";
    const auth = await world.server.database.connectAs("auth");
    const pass = (): Promise<unknown> =>
      auth.query(
        `select kernel.pass_second_factor(sha256($1::bytea), 'backup-code', null, null, null, sha256('x'), sha256('y'),
           '{"backup-code-used": {"id": "${uuidv7()}", "subject": "x", "body": "eA=="}}', $2, $3, $4)`,
        [step, uuidv7(), walk.walker.ip, walk.walker.device],
      );
    await walk.writes(pass, [inAcme(who, "sign-in", "info", { factors: ["sso", "backup-code"] })]);
    await world.db.query("update kernel.person set second_factor_since = null where email = $1", [who]);
  });

  test("by SAML: who came in, or why nobody did", async () => {
    const connection = await world.connectSaml(acme);
    await walk.skip();
    const [browser, who] = [walk.walker.browser(), "ada@acme.example"];
    const response = world.answer(connection, await world.ask(browser, connection));
    const post = (given: string): Promise<Answer> => world.post(browser, connection, given);
    await walk.writes(
      () => post(response),
      [
        joined(who, expect.any(String)),
        inAcme(who, "sign-in", "info", { factors: ["sso"], subject: expect.any(String) }),
      ],
    );
    secrets.push(...browser.cookies.values(), response);
    await walk.writes(() => post(response), [refused("used already, or not begun in this browser")]);
    const late = world.answer(connection, await world.ask(browser, connection), {
      audience: "https://elsewhere.example",
    });
    await walk.writes(
      () => post(late),
      [
        inAcme("unknown", "sign-in-refused", "warning", {
          reason: expect.stringContaining("wrong-audience"),
        }),
      ],
    );
    await walk.writes(() => post("AAAA"), [refused(expect.stringMatching(/^[a-z-]+: /))]);
  });
});

test("the trail says that a directory has ended somebody, and by which connection", async () => {
  const { token } = await made("/scim-connections", {
    name: "Entra",
    defaultRole: "member",
    roleMapping: {},
    domains: [],
  });
  const directory = client({
    origin: world.server.origin,
    key: token,
    ip: walk.walker.ip,
    device: walk.walker.device,
  });
  const sent = (method: string, path: string, body: object): Promise<Answer> =>
    directory.send(method, `/scim/v2${path}`, {
      body,
      headers: { "content-type": "application/scim+json" },
    });
  const user = await sent("POST", "/Users", {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
    userName: "leaver@acme.example",
    active: true,
  });
  expect(user.status).toBe(201);
  await walk.skip();
  const deactivate = (): Promise<Answer> =>
    sent("PATCH", `/Users/${user.json.id}`, {
      schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
      Operations: [{ op: "replace", path: "active", value: false }],
    });
  const who = expect.stringMatching(/@/);
  await walk.writes(deactivate, [
    { ...inAcme("", "end", "warning", { roles: ["member"] }), who },
    { ...inAcme("", "change", "info", expect.any(Object)), who },
  ]);
  await walk.writes(
    () => walk.walker.bearer(mistyped(token)).get("/scim/v2/Users"),
    [refused("not-signed-in")],
  );
});

test("no key, token, assertion, code or cookie stands in any of these rows", async () => {
  const everything = await walk.everything();
  expect(secrets.length).toBeGreaterThan(15);
  expect(secrets.filter((secret) => secret.length > 20 && everything.includes(secret))).toEqual([]);
});
