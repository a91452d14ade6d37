import type { Client } from "pg";
import { beforeAll, expect } from "vitest";
import { newToken, sha256 } from "../../server/foundation/ids/index.ts";
import { boundAs, enter } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { attackGround, codeOf, outcome, tried, valueOf } from "./attack-ground.ts";
import { both, type Gone, less, mattersOn, sql } from "./take-away.ts";

// Each defence matters: without it the attack that it is there for succeeds. Rows say what was seen with it, and without.

proves("ISO-1", "ISO-6", "ISO-7");

const ground = attackGround();
const theirRows = "select * from app.contact";
const binding = "current_setting('ringfence.binding', true)";
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

let superuser: Client;
beforeAll(async () => {
  superuser = await ground.superuser();
});

const matters = mattersOn(() => superuser);

const verified = "kernel.verified()";
const seal = less(verified, ["if genuine is not true then", "if false then"]);
/** Takes something out of what the seal covers. */
const unsealed = (what: string): Gone => less("kernel.binding_mac(bytea,bytea,text)", [what, "'\\x'::bytea"]);
const pid = unsealed("int4send(pg_backend_pid())");
const time = unsealed("timestamptz_send(transaction_timestamp())");

matters(
  "force",
  "FORCE row security",
  ["42501", "18 rows"],
  async () => {
    const migrate = await ground.connect("migrate");
    await migrate.query("set role rf_owner");
    return outcome(migrate, theirRows);
  },
  sql(
    "alter table app.contact no force row level security",
    "alter table app.contact force row level security",
  ),
);

matters(
  "restrictive",
  "the restrictive policy of reading",
  ["42501", "18 rows"],
  async () => outcome(await ground.connect(), theirRows),
  sql(
    "drop policy select_wall on app.contact",
    "do $$ begin execute format('create policy select_wall on app.contact as restrictive for select to public using (%s)', kernel.reading_wall('contact.read')); end $$",
  ),
);

matters(
  "seal",
  "the check of the seal",
  ["42501", "9 rows"],
  async () => {
    const api = await ground.connect();
    return ground.inAcme(api, ["contact.read"], async () => {
      const genuine = String(await valueOf(api, `select ${binding}`)).split("|");
      // Both members are their own organization's, so that everything but the seal is as it should be.
      const forged = genuine.with(2, ground.rival.id).with(3, ground.rival.owner.memberId).join("|");
      await api.query(`set local ringfence.binding = ${quoted(forged)}`);
      return tried(api, theirRows);
    });
  },
  seal,
);

/** Copies a binding out of one transaction and tries it in another, of the same backend or of another one. */
async function replayed(elsewhere: boolean): Promise<string> {
  const api = await ground.connect();
  const copied = String(await ground.inAcme(api, ["contact.read"], () => valueOf(api, `select ${binding}`)));
  const other = elsewhere ? await ground.connect() : api;
  await other.query("begin");
  await other.query(`set local ringfence.binding = ${quoted(copied)}`);
  const seen = await outcome(other, theirRows);
  await other.query("rollback");
  return seen;
}

matters("time", "the check of the transaction's time", ["42501", "9 rows"], () => replayed(false), time);

matters("pid", "the checks of backend and time", ["42501", "9 rows"], () => replayed(true), both(time, pid));

attack(
  {
    id: "M-pid-alone",
    title: "without the check of time, in another backend",
    expected: "42501 by the check of the backend",
  },
  async () => {
    const restore = await time(superuser);
    const seen = await replayed(true).finally(restore);
    expect(seen).toBe("42501");
    return seen;
  },
);

matters(
  "message",
  "the refusal to bind in the message that begins a transaction",
  ["42501", "9 rows"],
  async () => {
    const api = await ground.connect();
    const token = sha256(ground.acme.owner.token).toString("hex");
    const text = `begin; select kernel.enter('\\x${token}', 'acme', '{contact.read}', null, null, null); select ${binding} as binding; commit; begin`;
    try {
      // Several statements give several results, which the types of the client do not know.
      const results = (await api.query(text)) as unknown as { rows: { binding: string }[] }[];
      await api.query(`set local ringfence.binding = ${quoted(results[2]?.rows[0]?.binding ?? "")}`);
      return await outcome(api, theirRows);
    } catch (error) {
      return codeOf(error);
    } finally {
      await api.query("rollback");
    }
  },
  less("kernel.demand_message_of_its_own()", [
    "if statement_timestamp() = transaction_timestamp() then",
    "if false then",
  ]),
);

