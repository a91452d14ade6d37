import { expect } from "vitest";
import { newToken, sha256 } from "../../server/foundation/ids/index.ts";
import type { LoginRole } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { attackGround, codeOf, contactId, summed, tried, valueOf } from "./attack-ground.ts";
import {
  type Bearer,
  genuinePass,
  present,
  presentation,
  presenting,
  set,
  setting,
  shown,
} from "./pass-ground.ts";

// A pass is a binding for reading that outlives its transaction. Here: what it must not do, and how it is not guessed.

proves("ISO-1", "ISO-2", "ISO-6", "ISO-10");

const ground = attackGround();
const theirRows = "select * from app.contact";
const acmes = (): Bearer => ({ token: ground.acme.owner.token, slug: "acme" });
const rivals = (): Bearer => ({ token: ground.rival.owner.token, slug: "rival" });

/** What the kernel keeps of an organization that a pass could have written. */
const written = `select (select count(*) from kernel.audit_event)::int || ' ' || (select count(*) from kernel.idempotency) || ' '
  || (select count(*) from kernel.job) || ' ' || (select count(*) from kernel.credential) || ' ' || (select count(*) from kernel.pass)`;

/** Each with what must come of it under a pass for contact.read, held by an owner, who could do all of it by entering. */
const beyond: readonly (readonly [text: string, seen: string])[] = [
  [
    "insert into app.contact (tenant_id, id, first_name) values (kernel.bound('contact.read'), gen_random_uuid(), 'x')",
    "42501",
  ],
  ["insert into app.contact_token (tenant_id, token, record_id) select * from app.contact_token", "42501"],
  [
    `insert into app.import_chunk (tenant_id, import_id, seq, bytes) values (kernel.bound_tenant(), '${contactId}', 9, 'x')`,
    "42501",
  ],
  ["update app.contact set source = 'x'", "0 rows"],
  ["select * from app.contact for update", "0 rows"],
  ["delete from app.contact", "42501"],
  [`select * from app.archive_contact(array['${contactId}'::uuid], null, true)`, "0 rows"],
  [`select * from app.erase_contact(array['${contactId}'::uuid])`, "0 rows"],
  ["select kernel.enqueue('imports.undo', '{}')", "RF403"],
  ["select kernel.enqueue('imports.run', '{}')", "RF403"],
  ["select from kernel.mint_pass() where pass is not null", "0 rows"],
  ["select kernel.create_key('k', sha256('k'), 'x', null, null)", "RF403"],
  ["select kernel.end_key(gen_random_uuid())", "RF403"],
  ["select kernel.change_roles(kernel.bound_member(), '{viewer}', null)", "RF403"],
  ["select kernel.end_membership(kernel.bound_member())", "RF403"],
  ["select kernel.change_organization('{}', null)", "RF403"],
  ["select kernel.store_tenant_key(1, 'x')", "RF403"],
  ["select kernel.audit('x', 'x', null, null, null)", "42501"],
  ["select kernel.claim_idempotency('a key', 'x')", "42501"],
  ["select kernel.settle_idempotency('a key', 201::smallint, null)", "42501"],
  ["select * from app.account", "0 rows"],
  ["select * from app.import", "0 rows"],
  ["select * from app.own_field", "0 rows"],
  ["select * from kernel.members", "0 rows"],
  ["select * from kernel.keys", "0 rows"],
  ["select * from kernel.outbox", "0 rows"],
  ["select * from kernel.organization", "0 rows"],
  ["select * from kernel.audit_trail", "0 rows"],
  ["select * from kernel.audit_events(null, 10, null, null, null, null, null, null, null)", "RF403"],
  [`select * from kernel.history('account', '${contactId}', null, 10)`, "0 rows"],
  ["select kernel.enter('x', 'acme', '{contact.change}', null, null, null)", "42501"],
  ["select kernel.bind_migration(gen_random_uuid(), '{contact.read}')", "42501"],
];

attack(
  {
    id: "P-beyond",
    title: "do with a pass for reading contacts whatever else its owner may do",
    expected: "refused or nothing, nothing written, while it reads in another transaction and backend",
  },
  async () => {
    const [api, other, superuser] = [
      await ground.connect(),
      await ground.connect(),
      await ground.superuser(),
    ];
    const pass = await genuinePass(api, acmes());
    const before = await valueOf(superuser, written);
    for (const client of [api, other]) {
      await presenting(client, ground.acme.owner.token, pass, async () => {
        for (const [text, seen] of beyond) expect([text, await tried(client, text)]).toEqual([text, seen]);
        expect(await tried(client, theirRows)).toBe("9 rows");
        // What was tried is kept, had it done anything.
        await client.query("commit");
      });
    }
    expect(await valueOf(superuser, written)).toBe(before);
    return "refused or nothing";
  },
);

