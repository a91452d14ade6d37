import type { Client as Database } from "pg";
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import { sha256 } from "../../server/foundation/ids/index.ts";
import type { Client } from "../client.ts";
import { proves } from "../proves.ts";
import { connectDirectory, userNamed } from "../scim-ground.ts";
import { account, enrolTotp } from "../second-factors.ts";
import { type Person, testServer, type TestServer } from "../server.ts";
import type { Org } from "../sso-world.ts";
import { attack } from "./attack.ts";
import { less, mattersOn, sql } from "./take-away.ts";

// While single sign-on is demanded, an owner who gets in without it is always left: whoever is taken away, by whatever way.

proves("IAM-7", "IAM-17");

let server: TestServer;
let db: Database;
let acme: Org;
let ada: Person;
let grace: Person;

beforeAll(async () => {
  server = await testServer();
  db = await server.database.connectAsSuperuser();
  acme = await server.organization("acme");
  ada = await server.person(acme, "owner");
  grace = await server.person(acme, "owner");
});
afterAll(() => server.stop());
const matters = mattersOn(() => db);

/** Both are owners; who is named here gets in without single sign-on, the others have come by it. */
async function standing(...breakGlass: readonly Person[]): Promise<void> {
  const named = breakGlass.map(({ memberId }) => memberId);
  const people = [ada, grace];
  await db.query("update kernel.tenant set sso_enforced = false where id = $1", [acme.id]);
  await db.query(
    `update kernel.membership set roles = '{owner}', permissions = kernel.permissions_of(tenant_id, '{owner}'), ended_at = null, break_glass = id = any ($2)
      where id = any ($1)`,
    [people.map(({ memberId }) => memberId), named],
  );
  await db.query("update kernel.person set second_factor_since = now() where id = any ($1)", [
    people.map(({ personId }) => personId),
  ]);
  await db.query(
    `update kernel.credential set ended_at = null, proved_at = now(), second_factor_at = now(), sso_tenant_id = $2 where digest = any ($1)`,
    [people.map(({ token }) => sha256(sha256(token))), acme.id],
  );
  await db.query("update kernel.tenant set sso_enforced = true where id = $1", [acme.id]);
}
beforeEach(() => standing(ada));

const at = (path: string): string => `/o/acme/v1${path}`;
async function versionOf(who: Person): Promise<number> {
  const { rows } = await db.query("select version from kernel.membership where id = $1", [who.memberId]);
  return rows[0].version;
}
const demote = async (by: Client, who: Person) =>
  by.patch(at(`/members/${who.memberId}`), { roles: ["admin"] }, { version: await versionOf(who) });
const remove = (by: Client, who: Person) => by.delete(at(`/members/${who.memberId}`));
const unmark = async (by: Client, who: Person) =>
  by.send("PUT", at(`/members/${who.memberId}/break-glass`), {
    body: { breakGlass: false },
    headers: { "x-csrf-token": await by.csrf(), "sec-fetch-site": "same-origin" },
  });
async function left(): Promise<number> {
  const { rows } = await db.query(
    `select count(*)::integer as count from kernel.membership m join kernel.person p on p.id = m.person_id
      where m.tenant_id = $1 and m.break_glass and m.ended_at is null and 'owner' = any (m.roles) and p.second_factor_since is not null`,
    [acme.id],
  );
  return rows[0].count;
}

const ways: Readonly<Record<string, () => Promise<{ status: number; json: { detail: string } }>>> = {
  "another owner gives them another role": () => demote(grace.browser, ada),
  "another owner removes them": () => remove(grace.browser, ada),
  "another owner takes the mark away": () => unmark(grace.browser, ada),
  "they give themselves another role": () => demote(ada.browser, ada),
  "they leave": () => remove(ada.browser, ada),
  "they lay the mark down": () => unmark(ada.browser, ada),
  "another owner takes their factors away": () =>
    grace.browser.post(at(`/members/${ada.memberId}/reset-factors`)),
};