attack(
  {
    id: "M-age",
    title: "without the end of a binding's life (here after 0.2 s)",
    expected: "42501 with it, 9 rows without",
  },
  async () => {
    const api = await ground.connect();
    const late = (): Promise<string> =>
      ground.inAcme(api, ["contact.read"], async () => {
        await new Promise((resolve) => setTimeout(resolve, 400));
        return tried(api, theirRows);
      });
    const restore = await less(verified, ["interval '15 s'", "interval '0.2 s'"])(superuser);
    const first = await late().finally(restore);
    const second = await late();
    expect([first, second]).toEqual(["42501", "9 rows"]);
    return `${first}, then ${second}`;
  },
);

const someone = async (): Promise<{ token: string; personId: string }> =>
  ground.db.member(ground.acme, "member");
const endByHand = (token: string): Promise<unknown> =>
  superuser.query("update kernel.credential set ended_at = now() where digest = sha256($1)", [sha256(token)]);

matters(
  "snapshot",
  "the demand for READ COMMITTED",
  ["42501", "9 rows"],
  async () => {
    const { token } = await someone();
    const api = await ground.connect();
    await api.query("begin isolation level repeatable read");
    await api.query("select 1");
    await endByHand(token);
    const entered = await enter(api, token, "acme", ["contact.read"]).then(() => "entered", codeOf);
    const seen = entered === "entered" ? await outcome(api, theirRows) : entered;
    await api.query("rollback");
    return seen;
  },
  less("kernel.demand_fresh_transaction()", [
    "current_setting('transaction_isolation') <> 'read committed'",
    "false",
  ]),
);

matters(
  "liveness",
  "asking in each statement whether the credential lives",
  ["42501", "9 rows"],
  async () => {
    const { token } = await someone();
    const api = await ground.connect();
    await api.query("begin");
    await enter(api, token, "acme", ["contact.read"]);
    await endByHand(token);
    const seen = await outcome(api, theirRows);
    await api.query("rollback");
    return seen;
  },
  less(verified, ["and c.ended_at is null", ""]),
);

