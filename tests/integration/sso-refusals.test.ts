import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { refusals } from "../../server/features/administration/index.ts";
import { encode, honestXml, told } from "../attack/saml-forge.ts";
import type { Answer, Client, Json } from "../client.ts";
import { type HostileProvider, hostileProvider } from "../hostile-provider.ts";
import { openPool } from "../../server/foundation/database/index.ts";
import { samlWorld, type SamlWorld } from "../saml-world.ts";
import type { Org } from "../sso-world.ts";
import { refresh } from "../tokens.ts";

// What comes to the doors of single sign-on, and belongs to no sign-in that was begun: one answer outside, a row inside that its
// organization can see, and nobody's trail filled by strangers.

let world: SamlWorld;
let provider: HostileProvider;
let acme: Org;
let saml: string;
let oidc: string;
let number = 0;

beforeAll(async () => {
  [world, provider] = await Promise.all([samlWorld(), hostileProvider()]);
});
beforeEach(async () => {
  number += 1;
  acme = await world.server.organization(`acme-${number}`);
  [saml, oidc] = [await world.connectSaml(acme), await world.connect(acme, provider.issuer)];
});
afterAll(async () => {
  await world.stop();
  await provider.stop();
});

const from = (ip: string) => ({ "x-forwarded-for": ip });
const form = { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "cross-site" };
const acs = (raw: string, ip: string): Promise<Answer> =>
  world.server.stranger().send("POST", `/auth/saml/${saml}/acs`, { raw, headers: { ...form, ...from(ip) } });
const fieldOf = (...responses: readonly string[]): string =>
  responses.map((response) => `SAMLResponse=${encodeURIComponent(response)}`).join("&");
const callback = (query: string, ip: string, browser: Client = world.server.stranger()): Promise<Answer> =>
  browser.get(`/auth/oidc/${oidc}/callback?${query}`, {
    headers: { "sec-fetch-site": "cross-site", ...from(ip) },
  });
const logout = (token: string, ip: string): Promise<Answer> =>
  world.server.stranger().send("POST", `/auth/oidc/${oidc}/backchannel-logout`, {
    raw: `logout_token=${encodeURIComponent(token)}`,
    headers: { ...form, ...from(ip) },
  });
const listed = async (connection: string, organization: Org = acme): Promise<Json[]> =>
  (await organization.browser.get(`/o/${organization.slug}/v1/sso-connections/${connection}/refusals`)).json
    .items;
const turnedAway = async (connection: string): Promise<number> =>
  (await acme.browser.get(`/o/${acme.slug}/v1/sso-connections/${connection}`)).json.turnedAway;
const inTrail = async (): Promise<number> => {
  const { rows } = await world.db.query(
    "select count(*)::integer as count from kernel.audit_event where tenant_id = $1 and action in ('sign-in-refused', 'logout-refused', 'refused')",
    [acme.id],
  );
  return rows[0]?.count;
};
const refusedAlike = ({ status, headers }: Answer): void =>
  expect([status, String(headers["location"]).replace(/[\da-f-]{36}/, "…")]).toEqual([
    303,
    "/sign-in?refused=single-sign-on&request=…",
  ]);

