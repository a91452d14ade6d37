import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { sql, type Pool } from "../../server/foundation/database/index.ts";
import { backendOf, codeOf, ground, one, rejectionOf } from "./executor-ground.ts";

const { open } = ground();
const raw = (text: string, ...values: unknown[]) => ({ text, values });

async function tableWith(pool: Pool, name: string, columns: string): Promise<void> {
  await pool.batch([raw(`create table ${name} (${columns})`)]);
}

async function theCaller(pool: Pool): Promise<void> {
  await pool.batch([sql`select 1 / ${0}::int`]);
}

describe("a batch", () => {
  test("is one transaction, and what it set locally is gone afterwards", async () => {
    const pool = open();
    const transaction = sql`select pg_current_xact_id()::text as id, current_setting('test.here', true) as here`;
    const [, first, second] = await pool.batch([
      sql`select set_config('test.here', ${"yes"}, true)`,
      transaction,
      transaction,
    ]);
    expect(first?.rows).toEqual(second?.rows);
    expect(first?.rows[0]?.["here"]).toBe("yes");
    const [after] = await pool.batch([transaction]);
    expect(after?.rows[0]?.["here"]).toBe("");
    expect(after?.rows[0]?.["id"]).not.toBe(first?.rows[0]?.["id"]);
  });

  test("tells how many rows a command touched", async () => {
    const pool = open();
    await tableWith(pool, "counted", "a int");
    const results = await pool.batch([
      sql`insert into counted select generate_series(1, ${5})`,
      sql`update counted set a = a + 1 where a > ${2}`,
      sql`select a from counted order by a`,
      sql`delete from counted`,
      raw(""),
    ]);
    expect(results.map(({ count }) => count)).toEqual([5, 3, 5, 5, 0]);
    expect(results.map(({ rows }) => rows.length)).toEqual([0, 0, 5, 0, 0]);
    expect(await pool.batch([])).toEqual([]);
  });

  test.each([0, 1, 2])(
    "keeps nothing when statement %i of three fails, and the connection serves on",
    async (at) => {
      const pool = open();
      const table = `failing_${at}`;
      await tableWith(pool, table, "a int primary key");
      const backend = await backendOf(pool);
      const statements = [1, 2, 3].map((value) => raw(`insert into ${table} values ($1)`, value));
      statements[at] = raw("select 1 / $1::int", 0);
      expect(await codeOf(pool.batch(statements))).toBe("22012");
      expect(await one(pool, "n", raw(`select count(*) as n from ${table}`))).toBe(0);
      expect(await backendOf(pool)).toBe(backend);
    },
  );

  test("refuses a text of several statements, with parameters or without, and runs none of them", async () => {
    const pool = open();
    await tableWith(pool, "single", "a int");
    const backend = await backendOf(pool);
    expect(await codeOf(pool.batch([raw("insert into single values (1); select 1")]))).toBe("42601");
    expect(await codeOf(pool.batch([raw("insert into single values ($1); select 1", 1)]))).toBe("42601");
    expect(await one(pool, "n", sql`select count(*) as n from single`)).toBe(0);
    expect(await backendOf(pool)).toBe(backend);
  });

  test.each([
    "commit",
    "  ;; end",
    "/* a /* b */ c */ rollback",
    "-- x\nbegin",
    "abort",
    "start transaction",
    "prepare transaction 'x'",
  ])("refuses to run %j, which would tear it in two", async (text) => {
    const pool = open();
    const table = `torn_${Math.abs(text.length * 31 + text.charCodeAt(0))}`;
    await tableWith(pool, table, "a int");
    const batch = pool.batch([
      raw(`insert into ${table} values (1)`),
      raw(text),
      raw("select 1 / $1::int", 0),
    ]);
    expect(await codeOf(batch)).toBe("2D000");
    expect(await one(pool, "n", raw(`select count(*) as n from ${table}`))).toBe(0);
  });

  test("refuses what cannot be a parameter before anything is sent", async () => {
    const pool = open();
    const backend = await backendOf(pool);
    await expect(pool.batch([sql`select ${() => 1}::text`])).rejects.toThrow(TypeError);
    await expect(pool.batch([sql`select ${new Date(Number.NaN)}::timestamptz`])).rejects.toThrow(RangeError);
    expect(await codeOf(pool.batch([raw("select 1 \0 X")]))).toBe("22021");
    expect(await codeOf(pool.batch([sql`select ${"a\0b"}::text`]))).toBe("22021");
    expect(await codeOf(pool.batch([raw("select $1::int, $2::int", 1)]))).toBe("08P01");
    expect(await backendOf(pool)).toBe(backend);
  });
});

