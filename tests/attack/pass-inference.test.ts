import type { Client } from "pg";
import { beforeAll, expect } from "vitest";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { attackGround, contactId, valueOf } from "./attack-ground.ts";
import { digestOf, genuinePass, presentation, presenting, setting } from "./pass-ground.ts";
import { mattersOn, sql } from "./take-away.ts";

// What can be guessed about the passes of others without presenting one of them.

proves("ISO-1", "ISO-6");

const ground = attackGround();
const theirs: Buffer[] = [];
let mine: Buffer;
let superuser: Client;

beforeAll(async () => {
  const api = await ground.connect();
  superuser = await ground.superuser();
  const { token } = ground.rival.owner;
  for (let at = 0; at < 40; at += 1) theirs.push(await genuinePass(api, { token, slug: "rival" }));
  mine = await genuinePass(api, { token: ground.acme.owner.token, slug: "acme" });
});

async function plan(client: Client, text: string, options: string): Promise<string> {
  const { rows } = await client.query<{ "QUERY PLAN": string }>(`explain (${options}) ${text}`);
  return rows.map((row) => row["QUERY PLAN"]).join("\n");
}

/** Everything in a plan that counts or costs; identifiers and times vary. */
const figures = (text: string): string =>
  (text.match(/using \w+|Scan on \w+|rows=\d+|Removed by \w+: \d+|hit=\d+/g) ?? []).join(" ");

const nobody = "0198c0de-0000-7000-8000-00000000ffff";
const filters = [
  "tenant_id = '$'",
  "tenant_id in ('$', '$')",
  "tenant_id >= '$' and tenant_id <= '$'",
  "tenant_id is not distinct from '$'",
  "tenant_id = (select '$'::uuid)",
  "tenant_id = '$' and needs = ',contact.read,'",
  "needs >= ',contact.read,' and tenant_id = '$'",
];
const shapes = [
  "",
  "set local enable_indexscan = off",
  "set local enable_indexscan = off; set local enable_bitmapscan = off; set local enable_indexonlyscan = off",
  "set local enable_seqscan = off; set local random_page_cost = 0; set local cpu_operator_cost = 0; set local cpu_index_tuple_cost = 0",
  "set local seq_page_cost = 1000; set local cpu_operator_cost = 1000",
];

attack(
  {
    id: "P-count",
    title: "count with EXPLAIN the passes of another organization, with every plan, with a pass and without",
    expected: "the same for theirs and for one that nobody has",
  },
  async () => {
    const api = await ground.connect();
    let compared = 0;
    for (const statistics of ["", "vacuum analyze kernel.pass"]) {
      await superuser.query(statistics);
      for (const hasPass of [true, false]) {
        const { token } = ground.acme.owner;
        const inside = (work: () => Promise<void>): Promise<void> =>
          hasPass ? presenting(api, token, mine, work) : setting(api, "", work);
        for (const shape of shapes) {
          await inside(async () => {
            await api.query(shape);
            for (const filter of filters) {
              const asked = async (id: string): Promise<string> =>
                figures(
                  await plan(
                    api,
                    `select from kernel.presented_pass where ${filter.replaceAll("$", id)}`,
                    "analyze, buffers, timing off",
                  ),
                );
              // The first of a kind reads the catalog.
              await asked(nobody);
              const [there, not] = [await asked(ground.rival.id), await asked(nobody)];
              expect(there).toContain("rows=");
              expect([filter, shape, there]).toEqual([filter, shape, not]);
              compared += 1;
            }
          });
        }
      }
    }
    expect(compared).toBe(2 * 2 * shapes.length * filters.length);
    return "the same";
  },
);

attack(
  {
    id: "P-estimate",
    title: "spell out what passes hold through EXPLAIN's estimates, after ANALYZE",
    expected: "one estimate for what is there and what is not",
  },
  async () => {
    const api = await ground.connect();
    await superuser.query("analyze kernel.pass");
    const estimate = async (filter: string): Promise<string> =>
      (await plan(api, `select from kernel.presented_pass where ${filter}`, "verbose"))
        .match(/rows=\d+/g)
        ?.join() ?? "";
    for (const operator of ["=", "<", ">=", "<>"]) {
      const [there, not] = [ground.rival.id, nobody].map((id) => `tenant_id ${operator} '${id}'`);
      expect(await estimate(there ?? "")).toBe(await estimate(not ?? ""));
      expect(await estimate(`needs ${operator} ',contact.read,'`)).toBe(
        await estimate(`needs ${operator} 'x'`),
      );
    }
    const { rows } = await superuser.query(
      "select from pg_statistic where starelid = 'kernel.pass'::regclass",
    );
    expect(rows).toEqual([]);
    return "one estimate";
  },
);

