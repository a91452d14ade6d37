import { describe, expect, test } from "vitest";
import {
  sql,
  type Pool,
  type Result,
  type Statement,
  type Transaction,
} from "../../server/foundation/database/index.ts";
import { backendOf, codeOf, collectEvents, ground, one } from "./executor-ground.ts";

const { open } = ground();
const raw = (text: string, ...values: unknown[]) => ({ text, values });
const namesKnown = sql`select count(*) as n from pg_prepared_statements`;

async function known(pool: Pool): Promise<number> {
  return one(pool, "n", namesKnown);
}

function again(value: number): Statement {
  return sql`select ${value}::int as once`;
}

function readOutgrown(t: Transaction): Promise<Result> {
  return t.run(raw("select * from outgrown_work"));
}

async function prepared(table: string): Promise<{ pool: Pool; backend: number }> {
  const pool = open();
  await open().batch([raw(`create table ${table} (a int)`)]);
  const backend = await backendOf(pool);
  await pool.batch([raw(`select * from ${table}`), raw(`select 1 as plain`)]);
  await open().batch([
    raw(`alter table ${table} add b text default 'new'`),
    raw(`insert into ${table} values (1)`),
  ]);
  return { pool, backend };
}

describe("prepared statements", () => {
  test("are parsed once per connection, also when a new text comes twice in one batch", async () => {
    const pool = open();
    const before = await known(pool);
    const results = await pool.batch([again(1), again(2)]);
    await pool.batch([again(3)]);
    expect(results.map(({ rows }) => rows[0]?.["once"])).toEqual([1, 2]);
    expect(await known(pool)).toBe(before + 1);
    expect(
      await one(
        pool,
        "n",
        raw(
          "select max(generic_plans + custom_plans) as n from pg_prepared_statements where statement like '%as once'",
        ),
      ),
    ).toBe(3);
  });

  test("that an error kept from being parsed are parsed next time, the others are not", async () => {
    const pool = open();
    const backend = await backendOf(pool);
    const early = raw("select 'early' as word");
    const late = raw("select 'late' as word");
    const badValue = raw("select $1::int as word", "no number");
    for (const failing of [raw("select 1 / 0"), raw("selec"), badValue]) {
      await expect(pool.batch([early, failing, late, late])).rejects.toThrow();
      const results = await pool.batch([early, late, late]);
      expect(results.map(({ rows }) => rows[0]?.["word"])).toEqual(["early", "late", "late"]);
    }
    // Parsed and bound in vain before, so it exists, but was never described.
    expect(await one(pool, "word", raw("select $1::int as word", 7))).toBe(7);
    expect(await backendOf(pool)).toBe(backend);
  });

  test("are bounded: a connection that knows 500 names is replaced, and one batch cannot make more", async () => {
    const { events, onEvent } = collectEvents();
    const pool = open({ onEvent });
    const backend = await backendOf(pool);
    const distinct = Array.from({ length: 700 }, (_, at) => raw(`select ${at} as at`));
    const results = await pool.batch([...distinct, namesKnown]);
    expect(results.slice(0, 700).map(({ rows }) => rows[0]?.["at"])).toEqual(distinct.map((_, at) => at));
    expect(results[700]?.rows[0]?.["n"]).toBe(500);
    expect(await backendOf(pool)).not.toBe(backend);
    for (const statement of distinct) await pool.batch([statement]);
    expect(events.filter(({ kind }) => kind === "recycled")).toHaveLength(2);
  });
});

