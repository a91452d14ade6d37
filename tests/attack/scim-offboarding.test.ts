import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { newToken, sha256 } from "../../server/foundation/ids/index.ts";
import type { Json } from "../client.ts";
import { enter, type Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { connectDirectory, type Directory, patchSchema, userNamed, verifyDomain } from "../scim-ground.ts";
import { testServer, type TestServer } from "../server.ts";
import { codeOf } from "./attack-ground.ts";
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
interface Leaver {
  readonly name: string;
  /** In the directory; null for one that it does not know yet. */
  readonly id: string | null;
  readonly group: string;
  readonly memberId: string;
  readonly personId: string;
  readonly session: string;
  readonly confined: string;
  readonly access: string;
  readonly refreshId: string;
  readonly key: string;
  readonly invitation: string;
  /** An older one to their own address. */
  readonly returnTicket: string;
  readonly waitingJob: string;
  readonly runningJob: string;
  readonly lease: Buffer;
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
  const session = await minted(db, personId, null);
  const confined = await minted(db, personId, acme.id);
  const access = newToken();
  await db.query(
    `with session as (
       select * from kernel.credential where digest = sha256(sha256($2))
     ), family as (
       insert into kernel.credential (kind, digest, person_id, parent_id)
       select 'refresh', sha256(uuid_send(gen_random_uuid())), person_id, id from session returning id
     )
     insert into kernel.credential (kind, digest, person_id, parent_id, family_id, factors, proved_at)
     select 'access', sha256(sha256($1)), s.person_id, s.id, f.id, s.factors, s.proved_at from session s, family f`,
    [Buffer.from(access), Buffer.from(session)],
  );
  const refresh = await db.query(
    `insert into kernel.credential (kind, digest, person_id, parent_id)
     select 'refresh', sha256(sha256($1)), person_id, id from kernel.credential where digest = sha256(sha256($2)) returning id`,
    [Buffer.from(newToken()), Buffer.from(confined)],
  );
  const browser = server.browserOf(session);
  const key = (await browser.post("/o/acme/v1/keys", { name: "mine" })).json.key;
  const invitation = newToken();
  await db.query(
    `insert into kernel.ticket (digest, purpose, tenant_id, email, roles, invited_by, expires_at)
     values (kernel.ticket_digest('invitation', sha256($1)), 'invitation', $2, $3, '{viewer}', $4, now() + interval '1 hour')`,
    [Buffer.from(invitation), acme.id, `friend-of-${name}@elsewhere.example`, personId],
  );
  const returnTicket = newToken();
  await db.query(
    `insert into kernel.ticket (digest, purpose, tenant_id, email, roles, invited_by, expires_at)
     values (kernel.ticket_digest('invitation', sha256($1)), 'invitation', $2, $3, '{admin}', $4, now() + interval '1 hour')`,
    [Buffer.from(returnTicket), acme.id, `${name.toUpperCase()}@acme.example`, acme.owner.personId],
  );
  const lease = sha256(newToken());
  const jobs = await db.query(
    `insert into kernel.job (tenant_id, kind, payload, member_id, person_id, actor_email, state, lease_digest, leased_until)
     select $1, 'imports.tidy', '{}', $2, $3, 'x', s, sha256($4), now() + interval '5 minutes' from unnest(array['waiting', 'running']) s returning id`,
    [acme.id, memberId, personId, lease],
  );
  // Twice, so that a pass is made of each.
  for (let time = 0; time < 3; time += 1)
    for (const asking of [server.browserOf(session), server.browserOf(confined), server.bearer(key)])
      expect((await asking.get("/o/acme/v1/contacts")).status).toBe(200);
  const passes = await db.query("select 1 from kernel.pass where member_id = $1", [memberId]);
  expect(passes.rows.length).toBeGreaterThanOrEqual(3);
  expect(await entering(access)).toBe("in");
  expect(await jobbing(jobs.rows[1].id, lease)).toBe("in");
  await db.end();
  return {
    name,
    id,
    group,
    memberId,
    personId,
    session,
    confined,
    access,
    key,
    invitation,
    returnTicket,
    lease,
    refreshId: refresh.rows[0].id,
    waitingJob: jobs.rows[0].id,
    runningJob: jobs.rows[1].id,
  };
}

async function minted(
  db: Awaited<ReturnType<TestServer["database"]["connectAsSuperuser"]>>,
  personId: string,
  sso: string | null,
): Promise<string> {
  const token = newToken();
  await db.query(
    "select kernel.mint_session($1, sha256($2::bytea), '127.0.0.1', 'a test', '{password}', $3)",
    [personId, Buffer.from(token), sso],
  );
  return token;
}

/** Whether a token opens acme, asked of the database as the API does. */
async function entering(token: string): Promise<string> {
  const api = await server.database.connectAs("api");
  await api.query("begin");
  const said = await enter(api, token, "acme", ["contact.read"]).then(() => "in", codeOf);
  await api.query("rollback");
  await api.end();
  return said;
}

async function jobbing(id: string, lease: Buffer): Promise<string> {
  const worker = await server.database.connectAs("worker");
  await worker.query("begin");
  const said = await worker.query("select kernel.enter_job($1, $2)", [id, lease]).then(() => "in", codeOf);
  await worker.query("rollback");
  await worker.end();
  return said;
}

/** What is left of somebody's access, kind by kind. */
async function left(it: Leaver): Promise<Record<string, unknown>> {
  const ask = async (client: ReturnType<TestServer["bearer"]>): Promise<number> =>
    (await client.get("/o/acme/v1/contacts")).status;
  const db = await server.database.connectAsSuperuser();
  const one = async (text: string, value: string): Promise<unknown> =>
    Object.values((await db.query(text, [value])).rows[0] ?? {})[0];
  const seen = {
    session: await ask(server.browserOf(it.session)),
    confinedSession: await ask(server.browserOf(it.confined)),
    accessToken: await entering(it.access),
    refreshToken: await one("select ended_at is not null from kernel.credential where id = $1", it.refreshId),
    key: await ask(server.bearer(it.key)),
    returnTicket: (await server.stranger().get(`/auth/invitations/${it.returnTicket}`)).status,
    invitation: (await server.stranger().get(`/auth/invitations/${it.invitation}`)).status,
    waitingJob: await one("select state from kernel.job where id = $1", it.waitingJob),
    runningJob: await jobbing(it.runningJob, it.lease),
    pass: await one("select count(*)::integer from kernel.pass where member_id = $1", it.memberId),
  };
  await db.end();
  return seen;
}

const nothing = {
  session: 404,
  confinedSession: 401,
  accessToken: "RF404",
  refreshToken: true,
  key: 401,
  returnTicket: 403,
  invitation: 403,
  waitingJob: "cancelled",
  runningJob: "RF401",
  pass: 0,
};

describe("off-boarding by a directory", () => {
  proves("IAM-12");

  test.each(paths)("leaves nothing of ten kinds of access: %s", async (name, leave) => {
    const it = await somebody(!name.startsWith("POST that links"));
    expect(await leave(it)).toBeLessThan(300);
    expect(await left(it)).toEqual(nothing);
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
      many(() => server.bearer(it.key)),
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
      expect(await left(it)).toEqual({ ...nothing, session: 403, accessToken: "RF403" });
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
    expect(await left(it)).toEqual({ ...nothing, session: 403, accessToken: "RF403" });
    await directory.delete(`/Groups/${it.group}`);
  });

  test("is the directory's word after people here removed somebody, and not a side effect of anything else", async () => {
    const it = await somebody(true);
    const owner = server.browserOf(acme.owner.token);
    expect((await owner.delete(`/o/acme/v1/members/${it.memberId}`)).status).toBe(204);
    expect((await directory.get(`/Users/${it.id}`)).json.active).toBe(false);
    await patching(it, { op: "replace", path: "title", value: "Still gone" });
    const other = await directory.group("Old", [String(it.id)]);
    expect(await left(it)).toEqual(nothing);
    expect((await patching(it, { op: "replace", path: "active", value: true })).json.active).toBe(true);
    expect((await left(it))["session"]).toBe(403);
    for (const group of [it.group, other]) await directory.delete(`/Groups/${group}`);
  });
});
