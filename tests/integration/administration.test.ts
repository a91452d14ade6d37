import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readKey } from "../../contract/api-key.ts";
import { sha256 } from "../../server/foundation/ids/index.ts";
import { testServer, type TestServer } from "../server.ts";

let server: TestServer;
let acme: Awaited<ReturnType<TestServer["organization"]>>;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
});
afterAll(() => server.stop());

const at = (path: string): string => `/o/acme/v1${path}`;

describe("the organization's settings", () => {
  test("are read with their version and changed under If-Match", async () => {
    const read = await acme.browser.get(at("/organization"));
    expect(read.status).toBe(200);
    expect(read.json).toMatchObject({
      slug: "acme",
      locale: "en",
      timeZone: "UTC",
      currency: "EUR",
      version: 1,
    });
    expect(read.headers["etag"]).toBe('"v1"');
    const blind = await acme.browser.patch(at("/organization"), { name: "Blind" });
    expect(blind.status).toBe(428);
    const changed = await acme.browser.patch(
      at("/organization"),
      { timeZone: "Europe/Vienna", locale: "de-AT" },
      { version: 1 },
    );
    expect(changed.json).toMatchObject({
      timeZone: "Europe/Vienna",
      locale: "de-AT",
      version: 2,
      currency: "EUR",
    });
    const late = await acme.browser.patch(at("/organization"), { name: "Late" }, { version: 1 });
    expect([late.status, late.json.type]).toEqual([
      412,
      "https://ringfence.example/problems/version-conflict",
    ]);
    const trail = await acme.browser.get(at("/audit-events?resourceType=organization&action=change"));
    expect(trail.json.items[0]).toMatchObject({
      before: { timeZone: "UTC", locale: "en" },
      after: { timeZone: "Europe/Vienna", locale: "de-AT" },
    });
  });

  test("stand beside the time of the last proof, for whoever may read them", async () => {
    const { status, json } = await acme.browser.get(at("/protection"));
    expect([status, json]).toEqual([200, { provenAt: "2026-03-01T09:30:00.000Z" }]);
    const stranger = await server.organization("stranger");
    expect((await stranger.browser.get(at("/protection"))).status).toBe(404);
  });

  test("refuse languages, zones and currencies that nobody knows, each by its pointer", async () => {
    const { status, json } = await acme.browser.patch(
      at("/organization"),
      { timeZone: "Mars/Olympus", locale: "not a locale", currency: "XXQ" },
      { version: 2 },
    );
    expect(status).toBe(422);
    expect(json.errors.map((fault: { pointer: string }) => fault.pointer).toSorted()).toEqual([
      "/currency",
      "/locale",
      "/timeZone",
    ]);
  });
});

describe("members", () => {
  test("are listed with their roles, page by page, to everybody who belongs", async () => {
    const viewer = await server.person(acme, "viewer");
    const first = await viewer.browser.get(at("/members?limit=1"));
    expect(first.json.items).toHaveLength(1);
    const rest = await viewer.browser.get(at(`/members?after=${first.json.next}`));
    const emails = [...first.json.items, ...rest.json.items].map((member: { email: string }) => member.email);
    expect(emails).toContain(viewer.email);
    expect(emails).toContain(acme.owner.email);
    expect(rest.json.items[0]).toEqual(
      expect.objectContaining({
        state: "active",
        roles: expect.any(Array),
        version: 1,
        lastSeenAt: expect.anything(),
      }),
    );
  });

  test("get other roles, which hold from their next request", async () => {
    const person = await server.person(acme, "viewer");
    const contact = { firstName: "Ada", lastName: "Lovelace" };
    expect((await person.browser.post(at("/contacts"), contact)).status).toBe(403);
    const changed = await acme.browser.patch(at(`/members/${person.memberId}`), { roles: ["member"] });
    expect(changed.json).toMatchObject({ id: person.memberId, roles: ["member"], version: 2 });
    expect((await person.browser.post(at("/contacts"), contact)).status).toBe(201);
    const stale = await acme.browser.patch(
      at(`/members/${person.memberId}`),
      { roles: ["viewer"] },
      { version: 1 },
    );
    expect(stale.status).toBe(412);
    const unknown = await acme.browser.patch(at(`/members/${person.memberId}`), { roles: ["emperor"] });
    expect(unknown.status).toBe(422);
  });

  test("an admin neither makes owners nor touches them", async () => {
    const admin = await server.person(acme, "admin");
    const other = await server.person(acme, "member");
    const made = await admin.browser.patch(at(`/members/${other.memberId}`), { roles: ["owner"] });
    expect(made.status).toBe(403);
    const demoted = await admin.browser.patch(at(`/members/${acme.owner.memberId}`), { roles: ["viewer"] });
    expect(demoted.status).toBe(403);
    expect((await admin.browser.delete(at(`/members/${acme.owner.memberId}`))).status).toBe(403);
    const invited = await admin.browser.post(at("/invitations"), {
      email: "boss@acme.example",
      roles: ["owner"],
    });
    expect(invited.status).toBe(403);
    // What is held for everybody's things is held for one's own too, so an admin may well make members.
    expect((await admin.browser.patch(at(`/members/${other.memberId}`), { roles: ["manager"] })).status).toBe(
      200,
    );
  });

  test("the last owner stays, whoever asks, also when two owners remove each other at once", async () => {
    const own = await server.organization("two-owners");
    const here = (path: string): string => `/o/two-owners/v1${path}`;
    const alone = await own.browser.patch(here(`/members/${own.owner.memberId}`), { roles: ["admin"] });
    expect([alone.status, alone.json.detail]).toEqual([409, "the last owner stays"]);
    expect((await own.browser.delete(here(`/members/${own.owner.memberId}`))).status).toBe(409);
    const second = await server.person(own, "owner");
    const statuses = await Promise.all([
      own.browser.delete(here(`/members/${second.memberId}`)),
      second.browser.delete(here(`/members/${own.owner.memberId}`)),
    ]);
    expect(statuses.map(({ status }) => status === 204).filter(Boolean)).toHaveLength(1);
  });

  test("who may remove members may leave by their own hand, and the trail has it", async () => {
    const leaver = await server.person(acme, "admin");
    expect((await leaver.browser.delete(at(`/members/${leaver.memberId}`))).status).toBe(204);
    expect((await leaver.browser.get(at("/contacts"))).status).toBe(404);
    const { json } = await acme.browser.get(at("/audit-events?resourceType=member&action=end"));
    expect(json.items.map((event: { resourceId: string }) => event.resourceId)).toContain(leaver.memberId);
  });

  test("who was removed is refused from the next request on, with all keys", async () => {
    const person = await server.person(acme, "member");
    const key = await server.database.key(acme, person);
    const bearer = server.bearer(key);
    expect((await bearer.get("/v1/contacts")).status).toBe(200);
    expect((await acme.browser.delete(at(`/members/${person.memberId}`))).status).toBe(204);
    expect((await bearer.get("/v1/contacts")).status).toBe(401);
    expect((await person.browser.get(at("/contacts"))).status).toBe(404);
    const ended = await acme.browser.get(at("/members?state=ended"));
    expect(ended.json.items.map((member: { id: string }) => member.id)).toContain(person.memberId);
  });

  test("roles say what they allow, in words", async () => {
    const { json } = await acme.browser.get(at("/roles"));
    expect(json.items.map((role: { name: string }) => role.name)).toEqual([
      "viewer",
      "member",
      "manager",
      "admin",
      "owner",
    ]);
    expect(json.items[0].permissions).toContain("contact.read");
    const described = new Set(json.permissions.map(({ key }: { key: string }) => key));
    for (const { permissions } of json.items) {
      for (const each of permissions) expect(described).toContain(each.replace(/:own$/, ""));
    }
  });
});