matters(
  "locks",
  "the lock for which a revoke waits",
  ["0 answers after", "an answer after"],
  async () => {
    const member = await ground.db.member(ground.acme, "member");
    const [api, auth] = [await ground.connect(), await ground.connect("auth")];
    const phone = newToken();
    await auth.query("select kernel.sign_in($1, $2, $3, null, null, null, null, null)", [
      member.email,
      member.derived,
      sha256(phone),
    ]);
    await api.query("begin");
    await enter(api, member.token, "acme", ["contact.read"]);
    const state = { returned: false };
    // Long enough to be under way, short enough to be waited for.
    let over = false;
    const slow = api
      .query("select count(*) from app.contact c, generate_series(1, 1000000) i")
      .then(() => (state.returned ? "an answer after" : "0 answers after"), codeOf)
      .finally(() => (over = true));
    const underWay = `select from pg_stat_activity
       where datname = current_database() and state = 'active' and query like '%, generate_series(1, 1000000)%' and pid <> pg_backend_pid()`;
    while (!over && (await superuser.query(underWay)).rowCount === 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
    await auth.query("select kernel.end_session($1, null, null, null, null)", [sha256(phone)]);
    state.returned = true;
    const seen = await slow;
    await api.query("rollback").catch(() => undefined);
    // Ended rather than waited for: nothing was answered either.
    return seen === "57P01" ? "0 answers after" : seen;
  },
  less("kernel.outwait(bigint[])", ["for wanted in", "return; for wanted in"]),
);

matters(
  "trigger-tenant",
  "the audit trigger's demand for the bound organization",
  ["42501", "1 row"],
  () =>
    ground.inAcme(superuser, ["contact.read"], () =>
      tried(
        superuser,
        `insert into app.contact (tenant_id, id) values ('${ground.rival.id}', gen_random_uuid())`,
      ),
    ),
  less("kernel.record_contact()", [
    "if exists (select from new_rows n where n.tenant_id is distinct from field[3]::uuid) then\n      raise exception 'a row of another organization' using errcode = '42501';\n    end if;\n    insert into kernel.audit_event (tenant_id, actor_id, actor_email, credential_id, request_id, ip, device, action, resource_type, resource_id, after)",
    "insert into kernel.audit_event (tenant_id, actor_id, actor_email, credential_id, request_id, ip, device, action, resource_type, resource_id, after)",
  ]),
);

async function forgedHistory(): Promise<string> {
  const api = await ground.connect();
  await api.query("create temp table mine (like app.contact)");
  await api.query(
    "create trigger mine after insert on mine referencing new table as new_rows for each statement execute function kernel.record_contact()",
  );
  return ground.inAcme(api, ["contact.read"], () =>
    tried(api, "insert into mine select * from app.contact limit 1"),
  );
}

attack(
  {
    id: "M-relation",
    title: "without TEMP revoked, EXECUTE withheld, and the record function's look at its own table",
    expected: "42501 with the look, 1 row without",
  },
  async () => {
    const database = ground.db.name;
    await superuser.query(
      `grant temp on database "${database}" to rf_api; grant execute on function kernel.record_contact() to rf_api`,
    );
    const first = await forgedHistory();
    const restore = await less("kernel.record_contact()", [
      "if tg_relid <> to_regclass('app.contact') then",
      "if false then",
    ])(superuser);
    const second = await forgedHistory().finally(restore);
    await superuser.query(
      `revoke temp on database "${database}" from rf_api; revoke execute on function kernel.record_contact() from rf_api`,
    );
    expect([first, second]).toEqual(["42501", "1 row"]);
    return `${first}, then ${second}`;
  },
);

matters(
  "set-config",
  "the revoke of set_config, from an expression that lifts the time limit",
  ["42501", "lifted"],
  async () => {
    const api = await ground.connect();
    return ground.inAcme(api, ["contact.read"], async () => {
      const seen = await tried(
        api,
        "select c.*, set_config('statement_timeout', '0', false) from app.contact c",
      );
      return seen === "9 rows" ? "lifted" : seen;
    });
  },
  sql(
    "grant execute on function pg_catalog.set_config(text, text, boolean) to public",
    "revoke execute on function pg_catalog.set_config(text, text, boolean) from public",
  ),
);

let filled = false;
async function fillAccounts(): Promise<void> {
  if (filled) return;
  filled = true;
  const api = await ground.connect();
  const { owner, slug } = ground.rival;
  await boundAs(api, { token: owner.token, slug, needs: ["account.create"] }, () =>
    api.query(
      "insert into app.account (tenant_id, id, name) select kernel.bound('account.create'), gen_random_uuid(), 'Zebra ' || i from generate_series(1, 5000) i",
    ),
  );
}

matters(
  "statistics",
  "STATISTICS 0, asked by EXPLAIN with no credential",
  ["nothing told", "a value told"],
  async () => {
    await fillAccounts();
    await superuser.query("analyze app.account");
    const api = await ground.connect();
    const estimate = async (name: string): Promise<unknown> => {
      const plan = await valueOf(api, `explain (format json) select from app.account where name > '${name}'`);
      return JSON.stringify(plan)
        .match(/"Plan Rows":\s*\d+/g)
        ?.join();
    };
    const told = (await estimate("Zebra 1")) !== (await estimate("Zebra 9"));
    return told ? "a value told" : "nothing told";
  },
  sql(
    "alter table app.account alter name set statistics 100",
    "alter table app.account alter name set statistics 0",
  ),
);

matters(
  "columns",
  "grants by column, archiving with the right to change only",
  ["42501", "9 rows"],
  async () => {
    const api = await ground.connect();
    return ground.inAcme(api, ["contact.read", "contact.change"], () =>
      tried(api, "update app.contact set archived_at = now()"),
    );
  },
  sql(
    "grant update (archived_at) on app.contact to rf_api",
    "revoke update (archived_at) on app.contact from rf_api",
  ),
);

matters(
  "needs",
  "the needs in the binding, writing with the right to read",
  ["0 rows", "2 rows"],
  async () => {
    const api = await ground.connect();
    return ground.inAcme(api, ["own_field.read"], () => tried(api, "update app.own_field set label = 'x'"));
  },
  less("kernel.bound(text)", ["return null;", "return field[3]::uuid;"]),
);

attack(
  {
    id: "M-variable",
    title: "with the seal key in a variable, debug_print_plan and a custom plan",
    expected: "the key is printed",
  },
  async () => {
    await superuser.query(`create function kernel.careless() returns bytea language plpgsql security definer set search_path = pg_catalog as $$
      declare pad bytea := (select k.inner_pad from kernel.installation k); made bytea;
      begin select sha256(pad || convert_to(p.key, 'UTF8')) into made from kernel.permission p limit 1; return made; end $$`);
    await superuser.query("grant execute on function kernel.careless() to rf_api");
    const api = await ground.connect();
    const heard: string[] = [];
    api.on("notice", (notice) => heard.push(String(notice.detail ?? notice.message)));
    await api.query(
      "set client_min_messages = log; set debug_print_plan = on; set plan_cache_mode = force_custom_plan",
    );
    await api.query("select kernel.careless()");
    await superuser.query("drop function kernel.careless()");
    const pad = await valueOf(superuser, "select inner_pad from kernel.installation");
    // bytea comes as a Buffer.
    const bytes = [...(pad as Buffer).subarray(0, 12)]
      .map((byte) => (byte > 127 ? byte - 256 : byte))
      .join("");
    expect(heard.some((text) => text.replaceAll(/\s+/g, "").includes(bytes))).toBe(true);
    return "printed";
  },
);
