import type { Client } from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { attackGround, outcome, summed, tried, valueOf } from "./attack-ground.ts";

const ground = attackGround(false);

/** How to make a row of each audited table: its columns and a value for each row number `i`. A new resource adds a line. */
const samples: Record<string, { columns: string; values: string; change: string; was: string; is: string }> =
  {
    "app.account": {
      columns: "name",
      values: "'Name ' || i",
      change: "industry = 'steel'",
      was: "industry",
      is: "steel",
    },
    "app.contact": {
      columns: "first_name",
      values: "'Name ' || i",
      change: "source = 'fair'",
      was: "source",
      is: "fair",
    },
    "app.own_field": {
      columns: "key, label",
      values: "'key' || i, 'Label ' || i",
      change: "label = 'new'",
      was: "label",
      is: "new",
    },
    "app.import": {
      columns: "file_name",
      values: "'file' || i",
      change: "failure = 'torn'",
      was: "failure",
      is: "torn",
    },
    "app.note": {
      columns: "body",
      values: "'Body ' || i",
      change: "body = 'other'",
      was: "body",
      is: "other",
    },
  };

beforeAll(async () => {
  // A table of this test's own: its rows go with their contact, and one of its columns holds a credential.
  const migrate = await ground.db.connectAs("migrate");
  await migrate.query("begin");
  await migrate.query("set local role rf_owner");
  await migrate.query(`create table app.note (
    tenant_id uuid not null, id uuid not null, contact_id uuid, body text, secret bytea,
    version integer not null default 1, created_at timestamptz not null default now(), updated_at timestamptz not null default now(),
    archived_at timestamptz, primary key (tenant_id, id),
    foreign key (tenant_id, contact_id) references app.contact (tenant_id, id) on delete cascade)`);
  await migrate.query("set local role rf_migrate");
  await migrate.query(
    `call kernel.protect('app.note', 'note', '{"contact_id":"open","body":"personal","secret":"credential"}')`,
  );
  await migrate.query("set local role rf_kernel");
  await migrate.query(
    "insert into kernel.permission (key, description) select 'note.' || x, x from unnest('{read,create,change,archive,erase}'::text[]) x",
  );
  await migrate.query(
    "update kernel.role set permissions = permissions || '{note.read,note.create,note.change,note.archive,note.erase}' where key = 'owner'",
  );
  await migrate.query("call kernel.refresh_permissions()");
  await migrate.query("commit");
});

interface Event {
  readonly action: string;
  readonly resource_id: string;
  readonly before: Record<string, unknown> | null;
  readonly after: Record<string, unknown> | null;
}

/** Runs the statements in one committed transaction of acme's owner, and returns the events that carry its request's id. */
async function recorded(
  resource: string,
  statements: readonly (readonly [string, unknown[]])[],
): Promise<Event[]> {
  const api = await ground.connect();
  const request = uuidv7();
  const needs = ["read", "create", "change", "archive", "erase"].map((action) => `${resource}.${action}`);
  const more = resource === "note" ? ["contact.read", "contact.create", "contact.erase"] : [];
  const { owner } = ground.acme;
  await api.query("begin");
  await api.query("select kernel.enter($1, 'acme', $2, $3, '203.0.113.77', 'a browser')", [
    sha256(owner.token),
    [...needs, ...more],
    request,
  ]);
  for (const [text, values] of statements) await api.query(text, values);
  await api.query("commit");
  await api.end();
  const superuser = await ground.superuser();
  const { rows } = await superuser.query<Event & Record<string, unknown>>(
    `select action, resource_type, resource_id, before, after, tenant_id, actor_id, actor_email, credential_id, host(ip) as ip, device, severity, at
       from kernel.audit_event where request_id = $1 order by id`,
    [request],
  );
  const credential = await valueOf(superuser, "select id from kernel.credential where digest = sha256($1)", [
    sha256(owner.token),
  ]);
  for (const row of rows) {
    expect(row).toMatchObject({
      tenant_id: ground.acme.id,
      actor_id: owner.personId,
      actor_email: owner.email,
      credential_id: credential,
    });
    expect(row).toMatchObject({ ip: "203.0.113.77", device: "a browser", severity: "info" });
    expect(Math.abs(Date.parse(String(row["at"])) - performance.timeOrigin - performance.now())).toBeLessThan(
      60_000,
    );
  }
  await superuser.end();
  return rows;
}