attack(
  {
    id: "D-last-break-glass",
    title: `the last owner who gets in without single sign-on is taken away: ${Object.keys(ways).join(", ")}`,
    expected: "409; they get in",
  },
  async () => {
    for (const [way, take] of Object.entries(ways)) {
      const { status, json } = await take();
      expect([way, status, json.detail]).toEqual([
        way,
        409,
        "the last owner who gets in without single sign-on stays",
      ]);
      expect([way, (await ada.browser.get(at("/members"))).status, await left()]).toEqual([way, 200, 1]);
    }
    return "409; they get in";
  },
);

attack(
  {
    id: "D-last-break-glass-spare",
    title:
      "the same with another one beside them who has no second factor, has left, is no owner, or belongs to another organization",
    expected: "409",
  },
  async () => {
    const other = await server.organization("other");
    const spare = await server.person(other, "owner");
    await db.query("update kernel.membership set break_glass = true where id = $1", [spare.memberId]);
    await db.query("update kernel.person set second_factor_since = now() where id = $1", [spare.personId]);
    const changes = [
      ["person", "second_factor_since = null", grace.personId],
      ["membership", "ended_at = now()", grace.memberId],
      ["membership", "roles = '{admin}'", grace.memberId],
    ] as const;
    for (const [table, change, id] of changes) {
      await standing(ada, grace);
      await db.query(`update kernel.${table} set ${change} where id = $1`, [id]);
      expect([change, (await unmark(ada.browser, ada)).status]).toEqual([change, 409]);
    }
    return "409";
  },
);

attack(
  {
    id: "D-last-break-glass-scim",
    title: "a directory deactivates, deletes or gives another role to the last one",
    expected: "refused",
  },
  async () => {
    const directory = await connectDirectory(server, acme, {}, ada.token);
    const { rows } = await db.query("select email from kernel.person where id = $1", [ada.personId]);
    const pushed = await directory.post("/Users", {
      ...userNamed("ada", "acme"),
      userName: rows[0].email,
      emails: [{ value: rows[0].email, primary: true }],
    });
    expect(pushed.status).toBe(403);
    // Linked by hand, as no push could, the directory still reaches no owner.
    const linked = await db.query(
      `insert into kernel.scim_user (tenant_id, connection_id, member_id, user_name, user_key, attributes, active, made_person)
       values ($1, $2, $3, $4, lower($4), '{}', true, false) returning id`,
      [acme.id, directory.id, ada.memberId, rows[0].email],
    );
    const path = `/Users/${linked.rows[0].id}`;
    await directory.patch(path, [{ op: "replace", path: "active", value: false }]);
    await directory.delete(path);
    expect(await left()).toBe(1);
    expect((await ada.browser.get(at("/members"))).status).toBe(200);
    return "refused";
  },
);

attack(
  {
    id: "D-last-break-glass-self",
    title: "they take their own last second factor away, by which they would get in",
    expected: "409 while they are the last, 204 beside another",
  },
  async () => {
    const who = await account(server, acme, "owner");
    const person = { ...ada, ...who };
    await db.query("update kernel.tenant set sso_enforced = false where id = $1", [acme.id]);
    const { id: factorId } = await enrolTotp(who.browser);
    await db.query("update kernel.membership set break_glass = (id = $2) where tenant_id = $1", [
      acme.id,
      person.memberId,
    ]);
    await db.query("update kernel.tenant set sso_enforced = true where id = $1", [acme.id]);
    const take = () => who.browser.delete(`/auth/factors/${factorId}`);
    const last = await take();
    expect([last.status, last.json.detail]).toEqual([
      409,
      "the last owner who gets in without single sign-on stays",
    ]);
    await db.query("update kernel.membership set break_glass = true where id = $1", [ada.memberId]);
    expect((await take()).status).toBe(204);
    await db.query("update kernel.membership set break_glass = false where id = $1", [person.memberId]);
    return "409 while they are the last, 204 beside another";
  },
);

attack(
  {
    id: "D-last-break-glass-race",
    title:
      "two at once: each takes the other's mark, role or membership; and one is demoted while single sign-on is just being demanded",
    expected: "one is always left",
  },
  async () => {
    const takes = [unmark, demote, remove];
    for (let round = 0; round < 9; round += 1) {
      await standing(ada, grace);
      const take = takes[round % takes.length] ?? unmark;
      const answers = await Promise.all([take(ada.browser, grace), take(grace.browser, ada)]);
      const refused = answers.filter(({ status }) => status >= 400);
      expect([round, refused.length >= 1, await left()]).toEqual([round, true, 1]);
    }
    expect(await demotedMeanwhile()).toBe("RF409, 1 left");
    return "one is always left";
  },
);

