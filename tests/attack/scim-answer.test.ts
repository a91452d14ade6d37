import type { Client as Database } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer, Client, Json } from "../client.ts";
import type { Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { connectDirectory, directoryOf, type Setting, userNamed, verifyDomain } from "../scim-ground.ts";
import { testServer, type TestServer } from "../server.ts";

// A directory's key is the organization's: it neither dies with whoever made it, nor serves whoever took it along.

let server: TestServer;
let acme: Organization;
let owner: Client;
let superuser: Database;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  await verifyDomain(server, acme);
  owner = server.browserOf(acme.owner.token);
  superuser = await server.database.connectAsSuperuser();
});
afterAll(() => server.stop());

const rolesOf = ({ json }: Answer): string[] => json.roles.map(({ value }: Json) => value);
const find = async (text: string, values: unknown[] = []): Promise<Json[]> =>
  (await superuser.query(text, values)).rows;

describe("whoever answers for a connection", () => {
  proves("RBAC-3", "IAM-12");
  /** A directory that an admin has set up, which gives an admin's role to a group. */
  async function byAnAdmin(more: Setting = {}) {
    const admin = await server.person(acme, "admin");
    const setting = {
      name: `Of ${admin.email}`,
      defaultRole: "viewer",
      roleMapping: { Mine: "admin" },
      ...more,
    };
    return { admin, own: await connectDirectory(server, acme, setting, admin.token) };
  }
  const add = (id: string): Json => ({ op: "add", path: "members", value: [{ value: id }] });
  const lettersOfOwner = async (): Promise<Json[]> =>
    (await owner.get("/auth/notices")).json.items.filter(({ kind }: Json) => kind === "directory-left");

  test("leaves, and the connection goes on: the next who may manage directories answers, and owners are told", async () => {
    const { admin, own } = await byAnAdmin();
    const { id } = await own.user("before");
    const group = await own.group("Mine", [id]);
    expect(await own.seen()).toMatchObject({
      answerableEmail: admin.email,
      formerName: null,
      wantsNewToken: false,
    });
    expect((await owner.delete(`/o/acme/v1/members/${admin.memberId}`)).status).toBe(204);
    expect(await own.seen()).toMatchObject({
      answerableEmail: acme.owner.email,
      formerName: "Somebody",
      wantsNewToken: true,
      outOfReach: [],
    });
    const [told] = await lettersOfOwner();
    expect(told.details).toEqual({
      directory: `Of ${admin.email}`,
      former: admin.email,
      answers: acme.owner.email,
    });
    // Provisioning goes on, both ways.
    const after = await own.user("after");
    await own.patch(`/Groups/${group}`, [add(after.id)]);
    expect(rolesOf(await own.get(`/Users/${after.id}`))).toEqual(["admin"]);
    await own.patch(`/Users/${id}`, [{ op: "replace", path: "active", value: false }]);
    expect((await own.get(`/Users/${id}`)).json).toMatchObject({ active: false, roles: [] });
    const rolled = await owner.post(`/o/acme/v1/scim-connections/${own.id}/reroll`, { overlapSeconds: 0 });
    expect(rolled.json).toMatchObject({ wantsNewToken: false, formerName: "Somebody" });
    const saved = await owner.patch(`/o/acme/v1/scim-connections/${own.id}`, { name: "Taken over" });
    expect(saved.json).toMatchObject({ answerableEmail: acme.owner.email, formerName: null });
  });

  test("steps down, which is told once and alike; what changes nothing about it is not told", async () => {
    const { admin, own } = await byAnAdmin();
    const before = (await lettersOfOwner()).length;
    const at = `/o/acme/v1/members/${admin.memberId}`;
    expect((await owner.patch(at, { roles: ["admin", "viewer"] })).status).toBe(200);
    expect((await lettersOfOwner()).length).toBe(before);
    expect((await owner.patch(at, { roles: ["member"] })).status).toBe(200);
    expect((await owner.delete(at)).status).toBe(204);
    expect((await lettersOfOwner()).length).toBe(before + 1);
    expect(await own.seen()).toMatchObject({ answerableEmail: acme.owner.email, wantsNewToken: true });
  });

  test("took its key along, and lets nobody in by it who had one: not themselves, by no way there is", async () => {
    const { admin, own } = await byAnAdmin();
    const group = await own.group("Mine");
    await own.patch(`/Groups/${group}`, [add((await own.user("bystander")).id)]);
    expect((await owner.delete(`/o/acme/v1/members/${admin.memberId}`)).status).toBe(204);
    const email = admin.email;
    const made = await own.post("/Users", {
      ...userNamed("returner", "acme"),
      userName: email,
      emails: [{ value: email, primary: true }],
    });
    expect([made.status, rolesOf(made)]).toEqual([201, []]);
    await own.patch(`/Groups/${group}`, [add(made.json.id)]);
    await own.patch(`/Users/${made.json.id}`, [{ op: "replace", path: "active", value: false }]);
    await own.patch(`/Users/${made.json.id}`, [{ op: "replace", path: "active", value: true }]);
    expect(rolesOf(await own.get(`/Users/${made.json.id}`))).toEqual([]);
    // Not even signed in any more: whoever links them takes what they could sign in with.
    expect((await server.browserOf(admin.token).get("/o/acme/v1/contacts")).status).toBe(401);
    expect((await own.faults())[0].detail).toContain("may manage it no longer");
    // With a key that they were not shown, the directory may take them back.
    const { json } = await owner.post(`/o/acme/v1/scim-connections/${own.id}/reroll`, { overlapSeconds: 0 });
    const renewed = directoryOf(server, "acme", acme.owner.token, json);
    await renewed.patch(`/Users/${made.json.id}`, [{ op: "replace", path: "active", value: false }]);
    await renewed.patch(`/Users/${made.json.id}`, [{ op: "replace", path: "active", value: true }]);
    expect(rolesOf(await renewed.get(`/Users/${made.json.id}`))).toEqual(["admin"]);
  });

  test("stepped down, and is not lifted again by the key that they keep; what they have stays", async () => {
    const { admin, own } = await byAnAdmin();
    expect((await owner.patch(`/o/acme/v1/members/${admin.memberId}`, { roles: ["viewer"] })).status).toBe(
      200,
    );
    const { email } = admin;
    const linked = await own.post("/Users", {
      ...userNamed("lifter", "acme"),
      userName: email,
      emails: [{ value: email, primary: true }],
    });
    await own.group("Mine", [linked.json.id]);
    expect(rolesOf(await own.get(`/Users/${linked.json.id}`))).toEqual(["viewer"]);
  });

  test("is nobody, and it stands still: it neither gives nor takes, nor says that nobody is here", async () => {
    const alone = await server.organization("alone");
    await verifyDomain(server, alone);
    const own = await connectDirectory(server, alone);
    const { id } = await own.user("somebody");
    const owners = "update kernel.person set ended_at = $2 where id = $1";
    // Nothing that the product has leads there: the last owner stays. Somebody did it to the rows.
    await find("set session_replication_role = replica");
    await find(owners, [alone.owner.personId, new Date()]);
    for (const answer of [
      await own.get("/Users"),
      await own.get(`/Users/${id}`),
      await own.patch(`/Users/${id}`, [{ op: "replace", path: "active", value: false }]),
      await own.post("/Users", userNamed("newcomer", "alone")),
      await own.post("/Bulk", { Operations: [{ method: "DELETE", path: `/Users/${id}` }] }),
    ])
      expect(answer.status === 403 || answer.json.Operations[0].status === "403").toBe(true);
    await find(owners, [alone.owner.personId, null]);
    await find("set session_replication_role = default");
    expect((await own.get(`/Users/${id}`)).json.active).toBe(true);
  });

  test("is asked at each use: two who leave at once leave it to a third", async () => {
    const { admin, own } = await byAnAdmin();
    const other = await server.person(acme, "admin");
    await Promise.all([admin, other].map(({ memberId }) => owner.delete(`/o/acme/v1/members/${memberId}`)));
    expect(await own.seen()).toMatchObject({ answerableEmail: acme.owner.email });
    expect((await own.user("still")).active).toBe(true);
  });

  test("is the one who is told that its key ends, and not whoever has left", async () => {
    const soon = new Date(Date.now() + 30 * 86_400_000).toISOString();
    const { admin, own } = await byAnAdmin();
    await owner.post(`/o/acme/v1/scim-connections/${own.id}/reroll`, { overlapSeconds: 0, expiresAt: soon });
    await owner.delete(`/o/acme/v1/members/${admin.memberId}`);
    await find(
      "update kernel.credential set expires_at = now() + interval '3 days' where class = 'scim' and expires_at is not null",
    );
    const answers = await find(
      `select p.email from kernel.scim_connection s join kernel.membership m on m.id = s.member_id
         join kernel.person p on p.id = kernel.answers_for(s.tenant_id, m.person_id) where s.id = $1`,
      [own.id],
    );
    expect(answers).toEqual([{ email: acme.owner.email }]);
  });
});
