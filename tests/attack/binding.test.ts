import { expect } from "vitest";
import { sha256 } from "../../server/foundation/ids/index.ts";
import { enter, boundAs } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { attackGround, codeOf, outcome, summed, tried, valueOf } from "./attack-ground.ts";

// Section B of the leak checklist, as the api door with a raw client: ways to choose, keep, copy or forge a binding.

proves("ISO-1", "ISO-2", "ISO-6", "ISO-10");

const ground = attackGround();
const theirRows = "select * from app.contact";
const binding = "current_setting('ringfence.binding', true)";

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

attack(
  { id: "B1", title: "keep a binding in the session for the next transaction", expected: "42501" },
  async () => {
    const api = await ground.connect();
    const copied = await ground.inAcme(api, ["contact.read"], () => valueOf(api, `select ${binding}`));
    const seen = [
      await outcome(api, `select set_config('ringfence.binding', ${quoted(String(copied))}, false)`),
    ];
    await api.query(`set session ringfence.binding = ${quoted(String(copied))}`);
    seen.push(await outcome(api, theirRows));
    expect(summed(seen)).toBe("42501");
    return summed(seen);
  },
);

attack(
  {
    id: "B2",
    title: "read after a transaction that was bound, when the setting is '' and not null",
    expected: "42501",
  },
  async () => {
    const api = await ground.connect();
    await ground.inAcme(api, ["contact.read"], async () => {});
    expect(await valueOf(api, `select ${binding}`)).toBe("");
    const seen = await outcome(api, theirRows);
    expect(seen).toBe("42501");
    return seen;
  },
);

attack(
  { id: "B3", title: "re-bind from an expression inside the statement", expected: "42501" },
  async () => {
    const api = await ground.connect();
    const seen = await ground.inAcme(api, ["contact.read"], async () => [
      await tried(api, "select set_config('ringfence.binding', 'x', true), c.* from app.contact c"),
      await tried(
        api,
        "select * from kernel.enter('\\x00', 'rival', '{contact.read}', null, null, null), app.contact",
      ),
      await tried(
        api,
        `select kernel.bind('credential', '${ground.rival.id}', null, null, '${ground.rival.id}', '{contact.read}', null, null, null, null)`,
      ),
      await tried(api, `select kernel.bind_migration('${ground.rival.id}', '{contact.read}')`),
    ]);
    expect(summed(seen)).toBe("42501");
    return summed(seen);
  },
);

attack(
  {
    id: "B4",
    title: "set it through query_to_xml, pg_settings, ts_stat or a cursor function",
    expected: "42501",
  },
  async () => {
    const api = await ground.connect();
    const seen = await ground.inAcme(api, ["contact.read"], async () => [
      await tried(
        api,
        "select query_to_xml('select set_config(''ringfence.binding'', ''x'', true)', true, true, '')",
      ),
      await tried(api, "select table_to_xml('app.contact', true, true, '')"),
      await tried(
        api,
        "select * from ts_stat('select set_config(''ringfence.binding'', ''x'', true)::tsvector')",
      ),
      await tried(api, "update pg_settings set setting = 'x' where name = 'ringfence.binding'"),
    ]);
    expect(summed(seen)).toBe("42501");
    return summed(seen);
  },
);

attack(
  { id: "B5", title: "send several statements in one text, or a DO block", expected: "42601, 42501" },
  async () => {
    const api = await ground.connect();
    const seen = [
      await outcome(api, "set local ringfence.binding = 'x'; select $1::int", [1]),
      await outcome(api, "do $$ begin execute 'set local ringfence.binding = ''x'''; end $$"),
    ];
    expect(seen).toEqual(["42601", "42501"]);
    return summed(seen);
  },
);

attack(
  { id: "B6", title: "enter inside a savepoint and roll back to before it", expected: "42501" },
  async () => {
    const api = await ground.connect();
    await api.query("begin");
    await api.query("savepoint before");
    await enter(api, ground.acme.owner.token, "acme", ["contact.read"]);
    expect(await outcome(api, theirRows)).toBe("9 rows");
    await api.query("rollback to savepoint before");
    const seen = await outcome(api, theirRows);
    await api.query("rollback");
    expect(seen).toBe("42501");
    return seen;
  },
);

attack({ id: "B7", title: "SET LOCAL outside a transaction, then read", expected: "42501" }, async () => {
  const api = await ground.connect();
  await api.query("set local ringfence.binding = 'x'");
  const seen = await outcome(api, theirRows);
  expect(seen).toBe("42501");
  return seen;
});

