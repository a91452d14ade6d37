import { afterAll, beforeAll, expect } from "vitest";
import type { Answer, Client } from "../client.ts";
import { proves } from "../proves.ts";
import { sha256 } from "../../server/foundation/ids/index.ts";
import { samlWorld, type SamlWorld } from "../saml-world.ts";
import { type Account, account, codeOf, earlyInStep } from "../second-factors.ts";
import type { Org } from "../sso-world.ts";
import { attack } from "./attack.ts";
import { less, mattersOn } from "./take-away.ts";

// SAML at the second factor, all the way: request, signed response, waiting, code. A provider's word is a first factor like any other.

proves("IAM-8");

const twice = "https://refeds.org/profile/mfa";
let world: SamlWorld;
let acme: Org;
let connection: string;
let subjects = 0;

beforeAll(async () => {
  world = await samlWorld();
  acme = await world.server.organization("acme");
  await world.verifyDomain(acme, "second.example");
  connection = await world.connectSaml(acme, { allowsUnsolicited: true });
});
afterAll(() => world.stop());
const matters = mattersOn(() => world.db);

const reads = async (browser: Client): Promise<number> => (await browser.get("/o/acme/v1/contacts")).status;

/** A member with an authenticator app, which they have set up themselves. */
async function guarded(): Promise<Account & { readonly secret: string; readonly subject: string }> {
  const somebody = await account(world.server, acme);
  await earlyInStep();
  const { json } = await somebody.browser.post("/auth/totp");
  const body = { id: json.id, code: codeOf(json.secret), name: "Phone" };
  expect((await somebody.browser.post("/auth/totp/confirm", body)).status).toBe(200);
  await world.db.query("update kernel.factor set last_step = 0 where person_id = $1", [somebody.personId]);
  subjects += 1;
  return { ...somebody, secret: json.secret, subject: `subject-${subjects}` };
}

type Guarded = Awaited<ReturnType<typeof guarded>>;

async function comesBy(
  { email, subject }: Guarded,
  context?: string,
): Promise<{ readonly browser: Client; readonly response: string; readonly answer: Answer }> {
  const browser = world.server.stranger();
  const request = await world.ask(browser, connection, "?returnTo=/o/acme/contacts");
  const response = world.answer(connection, request, {
    email,
    subject,
    ...(context === undefined ? {} : { context }),
  });
  return { browser, response, answer: await world.post(browser, connection, response) };
}

const give = (browser: Client, code: string): Promise<Answer> =>
  browser.post("/auth/second-factor", { method: "totp", code });

attack(
  {
    id: "IAM-8-saml",
    title:
      "come in by a signed SAML response alone, as somebody who has a second factor: the response, what it leaves waiting, the response once more, a wrong code; then the right one",
    expected: "nothing before the code, and a session of this organization with both factors after it",
  },
  async () => {
    const ann = await guarded();
    const { browser, response, answer } = await comesBy(ann);
    expect([answer.status, answer.headers["location"]]).toEqual([
      303,
      "/sign-in?step=second-factor&to=%2Fo%2Facme%2Fcontacts",
    ]);
    expect([browser.cookies.has("__Host-sid"), await reads(browser)]).toEqual([false, 401]);
    const step = browser.cookies.get("__Host-step") ?? "";
    expect([await reads(world.server.browserOf(step)), await reads(world.server.bearer(step))]).toEqual([
      401, 401,
    ]);
    const again = await world.post(browser, connection, response);
    expect(String(again.headers["location"])).toContain("refused=single-sign-on");
    expect((await browser.get("/auth/second-factor")).json.methods).toContain("totp");
    expect((await give(browser, "000000")).status).toBe(401);
    await earlyInStep();
    const done = await give(browser, codeOf(ann.secret));
    expect([done.status, done.json.signedIn, await reads(browser)]).toEqual([200, true, 200]);
    const { rows } = await world.db.query(
      `select c.factors, t.slug, c.second_factor_at is not null as twice from kernel.credential c join kernel.tenant t on t.id = c.sso_tenant_id
        where c.person_id = $1 and c.kind = 'session' and c.ended_at is null order by c.id desc limit 1`,
      [ann.personId],
    );
    expect(rows).toEqual([{ factors: ["sso", "totp"], slug: "acme", twice: true }]);
    // The person's own settings stay shut to it.
    expect((await browser.get("/auth/sessions")).status).toBe(403);
    return "nothing before the code, and a session of this organization with both factors after it";
  },
);