const printing = `set client_min_messages = log; set debug_print_plan = on; set debug_print_parse = on; set debug_print_rewritten = on;
  set debug_pretty_print = off`;

attack(
  {
    id: "P-printed",
    title: "have plans printed while a pass is presented: EXPLAIN verbose, debug_print_plan and its kin",
    expected: "no key, no digest, no handle of others",
  },
  async () => {
    const api = await ground.connect();
    const heard: string[] = [];
    api.on("notice", (notice) => heard.push(`${notice.message} ${notice.detail ?? ""}`));
    await api.query(printing);
    for (const mode of ["force_custom_plan", "force_generic_plan"]) {
      await api.query(`set plan_cache_mode = ${mode}`);
      await presenting(api, ground.acme.owner.token, mine, async () => {
        heard.push(
          await plan(api, `select * from app.contact where id = '${contactId}'`, "analyze, verbose, buffers"),
          await plan(
            api,
            "select tenant_id, needs from kernel.presented_pass",
            "analyze, verbose, format json",
          ).then(String),
        );
        await api.query("select kernel.bound('contact.read'), kernel.holds('x'), count(*) from app.contact");
        await api.query("select from kernel.mint_pass() where pass is not null");
      });
    }
    const said = heard.join("\n");
    // The server's own words came, and the plan of the view among them.
    expect(said).toContain("presented_pass");
    expect(said.length).toBeGreaterThan(10_000);
    const bare = said.replaceAll(/\s+/g, "");
    // One's own digest is no news: it stands in the setting.
    const others = "select digest, key from kernel.pass where digest <> $1";
    const { rows } = await superuser.query<{ digest: string; key: Buffer }>(others, [digestOf(mine)]);
    expect(rows.length).toBeGreaterThan(60);
    const secrets = [
      ...theirs,
      ...rows.flatMap(({ digest, key }) => [key, Buffer.from(digest, "hex"), Buffer.from(digest)]),
    ];
    secrets.push(await keyOf(mine));
    for (const secret of secrets) {
      for (const shape of [secret.toString("hex"), secret.toString("latin1"), signed(secret)])
        expect(bare).not.toContain(shape);
    }
    return "no key, no digest, no handle of others";
  },
);

async function keyOf(pass: Buffer): Promise<Buffer> {
  const key = await valueOf(superuser, "select key from kernel.pass where digest = $1", [digestOf(pass)]);
  if (!Buffer.isBuffer(key)) throw new Error("no such pass");
  return key;
}

/** The first bytes as PostgreSQL prints a constant: signed, with spaces between, which are left out here. */
function signed(bytes: Buffer): string {
  return [...bytes.subarray(0, 12)].map((byte) => (byte > 127 ? byte - 256 : byte)).join("");
}

attack(
  {
    id: "P-told",
    title: "tell a pass that was good from one that never was, by the refusal",
    expected: "the same refusal",
  },
  async () => {
    const api = await ground.connect();
    const { token } = ground.rival.owner;
    const words = (error: unknown): string =>
      JSON.stringify(error, ["code", "message", "detail", "hint", "where"]);
    const told = (pass: Buffer): Promise<string> =>
      presenting(api, token, pass, async () => "presented").catch(words);
    const toldLater = (text: string): Promise<string> =>
      setting(api, text, () => api.query("select * from app.contact").then(() => "shown", words));
    const pass = await genuinePass(api, { token, slug: "rival" });
    const copied = await presenting(api, token, pass, async () => {
      expect(await valueOf(api, "select count(*)::int from app.contact")).toBe(9);
      return presentation(api);
    });
    // There, but of another transaction, and of another credential.
    const [sealed, foreign] = [await toldLater(copied), await told(mine)];
    await superuser.query("delete from kernel.pass where digest = $1", [digestOf(pass)]);
    const spent = await told(pass);
    expect(spent).toContain("RF410");
    expect([foreign, spent]).toEqual([spent, await told(Buffer.alloc(32))]);
    const never = await toldLater(`${"0".repeat(64)}|pass|${"0".repeat(64)}`);
    expect(never).toContain("RF410");
    expect([sealed, await toldLater(copied)]).toEqual([never, never]);
    return "the same refusal";
  },
);

mattersOn(() => superuser)(
  "pass-index",
  "the want of an index on the organization of passes, asked by EXPLAIN with no credential",
  ["nothing told", "a count told"],
  async () => {
    const api = await ground.connect();
    const asked = async (id: string): Promise<string> => {
      const text = `select from kernel.presented_pass where tenant_id = '${id}'`;
      await plan(api, text, "analyze, timing off");
      return figures(await plan(api, text, "analyze, timing off"));
    };
    return (await asked(ground.rival.id)) === (await asked(nobody)) ? "nothing told" : "a count told";
  },
  sql("create index careless on kernel.pass (tenant_id, member_id)", "drop index kernel.careless"),
);