describe("sizes", () => {
  test("a parameter of 20 MB goes there and back", async () => {
    const pool = open();
    const text = "é".repeat(10 * 1024 * 1024);
    const bytes = Buffer.alloc(20 * 1024 * 1024, 7);
    const [answer] = await pool.batch([sql`select ${text}::text as text, length(${bytes}::bytea) as length`]);
    expect(answer?.rows[0]?.["text"] === text).toBe(true);
    expect(answer?.rows[0]?.["length"]).toBe(bytes.length);
  });

  test("a batch has at most 10,000 statements", async () => {
    const pool = open();
    const statements = Array.from({ length: 10_000 }, (_, at) => sql`select ${at}::int as at`);
    const results = await pool.batch(statements);
    expect(results.map(({ rows }) => rows[0]?.["at"])).toEqual(statements.map((_, at) => at));
    expect(await codeOf(pool.batch([...statements, sql`select 1`]))).toBe("54000");
  });

  test("a batch that is too big is not sent", async () => {
    const pool = open();
    const backend = await backendOf(pool);
    const part = Buffer.alloc(30 * 1024 * 1024);
    expect(await codeOf(pool.batch([1, 2, 3].map(() => sql`select length(${part}::bytea)`)))).toBe("54000");
    expect(await backendOf(pool)).toBe(backend);
  });

  test("an answer that is too big ends its connection, not the process", async () => {
    const pool = open();
    const backend = await backendOf(pool);
    const endless = sql`select repeat('x', 100000) as filler from generate_series(1, 700)`;
    expect(await codeOf(pool.batch([endless]))).toBe("54000");
    expect(await codeOf(pool.batch([sql`select repeat('x', 70000000) as filler`]))).toBe("54000");
    expect(await backendOf(pool)).not.toBe(backend);
  });
});