attack(
  { id: "B12", title: "name another organization in a row instead of the binding", expected: "42501" },
  async () => {
    const api = await ground.connect();
    const insert = "insert into app.contact (tenant_id, id, first_name) values ($1, gen_random_uuid(), 'x')";
    const seen = await ground.inAcme(api, ["contact.create"], () => tried(api, insert, [ground.rival.id]));
    expect(seen).toBe("42501");
    return seen;
  },
);

attack(
  {
    id: "N-forged",
    title: "write bindings of every shape: other fields, keys, lengths, encodings, backends, times",
    expected: "refused, while the genuine one works",
  },
  async () => {
    const api = await ground.connect();
    const other = await ground.connect();
    const rivals = await (async () => {
      const { token } = ground.rival.owner;
      return boundAs(other, { token, slug: "rival", needs: ["contact.read"] }, () =>
        valueOf(other, `select ${binding}`),
      );
    })();
    const earlier = await ground.inAcme(api, ["contact.read"], () => valueOf(api, `select ${binding}`));
    const seen = await ground.inAcme(api, ["contact.read"], async () => {
      const genuine = String(await valueOf(api, `select ${binding}`));
      const outcomes: string[] = [];
      for (const forged of [...forgeries(genuine), String(rivals), String(earlier)]) {
        await api.query("savepoint forged");
        await api.query(`set local ringfence.binding = ${quoted(forged)}`);
        outcomes.push(await tried(api, theirRows), await tried(api, "select kernel.bound('contact.read')"));
        await api.query("rollback to savepoint forged");
      }
      await api.query(`set local ringfence.binding = ${quoted(genuine)}`);
      expect(await tried(api, theirRows)).toBe("9 rows");
      return outcomes;
    });
    expect(seen.length).toBeGreaterThan(100);
    // 42501 from us; the others from PostgreSQL, on what is no number, no id, no hex.
    for (const code of new Set(seen)) expect(["42501", "22P02", "22023", "22003"]).toContain(code);
    return "refused";
  },
);

function forgeries(genuine: string): string[] {
  const fields = genuine.split("|");
  const [mac = "", ...payload] = fields;
  const rest = payload.join("|");
  const withField = (at: number, value: string): string =>
    fields.map((field, index) => (index === at ? value : field)).join("|");
  const values = [
    "",
    "1",
    "-1",
    "0",
    ground.rival.id,
    ground.rival.owner.memberId,
    "job",
    "migration",
    "credential",
    ",contact.change,",
    "2",
    "999",
  ];
  return [
    ...fields.flatMap((_, at) =>
      values.filter((value) => value !== fields[at]).map((value) => withField(at, value)),
    ),
    ...[1, 2, 7].map((at) => withField(at, `${fields[at] ?? ""} `)),
    "",
    "|".repeat(10),
    mac,
    rest,
    `|${rest}`,
    `${mac.slice(0, 62)}|${rest}`,
    `${"0".repeat(64)}|${rest}`,
    ` ${mac}|${rest}`,
    `${mac} |${rest}`,
    `${mac}|${rest}|`,
    `${mac}||${rest}`,
    `${mac}${mac}|${rest}`,
    `${mac.slice(0, 63)}  ${rest}|`,
    `\\x${mac}|${rest}`,
    `${mac}|${rest.replace("contact.read", "contact.change")}`,
    `${mac}|${rest.replace(ground.acme.id, ground.rival.id)}`,
    `${mac}|${rest.replaceAll("|", "\u00a6")}`,
    "x".repeat(100_000),
  ];
}

attack(
  {
    id: "N-message",
    title: "begin; enter; commit; begin in one message, then the copied binding",
    expected: "42501",
  },
  async () => {
    const api = await ground.connect();
    const { owner } = ground.acme;
    const enterText = `select kernel.enter('\\x${sha256(owner.token).toString("hex")}', 'acme', '{contact.read}', null, null, null)`;
    const copy = `select ${binding} as binding`;
    // All in one message: no binding is made in the message that began the transaction.
    const seen = [await outcome(api, `begin; ${enterText}; ${copy}; commit; begin;`)];
    await api.query("rollback");
    seen.push(await outcome(api, `${enterText}; ${copy}`));
    // Begun before: the binding is made, but what begins afterwards has another time.
    await api.query("begin");
    // Several statements give several results, which the types of the client do not know.
    const results = (await api.query(`${enterText}; ${copy}; commit; begin`)) as unknown as {
      rows: { binding: string }[];
    }[];
    const copied = results[1]?.rows[0]?.binding ?? "";
    expect(copied.split("|")).toHaveLength(11);
    await api.query(`set local ringfence.binding = ${quoted(copied)}`);
    seen.push(await tried(api, theirRows));
    await api.query("commit and chain").catch(() => undefined);
    await api.query("rollback");
    expect(summed(seen)).toBe("42501");
    return summed(seen);
  },
);