describe("API keys", () => {
  test("are shown once and kept as a digest of a digest", async () => {
    const made = await acme.browser.post(at("/keys"), {
      name: " Nightly export ",
      expiresAt: "2999-01-01T00:00:00Z",
    });
    expect(made.status).toBe(201);
    expect(readKey(made.json.key)).toMatchObject({ keyClass: "personal", environment: "live" });
    expect(made.json).toMatchObject({
      name: "Nightly export",
      hint: made.json.key.split("_")[3],
      permissions: null,
    });
    expect((await server.bearer(made.json.key).get("/v1/organization")).json.slug).toBe("acme");
    const listed = await acme.browser.get(at("/keys"));
    expect(listed.text).not.toContain(made.json.key);
    const db = await server.database.connectAsSuperuser();
    const { rows } = await db.query("select digest from kernel.credential where id = $1", [made.json.id]);
    expect(rows[0].digest.equals(sha256(sha256(made.json.key)))).toBe(true);
    const everything = await db.query(
      "select (select string_agg(c::text, ' ') from kernel.credential c) || (select string_agg(e::text, ' ') from kernel.audit_event e) as all",
    );
    expect(everything.rows[0].all).not.toContain(made.json.key.slice(-49));
  });

  test("hold at most what was asked for, and make no key that holds more", async () => {
    const capped = await acme.browser.post(at("/keys"), {
      name: "Capped",
      permissions: ["contact.read", "account.read", "key.create", "key.read"],
    });
    const bearer = server.bearer(capped.json.key);
    expect((await bearer.get("/v1/contacts")).status).toBe(200);
    expect((await bearer.get("/v1/members")).status).toBe(403);
    const more = await bearer.post("/v1/keys", { name: "More", permissions: ["member.read"] });
    expect(more.status).toBe(403);
    const heir = await bearer.post("/v1/keys", { name: "Whatever I may" });
    expect(heir.json.permissions).toEqual(capped.json.permissions);
    expect((await server.bearer(heir.json.key).get("/v1/members")).status).toBe(403);
  });

  test("of a member hold nothing that the member does not, and end at once", async () => {
    const member = await server.person(acme, "member");
    const greedy = await member.browser.post(at("/keys"), { name: "Greedy", permissions: ["audit.read"] });
    expect(greedy.status).toBe(403);
    const made = await member.browser.post(at("/keys"), { name: "Mine" });
    expect((await member.browser.get(at("/keys"))).json.items.map((key: { id: string }) => key.id)).toEqual([
      made.json.id,
    ]);
    const stranger = await server.person(acme, "member");
    expect((await stranger.browser.delete(at(`/keys/${made.json.id}`))).status).toBe(404);
    expect((await member.browser.delete(at(`/keys/${made.json.id}`))).status).toBe(204);
    expect((await server.bearer(made.json.key).get("/v1/contacts")).status).toBe(401);
  });

  test("are made once for an Idempotency-Key, and not shown by its replay", async () => {
    const sending = { headers: { "idempotency-key": "one-key" } };
    const first = await acme.browser.post(at("/keys"), { name: "Once" }, sending);
    const again = await acme.browser.post(at("/keys"), { name: "Once" }, sending);
    expect([first.status, again.status]).toEqual([201, 409]);
    const { json } = await acme.browser.get(at("/keys?limit=200"));
    expect(json.items.filter((key: { name: string }) => key.name === "Once")).toHaveLength(1);
  });

  test("do not begin expired", async () => {
    const { status, json } = await acme.browser.post(at("/keys"), {
      name: "Late",
      expiresAt: "2020-01-01T00:00:00Z",
    });
    expect([status, json.errors[0].pointer]).toEqual([422, "/expiresAt"]);
  });
});
