import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { declaredRoutes } from "../declared-routes.ts";
import type { Answer, Json } from "../client.ts";
import { boundAs, enter, type Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import {
  connectDirectory,
  type Directory,
  directoryOf,
  groupSchema,
  patchSchema,
  userNamed,
  verifyDomain,
} from "../scim-ground.ts";
import { testServer, type TestServer } from "../server.ts";
import { codeOf } from "./attack-ground.ts";
import { requestFor } from "./door-requests.ts";

// Two organizations with a directory each, and a second directory in the first: none reaches a row of another.

let server: TestServer;
let acme: Organization;
let rival: Organization;
let ours: Directory;
let beside: Directory;
let theirs: Directory;
let theirUser: Json;
let theirGroup: string;
let besideUser: Json;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  rival = await server.organization("rival");
  await verifyDomain(server, acme);
  await verifyDomain(server, rival);
  ours = await connectDirectory(server, acme);
  beside = await connectDirectory(server, acme, { name: "Beside" });
  theirs = await connectDirectory(server, rival);
  theirUser = await theirs.user("canary");
  theirGroup = await theirs.group("Canaries", [theirUser.id]);
  besideUser = await beside.user("neighbour");
});
afterAll(() => server.stop());

const plain = ({ status, text }: Answer): unknown => [status, text];
const protocolRoutes = declaredRoutes().filter((route) => route.kind === "protocol");
const filtered = (filter: string): string => `filter=${encodeURIComponent(filter)}`;

/** Everything that SCIM could have written for an organization other than by its own directory. */
async function fingerprint(): Promise<string> {
  const db = await server.database.connectAsSuperuser();
  const { rows } = await db.query(
    `select md5(string_agg(x, ',' order by x)) as mark from (
       select u::text as x from kernel.scim_user u where tenant_id = $1 or connection_id = $2
       union all select g::text from kernel.scim_group g where tenant_id = $1
       union all select x::text from kernel.scim_member x join kernel.scim_group g on g.id = x.group_id where g.tenant_id = $1
       union all select m::text from kernel.membership m where tenant_id = $1
       union all select count(*)::text from kernel.audit_event e where tenant_id = $1 and e.action <> 'refused') s`,
    [rival.id, beside.id],
  );
  await db.end();
  return rows[0].mark;
}

