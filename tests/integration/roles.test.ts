import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer, Client } from "../client.ts";
import { proves } from "../proves.ts";
import { testServer, type TestServer } from "../server.ts";

let server: TestServer;
let acme: Awaited<ReturnType<TestServer["organization"]>>;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
});
afterAll(() => server.stop());

const at = (path: string): string => `/o/acme/v1${path}`;
const keyOf = ({ status, json }: Answer): [number, string] => [
  status,
  String(json?.type ?? "").replace(/^.*\//, ""),
];
const reading = ["contact.read", "account.read", "member.read", "organization.read", "own_field.read"];

async function made(label: string, permissions: readonly string[], by: Client = acme.browser) {
  const answer = await by.post(at("/roles"), { label, permissions });
  expect([answer.status, answer.json.type]).toEqual([201, undefined]);
  return answer.json as { id: string; name: string; version: number };
}

describe("roles of an organization's own", () => {
  proves("RBAC-2", "RBAC-4");

  test("are made, named, changed under If-Match and ended, each in the trail", async () => {
    const answer = await acme.browser.post(at("/roles"), {
      label: " Éclair Reps ",
      description: "Look after their own contacts",
      permissions: [...reading, "contact.change:own"],
    });
    expect([answer.status, answer.headers["etag"]]).toEqual([201, '"v1"']);
    expect(answer.json).toMatchObject({ name: "eclair-reps", label: "Éclair Reps", members: 0, version: 1 });
    const door = at(`/roles/${answer.json.id}`);
    expect((await acme.browser.get(door)).json).toEqual(answer.json);
    expect((await acme.browser.patch(door, { label: "Blind" })).status).toBe(428);
    const renamed = await acme.browser.patch(door, { label: "Field reps" }, { version: 1 });
    expect(renamed.json).toMatchObject({ name: "eclair-reps", label: "Field reps", version: 2 });
    expect(keyOf(await acme.browser.patch(door, { label: "Late" }, { version: 1 }))[0]).toBe(412);
    const widened = await acme.browser.patch(
      door,
      { permissions: [...reading, "contact.change"] },
      { version: 2 },
    );
    expect(widened.json.permissions).toContain("contact.change");
    expect((await acme.browser.delete(door)).status).toBe(428);
    expect((await acme.browser.delete(door, { version: 3 })).status).toBe(204);
    expect((await acme.browser.get(door)).status).toBe(404);
    const { json } = await acme.browser.get(at(`/audit-events?resourceId=${answer.json.id}`));
    expect(json.items.map(({ action, severity }: Record<string, string>) => [action, severity])).toEqual([
      ["end", "warning"],
      ["change", "warning"],
      ["change", "notice"],
      ["create", "warning"],
    ]);
    expect(json.items[2]).toMatchObject({ before: { name: "Éclair Reps" }, after: { name: "Field reps" } });
  });

  test("stand beside the product's, with the permissions that they may be made of", async () => {
    const { id } = await made("Shown", reading);
    const { json } = await acme.browser.get(at("/roles"));
    expect(json.items.slice(0, 5).map((role: { name: string; id: null }) => [role.name, role.id])).toEqual(
      ["viewer", "member", "manager", "admin", "owner"].map((name) => [name, null]),
    );
    expect(json.items.map((role: { id: string | null }) => role.id)).toContain(id);
    const of = (key: string) => json.permissions.find((each: { key: string }) => each.key === key);
    expect(of("contact.change")).toMatchObject({ composable: true, own: true });
    expect(of("contact.read")).toMatchObject({ composable: true, own: false });
    expect(of("key.end")).toMatchObject({ composable: true, own: true });
    expect(of("member.provision")).toMatchObject({ composable: false, own: false });
    expect(of("outbox.send")).toMatchObject({ composable: false });
  });

  test("never bear the product's names, a key twice, nor what only the platform does", async () => {
    for (const label of ["Owner", " admin", "SUPPORT"])
      expect([
        label,
        (await acme.browser.post(at("/roles"), { label, permissions: reading })).status,
      ]).toEqual([label, 422]);
    const first = await made("Twice", reading);
    expect(keyOf(await acme.browser.post(at("/roles"), { label: "TWICE", permissions: reading }))).toEqual([
      409,
      "already-exists",
    ]);
    await acme.browser.delete(at(`/roles/${first.id}`), { version: 1 });
    const second = await made("Twice", reading);
    expect([first.name, second.name]).toEqual(["twice", "twice-2"]);
    for (const permission of [
      "member.provision",
      "outbox.send",
      "contact.read:own",
      "account.erase:own",
      "made.up",
    ]) {
      const refused = await acme.browser.post(at("/roles"), {
        label: "Platform",
        permissions: ["contact.read", permission],
      });
      expect([permission, refused.status]).toEqual([permission, 422]);
    }
  });

  test("a person may have several, and may then do what any of them gives", async () => {
    const [one, two] = [await made("Reads", reading), await made("Archives", ["contact.archive"])];
    const person = await server.person(acme, "viewer");
    const changed = await acme.browser.patch(at(`/members/${person.memberId}`), {
      roles: [one.name, two.name],
    });
    expect(changed.json.roles).toEqual([one.name, two.name]);
    const contact = await acme.browser.post(at("/contacts"), { firstName: "Ada" });
    expect(
      (await person.browser.post(at(`/contacts/${contact.json.id}/archive`), undefined, { version: 1 }))
        .status,
    ).toBe(200);
    expect((await person.browser.post(at("/contacts"), { firstName: "Eve" })).status).toBe(403);
    const held = (await person.browser.get("/auth/me")).json.organizations[0].permissions;
    expect(held).toEqual([...reading, "contact.archive"].toSorted());
  });

  test("a change holds for everybody who has the role, their keys and their passes, from the next request", async () => {
    const { id, name } = await made("Auditors", [...reading, "audit.read", "key.create"]);
    const person = await server.person(acme, "viewer");
    await acme.browser.patch(at(`/members/${person.memberId}`), { roles: [name] });
    const key = server.bearer(await server.database.key(acme, person));
    for (let time = 0; time < 5; time += 1) {
      expect((await person.browser.get(at("/audit-events?limit=1"))).status).toBe(200);
      expect((await key.get("/v1/audit-events?limit=1")).status).toBe(200);
    }
    const answer = await acme.browser.patch(at(`/roles/${id}`), { permissions: reading }, { version: 1 });
    expect(answer.status).toBe(200);
    expect((await person.browser.get(at("/audit-events?limit=1"))).status).toBe(403);
    expect((await key.get("/v1/audit-events?limit=1")).status).toBe(403);
    expect((await person.browser.get(at("/contacts"))).status).toBe(200);
  });

  test("in use are ended only with another in their place, with members and in invitations", async () => {
    const { id, name } = await made("Leaving", reading);
    const other = await made("Staying", [...reading, "contact.create"]);
    const person = await server.person(acme, "viewer");
    await acme.browser.patch(at(`/members/${person.memberId}`), { roles: [name, other.name] });
    const invited = await acme.browser.post(at("/invitations"), { email: "new@acme.example", roles: [name] });
    expect(invited.status).toBe(201);
    const refused = await acme.browser.delete(at(`/roles/${id}`), { version: 1 });
    expect(keyOf(refused)).toEqual([409, "still-referenced"]);
    const ended = await acme.browser.delete(at(`/roles/${id}?replacement=${other.name}`), { version: 1 });
    expect(ended.status).toBe(204);
    const { json } = await acme.browser.get(at("/members?limit=200"));
    expect(json.items.find((each: { id: string }) => each.id === person.memberId).roles).toEqual([
      other.name,
    ]);
    const invitations = await acme.browser.get(at("/invitations?limit=200"));
    expect(invitations.json.items.find((each: { id: string }) => each.id === invited.json.id).roles).toEqual([
      other.name,
    ]);
    expect((await acme.browser.patch(at(`/members/${person.memberId}`), { roles: [name] })).status).toBe(422);
  });

  test("that an identity provider gives are ended only with another in their place there too", async () => {
    const { id, name } = await made("From groups", reading);
    const other = await made("Instead of groups", reading);
    const db = await server.database.connectAsSuperuser();
    const { rows } = await db.query(
      `insert into kernel.scim_connection (tenant_id, name, member_id, default_role, role_mapping) values ($1, 'Directory', $2, $3, jsonb_build_object('Sales', $3::text, 'Others', 'viewer')) returning id`,
      [acme.id, acme.owner.memberId, name],
    );
    const refused = await acme.browser.delete(at(`/roles/${id}`), { version: 1 });
    expect(keyOf(refused)).toEqual([409, "still-referenced"]);
    const ended = await acme.browser.delete(at(`/roles/${id}?replacement=${other.name}`), { version: 1 });
    expect(ended.status).toBe(204);
    const after = await db.query(
      "select default_role, role_mapping from kernel.scim_connection where id = $1",
      [rows[0].id],
    );
    expect(after.rows).toEqual([
      { default_role: other.name, role_mapping: { Sales: other.name, Others: "viewer" } },
    ]);
    await db.query("delete from kernel.scim_connection where id = $1", [rows[0].id]);
  });

  test("belong to one organization and are nothing to another", async () => {
    const { id, name } = await made("Ours", reading);
    const rival = await server.organization("rival-of-roles");
    const there = (path: string): string => `/o/rival-of-roles/v1${path}`;
    expect((await rival.browser.get(there(`/roles/${id}`))).status).toBe(404);
    expect(
      (await rival.browser.patch(there(`/roles/${id}`), { label: "Theirs" }, { version: 1 })).status,
    ).toBe(404);
    expect((await rival.browser.delete(there(`/roles/${id}`), { version: 1 })).status).toBe(404);
    const person = await server.person(rival, "viewer");
    expect((await rival.browser.patch(there(`/members/${person.memberId}`), { roles: [name] })).status).toBe(
      422,
    );
  });
});

describe("a permission for one's own records only", () => {
  proves("RBAC-2");

  test("changes and archives what is one's own, and neither anybody else's nor whose it is", async () => {
    const { name } = await made("Own contacts", [
      ...reading,
      "contact.create",
      "contact.change:own",
      "contact.archive:own",
    ]);
    const rep = await server.person(acme, "viewer");
    await acme.browser.patch(at(`/members/${rep.memberId}`), { roles: [name] });
    const mine = (await rep.browser.post(at("/contacts"), { firstName: "Mine", ownerId: rep.memberId })).json;
    const theirs = (
      await acme.browser.post(at("/contacts"), { firstName: "Theirs", ownerId: acme.owner.memberId })
    ).json;
    const nobodys = (await acme.browser.post(at("/contacts"), { firstName: "Nobody's" })).json;
    const patch = (id: string, body: object) =>
      rep.browser.patch(at(`/contacts/${id}`), body, { version: 1 });
    expect((await patch(theirs.id, { title: "Seized" })).status).toBeGreaterThanOrEqual(400);
    expect((await patch(nobodys.id, { ownerId: rep.memberId })).status).toBeGreaterThanOrEqual(400);
    expect((await patch(mine.id, { ownerId: acme.owner.memberId })).status).toBe(403);
    expect((await patch(mine.id, { title: "Kept" })).json).toMatchObject({ title: "Kept", version: 2 });
    const archived = (id: string, version: number) =>
      rep.browser.post(at(`/contacts/${id}/archive`), undefined, { version });
    expect((await archived(theirs.id, 1)).status).toBeGreaterThanOrEqual(400);
    expect((await archived(mine.id, 2)).status).toBe(200);
    for (const { id } of [theirs, nobodys])
      expect((await acme.browser.get(at(`/contacts/${id}`))).json).toMatchObject({
        version: 1,
        title: null,
        archivedAt: null,
      });
  });

  test("of archiving alone is enough for those who may archive everybody's", async () => {
    const manager = await made("Archivist", [...reading, "contact.archive"]);
    const person = await server.person(acme, "viewer");
    await acme.browser.patch(at(`/members/${person.memberId}`), { roles: [manager.name] });
    const contact = (await acme.browser.post(at("/contacts"), { firstName: "Old" })).json;
    const answer = await person.browser.post(at(`/contacts/${contact.id}/archive`), undefined, {
      version: 1,
    });
    expect(answer.status).toBe(200);
  });
});

describe("the presets", () => {
  proves("RBAC-5");

  test.each([
    ["analytics", 403],
    ["calling", 201],
  ] as const)("%s: four roles, what a member may create, and for good", async (preset, created) => {
    const founder = await server.person(acme, "viewer");
    const opened = await founder.browser.post("/auth/organizations", { name: `Of ${preset}`, preset });
    expect([opened.status, opened.json.organization]).toEqual([201, `of-${preset}`]);
    const door = (path: string): string => `/o/of-${preset}/v1${path}`;
    const { browser } = founder;
    expect((await browser.get(door("/organization"))).json.preset).toBe(preset);
    const { items } = (await browser.get(door("/roles"))).json;
    expect(items.map(({ name }: { name: string }) => name)).toEqual(["viewer", "member", "admin", "owner"]);
    const invited = await browser.post(door("/invitations"), { email: "m@acme.example", roles: ["manager"] });
    expect(keyOf(invited)).toEqual([422, "not-valid"]);
    const db = await server.database.connectAsSuperuser();
    const { rows } = await db.query("select id from kernel.tenant where slug = $1", [`of-${preset}`]);
    const own = { ...acme, id: rows[0].id, slug: `of-${preset}`, owner: founder };
    const member = await server.person(own, "member");
    expect((await member.browser.get(door("/contacts"))).status).toBe(200);
    expect((await member.browser.post(door("/contacts"), { firstName: "Ada" })).status).toBe(created);
    const { version } = (await browser.get(door("/organization"))).json;
    expect((await browser.patch(door("/organization"), { preset: "crm" }, { version })).status).toBe(422);
  });

  test("nobody knows are refused", async () => {
    const { browser } = await server.person(acme, "viewer");
    expect((await browser.post("/auth/organizations", { name: "Odd", preset: "odd" })).status).toBe(422);
    expect((await browser.post("/auth/organizations", { name: "Odd", demo: true })).status).toBe(422);
  });
});
