import type { Client } from "pg";
import { afterAll, beforeAll } from "vitest";
import { newToken } from "../../server/foundation/ids/index.ts";
import type { Json } from "../client.ts";
import { boundAs, type Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { connectDirectory, type Directory, userNamed, verifyDomain } from "../scim-ground.ts";
import { testServer, type TestServer } from "../server.ts";
import { codeOf, counted } from "./attack-ground.ts";
import { less, lessOfView, mattersOn } from "./take-away.ts";

// Each defence of provisioning matters: without it, the attack that it is there for succeeds.

proves("IAM-12", "ISO-1", "RBAC-3");

let server: TestServer;
let acme: Organization;
let rival: Organization;
let directory: Directory;
let theirs: Directory;
let theirUser: Json;
let superuser: Client;
let number = 0;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  rival = await server.organization("rival");
  await verifyDomain(server, acme);
  await verifyDomain(server, rival);
  directory = await connectDirectory(server, acme, {
    defaultRole: "member",
    roleMapping: { Managers: "manager" },
  });
  theirs = await connectDirectory(server, rival);
  theirUser = await theirs.user("canary");
  superuser = await server.database.connectAsSuperuser();
});
afterAll(() => server.stop());
const matters = mattersOn(() => superuser);

const fresh = (): string => `person${(number += 1)}`;
const value = async (text: string, values: unknown[]): Promise<unknown> =>
  Object.values((await superuser.query(text, values)).rows[0] ?? {})[0];
const memberOf = async (id: unknown): Promise<string> =>
  String(await value("select member_id from kernel.scim_user where id = $1", [id]));
const rolesOf = async (id: string): Promise<string> =>
  (await directory.get(`/Users/${id}`)).json.roles.map((one: Json) => one.value).join(" ");

matters(
  "scim-view",
  "the wall of the view that shows users",
  ["404", "200"],
  async () => String((await directory.get(`/Users/${theirUser.id}`)).status),
  lessOfView("kernel.scim_users", [
    /WHERE \(?u\.connection_id = \( SELECT kernel\.scim_bound\(\) AS scim_bound\)\)?/g,
    "where kernel.scim_bound() is not null",
  ]),
);

matters(
  "scim-delete",
  "the connection in the deletion of a user",
  ["RF404", "1 row"],
  () => asDirectory("select kernel.scim_delete_user($1)", [theirUser.id], true),
  less("kernel.scim_delete_user(uuid)", [" and u.connection_id = connection.id", ""]),
);

matters(
  "scim-change",
  "the connection in the change of a user",
  ["RF404", "1 row"],
  () =>
    asDirectory(
      "select kernel.scim_change_users(array[$1::uuid], array[$2::jsonb])",
      [theirUser.id, { userName: "x", active: true, email: "x@y.example", name: "x", attributes: {} }],
      true,
    ),
  less("kernel.scim_write_user(kernel.scim_connection,uuid,jsonb)", [
    " and u.connection_id = connection.id",
    "",
  ]),
);

matters(
  "scim-stranger",
  "the connection of those who are put into a group",
  ["0 members", "1 members"],
  async () => {
    const group = await directory.group(fresh());
    await directory.patch(`/Groups/${group}`, [
      { op: "add", path: "members", value: [{ value: theirUser.id }] },
    ]);
    const members = await value("select count(*)::integer from kernel.scim_member where group_id = $1", [
      group,
    ]);
    await directory.delete(`/Groups/${group}`);
    return `${String(members)} members`;
  },
  less("kernel.scim_change_group(uuid,text,text,boolean,uuid[],uuid[])", [
    "u.id = any (plus) and u.connection_id = connection.id",
    "u.id = any (plus)",
  ]),
);

matters(
  "scim-class",
  "the demand for a directory's key",
  ["RF403", "1 row"],
  async () => {
    const key = newToken();
    const account = await value(
      "select m.person_id from kernel.scim_connection s join kernel.membership m on m.id = s.member_id where s.id = $1",
      [directory.id],
    );
    await superuser.query(
      `insert into kernel.credential (kind, class, digest, person_id, made_by, tenant_id, permissions)
       values ('key', 'service', sha256(sha256($1)), $2, $2, $3, '{member.provision}')`,
      [Buffer.from(key), account, acme.id],
    );
    return bound(key, "select kernel.scim_begin()", []);
  },
  less("kernel.scim_bound()", [" and c.class = 'scim'", ""]),
);

