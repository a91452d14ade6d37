import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../client.ts";
import type { Organization } from "../installed-database.ts";
import {
  connectDirectory,
  type Directory,
  groupSchema,
  patchSchema,
  scimError,
  userNamed,
  scimGround,
} from "../scim-ground.ts";
import type { TestServer } from "../server.ts";

let server: TestServer;
let acme: Organization;
let directory: Directory;

beforeAll(async () => {
  ({ server, acme, directory } = await scimGround());
});
afterAll(() => server.stop());

const rolesOf = async (id: string): Promise<string[]> =>
  (await directory.get(`/Users/${id}`)).json.roles.map(({ value }: Json) => value);

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
