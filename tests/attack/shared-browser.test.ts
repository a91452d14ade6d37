import { afterAll, beforeAll, expect } from "vitest";
import { sha256 } from "../../server/foundation/ids/index.ts";
import type { Answer, Client } from "../client.ts";
import { setPassword } from "../mail-ground.ts";
import { proves } from "../proves.ts";
import { type Person, testServer, type TestServer } from "../server.ts";
import { refresh, tokensFor } from "../tokens.ts";
import type { Organization } from "../installed-database.ts";
import { attack } from "./attack.ts";

// What a session's cookie is after its time: in a browser that several people use, for what it began, and as a browser keeps it.

proves("IAM-4", "IAM-6");

let server: TestServer;
let acme: Organization;
const password = "quite-long winter 47 ferns";

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
});
afterAll(() => server.stop());

async function sql(text: string, values: unknown[]): Promise<Record<string, unknown>[]> {
  const db = await server.database.connectAsSuperuser();
  const { rows } = await db.query<Record<string, unknown>>(text, values);
  await db.end();
  return rows;
}
async function somebody(): Promise<Person> {
  const person = await server.person(acme, "admin");
  await setPassword(server.database, person.email, password);
  return person;
}
async function signIn(browser: Client, { email }: Person): Promise<string> {
  expect((await browser.post("/auth/sign-in", { email, password })).json.signedIn).toBe(true);
  return browser.cookies.get("__Host-sid") ?? "";
}
const personOf = async (browser: Client): Promise<unknown> => (await browser.get("/auth/me")).json.person?.id;
const sessionOf = async (token: string): Promise<Record<string, unknown>> => {
  const [row] = await sql(
    "select id, person_id, ended_at is not null as ended from kernel.credential where digest = sha256($1)",
    [sha256(token)],
  );
  return row ?? {};
};

/** How the one before leaves a browser that somebody else uses next. */
const leavings: Readonly<Record<string, (browser: Client, token: string) => Promise<unknown>>> = {
  "signs out": (browser) => browser.post("/auth/sign-out"),
  "lets the session run out": (_, token) =>
    sql("update kernel.credential set expires_at = now() where digest = sha256($1)", [sha256(token)]),
  "has the session ended elsewhere": (_, token) =>
    sql(
      "select kernel.end_credentials(array(select id from kernel.credential where digest = sha256($1)), 'a test')",
      [sha256(token)],
    ),
  "walks away": () => Promise.resolve(),
};

attack(
  {
    id: "G-shared-browser",
    title:
      "be let into the session, or hold the tokens, of whoever used the same browser before or uses it next (Keycloak CVE-2025-12390)",
    expected: "a session of one's own each time",
  },
  async () => {
    for (const [way, leave] of Object.entries(leavings)) {
      const [first, second] = [await somebody(), await somebody()];
      const browser = server.stranger();
      const before = await signIn(browser, first);
      const program = await tokensFor(server, before);
      await leave(browser, before);
      const after = await signIn(browser, second);
      expect([way, after === before, await personOf(browser)]).toEqual([way, false, second.personId]);
      const [old, own] = [await sessionOf(before), await sessionOf(after)];
      expect([way, old["person_id"], own["person_id"], own["id"] === old["id"]]).toEqual([
        way,
        first.personId,
        second.personId,
        false,
      ]);
      // Whoever comes back with what the first one held is the first one, or nobody.
      expect([first.personId, undefined]).toContain(await personOf(server.browserOf(before)));
      const again = await refresh(server, program.refreshToken);
      const access = again.status === 200 ? String(again.json.accessToken) : program.accessToken;
      expect([first.personId, undefined]).toContain(await personOf(server.bearer(access)));
      // What ran out by itself leaves a program its own days; what was ended leaves nothing.
      const left = way === "walks away" || way === "lets the session run out" ? 200 : 401;
      expect([way, again.status]).toEqual([way, left]);
      if (way !== "walks away") expect(await personOf(server.browserOf(before))).toBeUndefined();
      // And back again in the same browser.
      await browser.post("/auth/sign-out");
      const third = await signIn(browser, first);
      expect([before, after].includes(third)).toBe(false);
      expect(await personOf(browser)).toBe(first.personId);
      expect(await personOf(server.browserOf(after))).toBeUndefined();
    }
    return "a session of one's own each time";
  },
);

