import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../client.ts";
import type { Organization } from "../installed-database.ts";
import {
  connectDirectory,
  type Directory,
  groupSchema,
  scimError,
  userNamed,
  userSchema,
  verifyDomain,
  scimGround,
} from "../scim-ground.ts";
import { publicUrl, type TestServer } from "../server.ts";

let server: TestServer;
let acme: Organization;
let directory: Directory;

beforeAll(async () => {
  ({ server, acme, directory } = await scimGround());
});
afterAll(() => server.stop());

describe("discovery", () => {
  test("says what is there, as application/scim+json", async () => {
    const config = await directory.get("/ServiceProviderConfig");
    expect(config.headers["content-type"]).toBe("application/scim+json; charset=utf-8");
    expect(config.json).toMatchObject({
      patch: { supported: true },
      bulk: { supported: true, maxOperations: 1000 },
      filter: { supported: true, maxResults: 200 },
      changePassword: { supported: false },
      sort: { supported: true },
      etag: { supported: true },
    });
    const types = await directory.get("/ResourceTypes");
    expect(types.json.Resources.map(({ endpoint }: Json) => endpoint)).toEqual(["/Users", "/Groups"]);
    const schemas = await directory.get("/Schemas");
    expect(schemas.json.totalResults).toBe(3);
    expect((await directory.get(`/Schemas/${userSchema}`)).json).toMatchObject({
      id: userSchema,
      name: "User",
    });
    expect((await directory.get("/ResourceTypes/Group")).json.schema).toBe(groupSchema);
  });

  test("refuses in SCIM's own words, unknown addresses and methods too (thunderid #5110)", async () => {
    const unknown = await directory.get("/Devices");
    expect(unknown.headers["content-type"]).toBe("application/scim+json; charset=utf-8");
    expect(unknown.json).toEqual({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
      status: "404",
      detail: "There is nothing here",
    });
    expect(scimError(await directory.send("DELETE", "/Users"))).toEqual([405, "405", undefined]);
    expect(scimError(await directory.get("/Users/not-an-id"))).toEqual([404, "404", undefined]);
    expect(scimError(await directory.get("/Schemas/nothing"))).toEqual([404, "404", undefined]);
    expect(scimError(await directory.get("/Users?filter=nothing"))).toEqual([400, "400", "invalidFilter"]);
    expect(scimError(await directory.post("/Users", { schemas: [userSchema] }))).toEqual([
      400,
      "400",
      "invalidValue",
    ]);
    const text = await server
      .bearer(directory.token)
      .send("POST", "/scim/v2/Users", { raw: "{}", headers: { "content-type": "text/plain" } });
    expect(scimError(text)).toEqual([415, "415", undefined]);
    const plain = await server
      .bearer(directory.token)
      .send("POST", "/scim/v2/Users", { raw: "{", headers: { "content-type": "application/json" } });
    expect(scimError(plain)).toEqual([400, "400", undefined]);
  });
});