describe("every change of every table", () => {
  proves("AUD-1", "AUD-2");

  test("has a sample here, so that none is left out", async () => {
    const superuser = await ground.superuser();
    const { rows } = await superuser.query<{ relation: string }>(
      "select relation from kernel.protected where care <> '{}' order by 1",
    );
    expect(rows.map(({ relation }) => relation)).toEqual(Object.keys(samples).toSorted());
  });

  test.each(Object.keys(samples))(
    "of %s is recorded row by row, single, in bulk, archived, restored, erased",
    async (relation) => {
      const { columns, values, change, was, is } = samples[relation] ?? {
        columns: "",
        values: "",
        change: "",
        was: "",
        is: "",
      };
      const resource = relation.replace("app.", "");
      const ids = Array.from({ length: 4 }, () => uuidv7());
      const insert = `insert into ${relation} (tenant_id, id, ${columns})
      select kernel.bound('${resource}.create'), ids.id, ${values} from unnest($1::uuid[]) with ordinality as ids (id, i)`;
      const created = await recorded(resource, [
        [insert, [ids.slice(0, 1)]],
        [insert, [ids.slice(1)]],
      ]);
      expect(created.map(({ action, resource_id }) => [action, resource_id]).toSorted()).toEqual(
        ids.map((id) => ["create", id]).toSorted(),
      );
      for (const { before, after } of created) {
        expect(before).toBeNull();
        expect(Object.keys(after ?? {})).toEqual(expect.arrayContaining(columns.split(", ")));
      }
      const changed = await recorded(resource, [
        [`update ${relation} set ${change} where id = any ($1)`, [ids]],
      ]);
      expect(changed.map(({ action }) => action)).toEqual(["change", "change", "change", "change"]);
      for (const { before, after } of changed) {
        expect(after).toEqual({ [was]: is });
        expect(before?.[was]).not.toBe(is);
      }
      const archived = await recorded(resource, [
        [`select app.archive_${resource}($1, null, true)`, [ids]],
        [`select app.archive_${resource}($1, null, false)`, [ids.slice(0, 2)]],
      ]);
      expect(archived.map(({ action }) => action)).toEqual([
        "archive",
        "archive",
        "archive",
        "archive",
        "restore",
        "restore",
      ]);
      const erased = await recorded(resource, [[`select app.erase_${resource}($1)`, [ids]]]);
      expect(erased.map(({ action }) => action)).toEqual(["erase", "erase", "erase", "erase"]);
      for (const { before, after } of erased) {
        expect(after).toBeNull();
        expect(before).toMatchObject({ [was]: is });
      }
    },
  );

  test("is recorded for rows that a cascade takes along", async () => {
    const [contact, note] = [uuidv7(), uuidv7()];
    await recorded("note", [
      ["insert into app.contact (tenant_id, id) values (kernel.bound('contact.create'), $1)", [contact]],
      [
        "insert into app.note (tenant_id, id, contact_id, body) values (kernel.bound('note.create'), $1, $2, 'goes along')",
        [note, contact],
      ],
    ]);
    const events = await recorded("note", [["select app.erase_contact(array[$1::uuid])", [contact]]]);
    expect(events.map(({ action, resource_id }) => [action, resource_id]).toSorted()).toEqual(
      [
        ["erase", contact],
        ["erase", note],
      ].toSorted(),
    );
    expect(events.find(({ resource_id }) => resource_id === note)?.before).toMatchObject({
      body: "goes along",
    });
  });

  test("shows of a credential that it changed, and never what it was or is", async () => {
    const note = uuidv7();
    const events = await recorded("note", [
      [
        "insert into app.note (tenant_id, id, secret) values (kernel.bound('note.create'), $1, 'hush-hush-1')",
        [note],
      ],
      ["update app.note set secret = 'hush-hush-2' where id = $1", [note]],
      ["update app.note set secret = null where id = $1", [note]],
      ["update app.note set body = 'x' where id = $1", [note]],
    ]);
    expect(events.map(({ before, after }) => [before?.["secret"], after?.["secret"]])).toEqual([
      [undefined, "[sealed]"],
      ["[sealed]", "[sealed]"],
      ["[sealed]", undefined],
      [undefined, undefined],
    ]);
    expect(JSON.stringify(events)).not.toContain(Buffer.from("hush-hush").toString("hex"));
    expect(JSON.stringify(events)).not.toContain("hush");
  });

  test("goes with the transaction: what is rolled back leaves no event, and without its event nothing is kept", async () => {
    const superuser = await ground.superuser();
    const count = (): Promise<unknown> => valueOf(superuser, "select count(*)::int from kernel.audit_event");
    const before = await count();
    const api = await ground.connect();
    await ground.inAcme(api, ["contact.create", "contact.read"], async () => {
      await api.query(
        "insert into app.contact (tenant_id, id) values (kernel.bound('contact.create'), gen_random_uuid())",
      );
    });
    expect(await count()).toBe(before);
  });
});