describe("an answer that nobody asked for", () => {
  test("of SAML, whatever is wrong with it, is one redirect outside and a reason inside, for the organization whose door it was", async () => {
    const known = told(world.at(saml), { inResponseTo: null, assertionId: "_one" });
    const honest = honestXml(world.idp, known);
    const unsigned = honest
      .replace(/<ds:Signature[\s\S]*?<\/ds:Signature>/g, "")
      .replace(/<Signature[\s\S]*?<\/Signature>/g, "");
    const sent: readonly (readonly [string, RegExp])[] = [
      ["nonsense=1", /^no SAMLResponse was posted/],
      [fieldOf("%%%"), /./],
      [fieldOf(encode("<a/>"), encode("<a/>")), /^a field came twice/],
      [fieldOf(encode(unsigned)), /./],
      [fieldOf(world.answer(saml, null)), /unsolicited/],
      [fieldOf(world.answer(saml, "_never-asked")), /^no sign-in was begun/],
    ];
    for (const [at, [raw]] of sent.entries()) refusedAlike(await acs(raw, `203.0.113.${at + 1}`));
    const rows = (await listed(saml)).toReversed();
    expect(rows.map(({ reason }) => reason)).toEqual(sent.map(([, reason]) => expect.stringMatching(reason)));
    for (const [at, row] of rows.entries())
      expect(row).toMatchObject({
        door: "saml-request",
        times: 1,
        ip: `203.0.113.${at + 1}`,
        requestId: expect.any(String),
      });
    expect([await turnedAway(saml), await turnedAway(oidc), await inTrail()]).toEqual([6, 0, 0]);
    // Nobody else is shown it, and no connection that there is none of has any.
    const stranger = await world.server.organization(`stranger-${number}`);
    expect(await listed(saml, stranger)).toEqual([]);
    const viewer = await world.server.person(acme, "viewer");
    expect((await viewer.browser.get(`/o/${acme.slug}/v1/sso-connections/${saml}/refusals`)).status).toBe(
      403,
    );
  });

  test("of OpenID Connect, and one whose parameters come twice, and a logout that is none", async () => {
    refusedAlike(await callback("state=made-up&code=x", "203.0.113.1"));
    refusedAlike(await callback("code=a&code=b", "203.0.113.2"));
    refusedAlike(await callback(`state=${"x".repeat(6000)}&code=a`, "203.0.113.3"));
    const word = await logout("not.a.token", "203.0.113.4");
    expect([word.status, String(word.json.type)]).toEqual([
      400,
      expect.stringContaining("logout-token-refused"),
    ]);
    const rows = (await listed(oidc)).toReversed();
    expect(rows.map(({ door, ip }) => [door, ip])).toEqual([
      ["oidc-state", "203.0.113.1"],
      ["oidc-state", "203.0.113.2"],
      ["oidc-state", "203.0.113.3"],
      ["oidc-logout", "203.0.113.4"],
    ]);
    // With a sign-in that was begun here it stands in the trail.
    const browser = world.server.stranger();
    const state = new URL(await world.begin(browser, oidc)).searchParams.get("state") ?? "";
    refusedAlike(await callback(`state=${state}&code=a&code=b`, "203.0.113.5", browser));
    expect(await world.reasons(acme)).toEqual(["a parameter came twice"]);
    expect(await listed(oidc)).toHaveLength(4);
  });

  test("at a connection that is switched off, and a question that was not asked", async () => {
    await acme.browser.post(`/o/${acme.slug}/v1/sso-connections/${oidc}/disable`);
    refusedAlike(
      await world.server.stranger().get(`/auth/sso/${oidc}`, { headers: { "sec-fetch-site": "none" } }),
    );
    expect(await listed(oidc)).toMatchObject([
      { door: "sso-begin", reason: "the connection is not enabled" },
    ]);
    const accepted = await world.server.stranger().send("POST", `/auth/saml/${saml}/accept`, {
      raw: `token=${"x".repeat(43)}`,
      headers: { ...form, cookie: `__Host-sso=${"y".repeat(43)}`, "sec-fetch-site": "same-origin" },
    });
    refusedAlike(accepted);
    expect(await listed(saml)).toMatchObject([
      { door: "saml-accept", reason: "used already, or not asked in this browser" },
    ]);
  });

  test("comes as often as a stranger likes: the same is counted, and what differs is bounded; the trail stays as it is", async () => {
    for (let time = 0; time < 30; time += 1) await callback("state=made-up", "203.0.113.1");
    expect(await listed(oidc)).toMatchObject([{ times: 30, ip: "203.0.113.1" }]);
    for (let at = 0; at < 150; at += 1) await callback("state=made-up", `198.51.100.${at}`);
    const rows = await listed(oidc);
    expect(rows).toHaveLength(101);
    const rest = rows.find(({ reason }) => reason === "more than a hundred others");
    expect([rest?.times, rest?.ip, await turnedAway(oidc), await inTrail()]).toEqual([51, null, 180, 0]);
    // An hour later there is room again.
    await world.db.query(
      "update kernel.refusal set at = at - interval '61 minutes' where connection_id = $1",
      [oidc],
    );
    await callback("state=made-up", "203.0.113.1");
    expect((await listed(oidc))[0]).toMatchObject({ times: 1, ip: "203.0.113.1" });
  });

  test("is shown to whoever runs the installation too, with the organization and the connection", async () => {
    await callback("state=made-up", "203.0.113.77");
    await callback("state=made-up", "203.0.113.77");
    await world.server.stranger().get(`/auth/oidc/00000000-0000-4000-8000-000000000000/callback?state=x`, {
      headers: from("203.0.113.77"),
    });
    const ops = openPool({
      connectionString: world.server.database.dsnFor("ops"),
      max: 1,
      applicationName: "test",
      statementTimeoutMs: 10_000,
      transactionTimeoutMs: 10_000,
    });
    const found = await refusals(ops, { address: "203.0.113.77", limit: 10 });
    await ops.close();
    expect(found).toMatchObject([
      { door: "oidc-state", organization: null, connectionId: null, times: 1 },
      { door: "oidc-state", organization: acme.slug, connectionId: oidc, times: 2 },
    ]);
  });
});

describe("a token that has not even the form of one", () => {
  const rowsFrom = async (ip: string): Promise<Json[]> =>
    (await world.db.query("select reason, door from kernel.refusal where ip = $1 order by id", [ip])).rows;

  test("is refused as one that was never given, and noted: a refresh token", async () => {
    const ip = `192.0.2.${number}`;
    const answers = [
      await refresh(world.server, "x".repeat(43), from(ip)),
      await refresh(world.server, "<script>", from(ip)),
    ];
    expect(answers.map(({ status, json }) => [status, json.detail])).toEqual([
      [401, answers[0]?.json.detail],
      [401, answers[0]?.json.detail],
    ]);
    expect(await rowsFrom(ip)).toEqual([
      { reason: "dead-refresh-token", door: "refresh" },
      { reason: "malformed-refresh-token", door: "refresh" },
    ]);
  });

  test("and an assertion", async () => {
    const ip = `192.0.2.${number}`;
    const exchange = (clientAssertion: string): Promise<Answer> =>
      world.server
        .stranger()
        .send("POST", "/auth/service-token", { body: { clientAssertion }, headers: from(ip) });
    const made = `${Buffer.from('{"alg":"ES256"}').toString("base64url")}.${Buffer.from('{"iss":"00000000-0000-4000-8000-000000000000","sub":"00000000-0000-4000-8000-000000000000"}').toString("base64url")}.c2ln`;
    const answers = [
      await exchange(made),
      await exchange(""),
      await exchange("ümlaut {}"),
      await exchange("x".repeat(20_000)),
    ];
    for (const { status, json } of answers)
      expect([status, json.detail]).toEqual([401, answers[0]?.json.detail]);
    expect((await rowsFrom(ip)).map(({ door }) => door)).toEqual(answers.map(() => "service-token"));
  });
});
