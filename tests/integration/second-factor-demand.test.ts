import type { Client as Database } from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Client, Json } from "../client.ts";
import { type HostileProvider, hostileProvider } from "../hostile-provider.ts";
import { type OpenedLetter, lettersTo } from "../mail-ground.ts";
import { proves } from "../proves.ts";
import { account, codeOf } from "../second-factors.ts";
import { publicUrl, testServer, type TestServer } from "../server.ts";
import { type Org, ssoWorld, type SsoWorld } from "../sso-world.ts";

// An organization demands second factors: whom it tells, by when, and what is left to do for whoever stands outside.

proves("IAM-8");

let world: SsoWorld;
let provider: HostileProvider;
let worker: TestServer;
let db: Database;
let number = 0;

beforeAll(async () => {
  [world, provider] = await Promise.all([ssoWorld(), hostileProvider()]);
  worker = await testServer({ RINGFENCE_DOORS: "api,worker" }, world.server.database);
  db = world.db;
});
afterAll(async () => {
  await worker.stop();
  await world.stop();
  await provider.stop();
});

async function founded(): Promise<Org> {
  number += 1;
  return world.server.organization(`demand-${number}`);
}
const demand = async ({ slug, browser }: Org, mfaRoles: readonly string[] | null, mfaGraceDays = 7) => {
  const { version } = (await browser.get(`/o/${slug}/v1/security`)).json;
  const answer = await browser.patch(`/o/${slug}/v1/security`, { mfaRoles, mfaGraceDays }, { version });
  expect([answer.status, answer.text]).toEqual([200, answer.text]);
};
const moveBack = ({ id }: Org, days: number) =>
  db.query(
    `with t as (update kernel.tenant set mfa_from = mfa_from - make_interval(days => $2) where id = $1)
     update kernel.membership set created_at = created_at - make_interval(days => $2) where tenant_id = $1`,
    [id, days],
  );
const by = async (browser: Client, { slug }: Org): Promise<string | null> =>
  (await browser.get("/auth/me")).json.organizations.find((one: Json) => one.slug === slug)?.secondFactorBy;