attack(
  {
    id: "P-other",
    title: "reach another organization with a pass, by its id, by its owner's token, by a second binding",
    expected: "0 rows of theirs",
  },
  async () => {
    const api = await ground.connect();
    const pass = await genuinePass(api, acmes());
    const { id, owner } = ground.rival;
    const count = `select count(*)::int from app.contact where tenant_id = '${id}'`;
    const seen = await presenting(api, ground.acme.owner.token, pass, async () => {
      expect(await tried(api, theirRows)).toBe("9 rows");
      const genuine = await presentation(api);
      const outcomes = [await valueOf(api, count)];
      for (const binding of [
        `${genuine}|${id}`,
        genuine.replace("pass", id),
        genuine.replace("pass", `pass|${id}|${owner.memberId}`),
        `${id}|pass`,
      ]) {
        await api.query("savepoint forged");
        await set(api, binding);
        outcomes.push(await tried(api, theirRows));
        await api.query("rollback to savepoint forged");
      }
      await present(api, owner.token, pass).catch(codeOf);
      outcomes.push((await valueOf(api, count).catch(codeOf)) as number | string);
      return outcomes;
    });
    for (const one of seen) expect([0, "RF410", "42501", "25P02"]).toContain(one);
    const theirs = await genuinePass(api, rivals());
    expect(await shown(api, owner.token, theirs)).toBe("9 rows");
    // Each with the token of the other: who holds a handle has nothing yet.
    expect(await shown(api, owner.token, pass)).toBe("RF410");
    expect(await shown(api, ground.acme.owner.token, theirs)).toBe("RF410");
    return "0 rows";
  },
);

attack(
  {
    id: "P-forged",
    title:
      "present handles of every shape, or set them by hand: guessed, cut, huge, and what the table itself holds",
    expected: "refused, while the genuine one works",
  },
  async () => {
    const [api, superuser] = [await ground.connect(), await ground.superuser()];
    const { token } = ground.acme.owner;
    const genuine = await genuinePass(api, acmes());
    const { rows } = await superuser.query<Record<string, unknown>>("select p.* from kernel.pass p");
    const stored = rows.flatMap((row) => Object.values(row).flatMap(shapesOf));
    expect(rows.length).toBeGreaterThan(20);
    const seen: string[] = [];
    for (const forged of [...forgeries(genuine), ...stored]) {
      seen.push(await shown(api, token, forged));
      // As it would have been good when the handle itself was the setting.
      for (const text of [forged.toString("hex"), `${forged.toString("hex")}|pass`])
        seen.push(await setting(api, text, () => tried(api, theirRows)));
    }
    seen.push(await shown(api, token, null as unknown as Buffer));
    expect(seen.length).toBeGreaterThan(300);
    for (const code of new Set(seen)) expect(["RF410", "42501"]).toContain(code);
    expect(await shown(api, token, genuine)).toBe("9 rows");
    return "refused";
  },
);

function forgeries(genuine: Buffer): Buffer[] {
  return [
    Buffer.alloc(0),
    Buffer.alloc(32),
    genuine.subarray(1),
    genuine.subarray(0, 31),
    Buffer.concat([genuine, Buffer.alloc(1)]),
    Buffer.concat([genuine, genuine]),
    Buffer.from([...genuine].toReversed()),
    Buffer.from(genuine.toString("hex")),
    Buffer.from(`${genuine.toString("hex")}|pass`),
    Buffer.from(newToken()),
    sha256(genuine),
    sha256(ground.acme.owner.token),
    Buffer.alloc(1_000_000, "x"),
  ];
}

/** A value of the table as somebody would try it who has read a dump. */
function shapesOf(value: unknown): Buffer[] {
  if (Buffer.isBuffer(value)) return [value, Buffer.from(value.toString("hex"))];
  return [Buffer.from(String(value)), Buffer.from(String(value), "hex")];
}

const doors: readonly LoginRole[] = ["api", "auth", "ingest", "worker", "live", "public", "ops", "migrate"];
/** Those that may present one at all. */
const presenters: readonly LoginRole[] = ["api", "live"];

attack(
  {
    id: "P-table",
    title: "read or write the table of passes, or through the view, as every door, with a pass and without",
    expected: "42501",
  },
  async () => {
    const { token } = ground.acme.owner;
    const pass = await genuinePass(await ground.connect(), acmes());
    const seen: string[] = [];
    for (const door of doors) {
      const client = await ground.connect(door);
      const grab = async (): Promise<void> => {
        for (const text of grabs) seen.push(await tried(client, text));
      };
      await setting(client, "", grab);
      if (presenters.includes(door)) await presenting(client, token, pass, grab);
      else expect(await shown(client, token, pass)).toBe("42501");
    }
    expect(seen).toHaveLength((doors.length + presenters.length) * grabs.length);
    expect(summed(seen)).toBe("42501");
    return summed(seen);
  },
);

const grabs = [
  "select * from kernel.pass",
  "select digest from kernel.pass",
  "select key from kernel.pass",
  "select count(*) from kernel.pass",
  "explain select * from kernel.pass",
  "copy kernel.pass to stdout",
  "insert into kernel.pass select * from kernel.pass",
  "update kernel.pass set needs = ',contact.read,'",
  "delete from kernel.pass",
  "truncate kernel.pass",
  "lock kernel.pass in access share mode",
  "select * from kernel.presented_pass",
  "select field from kernel.presented_pass",
  "select p from kernel.presented_pass p",
  "select from kernel.presented_pass p where p.field is not null",
  "insert into kernel.presented_pass (tenant_id) values (gen_random_uuid())",
  "update kernel.presented_pass set needs = ',contact.change,'",
  "delete from kernel.presented_pass",
  "select from kernel.presented_pass for update",
];