describe("ids of another directory, in another organization or the same", () => {
  proves("ISO-1", "ISO-5", "IAM-12");

  test("in the path are like none, by every method, and nothing of theirs changes", async () => {
    const before = await fingerprint();
    const none = "0198c0de-0000-7000-8000-00000000dead";
    const operations = {
      schemas: [patchSchema],
      Operations: [{ op: "replace", value: { displayName: "taken" } }],
    };
    for (const [kind, ids] of [
      ["Users", [theirUser.id, besideUser.id]],
      ["Groups", [theirGroup]],
    ] as const) {
      for (const [method, body] of [
        ["GET", undefined],
        ["PUT", { ...userNamed("taken", "acme"), displayName: "taken" }],
        ["PATCH", operations],
        ["DELETE", undefined],
      ] as const) {
        const missing = await ours.send(method, `/${kind}/${none}`, body);
        expect(missing.status).toBe(404);
        for (const id of ids) {
          expect(plain(await ours.send(method, `/${kind}/${id}`, body))).toEqual(plain(missing));
          expect(
            plain(await ours.send(method, `/${kind}/${id.toUpperCase()}`, body, { "if-match": "*" })),
          ).toEqual(plain(missing));
        }
      }
    }
    expect(await fingerprint()).toBe(before);
  });

  test("as members of a group, in POST, PUT, PATCH and bulk, are left out", async () => {
    const before = await fingerprint();
    const mine = await ours.user("mine");
    const members = [
      { value: theirUser.id },
      { value: besideUser.id },
      { value: theirGroup },
      { value: mine.id },
    ];
    const made = await ours.post("/Groups", { schemas: [groupSchema], displayName: "Mixed", members });
    const at = `/Groups/${made.json.id}`;
    expect(made.json.members.map(({ value }: Json) => value)).toEqual([mine.id]);
    expect((await ours.put(at, { displayName: "Mixed", members })).json.members).toHaveLength(1);
    await ours.patch(at, [
      { op: "add", path: "members", value: members },
      { op: "add", path: `members[value eq "${theirUser.id}"]`, value: {} },
    ]);
    await ours.post("/Bulk", {
      Operations: [
        { method: "PATCH", path: at, data: { Operations: [{ op: "add", path: "members", value: members }] } },
      ],
    });
    const { text, json } = await ours.get(at);
    expect(json.members).toHaveLength(1);
    expect(text).not.toContain("canary");
    expect(await fingerprint()).toBe(before);
  });

  test("in a filter find nobody", async () => {
    for (const filter of [
      `id eq "${theirUser.id}"`,
      `id ne "${ours.id}" and userName co "canary"`,
      'userName eq "canary@rival.example"',
      'externalId eq "ext-canary"',
      `groups.value eq "${theirGroup}"`,
      `groups[value eq "${theirGroup}"]`,
      'emails[value ew "rival.example"]',
      'not (userName sw "mine") and userName pr',
    ]) {
      const { status, text } = await ours.get(`/Users?${filtered(filter)}`);
      expect([filter, status, /canary|neighbour/.test(text)]).toEqual([filter, 200, false]);
    }
    const groups = await ours.get(
      `/Groups?${filtered(`members.value eq "${theirUser.id}" or displayName eq "Canaries"`)}`,
    );
    expect(groups.json.totalResults).toBe(0);
  });

  test("in a bulk, as target and as bulkId, are missed", async () => {
    const before = await fingerprint();
    const { json } = await ours.post("/Bulk", {
      Operations: [
        { method: "DELETE", path: `/Users/${theirUser.id}` },
        {
          method: "PATCH",
          path: `/Groups/${theirGroup}`,
          data: { Operations: [{ op: "remove", path: "members" }] },
        },
        {
          method: "POST",
          path: "/Groups",
          bulkId: theirUser.id,
          data: { displayName: "Named alike", members: [{ value: `bulkId:${theirUser.id}` }] },
        },
        { method: "PUT", path: `/Users/bulkId:${theirUser.id}`, data: userNamed("x", "acme") },
      ],
    });
    expect(json.Operations.map((one: Json) => one.status)).toEqual(["404", "404", "409", "409"]);
    expect(await fingerprint()).toBe(before);
  });

  test("of a member, a person, an organization or a connection are none of a user", async () => {
    for (const id of [acme.owner.memberId, acme.owner.personId, acme.id, ours.id]) {
      expect((await ours.get(`/Users/${id}`)).status).toBe(404);
      expect((await ours.delete(`/Users/${id}`)).status).toBe(404);
    }
  });

  test("of another organization's connection are none to its administrators", async () => {
    const before = await fingerprint();
    const browser = server.browserOf(acme.owner.token);
    const at = `/o/acme/v1/scim-connections/${theirs.id}`;
    for (const answer of [
      await browser.patch(at, { name: "taken" }),
      await browser.post(`${at}/reroll`, { overlapSeconds: 0 }),
      await browser.delete(at),
      await browser.get(`${at}/faults`),
      await browser.get(`${at}/groups`),
    ])
      expect(answer.status).toBe(404);
    expect((await theirs.get("/Users")).status).toBe(200);
    expect(await fingerprint()).toBe(before);
  });
});

