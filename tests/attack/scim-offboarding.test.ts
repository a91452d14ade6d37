import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Access, allAccess, leftOf, minted, nothingLeft } from "../access-kinds.ts";
import type { Json } from "../client.ts";
import type { Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { connectDirectory, type Directory, patchSchema, userNamed, verifyDomain } from "../scim-ground.ts";
import { testServer, type TestServer } from "../server.ts";
import { clientsCount, many, race } from "./race.ts";

// Whatever a directory does to take somebody's access, nothing of theirs works a moment later.

let server: TestServer;
let acme: Organization;
let rival: Organization;
let directory: Directory;
let number = 0;
const mapping = { Admins: "admin", Old: "admin" };

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  rival = await server.organization("rival");
  await verifyDomain(server, acme);
  directory = await connectDirectory(server, acme, {
    defaultRole: null,
    roleMapping: mapping,
  });
});
afterEach(async () => {
  // A test that failed must not make the next one fail, which wants the mapped name for a group of its own.
  const { json } = await directory.get("/Groups?excludedAttributes=members");
  for (const { id } of json.Resources) await directory.delete(`/Groups/${id}`);
  const at = `/o/acme/v1/scim-connections/${directory.id}`;
  await server.browserOf(acme.owner.token).patch(at, { roleMapping: mapping });
});
afterAll(() => server.stop());

/** Somebody with all kinds of access that there are. */
interface Leaver extends Access {
  readonly name: string;
  /** In the directory; null for one that it does not know yet. */
  readonly id: string | null;
  readonly group: string;
}

type Path = readonly [name: string, leave: (leaver: Leaver) => Promise<number>];

const patching = (leaver: Leaver, operation: Json) => directory.patch(`/Users/${leaver.id}`, [operation]);
const paths: readonly Path[] = [
  [
    'PATCH active "False" (Cogtrix #122)',
    async (it) => (await patching(it, { op: "Replace", path: "active", value: "False" })).status,
  ],
  [
    "PATCH without a path (litellm PR #26861)",
    async (it) => (await patching(it, { op: "replace", value: { active: false } })).status,
  ],
  [
    "PUT active false (authentik #25081)",
    async (it) =>
      (await directory.put(`/Users/${it.id}`, { ...userNamed(it.name, "acme"), active: false })).status,
  ],
  [
    "DELETE (agent-bom #3535, better-auth GHSA-2vg6-77g8-24mp)",
    async (it) => (await directory.delete(`/Users/${it.id}`)).status,
  ],
  [
    "POST that links with active false (better-auth PR #10242)",
    async (it) => (await directory.post("/Users", { ...userNamed(it.name, "acme"), active: false })).status,
  ],
  [
    "removal from the group",
    async (it) =>
      (await directory.patch(`/Groups/${it.group}`, [{ op: "Remove", path: `members[value eq "${it.id}"]` }]))
        .status,
  ],
  [
    "removal of all from the group",
    async (it) => (await directory.patch(`/Groups/${it.group}`, [{ op: "remove", path: "members" }])).status,
  ],
  [
    "PUT of the group without them",
    async (it) => (await directory.put(`/Groups/${it.group}`, { displayName: `Admins`, members: [] })).status,
  ],
  ["DELETE of the group", async (it) => (await directory.delete(`/Groups/${it.group}`)).status],
  [
    "another name of the group",
    async (it) =>
      (
        await directory.patch(`/Groups/${it.group}`, [
          { op: "replace", path: "displayName", value: `Nobody ${it.name}` },
        ])
      ).status,
  ],
  [
    "bulk",
    async (it) =>
      Number(
        (
          await directory.post("/Bulk", {
            Operations: [
              {
                method: "PATCH",
                path: `/Users/${it.id}`,
                data: {
                  schemas: [patchSchema],
                  Operations: [{ op: "replace", path: "active", value: false }],
                },
              },
            ],
          })
        ).json.Operations[0].status,
      ),
  ],
  [
    "another mapping",
    async () => {
      const at = `/o/acme/v1/scim-connections/${directory.id}`;
      return (await server.browserOf(acme.owner.token).patch(at, { roleMapping: {} })).status;
    },
  ],
];

/** One of them with everything; `linked` says whether the directory knows them. */
async function somebody(linked: boolean): Promise<Leaver> {
  number += 1;
  let name = `leaver${number}`;
  let id: string | null = null;
  // One group at a time has the name that is mapped.
  const group = linked ? await directory.group("Admins") : "";
  if (linked) {
    id = (await directory.user(name)).id;
    await directory.patch(`/Groups/${group}`, [{ op: "add", path: "members", value: [{ value: id }] }]);
  } else {
    const member = await server.database.member(acme, "admin");
    name = member.email.split("@")[0] ?? "";
  }
  const db = await server.database.connectAsSuperuser();
  const { rows } = await db.query(
    "select m.id, m.person_id from kernel.membership m join kernel.person p on p.id = m.person_id where p.email = $1",
    [`${name}@acme.example`],
  );
  const { id: memberId, person_id: personId } = rows[0];
  const [session, confined] = [await minted(db, personId, null), await minted(db, personId, acme.id)];
  await db.end();
  const holder = { memberId, personId, email: `${name}@acme.example` };
  return { ...(await allAccess(server, acme, holder, { session, confined })), name, id, group };
}

