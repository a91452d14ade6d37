import type { Client } from "pg";
import { expect } from "vitest";
import { sha256 } from "../../server/foundation/ids/index.ts";
import { boundAs } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { attackGround, codeOf, outcome, valueOf } from "./attack-ground.ts";
import {
  asOwner,
  type Bearer,
  endSessionsBut,
  genuinePass,
  making,
  minted,
  secondSession,
  shown,
} from "./pass-ground.ts";

// The making of a pass: of what there is none, and what happens when somebody changes at that moment what it is judged by.

proves("ISO-1", "ISO-7", "ISO-10");

const ground = attackGround();
const acmes = (): Bearer => ({ token: ground.acme.owner.token, slug: "acme" });

attack(
  {
    id: "P-unmade",
    title: "have a pass made of more than reading, of own rights, of a job, a migration, a pass or nothing",
    expected: "none is made",
  },
  async () => {
    const [api, superuser] = [await ground.connect(), await ground.superuser()];
    const member = await ground.db.member(ground.acme, "member");
    const makings = [
      await minted(api, acmes(), []),
      await minted(api, acmes(), ["contact.change"]),
      await minted(api, acmes(), ["contact.read", "contact.change"]),
      await minted(api, acmes(), ["contact.change", "contact.read"]),
      await minted(api, acmes(), ["contact.export"]),
      await minted(api, acmes(), ["contact.read", "audit.export"]),
      await minted(api, acmes(), ["outbox.reveal"]),
      await minted(api, { token: member.token, slug: "acme" }, ["key.read"]),
      await minted(api, { token: member.token, slug: "acme" }, ["contact.read", "key.read"]),
    ];
    expect(makings).toEqual(makings.map(() => null));
    expect(await mintedByJob(superuser)).toBeNull();
    expect(await mintedByMigration(superuser)).toBeNull();
    await superuser.query("rollback");
    await api.query("begin");
    expect(await outcome(api, "select kernel.mint_pass()")).toBe("42501");
    await api.query("rollback");
    const worker = await ground.connect("worker");
    expect(await outcome(worker, "select kernel.mint_pass()")).toBe("42501");
    // Each of the rights alone is held, and everybody's keys are seen by whoever holds that in full.
    for (const need of ["contact.read", "audit.read", "key.read"]) await genuinePass(api, acmes(), [need]);
    return "none";
  },
);

/** The right to read alone, so that nothing but its kind keeps it from becoming a pass. */
async function mintedByMigration(superuser: Client): Promise<unknown> {
  await superuser.query("begin");
  await superuser.query("select kernel.bind_migration($1, '{contact.read}')", [ground.acme.id]);
  expect(await outcome(superuser, "select kernel.bound('contact.read')")).toBe("1 row");
  const pass = await valueOf(superuser, "select pass from kernel.mint_pass()");
  await superuser.query("rollback");
  return pass;
}

async function mintedByJob(superuser: Client): Promise<unknown> {
  await superuser.query("begin");
  await superuser.query(
    `insert into kernel.job_kind (name, requires, needs) values ('look', null, '{contact.read}')`,
  );
  const job = await valueOf(
    superuser,
    `insert into kernel.job (tenant_id, kind, payload, actor_email, state, lease_digest, leased_until)
     values ($1, 'look', '{}', 'x', 'running', sha256('lease'), now() + interval '1 hour') returning id`,
    [ground.acme.id],
  );
  await superuser.query("select kernel.enter_job($1, 'lease')", [job]);
  expect(await valueOf(superuser, "select kernel.bound('contact.read')")).toBe(ground.acme.id);
  const pass = await valueOf(superuser, "select pass from kernel.mint_pass()");
  await superuser.query("rollback");
  return pass;
}

const soon = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 200));

/** What becomes of a pass whose making is open while the change begins: "waited, then RF410". */
async function changedWhileMaking(bearer: Bearer, change: () => Promise<unknown>): Promise<string> {
  const { api, pass } = await making(ground, bearer);
  const state = { over: false };
  const changing = change().then(() => (state.over = true));
  await soon();
  const waited = !state.over;
  await api.query("commit");
  await changing;
  const seen = await shown(api, bearer.token, pass);
  return waited ? `waited, then ${seen}` : `not waited, then ${seen}`;
}