matters(
  "scim-domain",
  "the demand that the domain be verified, of a person who is somebody's already",
  ["409", "201"],
  async () => {
    const victim = await server.database.member(rival, "owner");
    await superuser.query("update kernel.person set email = $2, email_proved_at = now() where id = $1", [
      victim.personId,
      `${fresh()}@unverified.example`,
    ]);
    const email = await value("select email from kernel.person where id = $1", [victim.personId]);
    const answer = await directory.post("/Users", {
      ...userNamed(fresh(), "acme"),
      emails: [{ value: email, primary: true }],
    });
    return String(answer.status);
  },
  less("kernel.scim_create_user(jsonb)", [
    "not kernel.domain_verified(connection.tenant_id, domain)",
    "false",
  ]),
);

matters(
  "scim-name",
  "the rule that a person who has a password is their own",
  ["kept", "taken"],
  async () => {
    const name = fresh();
    const { id } = await directory.user(name);
    await superuser.query("update kernel.person set verifier = sha256('x'), recipe = '{}' where email = $1", [
      `${name}@acme.example`,
    ]);
    const moved = {
      ...userNamed(name, "acme"),
      emails: [{ value: `${fresh()}@acme.example`, primary: true }],
    };
    await directory.put(`/Users/${id}`, moved);
    return (await value("select 1 from kernel.person where email = $1", [`${name}@acme.example`])) === 1
      ? "kept"
      : "taken";
  },
  less("kernel.scim_write_user(kernel.scim_connection,uuid,jsonb)", ["p.verifier is null and ", ""]),
);

matters(
  "scim-owner-linked",
  "the refusal to link an owner",
  ["403", "201"],
  async () => {
    const owner = await server.database.member(acme, "owner");
    const answer = await directory.post("/Users", {
      ...userNamed(fresh(), "acme"),
      emails: [{ value: owner.email, primary: true }],
    });
    return String(answer.status);
  },
  less("kernel.scim_create_user(jsonb)", [
    " or not kernel.scim_reaches(connection.tenant_id, belongs.roles)",
    "",
  ]),
);

matters(
  "scim-owner-ended",
  "the rule that owners are out of a directory's reach",
  ["403 owner", "200 "],
  async () => {
    const { id } = await directory.user(fresh());
    const member = await memberOf(id);
    await superuser.query(
      "update kernel.membership set roles = '{owner}', permissions = kernel.permissions_of(tenant_id, '{owner}') where id = $1",
      [member],
    );
    const { status } = await directory.patch(`/Users/${id}`, [
      { op: "replace", path: "active", value: false },
    ]);
    return `${status} ${await rolesOf(id)}`;
  },
  less("kernel.scim_settle(kernel.scim_connection,uuid[],boolean,boolean)", [
    "where not kernel.scim_reaches(connection.tenant_id, k.had)",
    "where false",
  ]),
);