describe("after the result type of a prepared statement has changed", () => {
  test("a batch is tried once more, with the new columns, and the connection is replaced", async () => {
    const { pool, backend } = await prepared("outgrown_batch");
    const results = await pool.batch([
      raw("insert into outgrown_batch values (2)"),
      raw("select * from outgrown_batch"),
      sql`select pg_backend_pid() as pid`,
    ]);
    expect(results[1]?.rows).toEqual([
      { a: 1, b: "new" },
      { a: 2, b: "new" },
    ]);
    expect(results[2]?.rows[0]?.["pid"]).toBe(backend);
    expect(await one(pool, "n", raw("select count(*) as n from outgrown_batch"))).toBe(2);
    expect(await backendOf(pool)).not.toBe(backend);
  });

  test("the first statements of a transaction are tried once more", async () => {
    const { pool, backend } = await prepared("outgrown_first");
    const rows = await pool.tx([raw("select * from outgrown_first")], async (_, [first]) => first?.rows);
    expect(rows).toEqual([{ a: 1, b: "new" }]);
    expect(await backendOf(pool)).not.toBe(backend);
  });

  test("a transaction whose work has begun fails, and its connection is replaced", async () => {
    const { pool, backend } = await prepared("outgrown_work");
    expect(await codeOf(pool.tx([], readOutgrown))).toBe("0A000");
    expect(await backendOf(pool)).not.toBe(backend);
    expect((await pool.tx([], readOutgrown)).rows).toEqual([{ a: 1, b: "new" }]);
  });
});

describe("what leaves traces in the session costs the connection", () => {
  test.each([
    "set application_name = 'somebody'",
    "set my.thing = 'left'",
    "set role none",
    "listen something",
    "prepare mine as select 1",
    "deallocate all",
    "discard all",
    "reset all",
    "load 'plpgsql'",
    "do $$ begin perform set_config('my.thing', 'left', false); end $$",
    "create temp table mine (a int)",
  ])("%s", async (text) => {
    const pool = open();
    const backend = await backendOf(pool);
    await pool.batch([raw(text)]);
    expect(await backendOf(pool)).not.toBe(backend);
    expect(await one(pool, "left", sql`select current_setting('my.thing', true) as left`)).toBe(null);
  });

  test("a reported setting that a function changed for the session", async () => {
    const pool = open();
    const backend = await backendOf(pool);
    await pool.batch([raw("select set_config('TimeZone', 'Asia/Tokyo', true)")]);
    expect(await backendOf(pool)).toBe(backend);
    await pool.batch([raw("select set_config('TimeZone', 'Asia/Tokyo', false)")]);
    expect(await backendOf(pool)).not.toBe(backend);
  });

  test("another client encoding ends the transaction at once", async () => {
    const pool = open();
    const transaction = pool.tx([raw("select set_config('client_encoding', 'LATIN1', true)")], (t) =>
      t.run(raw("select 'é' as e")),
    );
    expect(await codeOf(transaction)).toBe("08P01");
    expect(await one(pool, "e", raw("select 'é' as e"))).toBe("é");
  });

  test("a cursor that outlives its transaction", async () => {
    const pool = open();
    const backend = await backendOf(pool);
    await pool.tx([raw("declare held cursor with hold for select 1")], async () => undefined);
    expect(await backendOf(pool)).not.toBe(backend);
    expect(await one(pool, "n", raw("select count(*) as n from pg_cursors where name <> ''"))).toBe(0);
  });

  test("plain reads and writes do not", async () => {
    const pool = open();
    await open().batch([raw("create table plain (a int)")]);
    const backend = await backendOf(pool);
    await pool.batch([
      raw("insert into plain values (1)"),
      raw("update plain set a = 2"),
      raw("delete from plain"),
      raw("show timezone"),
    ]);
    expect(await backendOf(pool)).toBe(backend);
  });
});

describe("COPY and cursors do not wedge the connection", () => {
  test.each(["copy plain_copy from stdin", "copy plain_copy to stdout"])("%s is refused", async (text) => {
    const pool = open();
    await pool.batch([raw("create table if not exists plain_copy (a int)")]);
    expect(await codeOf(pool.batch([raw(text), raw("select 1")]))).toBe("0A000");
    expect(await one(pool, "n", raw("select count(*) as n from plain_copy"))).toBe(0);
  });

  test("a cursor outside a transaction block is the server's error, inside it is read", async () => {
    const pool = open();
    expect(await codeOf(pool.batch([raw("declare c cursor for select 1")]))).toBe("25P01");
    const fetched = await pool.tx([raw("declare c cursor for select generate_series(1, 3) as a")], (t) =>
      t.run(raw("fetch 2 from c")),
    );
    expect(fetched.rows).toEqual([{ a: 1 }, { a: 2 }]);
  });
});