const retitle = 'select kernel.change_organization(\'{"name": "Another"}\', null)';

/** So many members that one statement which changes them all takes one lock for all. */
const crowd = `with made as (insert into kernel.person (email, name) select 'crowd' || i || '@x.example', 'Crowd' from generate_series(1, 80) i returning id)
  insert into kernel.membership (tenant_id, person_id, roles, permissions) select $1, id, '{viewer}', '{}' from made`;

attack(
  {
    id: "P-making",
    title:
      "be in the middle of making a pass while role, membership, organization, person or session changes",
    expected: "the change waits, then RF410; without one, 9 rows",
  },
  async () => {
    const superuser = await ground.superuser();
    await superuser.query(crowd, [ground.rival.id]);
    const seen: string[] = [];
    const changes: ((who: Whose) => Promise<unknown>)[] = [
      ({ memberId }) =>
        asOwner(ground, ["member.change"], "select kernel.change_roles($1, '{viewer}', null)", [memberId]),
      ({ memberId }) => asOwner(ground, ["member.change"], "select kernel.end_membership($1)", [memberId]),
      () => asOwner(ground, ["organization.change"], retitle, []),
      ({ personId }) =>
        superuser.query("update kernel.person set ended_at = now() where id = $1", [personId]),
      ({ token }) =>
        ground
          .connect("auth")
          .then((auth) => auth.query("select kernel.sign_out($1, null, null, null)", [sha256(token)])),
      ({ phone }) => endSessionsBut(ground, phone),
      // More than there is room for locks on each.
      () => superuser.query("update kernel.membership set version = version + 1"),
    ];
    for (const change of changes) {
      const member = await ground.db.member(ground.acme, "member");
      const phone = await secondSession(ground, member);
      seen.push(
        await changedWhileMaking({ token: member.token, slug: "acme" }, () => change({ ...member, phone })),
      );
    }
    expect(seen).toEqual(changes.map(() => "waited, then RF410"));
    const { token } = await ground.db.member(ground.acme, "member");
    expect(await changedWhileMaking({ token, slug: "acme" }, async () => {})).toBe("not waited, then 9 rows");
    return "waited, then RF410";
  },
);

interface Whose {
  readonly token: string;
  readonly phone: string;
  readonly memberId: string;
  readonly personId: string;
}

attack(
  {
    id: "P-changing",
    title: "have a pass made while a change of role, organization or person is open",
    expected: "none is made, the reading is answered",
  },
  async () => {
    const superuser = await ground.superuser();
    const member = await ground.db.member(ground.acme, "member");
    const bearer = { token: member.token, slug: "acme" };
    const api = await ground.connect();
    const readAndMade = (): Promise<readonly [string, unknown]> =>
      boundAs(api, { ...bearer, needs: ["contact.read"] }, async () => [
        await outcome(api, "select * from app.contact"),
        await valueOf(api, "select pass from kernel.mint_pass()"),
      ]);
    for (const text of [
      `update kernel.membership set version = version + 1 where id = '${member.memberId}'`,
      "update kernel.membership set version = version + 1",
      `update kernel.tenant set locale = 'de' where id = '${ground.acme.id}'`,
      `update kernel.person set name = 'Another' where id = '${member.personId}'`,
    ]) {
      await superuser.query("begin");
      await superuser.query(text);
      expect([text, ...(await readAndMade())]).toEqual([text, "9 rows", null]);
      await superuser.query("commit");
      expect([text, ...(await readAndMade())]).toEqual([text, "9 rows", expect.any(Buffer)]);
    }
    return "none, answered";
  },
);

attack(
  {
    id: "P-ending",
    title: "enter and have a pass made while the session's end is open",
    expected: "waits, then RF401",
  },
  async () => {
    const member = await ground.db.member(ground.acme, "member");
    const auth = await ground.connect("auth");
    await auth.query("begin");
    await auth.query("select kernel.sign_out($1, null, null, null)", [sha256(member.token)]);
    const state = { over: false };
    const api = await ground.connect();
    const entering = minted(api, { token: member.token, slug: "acme" })
      .then(String, codeOf)
      .finally(() => (state.over = true));
    await soon();
    expect(state.over).toBe(false);
    await auth.query("commit");
    const seen = await entering;
    expect(seen).toBe("RF401");
    return seen;
  },
);