const trail = "kernel.audit_event";
const elevenWays: readonly (readonly [string, string])[] = [
  ["change an event", `update ${trail} set actor_email = 'nobody'`],
  ["delete an event", `delete from ${trail}`],
  ["truncate the trail", `truncate ${trail} cascade`],
  [
    "write an event",
    `insert into ${trail} (tenant_id, actor_email, action, resource_type) select id, 'x', 'x', 'x' from kernel.tenant`,
  ],
  ["merge over the trail", `merge into ${trail} e using (select 1) s on true when matched then delete`],
  ["copy into the trail", `copy ${trail} from program 'true'`],
  ["drop or rename the table", `alter table ${trail} rename to gone`],
  ["change the type of a column", `alter table ${trail} alter action type varchar(1)`],
  ["hang a trigger or rule on it", `create rule quiet as on insert to ${trail} do instead nothing`],
  ["write through the view", "delete from kernel.audit_trail"],
  ["call the function that writes", "select kernel.audit('x', 'x', null, null, null)"],
];

describe("the trail", () => {
  proves("AUD-4");

  const asEach = async (text: string): Promise<string[]> => {
    const seen: string[] = [];
    for (const role of ["api", "worker", "auth", "ingest", "live", "public", "ops", "migrate"] as const) {
      const client: Client = await ground.connect(role);
      seen.push(await outcome(client, text));
      if (role === "migrate") {
        await client.query("set role rf_owner");
        seen.push(await outcome(client, text));
      }
      await client.end();
    }
    const api = await ground.connect();
    seen.push(await ground.inAcme(api, ["audit.read", "contact.change"], () => tried(api, text)));
    // A view that takes no rows says so before anybody asks whether one may.
    return seen.map((code) => (code === "55000" ? "42501" : code));
  };

  for (const [at, [title, text]] of elevenWays.entries()) {
    attack(
      {
        id: `AUD-4-${at + 1}`,
        title: `${title}, as every door, as rf_migrate, rf_owner and bound`,
        expected: "42501",
      },
      async () => {
        const seen = await asEach(text);
        expect(summed(seen)).toBe("42501");
        return summed(seen);
      },
    );
  }

  attack(
    {
      id: "AUD-4-12",
      title: "switch off what writes it: triggers, replication role, the record function",
      expected: "42501",
    },
    async () => {
      const seen: string[] = [];
      for (const text of [
        "alter table app.contact disable trigger record_update",
        "alter table app.contact disable trigger all",
        "drop trigger record_update on app.contact",
        "set session_replication_role = replica",
        "create or replace function kernel.record_contact() returns trigger language plpgsql as 'begin return null; end'",
        "drop function kernel.record_contact() cascade",
      ]) {
        for (const role of ["api", "worker", "auth"] as const)
          seen.push(await outcome(await ground.connect(role), text));
      }
      expect(summed(seen)).toBe("42501");
      return summed(seen);
    },
  );
});

describe("what an event tells", () => {
  proves("AUD-11");

  test("stands in columns: who, what, where; and severe ones have an index of their own that is used", async () => {
    const superuser = await ground.superuser();
    const { rows } = await superuser.query<{ attname: string }>(
      "select attname from pg_attribute where attrelid = 'kernel.audit_event'::regclass and attnum > 0 and not attisdropped",
    );
    expect(rows.map(({ attname }) => attname)).toEqual(
      expect.arrayContaining([
        "tenant_id",
        "actor_id",
        "actor_email",
        "resource_type",
        "resource_id",
        "severity",
        "ip",
        "device",
        "request_id",
      ]),
    );
    await superuser.query("set enable_seqscan = off");
    const plan = await superuser.query<{ "QUERY PLAN": string }>(
      `explain select * from kernel.audit_event where tenant_id = $1 and severity <> 'info' order by id desc limit 50`.replace(
        "$1",
        `'${ground.acme.id}'`,
      ),
    );
    expect(plan.rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain("audit_event_severe");
  });
});