attack(
  {
    id: "G-revoked-writes",
    title:
      "make, change and renew keys, and go on elsewhere, with a session that was revoked a moment ago, at two servers that both knew it well (better-auth #9991, better-auth #8708)",
    expected: "401; no key",
  },
  async () => {
    const twin = await testServer({}, server.database);
    try {
      const person = await somebody();
      const browsers = [server.browserOf(person.token), twin.browserOf(person.token)];
      for (const browser of browsers) {
        await browser.csrf();
        for (let time = 0; time < 4; time += 1)
          expect((await browser.get("/o/acme/v1/keys")).status).toBe(200);
      }
      const [first = server.stranger()] = browsers;
      const key = (await first.post("/o/acme/v1/keys", { name: "Before" })).json;
      const phone = server.stranger();
      await signIn(phone, person);
      expect((await phone.delete("/auth/sessions")).status).toBe(200);
      const acts: ((browser: Client) => Promise<Answer>)[] = [
        (browser) => browser.post("/o/acme/v1/keys", { name: "After" }),
        (browser) =>
          browser.patch(`/o/acme/v1/keys/${key.id}`, { name: "Changed" }, { version: key.version }),
        (browser) => browser.post(`/o/acme/v1/keys/${key.id}/reroll`, { overlapSeconds: 0 }),
        (browser) => browser.post("/auth/tokens", {}),
        (browser) => browser.post("/auth/organizations", { name: "Mine", slug: "mine-after-all" }),
        (browser) => browser.get("/o/acme/v1/keys"),
        (browser) => browser.get("/auth/me"),
      ];
      for (const browser of browsers) for (const act of acts) expect((await act(browser)).status).toBe(401);
      // Nor does it come back later, from wherever.
      await new Promise((resolve) => setTimeout(resolve, 1500));
      for (const browser of browsers) expect((await browser.get("/auth/me")).status).toBe(401);
      const keys = await sql(
        "select name, ended_at from kernel.credential where person_id = $1 and kind = 'key'",
        [person.personId],
      );
      expect(keys).toEqual([{ name: "Before", ended_at: null }]);
      return "401; no key";
    } finally {
      await twin.stop();
    }
  },
);

const fourHundredDays = 400 * 24 * 3600;

attack(
  {
    id: "G-cookie-size",
    title:
      "have a browser drop its session: by a name and memberships that do not fit into a cookie, or by a life that it does not grant one (better-auth #10088, better-auth #9621)",
    expected: "the same few bytes for everybody, for 400 days at most",
  },
  async () => {
    const [plain, much] = [await somebody(), await somebody()];
    await sql("update kernel.person set name = $2 where id = $1", [much.personId, "N\u00fc".repeat(100)]);
    await sql(
      `with made as (
         insert into kernel.tenant (slug, name, region, locale, time_zone, currency)
         select 'many-' || n, repeat('\u00d6', 100), t.region, t.locale, t.time_zone, t.currency
           from kernel.tenant t, generate_series(1, 120) n where t.id = $2 returning id
       )
       insert into kernel.membership (tenant_id, person_id, roles, permissions)
       select id, $1, '{viewer}', '{contact.read}' from made`,
      [much.personId, acme.id],
    );
    const lines: string[] = [];
    const shapes = new Set<string>();
    for (const person of [plain, much]) {
      const browser = server.stranger();
      const heard = [
        await browser.get("/auth/csrf"),
        await browser.post("/auth/magic-link", { email: person.email }),
      ];
      heard.push(await browser.post("/auth/sign-in", { email: person.email, password }));
      const waiting = server.stranger();
      await sql("update kernel.person set second_factor_since = now() where id = $1", [person.personId]);
      heard.push(await waiting.post("/auth/sign-in", { email: person.email, password }));
      const cookies = heard.flatMap(({ headers }) => [headers["set-cookie"] ?? []].flat());
      lines.push(...cookies);
      shapes.add(
        cookies
          .map((line) => `${line.split("=")[0] ?? ""} ${line.length}`)
          .toSorted()
          .join(),
      );
      expect((await browser.get("/auth/me")).json.person.id).toBe(person.personId);
    }
    expect(shapes.size).toBe(1);
    expect(new Set(lines.map((line) => line.split("=")[0]))).toEqual(
      new Set(["__Host-pre", "__Host-browser", "__Host-sid", "__Host-device", "__Host-step"]),
    );
    for (const line of lines) {
      const seconds = Number(/; Max-Age=(\d+);/.exec(line)?.[1]);
      expect([line.split("=")[0], seconds <= fourHundredDays, line.length < 200]).toEqual([
        line.split("=")[0],
        true,
        true,
      ]);
    }
    return "the same few bytes for everybody, for 400 days at most";
  },
);