attack(
  {
    id: "D-break-glass-again",
    title: "who was demoted or removed while they had the mark comes back as an owner",
    expected: "no way past single sign-on",
  },
  async () => {
    for (const take of [demote, remove]) {
      await standing(ada, grace);
      expect((await take(ada.browser, grace)).status).toBeLessThan(300);
      await db.query("update kernel.membership set roles = '{owner}', ended_at = null where id = $1", [
        grace.memberId,
      ]);
      const { rows } = await db.query("select break_glass from kernel.membership where id = $1", [
        grace.memberId,
      ]);
      expect(rows).toEqual([{ break_glass: false }]);
    }
    return "no way past single sign-on";
  },
);

/** The door that demands single sign-on looks first at who is left, and holds the lock that the taking away waits for. */
async function demotedMeanwhile(): Promise<string> {
  await standing(ada);
  await db.query("update kernel.tenant set sso_enforced = false where id = $1", [acme.id]);
  const [one, two] = [await server.database.connectAsSuperuser(), await server.database.connectAsSuperuser()];
  await one.query("begin");
  await one.query("update kernel.tenant set sso_enforced = true where id = $1", [acme.id]);
  const demoted = two
    .query("update kernel.membership set roles = '{admin}' where id = $1", [ada.memberId])
    .then(
      () => "done",
      (error: { code: string }) => error.code,
    );
  await new Promise((resolve) => setTimeout(resolve, 200));
  await one.query("commit");
  const seen = await demoted;
  await Promise.all([one.end(), two.end()]);
  return `${seen}, ${await left()} left`;
}

matters(
  "break-glass-left",
  "the demand that an owner who gets in without single sign-on is left",
  ["409, 1 left", "200, 0 left"],
  async () => {
    const { status } = await demote(grace.browser, ada);
    return `${status}, ${await left()} left`;
  },
  sql(
    "alter table kernel.membership disable trigger keep_break_glass_update",
    "alter table kernel.membership enable trigger keep_break_glass_update",
  ),
);

matters(
  "break-glass-turns",
  "the lock under which it is looked whether one is left",
  ["RF409, 1 left", "done, 0 left"],
  demotedMeanwhile,
  less("kernel.demand_break_glass_left(uuid,uuid)", [
    "perform from kernel.tenant t where t.id = tenant for no key update;",
    "",
  ]),
);

matters(
  "break-glass-factor",
  "the same demand where an admin takes somebody's factors away",
  ["409, 1 left", "204, 0 left"],
  async () => {
    const { status } = await grace.browser.post(at(`/members/${ada.memberId}/reset-factors`));
    return `${status}, ${await left()} left`;
  },
  less("kernel.reset_factors(uuid,jsonb)", ["perform kernel.keep_break_glass_factor(was.person_id);", ""]),
);

/** Whether a password, a link or a reset would still lead somewhere for them. */
async function leads(who: Person): Promise<string> {
  const { rows } = await db.query("select kernel.shut($1, 'link') as shut", [who.personId]);
  return rows[0].shut === true ? "nowhere" : "in";
}

matters(
  "ways-in-owner",
  "the question whether somebody with the mark is still an owner",
  ["nowhere", "in"],
  async () => {
    await db.query("update kernel.membership set roles = '{admin}', break_glass = true where id = $1", [
      grace.memberId,
    ]);
    return leads(grace);
  },
  less("kernel.ways_in(uuid)", [/AND \('owner'::text = ANY \(m\.roles\)\)/g, ""]),
);

matters(
  "ways-in-lent",
  "the question whether a way in is only lent to somebody",
  ["nowhere", "in"],
  async () => {
    const other = await server.organization(`lends-${Date.now()}`);
    await db.query(
      `insert into kernel.membership (tenant_id, person_id, roles, permissions, until)
       values ($1, $2, '{support}', '{}', now() + interval '1 hour')`,
      [other.id, grace.personId],
    );
    return leads(grace);
  },
  less("kernel.ways_in(uuid)", [/AND \(m\.until IS NULL\)/g, ""]),
);