matters(
  "scim-ceiling",
  "the ceiling of what a directory gives (Keycloak CVE-2026-94000)",
  ["member", "owner"],
  async () => {
    const group = await directory.group("Everything");
    await superuser.query(
      'update kernel.scim_connection set role_mapping = role_mapping || \'{"Everything": "owner"}\' where id = $1',
      [directory.id],
    );
    const { id } = await directory.user(fresh());
    await directory.patch(`/Groups/${group}`, [{ op: "add", path: "members", value: [{ value: id }] }]);
    const roles = await rolesOf(id);
    await directory.delete(`/Groups/${group}`);
    return roles;
  },
  less("kernel.scim_may_grant(kernel.scim_connection,text)", [
    /kernel\.scim_reaches\(/g,
    "true or kernel.scim_reaches(",
  ]),
);

matters(
  "scim-answer",
  "the question who answers for the connection now",
  ["403", "200"],
  async () => {
    const lonely = await server.organization(fresh());
    const own = await connectDirectory(server, lonely);
    const gone = "update kernel.membership set ended_at = now() where tenant_id = $1 and person_id = $2";
    await superuser.query("set session_replication_role = replica");
    await superuser.query(gone, [lonely.id, lonely.owner.personId]);
    await superuser.query("set session_replication_role = default");
    return String((await own.get("/Users")).status);
  },
  less("kernel.scim_bound()", ["if found_one is not null and", "if false and"]),
);

matters(
  "scim-barred",
  "the rule that whoever had the key and left is not let back in by it",
  ["", "admin"],
  async () => {
    const admin = await server.person(acme, "admin");
    const setting = { name: fresh(), defaultRole: null, roleMapping: { A: "admin" } };
    const own = await connectDirectory(server, acme, setting, admin.token);
    await server.browserOf(acme.owner.token).delete(`/o/acme/v1/members/${admin.memberId}`);
    const emails = [{ value: admin.email, primary: true }];
    const { id } = await own.user(fresh(), { emails });
    await own.group("A", [id]);
    return (await own.get(`/Users/${id}`)).json.roles.map((one: Json) => one.value).join();
  },
  less("kernel.scim_settle(kernel.scim_connection,uuid[],boolean,boolean)", [
    "r = any (allowed) and not w.barred",
    "r = any (allowed)",
  ]),
);

matters(
  "scim-inactive",
  "the settling of what a directory says",
  ["404", "200"],
  async () => {
    const name = fresh();
    const { id } = await directory.user(name);
    const session = await sessionOf(name);
    await directory.patch(`/Users/${id}`, [{ op: "replace", path: "active", value: false }]);
    return String((await server.browserOf(session).get("/o/acme/v1/contacts")).status);
  },
  less("kernel.scim_change_users(uuid[],jsonb[])", [
    "foreach active in array '{false,true}'",
    "foreach active in array '{}'",
  ]),
);

matters(
  "scim-return",
  "the moment from which sessions of whoever came back count",
  ["403", "200"],
  async () => {
    const name = fresh();
    const { id } = await directory.user(name);
    const session = await sessionOf(name);
    for (const active of [false, true])
      await directory.patch(`/Users/${id}`, [{ op: "replace", path: "active", value: active }]);
    return String((await server.browserOf(session).get("/o/acme/v1/contacts")).status);
  },
  less("kernel.scim_settle(kernel.scim_connection,uuid[],boolean,boolean)", [
    "case when d.act = 'open' and d.been then clock_timestamp() else m.sessions_from end",
    "m.sessions_from",
  ]),
);

matters(
  "scim-way-back",
  "the end of invitations to whoever leaves",
  ["403", "200"],
  async () => {
    const name = fresh();
    const ticket = newToken();
    const { id } = await directory.user(name);
    await superuser.query(
      `insert into kernel.ticket (digest, purpose, tenant_id, email, roles, invited_by, expires_at)
       values (kernel.ticket_digest('invitation', sha256($1)), 'invitation', $2, $3, '{admin}', $4, now() + interval '1 hour')`,
      [Buffer.from(ticket), acme.id, `${name}@acme.example`, acme.owner.personId],
    );
    await directory.delete(`/Users/${id}`);
    return String((await server.stranger().get(`/auth/invitations/${ticket}`)).status);
  },
  less("kernel.off_board_all(uuid,uuid[],text)", [
    /or k\.purpose = 'invitation' and lower\(k\.email\) = any \(.*$/gm,
    ")",
  ]),
);

async function sessionOf(name: string): Promise<string> {
  const token = newToken();
  await superuser.query(
    "select kernel.mint_session(p.id, sha256($2::bytea), '127.0.0.1', 'a test') from kernel.person p where p.email = $1",
    [`${name}@acme.example`, Buffer.from(token)],
  );
  return token;
}

/** As somebody would who can run statements of their own with acme's directory's key. */
function asDirectory(text: string, values: unknown[], undo = false): Promise<string> {
  return bound(directory.token, text, values, undo);
}

async function bound(token: string, text: string, values: unknown[], undo = false): Promise<string> {
  const api = await server.database.connectAs("api");
  let seen = "";
  const over = new Error("over");
  try {
    await boundAs(api, { token, slug: "acme", needs: ["member.provision"] }, async () => {
      seen = counted((await api.query(text, values)).rowCount ?? 0);
      if (undo) throw over;
    });
  } catch (thrown) {
    if (thrown !== over) seen = codeOf(thrown);
  }
  await api.end();
  return seen;
}