const days = (count: number): number => count * 86_400_000;
const problemOf = async (browser: Client, { slug }: Org): Promise<string> =>
  String((await browser.get(`/o/${slug}/v1/contacts`)).json.type ?? "in").replace(/^.*\//, "");

describe("who is signed in", () => {
  test("is told from when on the organization asks them for a second factor, and nothing where it does not", async () => {
    const acme = await founded();
    const [somebody, manager] = [
      await account(world.server, acme),
      await world.server.person(acme, "manager"),
    ];
    expect([await by(somebody.browser, acme), await by(manager.browser, acme)]).toEqual([null, null]);
    await demand(acme, ["member"]);
    const told = await by(somebody.browser, acme);
    expect(Math.abs(Date.parse(String(told)) - Date.now() - days(7))).toBeLessThan(60_000);
    const { json } = await acme.browser.post(`/o/${acme.slug}/v1/security/preview`, { mfaRoles: ["member"] });
    expect(json.withoutSecondFactor.people).toEqual([expect.objectContaining({ outFrom: told })]);
    expect(await by(manager.browser, acme)).toBeNull();
    expect(await problemOf(somebody.browser, acme)).toBe("in");
    // A program's token says nothing of how its session was opened.
    const tokens = await somebody.browser.post("/auth/tokens", { organization: acme.slug });
    expect(await by(world.server.bearer(tokens.json.accessToken), acme)).toBeNull();
    await moveBack(acme, 8);
    expect(Date.parse(String(await by(somebody.browser, acme)))).toBeLessThan(Date.now());
    expect(await problemOf(somebody.browser, acme)).toBe("second-factor-needed");
    await addFactor(somebody.browser);
    expect([await by(somebody.browser, acme), await problemOf(somebody.browser, acme)]).toEqual([null, "in"]);
  });

  test("in another organization is told nothing of it", async () => {
    const [acme, globex] = [await founded(), await founded()];
    await demand(acme, ["*"], 90);
    expect([await by(acme.browser, acme), await by(globex.browser, globex)]).toEqual([
      expect.any(String),
      null,
    ]);
  });
});

describe("whoever stands outside", () => {
  const entrance = async (browser: Client, slug: string) => {
    const { status, json } = await browser.get(`/auth/entrances/${slug}`);
    return status === 200 ? json : status;
  };

  test("learns whether they have a factor to show; a stranger learns as much as of an organization that is not there", async () => {
    const acme = await founded();
    const somebody = await account(world.server, acme);
    expect(await entrance(somebody.browser, acme.slug)).toEqual({
      hasSecondFactor: false,
      byProvider: false,
      connections: [],
    });
    await addFactor(somebody.browser);
    expect((await entrance(somebody.browser, acme.slug)).hasSecondFactor).toBe(true);
    const stranger = await founded();
    expect(await entrance(stranger.browser, acme.slug)).toBe(404);
    expect(await entrance(stranger.browser, "nowhere")).toBe(404);
    expect(await entrance(world.server.stranger(), acme.slug)).toBe(401);
    await acme.browser.send("DELETE", `/o/${acme.slug}/v1/members/${somebody.memberId}`, {
      headers: { "x-csrf-token": await acme.browser.csrf(), "sec-fetch-site": "same-origin" },
    });
    expect(await entrance(somebody.browser, acme.slug)).toBe(404);
  });

  test("is shown the providers that may speak for them, whatever the address of the page", async () => {
    const [acme, globex] = [await founded(), await founded()];
    const domain = `corp-${number}.example`;
    await world.verifyDomain(acme, domain);
    const mine = await world.connect(acme, provider.issuer, { name: "Company account" });
    const elsewhere = await world.connect(acme, provider.issuer, { name: "Partners", provisions: false });
    await db.query("update kernel.sso_connection set domains = '{other.example}' where id = $1", [elsewhere]);
    const off = await world.connect(acme, provider.issuer, { name: "Switched off" });
    await acme.browser.post(`/o/${acme.slug}/v1/sso-connections/${off}/disable`);
    const somebody = await account(world.server, acme);
    expect((await entrance(somebody.browser, acme.slug)).connections).toEqual([]);
    await db.query("update kernel.person set email = $2 where id = $1", [somebody.personId, `ann@${domain}`]);
    expect((await entrance(somebody.browser, acme.slug)).connections).toEqual([
      { id: mine, name: "Company account" },
    ]);
    provider.person = { sub: "ann", email: `ann@${domain}`, email_verified: true };
    const browser = world.server.stranger();
    const place = `/o/${acme.slug}/contacts?sort=-name&q=a%20b`;
    const location = await world.begin(browser, mine, `?returnTo=${encodeURIComponent(place)}`);
    const answer = await world.arrive(browser, mine, provider.authorize(location));
    expect(answer.headers["location"]).toBe(place);
    expect(await entrance(browser, acme.slug)).toMatchObject({ byProvider: true, hasSecondFactor: false });
    expect(await entrance(browser, globex.slug)).toBe(404);
    // With a factor of their own, the provider's word leads to the second step, and that to the same place.
    await addFactor(somebody.browser);
    const again = world.server.stranger();
    const second = await world.begin(again, mine, `?returnTo=${encodeURIComponent(place)}`);
    const step = await world.arrive(again, mine, provider.authorize(second));
    const sentTo = new URL(String(step.headers["location"]), publicUrl);
    expect([sentTo.pathname, sentTo.searchParams.get("step"), sentTo.searchParams.get("to")]).toEqual([
      "/sign-in",
      "second-factor",
      place,
    ]);
  });
});

describe("the demand is told", () => {
  const until = (organization: Org) =>
    db
      .query<{ at: string }>(
        "select kernel.moment(mfa_from + make_interval(days => mfa_grace_days)) as at from kernel.tenant where id = $1",
        [organization.id],
      )
      .then(({ rows }) => rows[0]?.at);
  const told = async (browser: Client): Promise<Json[]> =>
    (await browser.get("/auth/notices")).json.items.filter(({ kind }: Json) =>
      kind.startsWith("second-factor-"),
    );
  const kinds = async (browser: Client): Promise<string[]> => (await told(browser)).map(({ kind }) => kind);
  const letters = async (email: string): Promise<OpenedLetter[]> =>
    (await lettersTo(world.server.database, email)).filter(({ purpose }) =>
      purpose.startsWith("second-factor-"),
    );
  /** Has the clock's job run, and waits until nothing of it is left. */
  const clock = async ({ id }: Org): Promise<void> => {
    await db.query("select kernel.have_demand_told($1)", [id]);
    const waiting =
      "select from kernel.job where tenant_id = $1 and kind = 'access.second-factors' and state in ('waiting', 'running')";
    await vi.waitFor(async () => expect((await db.query(waiting, [id])).rowCount).toBe(0), {
      timeout: 30_000,
      interval: 100,
    });
  };

  test("by a notice and a letter when it is made, and once more before it ends: to whom it is made of, and to nobody twice", async () => {
    const acme = await founded();
    const [somebody, has, manager] = [
      await account(world.server, acme),
      await account(world.server, acme),
      await account(world.server, acme, "manager"),
    ];
    await addFactor(has.browser);
    await demand(acme, ["member"]);
    await vi.waitFor(async () => expect(await kinds(somebody.browser)).toEqual(["second-factor-asked"]), {
      timeout: 30_000,
      interval: 200,
    });
    expect((await told(somebody.browser))[0]).toMatchObject({
      organization: acme.slug,
      details: { until: await until(acme) },
    });
    await vi.waitFor(async () => expect(await letters(somebody.email)).toHaveLength(1), {
      timeout: 30_000,
      interval: 200,
    });
    const [letter] = await letters(somebody.email);
    expect(letter?.subject).toBe(`Organization ${acme.slug} asks for a second factor`);
    expect(letter?.text).toContain(`From ${String(await until(acme)).slice(0, 10)}, `);
    expect(letter?.text).toContain(`Add a second factor:\n\n${publicUrl}/security`);
    await clock(acme);
    expect(await kinds(somebody.browser)).toEqual(["second-factor-asked"]);
    expect([await kinds(has.browser), await kinds(manager.browser), await kinds(acme.browser)]).toEqual([
      [],
      [],
      [],
    ]);
    // A day is left of three.
    await db.query(
      `with t as (update kernel.tenant set mfa_grace_days = 3, mfa_from = mfa_from - interval '2 days' where id = $1)
       update kernel.membership set created_at = created_at - interval '2 days' where tenant_id = $1`,
      [acme.id],
    );
    await clock(acme);
    await clock(acme);
    expect(await kinds(somebody.browser)).toEqual([
      "second-factor-due",
      "second-factor-asked",
      "second-factor-asked",
    ]);
    await vi.waitFor(async () => expect(await letters(somebody.email)).toHaveLength(3), {
      timeout: 30_000,
      interval: 200,
    });
    const due = (await letters(somebody.email)).find(({ purpose }) => purpose === "second-factor-due");
    expect(due?.subject).toBe(
      `Add a second factor before ${String(await until(acme)).slice(0, 10)}, ${String(await until(acme)).slice(11, 16)} UTC`,
    );
    // When it is over there is nothing left to remind of.
    await clock(acme);
    expect(await kinds(somebody.browser)).toHaveLength(3);
  });

  test("to whoever joins, or gets a role that is asked, and to nobody when it is taken back", async () => {
    const acme = await founded();
    await demand(acme, ["member"]);
    const joined = await account(world.server, acme);
    const viewer = await account(world.server, acme, "viewer");
    await vi.waitFor(async () => expect(await kinds(joined.browser)).toEqual(["second-factor-asked"]), {
      timeout: 30_000,
      interval: 200,
    });
    await clock(acme);
    expect(await kinds(viewer.browser)).toEqual([]);
    const path = `/o/${acme.slug}/v1/members/${viewer.memberId}`;
    const { json } = await acme.browser.get(path);
    const changed = await acme.browser.patch(path, { roles: ["member"] }, { version: json.version });
    expect([changed.status, changed.text]).toEqual([200, changed.text]);
    await vi.waitFor(async () => expect(await kinds(viewer.browser)).toEqual(["second-factor-asked"]), {
      timeout: 30_000,
      interval: 200,
    });
    await demand(acme, null);
    const late = await account(world.server, acme);
    await clock(acme);
    expect(await kinds(late.browser)).toEqual([]);
  });

  test("to people of a provider in other words, and not to those whose provider asks for one", async () => {
    const acme = await founded();
    const domain = `corp-${number}.example`;
    await world.verifyDomain(acme, domain);
    const connection = await world.connect(acme, provider.issuer, {
      settings: {
        issuer: provider.issuer,
        clientId: "ringfence",
        tokenAuth: "client_secret_basic",
        secondFactor: { amr: ["mfa"] },
      },
    });
    const enter = async (name: string, change: object = {}): Promise<string> => {
      provider.person = { sub: name, email: `${name}@${domain}`, email_verified: true, ...change };
      const browser = world.server.stranger();
      await world.arrive(browser, connection, provider.authorize(await world.begin(browser, connection)));
      const { rows } = await db.query("select id from kernel.person where email = $1", [`${name}@${domain}`]);
      return String(rows[0]?.id);
    };
    const [plain, twice] = [await enter("plain"), await enter("twice", { amr: ["mfa"] })];
    await demand(acme, ["member"]);
    await clock(acme);
    const of = async (person: string): Promise<Json[]> =>
      (await db.query("select kind, details from kernel.notice where person_id = $1", [person])).rows;
    expect(await of(plain)).toEqual([
      { kind: "second-factor-asked", details: { until: await until(acme), byProvider: true } },
    ]);
    await vi.waitFor(async () => expect(await letters(`plain@${domain}`)).toHaveLength(1), {
      timeout: 30_000,
      interval: 200,
    });
    expect((await letters(`plain@${domain}`))[0]?.text).toContain(
      "You sign in by your organization's identity provider",
    );
    expect(await of(twice)).toEqual([]);
    await db.query("update kernel.sso_connection set asks_second_factor = true where id = $1", [connection]);
    const third = await enter("third");
    await clock(acme);
    expect(await of(third)).toEqual([]);
  });
});

async function addFactor(browser: Client): Promise<void> {
  const { json } = await browser.post("/auth/totp");
  const body = { id: json.id, code: codeOf(json.secret), name: "Phone" };
  const answer = await browser.post("/auth/totp/confirm", body);
  expect([answer.status, answer.text]).toEqual([200, answer.text]);
}