describe("a user", () => {
  test("is created, found, listed, replaced and deleted, with a version each time", async () => {
    const made = await directory.post("/Users", userNamed("ada", "acme"));
    expect(made.status).toBe(201);
    const { id } = made.json;
    expect(made.headers["location"]).toBe(`/scim/v2/Users/${id}`);
    expect(made.json).toMatchObject({
      schemas: [userSchema],
      userName: "ada@acme.example",
      externalId: "ext-ada",
      name: { givenName: "ada", familyName: "Example" },
      active: true,
      roles: [{ value: "member" }],
      meta: {
        resourceType: "User",
        location: `${publicUrl}/scim/v2/Users/${id}`,
        version: made.headers["etag"],
      },
    });
    const found = await directory.get(
      `/Users?filter=${encodeURIComponent('userName eq "ADA@acme.example"')}`,
    );
    expect(found.json).toMatchObject({ totalResults: 1, itemsPerPage: 1, startIndex: 1 });
    const again = await directory.send("GET", `/Users/${id}`, undefined, {
      "if-none-match": String(made.headers["etag"]),
    });
    expect(again.status).toBe(304);
    const stale = await directory.send(
      "PUT",
      `/Users/${id}`,
      { ...userNamed("ada", "acme"), title: "Countess" },
      { "if-match": 'W/"v0"' },
    );
    expect(scimError(stale)).toEqual([412, "412", undefined]);
    const replaced = await directory.send(
      "PUT",
      `/Users/${id}`,
      { ...userNamed("ada", "acme"), title: "Countess" },
      { "if-match": `W/${made.json.meta.version}` },
    );
    expect([replaced.status, replaced.json.title]).toEqual([200, "Countess"]);
    expect(replaced.json.meta.version).not.toBe(made.json.meta.version);
    expect((await directory.delete(`/Users/${id}`)).status).toBe(204);
    expect((await directory.get(`/Users/${id}`)).status).toBe(404);
    expect((await directory.delete(`/Users/${id}`)).status).toBe(404);
  });

  test("whose userName or externalId is taken is refused as such, and nothing is left behind", async () => {
    await directory.user("unique");
    expect(scimError(await directory.post("/Users", userNamed("unique", "acme")))).toEqual([
      409,
      "409",
      "uniqueness",
    ]);
    const sameExternal = { ...userNamed("other", "acme"), externalId: "ext-unique" };
    expect(scimError(await directory.post("/Users", sameExternal))).toEqual([409, "409", "uniqueness"]);
    const sameAddress = { ...userNamed("third", "acme"), emails: [{ value: "unique@acme.example" }] };
    expect(scimError(await directory.post("/Users", sameAddress))).toEqual([409, "409", "uniqueness"]);
    const db = await server.database.connectAsSuperuser();
    const { rows } = await db.query(
      "select 1 from kernel.person where email in ('other@acme.example', 'third@acme.example')",
    );
    expect(rows).toEqual([]);
  });

  test("shows the attributes that are asked for, and id and schemas always", async () => {
    const { id } = await directory.user("shown");
    const only = await directory.get(`/Users/${id}?attributes=userName,name.familyName`);
    expect(only.json).toEqual({
      schemas: [userSchema],
      id,
      userName: "shown@acme.example",
      name: { familyName: "Example" },
    });
    const without = await directory.get(
      `/Users/${id}?excludedAttributes=emails,meta,groups,urn:ietf:params:scim:schemas:core:2.0:User:name`,
    );
    expect(Object.keys(without.json).toSorted()).toEqual([
      "active",
      "displayName",
      "externalId",
      "id",
      "roles",
      "schemas",
      "userName",
    ]);
  });

  test("is written once, however often the directory says the same", async () => {
    const { id, meta } = await directory.user("same");
    const before = await trailLength();
    for (let round = 0; round < 3; round += 1) {
      const same = await directory.put(`/Users/${id}`, userNamed("same", "acme"));
      expect(same.json.meta.version).toBe(meta.version);
      expect(
        (await directory.patch(`/Users/${id}`, [{ op: "Replace", path: "active", value: "True" }])).status,
      ).toBe(200);
    }
    expect(await trailLength()).toBe(before);
  });

  test("is changed in the name of the connection, which the trail shows", async () => {
    const { id } = await directory.user("audited", { password: "never-kept-4711" });
    await directory.patch(`/Users/${id}`, [{ op: "replace", path: "title", value: "Auditor" }]);
    const db = await server.database.connectAsSuperuser();
    const { rows } = await db.query(
      `select e.action, e.resource_type, p.name, p.kind from kernel.audit_event e join kernel.person p on p.id = e.actor_id
        where e.tenant_id = $1 and (e.resource_id = $2 or e.after ->> 'member' = (select member_id::text from kernel.scim_user where id = $2)) order by e.id`,
      [acme.id, id],
    );
    expect(rows).toEqual([
      { action: "create", resource_type: "scim_user", name: "Entra", kind: "service" },
      { action: "change", resource_type: "scim_user", name: "Entra", kind: "service" },
    ]);
    const all = await db.query(
      "select (select count(*) from kernel.audit_event e where e::text like '%never-kept-4711%') + (select count(*) from kernel.scim_user u where u::text like '%never-kept%') as n",
    );
    expect(all.rows).toEqual([{ n: "0" }]);
  });
});

