import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer, Json } from "../client.ts";
import type { Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { connectDirectory, type Directory, userNamed, verifyDomain } from "../scim-ground.ts";
import { testServer, type TestServer } from "../server.ts";

// What a directory could be used for by whoever runs it: to take over people of others, to rise above its maker, to throw owners out.

let server: TestServer;
let acme: Organization;
let rival: Organization;
let directory: Directory;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  rival = await server.organization("rival");
  await verifyDomain(server, acme);
  directory = await connectDirectory(server, acme, { roleMapping: { Admins: "admin", Managers: "manager" } });
});
afterAll(() => server.stop());

const scimError = ({ status, json }: Answer): unknown => [status, json?.status, json?.scimType];
const rolesOf = ({ json }: Answer): string[] => json.roles.map(({ value }: Json) => value);
const find = async (text: string, values: unknown[]): Promise<Json[]> => {
  const db = await server.database.connectAsSuperuser();
  const { rows } = await db.query(text, values);
  await db.end();
  return rows;
};
const named = (email: string): Record<string, unknown> => ({
  ...userNamed(email, "acme"),
  userName: email,
  externalId: `x-${email}`,
  emails: [{ value: email, primary: true }],
});

describe("an address in a domain that the organization has not verified", () => {
  proves("IAM-12");

  test("is neither linked nor made, and is told alike whether or not somebody has it (better-auth #9974)", async () => {
    const victim = await server.database.member(rival, "owner");
    const taken = await directory.post("/Users", named(victim.email));
    const free = await directory.post("/Users", named("nobody@rival.example"));
    expect(scimError(taken)).toEqual([409, "409", undefined]);
    expect(taken.text).toBe(free.text);
    expect(
      await find("select 1 from kernel.membership where tenant_id = $1 and person_id = $2", [
        acme.id,
        victim.personId,
      ]),
    ).toEqual([]);
    // Nobody waits there for the owner of the address (pre-hijack).
    expect(await find("select 1 from kernel.person where email = 'nobody@rival.example'", [])).toEqual([]);
    expect((await server.browserOf(victim.token).get("/o/rival/v1/contacts")).status).toBe(200);
  });

  test("cannot be reached by look-alikes, capitals, sub-domains, spaces or a second @", async () => {
    for (const email of [
      "a@acme.example.evil.example",
      "a@xacme.example",
      "a@ACME.example.",
      "a@acme.ex\u0430mple",
      "a@evil.example@acme.example",
      '"a@evil.example"@acme.example',
      "a @acme.example",
      "a@acme.example\n",
      "@acme.example",
      "a@[127.0.0.1]",
    ]) {
      const answer = await directory.post("/Users", named(email));
      expect([email, answer.status >= 400 && answer.status < 500]).toEqual([
        email,
        email !== "a@acme.example\n",
      ]);
    }
    expect(
      await find("select email from kernel.person where email like '%evil%' or email like '%xacme%'", []),
    ).toEqual([]);
  });

  test("is no way to change the address of somebody who is there", async () => {
    const { id } = await directory.user("renamed");
    const moved = await directory.patch(`/Users/${id}`, [
      { op: "replace", path: "emails", value: [{ value: "ceo@rival.example", primary: true }] },
    ]);
    expect(moved.status).toBe(200);
    expect(
      await find(
        "select email from kernel.person p where p.email in ('ceo@rival.example', 'renamed@acme.example')",
        [],
      ),
    ).toEqual([{ email: "renamed@acme.example" }]);
  });
});

describe("an address in a verified domain", () => {
  test("links the person who has it, and leaves name, address, password and other organizations theirs", async () => {
    const existing = await server.database.member(rival, "viewer");
    await find(
      "update kernel.person set email = 'both@acme.example', name = 'Own Name', email_proved_at = now() where id = $1",
      [existing.personId],
    );
    const { id } = await directory.user("both");
    await directory.patch(`/Users/${id}`, [
      { op: "replace", path: "displayName", value: "Directory's Name" },
      { op: "replace", path: 'emails[type eq "work"].value', value: "other@acme.example" },
      { op: "replace", path: "userName", value: "other@acme.example" },
    ]);
    expect(
      await find("select email, name, verifier is not null as own from kernel.person where id = $1", [
        existing.personId,
      ]),
    ).toEqual([{ email: "both@acme.example", name: "Own Name", own: true }]);
    expect((await server.browserOf(existing.token).get("/o/acme/v1/contacts")).status).toBe(200);
    await directory.delete(`/Users/${id}`);
    expect((await server.browserOf(existing.token).get("/o/rival/v1/contacts")).status).toBe(200);
  });

  test("is the directory's to change while nobody has made the person their own", async () => {
    const { id } = await directory.user("maiden");
    await directory.put(`/Users/${id}`, { ...named("married@acme.example"), displayName: "Married" });
    expect(await find("select name from kernel.person where email = 'married@acme.example'", [])).toEqual([
      { name: "Married" },
    ]);
    await find(
      "update kernel.person set verifier = sha256('x'), recipe = '{}' where email = 'married@acme.example'",
      [],
    );
    await directory.put(`/Users/${id}`, { ...named("third@acme.example"), displayName: "Third" });
    expect(
      await find(
        "select email from kernel.person where email in ('married@acme.example', 'third@acme.example')",
        [],
      ),
    ).toEqual([{ email: "married@acme.example" }]);
  });

  test("is refused where the connection is limited to other domains", async () => {
    const narrow = await connectDirectory(server, acme, { name: "Narrow", domains: ["eu.acme.example"] });
    expect(scimError(await narrow.post("/Users", userNamed("outside", "acme")))).toEqual([
      403,
      "403",
      undefined,
    ]);
  });
});