attack(
  {
    id: "IAM-8-saml-unsolicited",
    title:
      "the same where the provider began, and the person said yes to the question; and where the provider says that it asked for two",
    expected: "the second factor; in",
  },
  async () => {
    const [ben, zoe] = [await guarded(), await guarded()];
    const browser = world.server.stranger();
    const offered = await world.post(
      browser,
      connection,
      world.answer(connection, null, { email: ben.email, subject: ben.subject }),
    );
    const token = /name="token" value="([\w-]+)"/.exec(offered.text)?.[1] ?? "";
    const accepted = await browser.send("POST", `/auth/saml/${connection}/accept`, {
      raw: `token=${token}`,
      headers: { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" },
    });
    expect(accepted.headers["location"]).toBe("/sign-in?step=second-factor&to=%2Fo%2Facme");
    expect(await reads(browser)).toBe(401);
    await earlyInStep();
    await give(browser, codeOf(ben.secret));
    expect(await reads(browser)).toBe(200);
    const told = await comesBy(zoe, twice);
    expect([told.answer.headers["location"], await reads(told.browser)]).toEqual(["/o/acme/contacts", 200]);
    return "the second factor; in";
  },
);

matters(
  "saml-first-factor",
  "the gate behind every first factor, for what a provider signed",
  ["/sign-in?step=second-factor&to=%2Fo%2Facme%2Fcontacts", "/o/acme/contacts"],
  async () => String((await comesBy(await guarded())).answer.headers["location"]),
  less("kernel.first_factor_passed(uuid,text,bytea,uuid,inet,text,uuid)", [
    "method <> 'passkey'",
    "method = 'password'",
  ]),
);

attack(
  {
    id: "IAM-8-saml-race",
    title:
      "hold up the end of a connection, or of one's own link to it, by a request that takes long, and show the second factor of a sign-in that waits meanwhile, or have a remembered browser stand in for it",
    expected: "no session is left of any",
  },
  async () => {
    await world.db.query("update kernel.tenant set remembered_devices = true where id = $1", [acme.id]);
    for (const [act, shown] of [
      ["disable", "code"],
      ["unlink", "code"],
      ["disable", "remembered"],
    ] as const) {
      const way = await world.connectSaml(acme);
      const [ann, bob] = [await guarded(), await account(world.server, acme)];
      const come = async (email: string, subject: string): Promise<Client> => {
        const browser = world.server.stranger();
        await world.post(browser, way, world.answer(way, await world.ask(browser, way), { email, subject }));
        return browser;
      };
      const waiting = await come(ann.email, ann.subject);
      if (shown === "remembered") {
        const first = await come(ann.email, ann.subject);
        await earlyInStep();
        const body = { method: "totp", code: codeOf(ann.secret), remember: true };
        expect((await first.post("/auth/second-factor", body)).json.rememberedUntil).not.toBeNull();
        waiting.cookies.set("__Host-remembered", first.cookies.get("__Host-remembered") ?? "");
      }
      const inside = await world.server.database.connectAs("api");
      await inside.query("begin");
      // Whoever is unlinked is held up by a session of their own that was opened before they had a second factor.
      const slow = await come(bob.email, `bob of ${act} ${shown}`);
      const token = slow.cookies.get("__Host-sid") ?? "";
      if (act === "unlink") {
        await world.db.query(
          "update kernel.credential set person_id = $1 where digest = sha256(sha256(convert_to($2, 'UTF8')))",
          [ann.personId, token],
        );
      }
      await inside.query("select kernel.enter($1, 'acme', '{contact.read}', null, '203.0.113.7', 'slow')", [
        sha256(token),
      ]);
      const path = `/o/acme/v1/sso-connections/${way}`;
      const ended =
        act === "disable"
          ? acme.browser.post(`${path}/disable`)
          : acme.browser.delete(`${path}/people/${ann.memberId}`);
      const held =
        "select count(*)::integer as count from pg_locks l join pg_database d on d.oid = l.database and d.datname = current_database() where locktype = 'advisory' and not granted";
      while ((await world.db.query(held)).rows[0].count === 0)
        await new Promise((next) => setTimeout(next, 20));
      await earlyInStep();
      const given =
        shown === "code" ? give(waiting, codeOf(ann.secret)) : waiting.post("/auth/second-factor/remembered");
      await Promise.race([given, new Promise((next) => setTimeout(next, 500))]);
      await inside.query("rollback").catch(() => undefined);
      expect([act, shown, (await ended).status, (await given).status]).toEqual([act, shown, 204, 401]);
      expect(await reads(waiting)).toBe(401);
      await inside.end();
    }
    return "no session is left of any";
  },
);