describe("a list", () => {
  test("is sorted and paged within bounds", async () => {
    const own = await server.organization("paged");
    await verifyDomain(server, own);
    const pages = await connectDirectory(server, own);
    for (const name of ["carla", "anna", "Berta", "doro"]) await pages.user(name);
    const names = async (query: string): Promise<string[]> =>
      (await pages.get(`/Users?${query}`)).json.Resources.map(({ userName }: Json) => userName.split("@")[0]);
    expect(await names("sortBy=userName")).toEqual(["anna", "Berta", "carla", "doro"]);
    expect(await names("sortBy=name.givenName&sortOrder=descending")).toEqual([
      "doro",
      "carla",
      "Berta",
      "anna",
    ]);
    expect(await names("sortBy=userName&startIndex=2&count=2")).toEqual(["Berta", "carla"]);
    expect(await names("sortBy=userName&startIndex=-5&count=1")).toEqual(["anna"]);
    const none = await pages.get("/Users?count=0");
    expect(none.json).toMatchObject({ totalResults: 4, itemsPerPage: 0, Resources: [] });
    expect((await pages.get("/Users?count=99999")).json.itemsPerPage).toBe(4);
    expect(scimError(await pages.get("/Users?count=many"))).toEqual([400, "400", "invalidValue"]);
    expect(scimError(await pages.get("/Users?sortBy=emails"))).toEqual([400, "400", "invalidFilter"]);
    const search = await pages.post("/Users/.search", {
      schemas: ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
      filter: 'userName sw "b"',
      attributes: ["userName"],
    });
    expect(search.json.Resources.map((one: Json) => Object.keys(one).toSorted())).toEqual([
      ["id", "schemas", "userName"],
    ]);
  });
});

describe("a connection", () => {
  test("shows its token once, is rolled with an overlap or at once, and says when it was heard of", async () => {
    const own = await connectDirectory(server, acme, { name: "Rolled" });
    const browser = server.browserOf(acme.owner.token);
    const at = `/o/acme/v1/scim-connections/${own.id}`;
    const list = await browser.get("/o/acme/v1/scim-connections");
    expect(list.text).not.toContain(own.token);
    const overlapping = await browser.post(`${at}/reroll`, { overlapSeconds: 900 });
    expect(overlapping.status).toBe(200);
    expect([
      (await own.get("/Users")).status,
      (await server.bearer(overlapping.json.token).get("/scim/v2/Users")).status,
    ]).toEqual([200, 200]);
    expect(overlapping.json.keys).toHaveLength(2);
    const atOnce = await browser.post(`${at}/reroll`, { overlapSeconds: 0 });
    expect([
      (await own.get("/Users")).status,
      (await server.bearer(overlapping.json.token).get("/scim/v2/Users")).status,
    ]).toEqual([401, 401]);
    expect((await server.bearer(atOnce.json.token).get("/scim/v2/Users")).status).toBe(200);
    expect(await own.seen()).toMatchObject({
      name: "Rolled",
      state: "active",
      answerableEmail: acme.owner.email,
      users: 0,
    });
  });

  test("is none of a member's business", async () => {
    const member = await server.person(acme, "manager");
    for (const answer of [
      await member.browser.get("/o/acme/v1/scim-connections"),
      await member.browser.post("/o/acme/v1/scim-connections", {
        name: "x",
        defaultRole: null,
        roleMapping: {},
        domains: [],
      }),
    ])
      expect(answer.status).toBe(403);
  });

  test("tells its last errors", async () => {
    await directory.get("/Users?filter=broken");
    expect((await directory.faults())[0]).toMatchObject({
      operation: "GET Users",
      status: 400,
      detail: expect.stringContaining("filter"),
    });
  });
});

async function trailLength(): Promise<number> {
  const db = await server.database.connectAsSuperuser();
  const { rows } = await db.query(
    "select count(*)::integer as n from kernel.audit_event where tenant_id = $1",
    [acme.id],
  );
  await db.end();
  return rows[0].n;
}
