import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Client } from "../client.ts";
import { at, problemOf, keyGround, type KeyGround } from "../key-ground.ts";
import type { TestServer } from "../server.ts";

let server: TestServer;
let acme: KeyGround["acme"];

beforeAll(async () => {
  ({ server, acme } = await keyGround());
});
afterAll(() => server.stop());

describe("a service account", () => {
  let account: { id: string; version: number };
  beforeAll(async () => {
    const made = await acme.browser.post(at("/service-accounts"), {
      name: "Nightly sync",
      roles: ["member"],
    });
    expect(made.status).toBe(201);
    account = made.json;
    expect(made.json).toMatchObject({
      name: "Nightly sync",
      roles: ["member"],
      answerableId: acme.owner.memberId,
      version: 1,
    });
    expect(made.json.email).toMatch(/^service-[0-9a-f]{12}@acme\.invalid$/);
  });
  const keyOf = async (id: string, body: object = {}, browser: Client = acme.browser) =>
    browser.post(at(`/service-accounts/${id}/keys`), { name: "Its key", ...body });

  test("comes in by a key of its own, and the trail names it", async () => {
    const { json, status } = await keyOf(account.id);
    expect([status, json.class, json.key.startsWith("rf_svc_live_")]).toEqual([201, "service", true]);
    const bearer = server.bearer(json.key);
    const contact = await bearer.post("/v1/contacts", { firstName: "Synced" });
    expect(contact.status).toBe(201);
    expect((await bearer.get("/v1/contacts")).status).toBe(200);
    const trail = await acme.browser.get(at(`/audit-events?resourceId=${contact.json.id}`));
    expect(trail.json.items[0].actorEmail).toMatch(/^service-/);
    expect((await bearer.get("/auth/me")).status).toBe(401);
    expect((await bearer.post("/v1/keys", { name: "Mine" })).status).toBe(403);
    const members = (await acme.browser.get(at("/members?limit=200"))).json.items;
    expect(members.find(({ id }: { id: string }) => id === account.id)).toMatchObject({ kind: "service" });
  });

  test("has keys that whoever manages them names and limits, and nobody else, nor by less than they may do", async () => {
    const { json } = await keyOf(account.id, { networks: ["203.0.113.0/24"] });
    const path = at(`/keys/${json.id}`);
    const bearer = server.bearer(json.key);
    expect(problemOf(await bearer.get("/v1/contacts"))).toEqual([403, "address-not-allowed"]);
    const renamed = await acme.browser.patch(path, { name: "Nightly", networks: null });
    expect([renamed.status, renamed.json]).toEqual([
      200,
      expect.objectContaining({ id: json.id, name: "Nightly", networks: null, class: "service" }),
    ]);
    expect((await bearer.get("/v1/contacts")).status).toBe(200);
    const trail = await acme.browser.get(at(`/audit-events?resourceId=${json.id}&action=change`));
    expect(trail.json.items[0]).toMatchObject({
      actorEmail: acme.owner.email,
      before: { name: "Its key", networks: ["203.0.113.0/24"] },
      after: { name: "Nightly", networks: null },
    });
    const admin = await server.person(acme, "admin");
    expect((await admin.browser.patch(path, { name: "By an admin" })).json.name).toBe("By an admin");
    const member = await server.person(acme, "member");
    expect(problemOf(await member.browser.patch(path, { name: "Mine" }))).toEqual([404, "not-found"]);
    const mine = await member.browser.post(at("/keys"), { name: "Mine" });
    expect((await member.browser.patch(at(`/keys/${mine.json.id}`), { name: "Still mine" })).status).toBe(
      200,
    );
    // An owner's own account may more than an admin does.
    const strong = await acme.browser.post(at("/service-accounts"), { name: "Strong", roles: ["owner"] });
    const key = (await keyOf(strong.json.id)).json;
    const opened = await admin.browser.patch(at(`/keys/${key.id}`), { networks: ["203.0.113.0/24"] });
    expect(problemOf(opened)).toEqual([403, "not-allowed"]);
    // Its public keys and short tokens are not among them.
    const token = (await bearer.post("/v1/keys/exchange", {})).json;
    expect(token.accessToken).toEqual(expect.any(String));
    const { rows } = await (
      await server.database.connectAsSuperuser()
    ).query("select id from kernel.credential where parent_id = $1", [json.id]);
    expect(problemOf(await acme.browser.patch(at(`/keys/${rows[0].id}`), { name: "x" }))).toEqual([
      404,
      "not-found",
    ]);
  });

  test("is given nothing that its maker does not hold", async () => {
    const admin = await server.person(acme, "admin");
    const greedy = await admin.browser.post(at("/service-accounts"), { name: "Greedy", roles: ["owner"] });
    expect(greedy.status).toBe(403);
    const strong = await acme.browser.post(at("/service-accounts"), { name: "Strong", roles: ["owner"] });
    const key = await keyOf(strong.json.id, {}, admin.browser);
    // What is made for it is capped by whoever makes it.
    expect(key.json.permissions).not.toContain("billing.change");
    expect((await keyOf(strong.json.id, { permissions: ["billing.change"] }, admin.browser)).status).toBe(
      403,
    );
    const taken = await admin.browser.patch(
      at(`/service-accounts/${strong.json.id}`),
      { answerableId: admin.memberId },
      { version: 1 },
    );
    expect(taken.status).toBe(403);
    const member = await server.person(acme, "member");
    expect(
      (await member.browser.post(at("/service-accounts"), { name: "X", roles: ["viewer"] })).status,
    ).toBe(403);
    expect((await keyOf(account.id, {}, member.browser)).status).toBe(403);
  });

  test("may no more than whoever answers for it may now, and nothing when nobody does", async () => {
    const admin = await server.person(acme, "admin");
    const made = await admin.browser.post(at("/service-accounts"), { name: "Lent", roles: ["manager"] });
    const mine = await keyOf(made.json.id, {}, acme.browser);
    const bearer = server.bearer(mine.json.key);
    for (let times = 0; times < 3; times += 1) expect((await bearer.get("/v1/contacts")).status).toBe(200);
    expect((await bearer.post("/v1/contacts", { firstName: "A" })).status).toBe(201);
    await acme.browser.patch(at(`/members/${admin.memberId}`), { roles: ["viewer"] });
    expect((await bearer.post("/v1/contacts", { firstName: "B" })).status).toBe(403);
    expect((await bearer.get("/v1/contacts")).status).toBe(200);
    await acme.browser.patch(at(`/members/${admin.memberId}`), { roles: ["admin"] });
    expect((await bearer.post("/v1/contacts", { firstName: "C" })).status).toBe(201);
    await acme.browser.delete(at(`/members/${admin.memberId}`));
    expect((await bearer.get("/v1/contacts")).status).toBe(401);
    const orphan = await acme.browser.get(at(`/service-accounts/${made.json.id}`));
    expect(orphan.json).toMatchObject({ answerableId: null, permissions: [] });
    const again = await acme.browser.patch(
      at(`/service-accounts/${made.json.id}`),
      { answerableId: acme.owner.memberId },
      { version: orphan.json.version },
    );
    expect(again.json.permissions).toContain("contact.create");
    const fresh = await keyOf(made.json.id);
    expect((await server.bearer(fresh.json.key).get("/v1/contacts")).status).toBe(200);
  });

  test("has keys that may no more than their maker may now, and that end with their maker", async () => {
    const admin = await server.person(acme, "admin");
    const { json } = await keyOf(account.id, {}, admin.browser);
    const bearer = server.bearer(json.key);
    for (let times = 0; times < 3; times += 1) expect((await bearer.get("/v1/contacts")).status).toBe(200);
    expect((await bearer.post("/v1/contacts", { firstName: "A" })).status).toBe(201);
    await acme.browser.patch(at(`/members/${admin.memberId}`), { roles: ["viewer"] });
    expect((await bearer.post("/v1/contacts", { firstName: "B" })).status).toBe(403);
    expect((await bearer.get("/v1/contacts")).status).toBe(200);
    await acme.browser.delete(at(`/members/${admin.memberId}`));
    expect((await bearer.get("/v1/contacts")).status).toBe(401);
    expect((await acme.browser.get(at(`/service-accounts/${account.id}`))).status).toBe(200);
  });

  test("is changed under its version, and ends with all it has", async () => {
    const made = await acme.browser.post(at("/service-accounts"), { name: "Short", roles: ["viewer"] });
    const { json } = await keyOf(made.json.id);
    const id = made.json.id;
    expect((await acme.browser.patch(at(`/service-accounts/${id}`), { name: "X" })).status).toBe(428);
    expect(
      (await acme.browser.patch(at(`/service-accounts/${id}`), { name: "X" }, { version: 7 })).status,
    ).toBe(412);
    const changed = await acme.browser.patch(
      at(`/service-accounts/${id}`),
      { name: "Long", roles: ["member"] },
      { version: 1 },
    );
    expect(changed.json).toMatchObject({ name: "Long", roles: ["member"], version: 2 });
    const nobody = await acme.browser.patch(
      at(`/service-accounts/${id}`),
      { answerableId: account.id },
      { version: 2 },
    );
    expect([nobody.status, nobody.json.detail]).toEqual([
      422,
      "only a person who is a member can answer for it",
    ]);
    expect((await acme.browser.delete(at(`/service-accounts/${id}`))).status).toBe(204);
    expect((await server.bearer(json.key).get("/v1/contacts")).status).toBe(401);
    expect((await acme.browser.get(at(`/service-accounts/${id}`))).status).toBe(404);
    expect((await acme.browser.delete(at(`/service-accounts/${acme.owner.memberId}`))).status).toBe(404);
  });
});