describe("the doors of SCIM", () => {
  proves("ISO-5", "RBAC-1");
  const each = protocolRoutes.map((route) => [`${route.method} ${route.path}`, route] as const);

  test.each(each)("let nobody in without a directory's key: %s", async (_, route) => {
    const { method, path, sending } = requestFor(route, "");
    const headers = {
      ...sending.headers,
      ...(route.body === undefined ? {} : { "content-type": "application/scim+json" }),
    };
    const body = route.body === undefined ? {} : { body: userNamed("nobody", "acme") };
    const personal = await (keyOfOwner ??= server.database.key(acme, acme.owner));
    const browser = server.browserOf(acme.owner.token);
    const answers = [
      await server.stranger().send(method, path, { headers, ...body }),
      await server.bearer(`rf_scim_${"n".repeat(43)}`).send(method, path, { headers, ...body }),
      await browser.send(method, path, {
        headers: { ...headers, "x-csrf-token": await (csrf ??= browser.csrf()) },
        ...body,
      }),
      await server.bearer(personal).send(method, path, { headers, ...body }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 403]);
    for (const { headers: told, json } of answers) {
      expect(told["content-type"]).toBe("application/scim+json; charset=utf-8");
      expect(json.schemas).toEqual(["urn:ietf:params:scim:api:messages:2.0:Error"]);
    }
  });
  let keyOfOwner: Promise<string> | undefined;
  let csrf: Promise<string> | undefined;

  test("are all that a directory's key opens", async () => {
    const key = server.bearer(ours.token);
    for (const route of declaredRoutes().filter(({ kind }) => kind === "tenant")) {
      const { method, path, sending } = requestFor(route, "/v1");
      const { status } = await key.send(method, path, sending);
      expect([route.method, route.path, status]).toEqual([route.method, route.path, 403]);
    }
    expect((await key.get("/auth/me")).status).toBe(401);
    expect((await key.get("/o/rival/v1/contacts")).status).toBe(404);
  });

  test("ask the database for the connection: the permission alone is not enough", async () => {
    const api = await server.database.connectAs("api");
    const db = await server.database.connectAsSuperuser();
    // As if somebody had found a way to give the permission to a person.
    await db.query(
      "update kernel.membership set permissions = permissions || '{member.provision}' where id = $1",
      [acme.owner.memberId],
    );
    const who = { token: acme.owner.token, slug: "acme", needs: ["member.provision"] };
    const seen = await boundAs(api, who, async () => {
      const counts = [];
      for (const view of ["scim_users", "scim_groups", "scim_members"])
        counts.push((await api.query(`select 1 from kernel.${view}`)).rowCount);
      return counts;
    });
    expect(seen).toEqual([0, 0, 0]);
    for (const call of [
      "kernel.scim_begin()",
      "kernel.scim_create_user('{}')",
      `kernel.scim_delete_user('${besideUser.id}')`,
      "kernel.scim_report('x', 1, 'x')",
    ]) {
      const code = await boundAs(api, who, () => api.query(`select ${call}`)).then(() => "done", codeOf);
      expect([call, code]).toEqual([call, "RF403"]);
    }
    await db.query(
      "update kernel.membership set permissions = array_remove(permissions, 'member.provision') where id = $1",
      [acme.owner.memberId],
    );
  });

  test("show nothing to another permission, and nothing of the tables behind", async () => {
    const api = await server.database.connectAs("api");
    await api.query("begin");
    await enter(api, acme.owner.token, "acme", ["contact.read"]);
    for (const view of [
      "scim_users",
      "scim_groups",
      "scim_members",
      "scim_connections",
      "scim_faults",
      "scim_group_names",
    ])
      expect((await api.query(`select 1 from kernel.${view}`)).rowCount).toBe(0);
    await api.query("rollback");
    for (const table of ["scim_connection", "scim_user", "scim_group", "scim_member", "scim_fault"]) {
      const code = await api.query(`select 1 from kernel.${table}`).then(() => "seen", codeOf);
      expect([table, code]).toEqual([table, "42501"]);
    }
    const internal = [
      "kernel.scim_settle(null, '{}', true, false)",
      "kernel.scim_note(null, '', 1, '')",
      "kernel.scim_hands()",
      "kernel.domain_verified(null, '')",
    ];
    for (const call of internal)
      expect([call, await api.query(`select ${call}`).then(() => "done", codeOf)]).toEqual([call, "42501"]);
  });

  test("end with the connection, the tenant's address list and the key's end", async () => {
    const own = await connectDirectory(server, acme, { name: "Listed" });
    const db = await server.database.connectAsSuperuser();
    await db.query("update kernel.tenant set networks = '{203.0.113.0/24}' where id = $1", [acme.id]);
    expect((await own.get("/Users")).status).toBe(403);
    await db.query("update kernel.tenant set networks = null where id = $1", [acme.id]);
    await db.query(
      "update kernel.credential set expires_at = now() - interval '1 s' where class = 'scim' and name = 'Listed'",
    );
    expect((await own.get("/Users")).status).toBe(401);
  });

  test("count a directory's requests in a bucket of its own", async () => {
    const limited = await testServer({}, server.database, null);
    const own = directoryOf(limited, "acme", acme.owner.token, ours);
    const { headers } = await own.get("/Users?count=1");
    expect(headers["ratelimit-policy"]).toContain('"directory";q=1800;w=60');
    await limited.stop();
  });
});
