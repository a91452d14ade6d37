import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newToken } from "../../server/foundation/ids/index.ts";
import { type Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { testServer, type TestServer } from "../server.ts";
import { refresh, tokensFor } from "../tokens.ts";
import { clientsCount, many, race } from "./race.ts";

let server: TestServer;
let acme: Organization;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
});
afterAll(() => server.stop());

describe("a revoked session", () => {
  proves("IAM-6", "ISO-7");

  test("answers nothing more to 64 clients that are in the middle of using it", async () => {
    const member = await server.database.member(acme, "owner");
    const phone = await secondSession(member.personId);
    const { json } = await server.browserOf(phone).get("/auth/sessions");
    const laptop = json.items.find(({ current }: { current: boolean }) => !current);
    const { after, before } = await race(
      many(() => server.browserOf(member.token)),
      "/o/acme/v1/contacts",
      async () => (await server.browserOf(phone).delete(`/auth/sessions/${laptop.id}`)).status,
    );
    expect(before).toBeGreaterThan(clientsCount);
    expect([...after.keys()]).toEqual([401]);
    expect(after.get(401)).toBeGreaterThan(clientsCount);
  });

  test("is one of those that the person sees with device, address and last use", async () => {
    const member = await server.database.member(acme, "viewer");
    await secondSession(member.personId);
    const { json } = await server.browserOf(member.token).get("/auth/sessions");
    expect(json.items).toHaveLength(2);
    expect(json.items[0]).toMatchObject({
      current: true,
      device: "a test",
      lastSeenAt: expect.any(String),
      createdAt: expect.any(String),
    });
    expect(json.items[1]).toMatchObject({ current: false, device: "Safari on a phone", ip: "203.0.113.7" });
    expect(Object.keys(json.items[0]).toSorted()).toEqual([
      "createdAt",
      "current",
      "device",
      "id",
      "ip",
      "lastSeenAt",
      "place",
      "programs",
    ]);
  });

  test("of somebody else cannot be ended, nor told from one that does not exist", async () => {
    const [one, other] = [
      await server.database.member(acme, "owner"),
      await server.database.member(acme, "owner"),
    ];
    const theirs = (await server.browserOf(other.token).get("/auth/sessions")).json.items[0].id;
    const browser = server.browserOf(one.token);
    const answers = [
      await browser.delete(`/auth/sessions/${theirs}`),
      await browser.delete("/auth/sessions/01a20101-0000-7000-8000-000000000000"),
    ];
    const [a, b] = answers.map(({ status, text }) => [status, text.replace(/urn:request:[0-9a-f-]{36}/, "")]);
    expect(a?.[0]).toBe(404);
    expect(a).toEqual(b);
    expect((await server.browserOf(other.token).get("/auth/me")).status).toBe(200);
  });

  test("two that end each other do not wait for ever, and one of them at least is gone", async () => {
    const member = await server.database.member(acme, "viewer");
    const phone = await secondSession(member.personId);
    const [laptop, mobile] = [server.browserOf(member.token), server.browserOf(phone)];
    const ids = (await laptop.get("/auth/sessions")).json.items;
    const idOf = (current: boolean): string =>
      ids.find((session: { current: boolean }) => session.current === current).id;
    await Promise.all([laptop.csrf(), mobile.csrf()]);
    await Promise.all([
      laptop.delete(`/auth/sessions/${idOf(false)}`),
      mobile.delete(`/auth/sessions/${idOf(true)}`),
    ]);
    const alive = await Promise.all([laptop.get("/auth/me"), mobile.get("/auth/me")]);
    expect(alive.filter(({ status }) => status === 401).length).toBeGreaterThanOrEqual(1);
  });

  test("all others end with one call, this one stays", async () => {
    const member = await server.database.member(acme, "viewer");
    const others = [await secondSession(member.personId), await secondSession(member.personId)];
    expect((await server.browserOf(member.token).delete("/auth/sessions")).json).toEqual({ ended: 2 });
    for (const token of others) expect((await server.browserOf(token).get("/auth/me")).status).toBe(401);
    expect((await server.browserOf(member.token).get("/auth/me")).status).toBe(200);
  });

  test("all end with one call, this one too, and the browser is told", async () => {
    const member = await server.database.member(acme, "viewer");
    const phone = await secondSession(member.personId);
    const browser = server.browserOf(member.token);
    const ended = await browser.delete("/auth/sessions?all=true");
    expect([ended.status, ended.json]).toEqual([200, { ended: 2 }]);
    expect(String(ended.headers["set-cookie"])).toMatch(/__Host-sid=;.*max-age=0/i);
    for (const token of [member.token, phone])
      expect((await server.browserOf(token).get("/auth/me")).status).toBe(401);
  });
});