const left = (it: Leaver) => leftOf(server, acme, it);

describe("off-boarding by a directory", () => {
  proves("IAM-12");

  test.each(paths)("leaves nothing of all kinds of access: %s", async (name, leave) => {
    const it = await somebody(!name.startsWith("POST that links"));
    expect(await leave(it)).toBeLessThan(300);
    expect(await left(it)).toEqual(nothingLeft);
    const db = await server.database.connectAsSuperuser();
    const { rows } = await db.query(
      `select e.severity, e.actor_email from kernel.audit_event e where e.tenant_id = $1 and e.resource_id = $2 and e.action = 'end' and e.resource_type = 'member'`,
      [acme.id, it.memberId],
    );
    expect(rows).toMatchObject([{ severity: "warning" }]);
    await db.end();
    if (it.group !== "") await directory.delete(`/Groups/${it.group}`);
  });

  test("does nothing to other organizations of the same person", async () => {
    const it = await somebody(true);
    const db = await server.database.connectAsSuperuser();
    await db.query(
      "insert into kernel.membership (tenant_id, person_id, roles, permissions) values ($1, $2, '{viewer}', kernel.permissions_of($1, '{viewer}'))",
      [rival.id, it.personId],
    );
    await directory.delete(`/Users/${it.id}`);
    expect((await server.browserOf(it.session).get("/o/rival/v1/contacts")).status).toBe(200);
    expect((await server.browserOf(it.session).get("/o/acme/v1/contacts")).status).toBe(404);
    await directory.delete(`/Groups/${it.group}`);
  });

  test("answers nothing more to 64 clients that are in the middle of it: sessions", async () => {
    const it = await somebody(true);
    const { after, before } = await race(
      many(() => server.browserOf(it.session)),
      "/o/acme/v1/contacts",
      async () => {
        return (await patching(it, { op: "replace", path: "active", value: false })).status;
      },
    );
    expect(before).toBeGreaterThan(clientsCount);
    expect([...after.keys()]).toEqual([404]);
    await directory.delete(`/Groups/${it.group}`);
  });

  test("answers nothing more to 64 clients that are in the middle of it: keys", async () => {
    const it = await somebody(true);
    const { after, before } = await race(
      many(() => server.bearer(it.key ?? "")),
      "/v1/contacts",
      async () => (await directory.delete(`/Users/${it.id}`)).status,
    );
    expect(before).toBeGreaterThan(clientsCount);
    expect([...after.keys()]).toEqual([401]);
    await directory.delete(`/Groups/${it.group}`);
  });
});

describe("coming back", () => {
  proves("IAM-12");
  test.each(["PATCH", "PUT"] as const)(
    "by %s gives back no key, no invitation, no job, and no session from before",
    async (method) => {
      const it = await somebody(true);
      await patching(it, { op: "replace", path: "active", value: false });
      const again =
        method === "PUT"
          ? await directory.put(`/Users/${it.id}`, userNamed(it.name, "acme"))
          : await patching(it, { op: "replace", path: "active", value: "True" });
      expect([again.status, again.json.active, again.json.roles]).toEqual([200, true, [{ value: "admin" }]]);
      expect(await left(it)).toEqual({
        ...nothingLeft,
        session: 403,
        freeAccessToken: "RF403",
        freeRefreshToken: 403,
      });
      const refused = await server.browserOf(it.session).get("/o/acme/v1/contacts");
      expect(refused.json.type).toMatch(/\/sign-in-again$/);
      const db = await server.database.connectAsSuperuser();
      const fresh = await minted(db, it.personId, null);
      expect((await server.browserOf(fresh).get("/o/acme/v1/contacts")).status).toBe(200);
      await directory.delete(`/Groups/${it.group}`);
    },
  );

  test("after a DELETE, by a new POST, neither", async () => {
    const it = await somebody(true);
    await directory.delete(`/Users/${it.id}`);
    const again = await directory.user(it.name);
    await directory.patch(`/Groups/${it.group}`, [
      { op: "add", path: "members", value: [{ value: again.id }] },
    ]);
    expect(await left(it)).toEqual({
      ...nothingLeft,
      session: 403,
      freeAccessToken: "RF403",
      freeRefreshToken: 403,
    });
    await directory.delete(`/Groups/${it.group}`);
  });

  test("is the directory's word after people here removed somebody, and not a side effect of anything else", async () => {
    const it = await somebody(true);
    const owner = server.browserOf(acme.owner.token);
    expect((await owner.delete(`/o/acme/v1/members/${it.memberId}`)).status).toBe(204);
    expect((await directory.get(`/Users/${it.id}`)).json.active).toBe(false);
    await patching(it, { op: "replace", path: "title", value: "Still gone" });
    const other = await directory.group("Old", [String(it.id)]);
    expect(await left(it)).toEqual(nothingLeft);
    expect((await patching(it, { op: "replace", path: "active", value: true })).json.active).toBe(true);
    expect((await left(it))["session"]).toBe(403);
    for (const group of [it.group, other]) await directory.delete(`/Groups/${group}`);
  });
});