attack(
  { id: "N-snapshot", title: "enter on a snapshot from before a revoke", expected: "42501" },
  async () => {
    const api = await ground.connect();
    const seen: string[] = [];
    for (const level of ["repeatable read", "serializable"]) {
      await api.query(`begin isolation level ${level}`);
      await api.query("select 1");
      seen.push(
        await enter(api, ground.acme.owner.token, "acme", ["contact.read"]).then(() => "entered", codeOf),
      );
      await api.query("rollback");
      await api.query(`set default_transaction_isolation = '${level}'`);
      seen.push(await ground.inAcme(api, ["contact.read"], async () => "entered").catch(codeOf));
    }
    expect(summed(seen)).toBe("42501");
    return summed(seen);
  },
);

attack(
  {
    id: "N-twice",
    title: "enter a second time in one transaction, for more or for another",
    expected: "42501",
  },
  async () => {
    const api = await ground.connect();
    const seen = await ground.inAcme(api, ["contact.read"], async () => {
      await api.query("savepoint twice");
      const again = await enter(api, ground.acme.owner.token, "acme", ["contact.change"]).then(
        () => "entered",
        codeOf,
      );
      await api.query("rollback to savepoint twice");
      const other = await enter(api, ground.rival.owner.token, "rival", ["contact.read"]).then(
        () => "entered",
        codeOf,
      );
      await api.query("rollback to savepoint twice");
      return [again, other];
    });
    expect(summed(seen)).toBe("42501");
    return summed(seen);
  },
);

attack(
  { id: "N-hash", title: "enter with what a dump of the database shows of credentials", expected: "RF401" },
  async () => {
    const superuser = await ground.superuser();
    const { rows } = await superuser.query<{ digest: Buffer }>("select digest from kernel.credential");
    const api = await ground.connect();
    const auth = await ground.connect("auth");
    const seen: string[] = [];
    for (const { digest } of rows) {
      await api.query("begin");
      seen.push(
        await tried(api, "select kernel.enter($1, 'acme', '{contact.read}', null, null, null)", [digest]),
      );
      seen.push(await tried(api, "select kernel.enter($1, null, '{}', null, null, null)", [digest]));
      await api.query("rollback");
      seen.push(await outcome(auth, "select kernel.who($1)", [digest]));
    }
    expect(seen.length).toBeGreaterThan(5);
    expect(summed(seen)).toBe("RF401");
    return summed(seen);
  },
);

attack(
  {
    id: "N-nothing",
    title: "enter with no token, no organization, odd needs",
    expected: "RF401, RF403 or RF404",
  },
  async () => {
    const api = await ground.connect();
    const { owner } = ground.acme;
    const entering = async (token: string, slug: string | null, needs: unknown): Promise<string> => {
      await api.query("begin");
      const text =
        "select kernel.enter(case when $1 = '' then null else sha256(convert_to($1, 'UTF8')) end, $2, $3, null, null, null)";
      const entered = await outcome(api, text, [token, slug, needs]);
      const read = entered === "1 row" ? await outcome(api, theirRows) : entered;
      await api.query("rollback");
      return read;
    };
    const seen = [
      await entering("", "acme", ["contact.read"]),
      await entering("unknown", "acme", ["contact.read"]),
      await entering(owner.token, "rival", ["contact.read"]),
      await entering(owner.token, "nowhere", ["contact.read"]),
      await entering(owner.token, null, ["contact.read"]),
      await entering(owner.token, "acme", ["contact.rea"]),
      await entering(owner.token, "acme", ["contact.read,contact.erase"]),
      await entering(owner.token, "acme", ["key.read:own"]),
    ];
    expect(seen).toEqual(["RF401", "RF401", "RF404", "RF404", "RF404", "RF403", "RF403", "RF403"]);
    expect(await entering(owner.token, "acme", ["contact.read", null])).toBe("22004");
    // Nothing asked is nothing given.
    expect(await entering(owner.token, "acme", [])).toBe("0 rows");
    expect(["0 rows", "42501"]).toContain(await entering(owner.token, "acme", null));
    return summed(seen);
  },
);