describe("the sessions of a member, ended by whoever manages members", () => {
  proves("IAM-6", "ISO-7");
  const door = (memberId: string): string => `/o/acme/v1/members/${memberId}/end-sessions`;

  test("answer nothing more here to 64 clients; other organizations, keys and a new session go on", async () => {
    const { browser } = await server.person(acme, "owner");
    const member = await server.database.member(acme, "member");
    const other = await server.organization("elsewhere");
    const db = await server.database.connectAsSuperuser();
    await db.query(
      "insert into kernel.membership (tenant_id, person_id, roles, permissions) values ($1, $2, '{member}', kernel.permissions_of($1, '{member}'))",
      [other.id, member.personId],
    );
    const { accessToken } = await tokensFor(server, member.token);
    const { after, before } = await race(
      Array.from({ length: clientsCount }, (_, at) =>
        at % 2 === 0 ? server.browserOf(member.token) : server.bearer(accessToken),
      ),
      "/o/acme/v1/contacts",
      async () => (await browser.post(door(member.memberId))).status,
    );
    expect(before).toBeGreaterThan(clientsCount);
    expect([...after.keys()]).toEqual([403]);
    expect((await server.browserOf(member.token).get("/o/elsewhere/v1/contacts")).status).toBe(200);
    const fresh = await secondSession(member.personId);
    expect((await server.browserOf(fresh).get("/o/acme/v1/contacts")).status).toBe(200);
    const { items } = (await browser.get("/o/acme/v1/audit-events?action=end-sessions")).json;
    expect(items.map(({ resourceId }: { resourceId: string }) => resourceId)).toEqual([member.memberId]);
  });

  test("are not for whoever stands below, for oneself, or for another organization", async () => {
    const owner = await server.person(acme, "owner");
    const admin = await server.person(acme, "admin");
    const other = await server.organization("elsewhere-2");
    const asked = [
      await admin.browser.post(door(owner.memberId)),
      await owner.browser.post(door(owner.memberId)),
      await owner.browser.post(door(other.owner.memberId)),
      await (await server.person(acme, "member")).browser.post(door(admin.memberId)),
    ];
    expect(asked.map(({ status }) => status)).toEqual([403, 409, 404, 403]);
    for (const { browser } of [owner, admin])
      expect((await browser.get("/o/acme/v1/contacts")).status).toBe(200);
    expect((await other.browser.get("/o/elsewhere-2/v1/contacts")).status).toBe(200);
  });
});

describe("a revoked access token", () => {
  proves("IAM-5", "ISO-7");
  test("answers nothing more to 64 clients that are in the middle of using it", async () => {
    const member = await server.database.member(acme, "owner");
    const { accessToken, refreshToken } = await tokensFor(server, member.token);
    const { after, before } = await race(
      many(() => server.bearer(accessToken)),
      "/o/acme/v1/contacts",
      async () => (await server.browserOf(member.token).post("/auth/sign-out")).status,
    );
    expect(before).toBeGreaterThan(clientsCount);
    expect([...after.keys()]).toEqual([401]);
    expect((await refresh(server, refreshToken)).status).toBe(401);
  });
});

describe("a revoked key", () => {
  proves("ISO-7");
  // Where keys are kept in memory for a while, or the end of one is: up to 15 minutes (Octopus).
  test("answers nothing more to 64 clients that are in the middle of using it (Unkey #2587, executor PR #1870, rustango #1539, reloop #64, Octopus #4779)", async () => {
    const owner = server.browserOf(acme.owner.token);
    const made = await owner.post("/o/acme/v1/keys", { name: "Race" });
    const { after, before } = await race(
      many(() => server.bearer(made.json.key)),
      "/v1/contacts",
      async () => (await owner.delete(`/o/acme/v1/keys/${made.json.id}`)).status,
    );
    expect(before).toBeGreaterThan(clientsCount);
    expect([...after.keys()]).toEqual([401]);
  });
});

describe("an ended membership", () => {
  proves("ISO-7");
  test("opens nothing more to 64 clients of the person, whose session lives on elsewhere", async () => {
    const member = await server.database.member(acme, "member");
    const owner = server.browserOf(acme.owner.token);
    const { after, before } = await race(
      many(() => server.browserOf(member.token)),
      "/o/acme/v1/contacts",
      async () => (await owner.delete(`/o/acme/v1/members/${member.memberId}`)).status,
    );
    expect(before).toBeGreaterThan(clientsCount);
    expect([...after.keys()]).toEqual([404]);
    expect((await server.browserOf(member.token).get("/auth/me")).json.organizations).toEqual([]);
  });

  test("and a role that was taken away: nothing that it allowed is done any more", async () => {
    const member = await server.database.member(acme, "admin");
    const owner = server.browserOf(acme.owner.token);
    const { after } = await race(
      many(() => server.browserOf(member.token)),
      "/o/acme/v1/audit-events?limit=1",
      async () => (await owner.patch(`/o/acme/v1/members/${member.memberId}`, { roles: ["viewer"] })).status,
    );
    expect([...after.keys()]).toEqual([403]);
  });
});

/** Another sign-in of the same person, on a phone. */
async function secondSession(personId: string): Promise<string> {
  const token = newToken();
  const db = await server.database.connectAsSuperuser();
  await db.query("select kernel.mint_session($1, sha256($2::bytea), '203.0.113.7', 'Safari on a phone')", [
    personId,
    Buffer.from(token),
  ]);
  return token;
}