describe("owners", () => {
  proves("RBAC-3");

  test("are not linked, and whoever became one later is left alone by every way there is", async () => {
    expect(scimError(await directory.post("/Users", named(acme.owner.email)))).toEqual([
      403,
      "403",
      undefined,
    ]);
    const { id } = await directory.user("promoted");
    const group = await directory.group("Managers", [id]);
    const [{ member_id: memberId }] = await find("select member_id from kernel.scim_user where id = $1", [
      id,
    ]);
    const browser = server.browserOf(acme.owner.token);
    expect((await browser.patch(`/o/acme/v1/members/${memberId}`, { roles: ["owner"] })).status).toBe(200);
    for (const answer of [
      await directory.patch(`/Users/${id}`, [{ op: "replace", path: "active", value: false }]),
      await directory.put(`/Users/${id}`, { ...userNamed("promoted", "acme"), active: "False" }),
      await directory.delete(`/Users/${id}`),
    ])
      expect(scimError(answer)).toEqual([403, "403", undefined]);
    expect((await directory.delete(`/Groups/${group}`)).status).toBe(204);
    const user = await directory.get(`/Users/${id}`);
    expect([user.json.active, rolesOf(user)]).toEqual([true, ["owner"]]);
    expect((await directory.faults()).map(({ detail }: Json) => detail).join()).toContain("owners");
    await browser.patch(`/o/acme/v1/members/${memberId}`, { roles: ["viewer"] });
    expect((await directory.delete(`/Users/${id}`)).status).toBe(204);
  });

  test("are not made: by mapping, by the roles of a PUT, PATCH or POST (langfuse PR #13539)", async () => {
    const browser = server.browserOf(acme.owner.token);
    for (const setting of [
      { defaultRole: "owner", roleMapping: {} },
      { defaultRole: null, roleMapping: { X: "owner" } },
    ]) {
      const made = await browser.post("/o/acme/v1/scim-connections", { name: "x", domains: [], ...setting });
      expect([made.status, made.json.detail]).toEqual([422, "a directory gives no more than an admin holds"]);
    }
    const at = `/o/acme/v1/scim-connections/${directory.id}`;
    expect((await browser.patch(at, { roleMapping: { Admins: "owner" } })).status).toBe(422);
    expect((await browser.patch(at, { defaultRole: "no-such-role" })).status).toBe(422);
    expect((await browser.patch(at, { defaultRole: ":provisioner" })).status).toBe(422);
    const roles = [{ value: "owner", primary: true }];
    const { id } = await directory.user("climber", { roles });
    await directory.put(`/Users/${id}`, { ...userNamed("climber", "acme"), title: "x", roles });
    expect(
      scimError(await directory.patch(`/Users/${id}`, [{ op: "replace", path: "roles", value: roles }])),
    ).toEqual([400, "400", "mutability"]);
    await directory.patch(`/Users/${id}`, [{ op: "replace", value: { roles, title: "y" } }]);
    expect(rolesOf(await directory.get(`/Users/${id}`))).toEqual(["member"]);
  });

  test("are not made by a mapping that somebody wrote past the checks", async () => {
    await find(
      'update kernel.scim_connection set role_mapping = role_mapping || \'{"Owners": "owner", "Own": ":provisioner"}\' where id = $1',
      [directory.id],
    );
    const { id } = await directory.user("forged");
    await directory.group("Owners", [id]);
    await directory.group("Own", [id]);
    expect(rolesOf(await directory.get(`/Users/${id}`))).toEqual(["member"]);
    expect((await directory.seen()).outOfReach).toEqual([":provisioner", "owner"]);
  });
});
