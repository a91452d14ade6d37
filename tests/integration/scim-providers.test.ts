import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../client.ts";
import { type Directory, groupSchema, userSchema, scimGround } from "../scim-ground.ts";
import { publicUrl, type TestServer } from "../server.ts";

let server: TestServer;
let directory: Directory;

beforeAll(async () => {
  ({ server, directory } = await scimGround());
});
afterAll(() => server.stop());

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
