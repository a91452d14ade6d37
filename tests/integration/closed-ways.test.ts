import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Client } from "../client.ts";
import type { Organization } from "../installed-database.ts";
import { linkTo } from "../mail-ground.ts";
import { proves } from "../proves.ts";
import {
  account,
  type Account,
  addPasskey,
  authenticator,
  codeOf,
  enrolTotp,
  forgetSteps,
  keyOf,
  passFirstFactor,
  passkeySignIn,
} from "../second-factors.ts";
import { testServer, type TestServer } from "../server.ts";
import { tokensFor } from "../tokens.ts";

// An organization that closes passwords, or links by mail, takes no session that was opened so: every way in, both settings.

proves("IAM-17");

let server: TestServer;
let acme: Organization & { readonly browser: Client };
const at = "/o/acme/v1";

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
});
afterAll(() => server.stop());

async function close(...ways: string[]): Promise<void> {
  const db = await server.database.connectAsSuperuser();
  await db.query("update kernel.tenant set closed_ways = $2 where id = $1", [acme.id, ways]);
}

const seen = async (browser: Client): Promise<string> => {
  const answer = await browser.get(`${at}/contacts`);
  return answer.status === 200 ? "in" : keyOf(answer).join(" ");
};
const out = "403 another-way-needed";

async function byLink(email: string): Promise<Client> {
  const browser = server.stranger();
  expect((await browser.post("/auth/magic-link", { email })).status).toBe(202);
  const { token } = await linkTo(server.database, email, "magic-link");
  expect((await browser.post("/auth/magic-link/redeem", { token })).status).toBe(200);
  return browser;
}

async function byPassword(who: Account): Promise<Client> {
  const { browser, answer } = await passFirstFactor(server, who);
  expect(answer.status).toBe(200);
  return browser;
}

type Way = readonly [name: string, open: (who: Account) => Promise<Client>];

/** Each way to a session that a browser has, and those of a program that follow from one. */
const ways: readonly Way[] = [
  ["password", byPassword],
  [
    "password and code",
    async (who) => {
      const { secret } = await enrolTotp(who.browser);
      await forgetSteps(server, who.personId);
      const { browser } = await passFirstFactor(server, who);
      expect(
        (await browser.post("/auth/second-factor", { method: "totp", code: codeOf(secret) })).status,
      ).toBe(200);
      return browser;
    },
  ],
  [
    "an account made at an invitation, and a passkey added in that session",
    async ({ browser }) => {
      expect((await addPasskey(browser, authenticator())).status).toBe(201);
      return browser;
    },
  ],
  ["an account made at an invitation", async ({ browser }) => browser],
  [
    "a token of a password's session",
    async (who) => {
      const token = (await byPassword(who)).cookies.get("__Host-sid") ?? "";
      return server.bearer((await tokensFor(server, token)).accessToken);
    },
  ],
  ["link", ({ email }) => byLink(email)],
  [
    "a token of a link's session",
    async ({ email }) => {
      const token = (await byLink(email)).cookies.get("__Host-sid") ?? "";
      return server.bearer((await tokensFor(server, token)).accessToken);
    },
  ],
  [
    "passkey",
    async (who) => {
      const device = authenticator();
      expect((await addPasskey(who.browser, device)).status).toBe(201);
      const { browser, answer } = await passkeySignIn(server, device);
      expect(answer.status).toBe(200);
      return browser;
    },
  ],
];

describe("closed ways", () => {
  test.each(ways)("%s", async (name, open) => {
    const browser = await open(await account(server, acme));
    const closed: string[] = [];
    for (const wanted of [[], ["password"], ["link"], ["link", "password"]]) {
      await close(...wanted);
      closed.push(await seen(browser));
      // What is one's own stays reachable: that is where a passkey is added.
      expect((await browser.get("/auth/me")).status).toBe(200);
    }
    await close();
    const isLink = name.includes("link");
    const isStrong = name === "passkey";
    const password = isLink || isStrong ? "in" : out;
    const link = isLink ? out : "in";
    expect(closed).toEqual(["in", password, link, isStrong ? "in" : out]);
  });

  test("a key is no session", async () => {
    const made = await acme.browser.post(`${at}/keys`, {
      name: "Key",
      permissions: ["contact.read", "account.read"],
    });
    expect([made.status, made.text]).toEqual([201, expect.any(String)]);
    await close("link", "password");
    expect((await server.bearer(made.json.key).get("/v1/contacts").finally(close)).status).toBe(200);
  });

  test("another organization decides for itself", async () => {
    const other = await server.organization("other");
    const who = await account(server, other);
    const db = await server.database.connectAsSuperuser();
    await db.query(
      "insert into kernel.membership (tenant_id, person_id, roles, permissions) values ($1, $2, '{member}', kernel.permissions_of($1, '{member}'))",
      [acme.id, who.personId],
    );
    await close("password");
    expect(await seen(who.browser).finally(close)).toBe(out);
    expect((await who.browser.get("/o/other/v1/contacts")).status).toBe(200);
  });

  test("are told before, by name, and refused to whoever they would lock out", async () => {
    const anna = await account(server, acme, "owner");
    const wanted = { closedWays: ["password", "link"] };
    const before = await anna.browser.post(`${at}/security/preview`, wanted);
    expect(before.json.wouldBe.closedWays).toEqual(["link", "password"]);
    expect(before.json.withoutWay.people.map(({ email }: { email: string }) => email)).toContain(anna.email);
    expect(before.json.endingSessions.people.map(({ email }: { email: string }) => email)).toContain(
      anna.email,
    );
    expect(before.json.locksYouOut).toContain("sign in again");
    const version = (await anna.browser.get(`${at}/security`)).json.version;
    expect(keyOf(await anna.browser.patch(`${at}/security`, wanted, { version }))).toEqual([
      409,
      "wrong-state",
    ]);

    const device = authenticator();
    await addPasskey(anna.browser, device);
    const { browser } = await passkeySignIn(server, device);
    const after = await browser.post(`${at}/security/preview`, wanted);
    expect(after.json.locksYouOut).toBeNull();
    expect(after.json.withoutWay.people.map(({ email }: { email: string }) => email)).not.toContain(
      anna.email,
    );
    const changed = await browser.patch(`${at}/security`, wanted, { version });
    expect([changed.status, changed.json.closedWays]).toEqual([200, ["link", "password"]]);
    const [entry] = (await browser.get(`${at}/audit-events?resourceType=security`)).json.items;
    expect([entry.before, entry.after]).toEqual([{ closedWays: [] }, sorted]);
    expect(await seen(anna.browser)).toBe(out);
    expect((await browser.patch(`${at}/security`, { closedWays: ["passkey"] }, { version })).status).toBe(
      422,
    );
    await close();
  });
});

const sorted = { closedWays: ["link", "password"] };
