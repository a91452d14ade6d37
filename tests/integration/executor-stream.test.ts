import { describe, expect, test } from "vitest";
import { sql, type Pool, type Row } from "../../server/foundation/database/index.ts";
import { backendOf, codeOf, eventually, gone, ground, killBackend, one } from "./executor-ground.ts";

const here = ground();
const raw = (text: string, ...values: unknown[]) => ({ text, values });
const numbers = (count: number) => sql`select g as a from generate_series(1, ${count}::int) g`;

async function collect(stream: AsyncIterable<Row[]>): Promise<Row[][]> {
  const batches: Row[][] = [];
  for await (const rows of stream) batches.push(rows);
  return batches;
}

async function firstOf(stream: AsyncIterable<Row[]>): Promise<{ rows: Row[]; rest: AsyncIterator<Row[]> }> {
  const rest = stream[Symbol.asyncIterator]();
  const { value } = await rest.next();
  // The stream has not ended, so there is a value.
  return { rows: value as Row[], rest };
}

async function stillServes(pool: Pool): Promise<void> {
  expect(await one(pool, "a", raw("select 1 as a"))).toBe(1);
}

describe("a stream", () => {
  test.each([
    [0, []],
    [1, [1]],
    [10, [10]],
    [25, [10, 10, 5]],
    [30, [10, 10, 10]],
  ])("of %i rows comes in batches of %j", async (count, sizes) => {
    const pool = here.open();
    const backend = await backendOf(pool);
    for (const _ of [1, 2]) {
      const batches = await collect(pool.stream([], numbers(count), { batchRows: 10 }));
      expect(batches.map(({ length }) => length)).toEqual(sizes);
      expect(batches.flat().map((row) => row["a"])).toEqual(
        Array.from({ length: count }, (_row, at) => at + 1),
      );
    }
    expect(await backendOf(pool)).toBe(backend);
  });

  test("runs in the transaction of its first statements, and commits them", async () => {
    const pool = here.open();
    await here.observer.batch([raw("create table recorded (a int)")]);
    const query = sql`select current_setting('test.who', true) as who from generate_series(1, 25)`;
    const batches = await collect(
      pool.stream(
        [sql`select set_config('test.who', ${"me"}, true)`, raw("insert into recorded values (1)")],
        query,
        { batchRows: 10 },
      ),
    );
    expect(batches.flat().every((row) => row["who"] === "me")).toBe(true);
    expect(await one(here.observer, "n", raw("select count(*) as n from recorded"))).toBe(1);
    expect(await one(pool, "who", raw("select current_setting('test.who', true) as who"))).toBe("");
  });

  test("asks the server for no more than is taken", async () => {
    const pool = here.open();
    await here.observer.batch([raw("create sequence taken")]);
    const { rest } = await firstOf(
      pool.stream([], raw("select nextval('taken') from generate_series(1, 100000)"), { batchRows: 50 }),
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await one(here.observer, "n", raw("select last_value as n from taken"))).toBe(50);
    await rest.next();
    expect(await one(here.observer, "n", raw("select last_value as n from taken"))).toBe(100);
    await rest.return?.();
  });

  test("of 400 MB holds one batch in memory", async () => {
    const pool = here.open();
    const used = (): number => {
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    // Other tests of this process have used some.
    const before = used();
    let peak = 0;
    let bytes = 0;
    const query = raw("select g, repeat(md5(g::text), 64) as filler from generate_series(1, 200000) g");
    for await (const rows of pool.stream([], query, { batchRows: 500 })) {
      bytes += rows.reduce((sum, row) => sum + String(row["filler"]).length, 0);
      peak = Math.max(peak, used() - before);
    }
    expect(bytes).toBe(200_000 * 2048);
    expect(peak).toBeLessThan(200 * 1024 * 1024);
  });

  test("that nobody reads on commits what came first and gives its connection back", async () => {
    const pool = here.open();
    const backend = await backendOf(pool);
    await here.observer.batch([raw("create table begun (a int)")]);
    const stream = (a: number) =>
      pool.stream([raw("insert into begun values ($1)", a)], numbers(1000), { batchRows: 10 });
    for await (const rows of stream(1)) if (rows.length > 0) break;
    const throwing = async (): Promise<void> => {
      for await (const rows of stream(2)) throw new RangeError(`no more than ${rows.length}`);
    };
    await expect(throwing()).rejects.toThrow(RangeError);
    expect(await one(here.observer, "n", raw("select count(*) as n from begun"))).toBe(2);
    expect(await backendOf(pool)).toBe(backend);
  });

  test("that fails in the middle is refused there and keeps nothing", async () => {
    const pool = here.open();
    const backend = await backendOf(pool);
    await here.observer.batch([raw("create table half (a int)")]);
    const seen: number[] = [];
    const reading = async (): Promise<void> => {
      const query = raw("select 1 / (25 - g) as a from generate_series(1, 100) g");
      for await (const rows of pool.stream([raw("insert into half values (1)")], query, { batchRows: 10 }))
        seen.push(rows.length);
    };
    expect(await codeOf(reading())).toBe("22012");
    expect(seen).toEqual([10, 10]);
    expect(await one(here.observer, "n", raw("select count(*) as n from half"))).toBe(0);
    expect(await backendOf(pool)).toBe(backend);
  });

  test("that cannot begin is refused, and its connection serves on", async () => {
    const pool = here.open();
    expect(await codeOf(collect(pool.stream([raw("select 1/0")], numbers(5))))).toBe("22012");
    expect(await codeOf(collect(pool.stream([], numbers(5), { batchRows: 0 })))).toBe("54000");
    expect(await codeOf(collect(pool.stream([], raw("commit"))))).toBe("2D000");
    await stillServes(pool);
  });

  test("ends with its caller's abort between two batches, and during one", async () => {
    for (const query of [
      numbers(1000),
      raw("select pg_sleep(case when g > 10 then 20 else 0 end) from generate_series(1, 100) g"),
    ]) {
      const pool = here.open();
      const controller = new AbortController();
      const backend = await backendOf(pool);
      const { rest } = await firstOf(pool.stream([], query, { batchRows: 10, signal: controller.signal }));
      setTimeout(() => controller.abort(), query.text.includes("sleep") ? 100 : 0);
      if (!query.text.includes("sleep")) await new Promise((resolve) => setTimeout(resolve, 10));
      expect(await codeOf(rest.next())).toBe("RFABT");
      await eventually(here.observer, gone(backend));
      await stillServes(pool);
    }
  });

  test("ends with its time, also when its reader has gone to sleep", async () => {
    const pool = here.open();
    const backend = await backendOf(pool);
    const { rest } = await firstOf(pool.stream([], numbers(1000), { batchRows: 10, timeoutMs: 100 }));
    await eventually(here.observer, gone(backend));
    await stillServes(pool);
    expect(await codeOf(rest.next())).toBe("RFTMO");
  });

  test("whose server process is killed is refused", async () => {
    const pool = here.open();
    const backend = await backendOf(pool);
    const { rest } = await firstOf(pool.stream([], numbers(1000), { batchRows: 10 }));
    await killBackend(here.observer, backend);
    expect(await codeOf(rest.next())).toBe("57P01");
    await stillServes(pool);
  });
});
