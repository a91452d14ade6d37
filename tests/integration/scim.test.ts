import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer, Json } from "../client.ts";
import type { Organization } from "../installed-database.ts";
import {
  connectDirectory,
  type Directory,
  groupSchema,
  patchSchema,
  userNamed,
  userSchema,
  verifyDomain,
} from "../scim-ground.ts";
import { publicUrl, testServer, type TestServer } from "../server.ts";

let server: TestServer;
let acme: Organization;
let directory: Directory;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  await verifyDomain(server, acme);
  directory = await connectDirectory(server, acme, {
    defaultRole: "member",
    roleMapping: { "CRM Managers": "manager", "CRM Admins": "admin", Readers: "viewer" },
  });
});
afterAll(() => server.stop());

const scimError = ({ status, json }: Answer): unknown => [status, json?.status, json?.scimType];
const rolesOf = async (id: string): Promise<string[]> =>
  (await directory.get(`/Users/${id}`)).json.roles.map(({ value }: Json) => value);

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

async function trailLength(): Promise<number> {
  const db = await server.database.connectAsSuperuser();
  const { rows } = await db.query(
    "select count(*)::integer as n from kernel.audit_event where tenant_id = $1",
    [acme.id],
  );
  await db.end();
  return rows[0].n;
}

describe("Entra's requests, as recorded", () => {
  test("test connection, then create on a filter that finds nobody", async () => {
    const probe = await directory.get(
      `/Users?filter=${encodeURIComponent('userName eq "af9d5f0e-8b9a-4c3d-9d27-2a3b3c3d3e3f"')}`,
    );
    expect([probe.status, probe.json.totalResults, probe.json.Resources]).toEqual([200, 0, []]);
    const made = await directory.post("/Users", {
      schemas: [userSchema, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
      externalId: "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
      userName: "Grace_Hopper@acme.example",
      active: true,
      emails: [{ primary: true, type: "work", value: "Grace_Hopper@acme.example" }],
      meta: { resourceType: "User" },
      name: { formatted: "Grace Hopper", familyName: "Hopper", givenName: "Grace" },
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
        department: "Navy",
        manager: { value: "1" },
      },
      roles: [],
    });
    expect(made.status).toBe(201);
    expect(made.json["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]).toEqual({
      department: "Navy",
    });
  });

  test('PATCHes with capital verbs, paths with filters, and "False" (better-auth #10620, better-auth #10682)', async () => {
    const { id } = await directory.user("entra");
    const patched = await directory.patch(`/Users/${id}`, [
      { op: "Replace", path: 'emails[type eq "work"].value', value: "entra.new@acme.example" },
      { op: "Replace", path: "name.familyName", value: "Renamed" },
      { op: "Add", path: 'phoneNumbers[type eq "mobile"].value', value: "+1 555" },
      {
        op: "Add",
        path: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        value: "Sales",
      },
      { op: "Add", path: "urn:ietf:params:scim:schemas:extension:Custom:2.0:User:tag", value: "x" },
    ]);
    expect(patched.status).toBe(200);
    expect(patched.json).toMatchObject({
      emails: [{ value: "entra.new@acme.example", type: "work", primary: true }],
      name: { givenName: "entra", familyName: "Renamed" },
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { department: "Sales" },
    });
    const off = await directory.patch(`/Users/${id}`, [{ op: "Replace", path: "active", value: "False" }]);
    expect([off.status, off.json.active]).toEqual([200, false]);
    const on = await directory.patch(`/Users/${id}`, [
      { op: "Replace", path: "active", value: [{ value: "True" }] },
    ]);
    expect([on.status, on.json.active]).toEqual([200, true]);
  });

  test("creates the e-mail that a filter does not find", async () => {
    const { id } = await directory.user("nomail", { emails: [] });
    const patched = await directory.patch(`/Users/${id}`, [
      { op: "Replace", path: 'emails[type eq "work"].value', value: "nomail@acme.example" },
    ]);
    expect(patched.json.emails).toEqual([{ type: "work", value: "nomail@acme.example" }]);
    const removed = await directory.patch(`/Users/${id}`, [{ op: "Remove", path: 'emails[type eq "home"]' }]);
    expect(removed.json.emails).toHaveLength(1);
  });

  test("PATCHes without a path, with dotted names and schemas in front", async () => {
    const { id } = await directory.user("pathless");
    const patched = await directory.patch(`/Users/${id}`, [
      {
        op: "replace",
        value: {
          "name.givenName": "Path",
          displayName: "Less",
          "urn:ietf:params:scim:schemas:core:2.0:User:title": "Boss",
          "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber": 12,
        },
      },
    ]);
    expect(patched.json).toMatchObject({
      name: { givenName: "Path", familyName: "Example" },
      displayName: "Less",
      title: "Boss",
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { employeeNumber: "12" },
    });
  });

  test("an externalId that is PATCHed is kept (langwatch #7141)", async () => {
    const { id } = await directory.user("external");
    await directory.patch(`/Users/${id}`, [{ op: "Replace", path: "externalId", value: "new-external" }]);
    const found = await directory.get(`/Users?filter=${encodeURIComponent('externalId eq "new-external"')}`);
    expect(found.json.Resources.map((one: Json) => one.id)).toEqual([id]);
    const gone = await directory.patch(`/Users/${id}`, [{ op: "remove", path: "externalId" }]);
    expect(gone.json.externalId).toBeUndefined();
  });

  test("groups of the legacy schema, members added and removed by filter, and empty lists (better-auth #10620, mlflow-oidc-auth #323, Kratos f64124aed)", async () => {
    const [one, two] = [await directory.user("legacy1"), await directory.user("legacy2")];
    const made = await directory.post("/Groups", {
      schemas: [groupSchema, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
      externalId: "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159",
      displayName: "Legacy",
      meta: { resourceType: "Group" },
    });
    expect(made.status).toBe(201);
    const at = `/Groups/${made.json.id}`;
    const added = await directory.patch(at, [
      { op: "Add", path: "members", value: [{ $ref: null, value: one.id }, { value: two.id }] },
    ]);
    expect([added.status, added.text]).toEqual([204, ""]);
    await directory.patch(at, [{ op: "Remove", path: `members[value eq "${one.id}"]` }]);
    expect((await directory.get(at)).json.members.map(({ value }: Json) => value)).toEqual([two.id]);
    // What removes an empty list removes nobody, and so do no operations at all.
    for (const operations of [
      [{ op: "Remove", path: "members", value: [] }],
      [{ op: "Add", path: "members", value: [] }],
      [],
    ])
      expect((await directory.patch(at, operations)).status).toBe(204);
    expect((await directory.get(at)).json.members).toHaveLength(1);
    // A group that does not speak of its members keeps them.
    expect(
      (await directory.put(at, { schemas: [groupSchema], displayName: "Legacy 2" })).json.members,
    ).toHaveLength(1);
    await directory.patch(at, [{ op: "Replace", path: "members", value: [] }]);
    expect((await directory.get(at)).json.members).toEqual([]);
    const shown = await directory.get(`${at}?excludedAttributes=members`);
    expect(shown.json.members).toBeUndefined();
  });

  test("a legacy removal that lists its members", async () => {
    const user = await directory.user("listed");
    const group = await directory.group("Listed", [user.id]);
    await directory.patch(`/Groups/${group}`, [
      { op: "Remove", path: "members", value: [{ value: user.id }] },
    ]);
    expect((await directory.get(`/Groups/${group}`)).json.members).toEqual([]);
  });
});

describe("Okta's requests, as recorded", () => {
  test("looks up, creates, reads, PUTs the whole profile, deactivates by PUT and by PATCH without a path", async () => {
    const lookup = `/Users?filter=${encodeURIComponent('userName eq "okta@acme.example"')}&startIndex=1&count=100`;
    expect((await directory.get(lookup)).json).toMatchObject({
      totalResults: 0,
      startIndex: 1,
      itemsPerPage: 0,
    });
    const profile = {
      schemas: [userSchema],
      userName: "okta@acme.example",
      name: { givenName: "Ok", familyName: "Ta" },
      emails: [{ primary: true, value: "okta@acme.example", type: "work" }],
      displayName: "Ok Ta",
      locale: "en-US",
      externalId: "00ujl29u0le5T6Aj10h7",
      groups: [],
      password: "1mz050nq",
      active: true,
    };
    const { id } = (await directory.post("/Users", profile)).json;
    expect((await directory.get(lookup)).json.totalResults).toBe(1);
    const put = await directory.put(`/Users/${id}`, {
      ...profile,
      id,
      displayName: "Okta Ta",
      meta: { resourceType: "User" },
    });
    expect([put.status, put.json.displayName]).toEqual([200, "Okta Ta"]);
    const off = await directory.put(`/Users/${id}`, { ...profile, id, active: false });
    expect(off.json.active).toBe(false);
    const on = await directory.patch(`/Users/${id}`, [{ op: "replace", value: { active: true } }]);
    expect(on.json.active).toBe(true);
    const again = await directory.patch(`/Users/${id}`, [{ op: "replace", value: { active: false } }]);
    expect(again.json.active).toBe(false);
    // What does not speak of it leaves it as it is.
    const { active: _, ...silent } = profile;
    expect((await directory.put(`/Users/${id}`, silent)).json.active).toBe(false);
  });

  test("pushes a group: create with members, rename by PATCH with an id inside, replace members (mlflow-oidc-auth #323)", async () => {
    const [one, two] = [await directory.user("push1"), await directory.user("push2")];
    const group = await directory.group("Pushed", [one.id]);
    const renamed = await directory.patch(`/Groups/${group}`, [
      { op: "replace", value: { id: group, displayName: "Pushed again" } },
    ]);
    expect(renamed.status).toBe(204);
    await directory.patch(`/Groups/${group}`, [
      { op: "replace", path: "members", value: [{ value: two.id, display: "push2@acme.example" }] },
    ]);
    const { json } = await directory.get(`/Groups/${group}`);
    expect([json.displayName, json.members.map(({ value }: Json) => value)]).toEqual([
      "Pushed again",
      [two.id],
    ]);
    expect((await directory.get(`/Users/${two.id}`)).json.groups).toEqual([
      { value: group, display: "Pushed again", $ref: `${publicUrl}/scim/v2/Groups/${group}` },
    ]);
    expect((await directory.delete(`/Groups/${group}`)).status).toBe(204);
  });

  test("one unknown member does not keep the others out, and is told (fleet #52600)", async () => {
    const known = await directory.user("known");
    const group = await directory.group("Partly known");
    const stranger = "0198c0de-0000-7000-8000-00000000dead";
    const pushed = await directory.patch(`/Groups/${group}`, [
      { op: "add", path: "members", value: [{ value: stranger }, { value: known.id }, { value: "no-uuid" }] },
    ]);
    expect(pushed.status).toBe(204);
    expect((await directory.get(`/Groups/${group}`)).json.members.map(({ value }: Json) => value)).toEqual([
      known.id,
    ]);
    const details = (await directory.faults()).map(({ detail }: Json) => detail).join("\n");
    expect(details).toContain(stranger);
    expect(details).toContain("1 members left out, whose ids are none of ours");
  });
});

describe("groups give roles", () => {
  test("by the organization's mapping; a default without one; several together", async () => {
    const user = await directory.user("roles");
    expect(await rolesOf(user.id)).toEqual(["member"]);
    const managers = await directory.group("CRM Managers", [user.id]);
    expect(await rolesOf(user.id)).toEqual(["manager"]);
    const admins = await directory.group("crm admins", [user.id]);
    expect(await rolesOf(user.id)).toEqual(["admin", "manager"]);
    await directory.delete(`/Groups/${managers}`);
    expect(await rolesOf(user.id)).toEqual(["admin"]);
    await directory.patch(`/Groups/${admins}`, [{ op: "replace", path: "displayName", value: "Somebody" }]);
    expect(await rolesOf(user.id)).toEqual(["member"]);
  });

  test("what was changed by hand stays until the directory says otherwise", async () => {
    const user = await directory.user("byhand");
    const { json } = await server.browserOf(acme.owner.token).get("/o/acme/v1/members?limit=200");
    const member = json.items.find(({ email }: Json) => email === "byhand@acme.example");
    await server.browserOf(acme.owner.token).patch(`/o/acme/v1/members/${member.id}`, { roles: ["viewer"] });
    await directory.patch(`/Users/${user.id}`, [{ op: "replace", path: "title", value: "New" }]);
    expect(await rolesOf(user.id)).toEqual(["viewer"]);
    await directory.group("Readers", [user.id]);
    expect(await rolesOf(user.id)).toEqual(["viewer"]);
  });

  test("a mapping that is changed holds for everybody at once", async () => {
    const own = await connectDirectory(server, acme, {
      name: "Second",
      defaultRole: null,
      roleMapping: { Team: "viewer" },
    });
    const user = await own.user("remapped");
    expect((await own.get(`/Users/${user.id}`)).json.roles).toEqual([]);
    await own.group("Team", [user.id]);
    expect((await own.get(`/Users/${user.id}`)).json.roles).toEqual([{ value: "viewer" }]);
    const browser = server.browserOf(acme.owner.token);
    const at = `/o/acme/v1/scim-connections/${own.id}`;
    expect((await browser.patch(at, { roleMapping: { team: "manager" } })).status).toBe(200);
    expect((await own.get(`/Users/${user.id}`)).json.roles).toEqual([{ value: "manager" }]);
    expect((await browser.get(`${at}/groups`)).json.items).toMatchObject([
      { displayName: "Team", members: 1 },
    ]);
    expect((await browser.delete(at)).status).toBe(204);
    expect((await own.get("/Users")).status).toBe(401);
    expect(
      (await browser.get("/o/acme/v1/members?limit=200")).json.items.find(
        ({ email }: Json) => email === "remapped@acme.example",
      ).roles,
    ).toEqual(["manager"]);
  });
});

describe("a bulk", () => {
  const schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"];

  test("makes users and a group of them, whose order does not matter", async () => {
    const { status, json } = await directory.post("/Bulk", {
      schemas,
      Operations: [
        {
          method: "POST",
          path: "/Groups",
          bulkId: "g",
          data: {
            schemas: [groupSchema],
            displayName: "Bulk",
            members: [{ value: "bulkId:b1" }, { value: "bulkId:b2" }],
          },
        },
        { method: "POST", path: "/Users", bulkId: "b1", data: userNamed("bulk1", "acme") },
        { method: "post", path: "/Users", bulkId: "b2", data: userNamed("bulk2", "acme") },
        {
          method: "PATCH",
          path: "/Users/bulkId:b2",
          data: { schemas: [patchSchema], Operations: [{ op: "replace", path: "title", value: "Bulky" }] },
        },
        { method: "DELETE", path: "/Users/0198c0de-0000-7000-8000-00000000dead" },
      ],
    });
    expect(status).toBe(200);
    expect(json.Operations.map((one: Json) => [one.method, one.status])).toEqual([
      ["POST", "201"],
      ["POST", "201"],
      ["POST", "201"],
      ["PATCH", "200"],
      ["DELETE", "404"],
    ]);
    const group = String(json.Operations[0].location).split("/").at(-1);
    expect((await directory.get(`/Groups/${group}`)).json.members).toHaveLength(2);
    const second = String(json.Operations[2].location).split("/").at(-1);
    expect((await directory.get(`/Users/${second}`)).json.title).toBe("Bulky");
  });

  test("stops after as many errors as it is told, and refuses names that wait for themselves", async () => {
    const failing = { method: "DELETE", path: "/Users/0198c0de-0000-7000-8000-00000000dead" };
    const stopped = await directory.post("/Bulk", {
      schemas,
      failOnErrors: 2,
      Operations: [failing, failing, failing, failing],
    });
    expect(stopped.json.Operations).toHaveLength(2);
    const circle = await directory.post("/Bulk", {
      schemas,
      Operations: [
        {
          method: "POST",
          path: "/Groups",
          bulkId: "x",
          data: { displayName: "X", members: [{ value: "bulkId:y" }] },
        },
        {
          method: "POST",
          path: "/Groups",
          bulkId: "y",
          data: { displayName: "Y", members: [{ value: "bulkId:x" }] },
        },
      ],
    });
    expect(circle.json.Operations.map((one: Json) => one.status)).toEqual(["409", "409"]);
  });

  test("holds a thousand operations and no more, in a body of bounded size", async () => {
    const one = { method: "DELETE", path: "/Users/0198c0de-0000-7000-8000-00000000dead" };
    const many = await directory.post("/Bulk", {
      schemas,
      Operations: Array.from({ length: 1001 }, () => one),
    });
    expect(scimError(many)).toEqual([413, "413", undefined]);
    const large = await directory.post("/Bulk", {
      schemas,
      Operations: [],
      padding: "x".repeat(1024 * 1024),
    });
    expect(scimError(large)).toEqual([413, "413", undefined]);
    expect(
      scimError(await directory.post("/Bulk", { schemas, Operations: [{ method: "GET", path: "/Users" }] })),
    ).toEqual([400, "400", "invalidSyntax"]);
    expect(
      scimError(
        await directory.post("/Bulk", { schemas, Operations: [{ method: "DELETE", path: "/Bulk" }] }),
      ),
    ).toEqual([400, "400", "invalidPath"]);
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