describe("an error", () => {
  test("names code, table, column and constraint, and shows no value, statement or parameter", async () => {
    const pool = open();
    const canary = "canary-7c1f";
    await tableWith(
      pool,
      "person",
      "email text primary key, age int not null constraint grown check (age > 17)",
    );
    await pool.batch([sql`insert into person values (${canary}, 20)`]);
    const failures = [
      sql`insert into person values (${canary}, 30)`,
      sql`insert into person values (${`${canary}2`}, 3)`,
      sql`insert into person values (${`${canary}3`}, null)`,
      sql`select ${canary}::int`,
      sql`select ${canary}::timestamptz`,
      sql`select ${`{"${canary}`}::jsonb`,
      raw(`select '${canary}' "${canary}" "${canary}"`),
      raw(`do $$ begin raise exception '${canary}' using detail = '${canary}', hint = '${canary}'; end $$`),
    ];
    const errors = await Promise.all(failures.map((statement) => rejectionOf(pool.batch([statement]))));
    expect(errors.map(({ code }) => code)).toEqual([
      "23505",
      "23514",
      "23502",
      "22P02",
      "22007",
      "22P02",
      "42601",
      "P0001",
    ]);
    expect(errors[0]).toMatchObject({ table: "person", constraint: "person_pkey" });
    expect(errors[1]).toMatchObject({ constraint: "grown" });
    expect(errors[2]).toMatchObject({ column: "age" });
    for (const error of errors) {
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(canary);
    }
  });

  test("raised by our own functions with an RF code keeps its message", async () => {
    const error = await rejectionOf(
      open().batch([raw("do $$ begin raise exception 'not signed in' using errcode = 'RF401'; end $$")]),
    );
    expect(error).toMatchObject({ code: "RF401", message: "not signed in" });
  });

  test("has a stack that names the caller", async () => {
    expect((await rejectionOf(theCaller(open()))).stack).toContain("theCaller");
  });
});

describe("values", () => {
  test("come in the shapes that the callers rely on", async () => {
    const [answer] = await open().batch([
      raw(`select 7::int2 as i2, (-2147483648)::int4 as i4, 9007199254740991::int8 as safe, (-9007199254740993)::int8 as unsafe,
        0.1::float8 as f8, 'NaN'::float8 as nan, 12345678901234567890.10::numeric as num, true as yes, false as no,
        timestamptz '2026-11-21 10:00:00.123456+02' as tz, timestamptz '2026-11-21 10:00:00+00' as whole,
        timestamptz 'infinity' as forever, timestamptz '0044-03-15 12:00:00+00 BC' as ides,
        date '2026-02-03' as day, '{"a":[1,null],"__proto__":2}'::jsonb as j, '[1]'::json as js,
        '\\x00ff10'::bytea as bytes, ''::bytea as nobytes, null::text as nothing, 'é€😀' as text,
        '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid as id, '10.0.0.1'::inet as ip`),
    ]);
    expect(answer?.rows[0]).toEqual({
      i2: 7,
      i4: -2147483648,
      safe: 9007199254740991,
      unsafe: "-9007199254740993",
      f8: 0.1,
      nan: Number.NaN,
      num: "12345678901234567890.10",
      yes: true,
      no: false,
      tz: "2026-11-21T08:00:00.123Z",
      whole: "2026-11-21T10:00:00.000Z",
      forever: "infinity",
      ides: "0044-03-15 12:00:00+00 BC",
      day: "2026-02-03",
      j: JSON.parse('{"a":[1,null],"__proto__":2}'),
      js: [1],
      bytes: Buffer.from("00ff10", "hex"),
      nobytes: Buffer.alloc(0),
      nothing: null,
      text: "é€😀",
      id: "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
      ip: "10.0.0.1",
    });
  });

  test("of arrays come parsed, nested ones too", async () => {
    const [answer] = await open().batch([
      raw(`select '{1,null,-3}'::int[] as i, '{{a,"b \\" c"},{NULL,"NULL"}}'::text[] as t, '{}'::uuid[] as none,
        '{t,f}'::bool[] as b, '[2:3]={7,8}'::int8[] as bounds, array['{"a":1}'::jsonb] as j,
        array[timestamptz '2026-11-21 10:00:00+00'] as tz, array['\\x01'::bytea] as bytes`),
    ]);
    expect(answer?.rows[0]).toEqual({
      i: [1, null, -3],
      t: [
        ["a", 'b " c'],
        [null, "NULL"],
      ],
      none: [],
      b: [true, false],
      bounds: [7, 8],
      j: [{ a: 1 }],
      tz: ["2026-11-21T10:00:00.000Z"],
      bytes: [Buffer.from([1])],
    });
  });

  test("that are bound arrive as they were", async () => {
    const awkward = ['a"b', "c\\d", "", "NULL", "{x,y}", null, "é\n"];
    const moment = new Date("2026-11-21T10:00:00.123Z");
    const [answer] = await open().batch([
      sql`select ${awkward}::text[] as texts, ${[
        [1, 2],
        [3, 4],
      ]}::int[] as nested, ${[]}::int[] as none,
        ${moment}::timestamptz as moment, ${Buffer.from([0, 255])}::bytea as bytes, ${[Buffer.from([9])]}::bytea[] as chunks,
        ${{ text: "drop", values: [] }}::jsonb as shaped, ${12n}::int8 as big, ${true}::bool as yes, ${undefined}::text as nothing,
        ${[moment]}::timestamptz[] as moments, ${[{ a: '"' }]}::jsonb[] as documents`,
    ]);
    expect(answer?.rows[0]).toEqual({
      texts: awkward,
      nested: [
        [1, 2],
        [3, 4],
      ],
      none: [],
      moment: moment.toISOString(),
      bytes: Buffer.from([0, 255]),
      chunks: [Buffer.from([9])],
      shaped: { text: "drop", values: [] },
      big: 12,
      yes: true,
      nothing: null,
      moments: [moment.toISOString()],
      documents: [{ a: '"' }],
    });
  });

  test("are read in UTC and ISO whatever the role prefers", async () => {
    const pool = open();
    const name = await one<string>(pool, "name", sql`select current_database()::text as name`);
    await pool.batch([raw(`alter database ${name} set timezone = 'Asia/Kolkata'`)]);
    await pool.batch([raw(`alter database ${name} set datestyle = 'German'`)]);
    await pool.batch([raw(`alter database ${name} set bytea_output = 'escape'`)]);
    const [answer] = await open().batch([
      raw("select timestamptz '2026-11-21 10:00:00+00' as at, '\\x005cff41'::bytea as bytes"),
    ]);
    expect(answer?.rows[0]).toEqual({
      at: "2026-11-21T10:00:00.000Z",
      bytes: Buffer.from("005cff41", "hex"),
    });
  });

  test("under the column name __proto__ stay a mere column", async () => {
    const [answer] = await open().batch([
      raw(`select '{"polluted":true}'::jsonb as "__proto__", 1 as a, 2 as a`),
    ]);
    expect(Object.keys(answer?.rows[0] ?? {})).toEqual(["__proto__", "a"]);
    expect(answer?.rows[0]).not.toHaveProperty("polluted");
    expect(answer?.rows[0]?.["a"]).toBe(2);
  });
});
