import type { Client as Database } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../client.ts";
import { boundAs, type Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { connectDirectory, type Directory, verifyDomain } from "../scim-ground.ts";
import { testServer, type TestServer } from "../server.ts";

// More people than one transaction has room for: everybody's access is gone when the directory has its answer, and what is
// interrupted is done by whatever it asks for next.

proves("IAM-12", "IAM-13");

const howMany = 450;
let server: TestServer;
let acme: Organization;
let directory: Directory;
let superuser: Database;
let ids: string[] = [];
let group = "";
let since = new Date();

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  await verifyDomain(server, acme);
  superuser = await server.database.connectAsSuperuser();
  directory = await connectDirectory(server, acme, {
    defaultRole: null,
    roleMapping: { Everybody: "member" },
  });
  const Operations = Array.from({ length: howMany }, (_, at) => ({
    method: "POST",
    path: "/Users",
    bulkId: `b${at}`,
    data: { userName: `many${at}@acme.example`, externalId: `many-${at}` },
  }));
  const { json } = await directory.post("/Bulk", { Operations });
  ids = json.Operations.map(({ location }: Json) => String(location).split("/").at(-1));
  group = await directory.group("Everybody", ids);
}, 120_000);
afterEach(back);
afterAll(() => server.stop());

const counted = async (text: string): Promise<number> =>
  Number((await superuser.query(`select count(*)::integer as n from ${text}`)).rows[0].n);
const members = (): Promise<number> =>
  counted("kernel.scim_user u join kernel.membership m on m.id = u.member_id where m.ended_at is null");
const keysOf = (): Promise<number> =>
  counted("kernel.credential c where c.kind = 'key' and c.class = 'personal' and c.ended_at is null");

/** Everybody belongs, and has a key. */
async function everybody(): Promise<void> {
  await directory.patch(`/Groups/${group}`, [
    { op: "add", path: "members", value: ids.map((value) => ({ value })) },
  ]);
  expect(await members()).toBe(howMany);
  await superuser.query(
    `insert into kernel.credential (kind, class, digest, person_id, tenant_id)
     select 'key', 'personal', sha256(kernel.random_block()), m.person_id, m.tenant_id
       from kernel.scim_user u join kernel.membership m on m.id = u.member_id`,
  );
  expect(await keysOf()).toBe(howMany);
  since = new Date((await superuser.query("select clock_timestamp() as at")).rows[0].at);
}

async function nobody(): Promise<void> {
  expect([await members(), await keysOf(), await counted("kernel.scim_user u where u.due")]).toEqual([
    0, 0, 0,
  ]);
  const { rows } = await superuser.query(
    `select count(*)::integer as told, count(distinct resource_id)::integer as people
       from kernel.audit_event where action = 'end' and resource_type = 'member' and at > $1`,
    [since],
  );
  expect(rows).toEqual([{ told: howMany, people: howMany }]);
}

describe("the access of hundreds ends before the answer", () => {
  const ways: readonly (readonly [string, () => Promise<{ status: number }>])[] = [
    [
      "by an empty group",
      () => directory.patch(`/Groups/${group}`, [{ op: "replace", path: "members", value: [] }]),
    ],
    [
      "by another name of the group",
      () => directory.patch(`/Groups/${group}`, [{ op: "replace", path: "displayName", value: "Nobody" }]),
    ],
    [
      "by a bulk",
      () =>
        directory.post("/Bulk", {
          Operations: ids.map((id) => ({
            method: "PATCH",
            path: `/Users/${id}`,
            data: { Operations: [{ op: "replace", path: "active", value: "False" }] },
          })),
        }),
    ],
    [
      "by another mapping",
      () =>
        server
          .browserOf(acme.owner.token)
          .patch(`/o/acme/v1/scim-connections/${directory.id}`, { roleMapping: {} }),
    ],
    ["by the group's end", () => directory.delete(`/Groups/${group}`)],
  ];

  test.each(ways)("%s", async (_, leave) => {
    await everybody();
    expect((await leave()).status).toBeLessThan(300);
    await nobody();
  });

  test("also when it was interrupted after the first transaction: the next request goes on", async () => {
    await everybody();
    const api = await server.database.connectAs("api");
    await boundAs(api, { token: directory.token, slug: "acme", needs: ["member.provision"] }, () =>
      api.query("select kernel.scim_change_group($1, 'Everybody', null, true, '{}', '{}')", [group]),
    );
    await api.end();
    const left = await members();
    expect(left).toBe(howMany - 200);
    // Whatever it is: this one changes somebody's title, and then has to go on until there is nobody left.
    for (let n = 0; (await members()) > 0 && n < 5; n += 1)
      await directory.patch(`/Users/${ids[0]}`, [{ op: "replace", path: "title", value: `Title ${n}` }]);
    await nobody();
  });
});

/** As it was, for the next way. */
async function back(): Promise<void> {
  await server
    .browserOf(acme.owner.token)
    .patch(`/o/acme/v1/scim-connections/${directory.id}`, { roleMapping: { Everybody: "member" } });
  await directory.post("/Bulk", {
    Operations: ids.map((id) => ({
      method: "PATCH",
      path: `/Users/${id}`,
      data: { Operations: [{ op: "replace", path: "active", value: true }] },
    })),
  });
  const { json } = await directory.get("/Groups?excludedAttributes=members");
  for (const { id } of json.Resources) await directory.delete(`/Groups/${id}`);
  group = await directory.group("Everybody");
}
