import { describe, expect, test } from "vitest";
import { sql, type Pool, type Transaction } from "../../server/foundation/database/index.ts";
import {
  backendOf,
  codeOf,
  eventually,
  gone,
  ground,
  killBackend,
  one,
  sleeping,
} from "./executor-ground.ts";

const here = ground();
const raw = (text: string, ...values: unknown[]) => ({ text, values });
const pidOf = async (t: Transaction): Promise<number> =>
  Number((await t.run(sql`select pg_backend_pid() as pid`)).rows[0]?.["pid"]);

/** A pool with a table of its own, and how many rows are in it. */
async function withTable(
  name: string,
  options = {},
): Promise<{ pool: Pool; count: () => Promise<number>; insert: (a: number) => ReturnType<typeof sql> }> {
  await here.observer.batch([raw(`create table ${name} (a int primary key deferrable initially deferred)`)]);
  return {
    pool: here.open(options),
    count: () => one(here.observer, "n", raw(`select count(*) as n from ${name}`)),
    insert: (a) => raw(`insert into ${name} values ($1)`, a),
  };
}

describe("a transaction", () => {
  test("gives the first results to the work, keeps everything, and hands the work's value back", async () => {
    const { pool, count, insert } = await withTable("kept_all");
    const backend = await backendOf(pool);
    const value = await pool.tx([insert(1), raw("select 'first' as word")], async (t, [, first]) => {
      const [, two] = await t.batch([insert(2), raw("select count(*) as n from kept_all")]);
      expect(await count()).toBe(0);
      return [first?.rows[0]?.["word"], two?.rows[0]?.["n"], await t.batch([])];
    });
    expect(value).toEqual(["first", 2, []]);
    expect(await count()).toBe(2);
    expect(await backendOf(pool)).toBe(backend);
  });

  test("keeps nothing when the work throws, and throws the same error", async () => {
    const { pool, count, insert } = await withTable("kept_none");
    const backend = await backendOf(pool);
    const mine = new RangeError("mine");
    const work = async (t: Transaction): Promise<void> => {
      await t.run(insert(2));
      throw mine;
    };
    await expect(pool.tx([insert(1)], work)).rejects.toBe(mine);
    expect(await count()).toBe(0);
    expect(await backendOf(pool)).toBe(backend);
  });

  test("whose first statements fail never starts its work", async () => {
    const { pool, count, insert } = await withTable("never_begun");
    const backend = await backendOf(pool);
    let begun = false;
    const transaction = pool.tx([insert(1), raw("select 1/0")], async () => {
      begun = true;
    });
    expect(await codeOf(transaction)).toBe("22012");
    expect(begun).toBe(false);
    expect(await count()).toBe(0);
    expect(await backendOf(pool)).toBe(backend);
  });

  test("whose work swallowed an error is refused: COMMIT would answer ROLLBACK", async () => {
    const { pool, count, insert } = await withTable("swallowed");
    const transaction = pool.tx([insert(1)], async (t) => {
      await t.run(raw("select 1/0")).catch(() => undefined);
      return "looks fine";
    });
    expect(await codeOf(transaction)).toBe("40000");
    expect(await count()).toBe(0);
  });

  test("is refused when COMMIT itself fails", async () => {
    const { pool, count, insert } = await withTable("deferred");
    const backend = await backendOf(pool);
    expect(await codeOf(pool.tx([insert(1)], (t) => t.run(insert(1))))).toBe("23505");
    expect(await count()).toBe(0);
    expect(await backendOf(pool)).toBe(backend);
  });

  test("whose connection is lost during COMMIT says that it does not know", async () => {
    const { pool, insert } = await withTable("unknown");
    await here.observer.batch([
      raw(
        "create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(20); return null; end $$",
      ),
      raw(
        "create constraint trigger slow after insert on unknown deferrable initially deferred for each row execute function slow()",
      ),
    ]);
    const backend = await backendOf(pool);
    const refusal = codeOf(pool.tx([insert(1)], async () => undefined));
    await eventually(here.observer, sleeping(backend));
    await killBackend(here.observer, backend);
    expect(await refusal).toBe("08007");
  });

  test("runs statements that are asked for at once one after the other", async () => {
    const { pool, insert } = await withTable("at_once");
    const counts = await pool.tx([], (t) =>
      Promise.all(
        [1, 2, 3].map(
          async (a) =>
            (await t.batch([insert(a), raw("select count(*) as n from at_once")]))[1]?.rows[0]?.["n"],
        ),
      ),
    );
    expect(counts).toEqual([1, 2, 3]);
  });

  test("waits for what the work did not wait for", async () => {
    const { pool, count, insert } = await withTable("not_awaited");
    await pool.tx([], async (t) => {
      void t.run(insert(1));
      void t.run(insert(2));
    });
    expect(await count()).toBe(2);
  });

  test.each(["commit", "rollback", "begin", "commit and chain", "rollback and chain", "/**/rollback"])(
    "refuses %j from its work",
    async (text) => {
      const { pool, count, insert } = await withTable(`refuses_${text.replace(/\W+/g, "_")}`);
      expect(await codeOf(pool.tx([insert(1)], (t) => t.run(raw(text))))).toBe("2D000");
      expect(await count()).toBe(0);
    },
  );

  test("knows savepoints", async () => {
    const { pool, count, insert } = await withTable("savepoints");
    const backend = await backendOf(pool);
    await pool.tx([insert(1), raw("savepoint here")], async (t) => {
      await expect(t.batch([insert(2), raw("select 1/0")])).rejects.toThrow();
      await t.run(raw("rollback to savepoint here"));
      await t.run(raw("rollback transaction to here"));
      await t.batch([insert(3), raw("release here")]);
    });
    expect(await count()).toBe(2);
    expect(await backendOf(pool)).toBe(backend);
  });
});

describe("a transaction's handle", () => {
  test("is dead after COMMIT and after ROLLBACK, while the same connection serves somebody else", async () => {
    const { pool, count, insert } = await withTable("stale");
    const stale: Transaction[] = [];
    const backend = await pool.tx([], (t) => (stale.push(t), pidOf(t)));
    await expect(pool.tx([], async (t) => (stale.push(t), Promise.reject(new Error("no"))))).rejects.toThrow(
      "no",
    );
    await pool.tx([], async (other) => {
      expect(await pidOf(other)).toBe(backend);
      for (const handle of stale) {
        expect(await codeOf(handle.run(insert(1)))).toBe("RFEND");
        expect(await codeOf(handle.batch([insert(1)]))).toBe("RFEND");
      }
    });
    expect(await count()).toBe(0);
  });

  test("is dead from the moment in which the work has returned", async () => {
    const { pool, count, insert } = await withTable("returned");
    let late: Promise<string> | undefined;
    await pool.tx([insert(1)], async (t) => {
      const { promise, resolve } = later();
      late = promise.then(() => codeOf(t.run(insert(2))));
      setTimeout(resolve, 0);
    });
    expect(await late).toBe("RFEND");
    expect(await count()).toBe(1);
  });

  test("that was held over a kill never speaks to another connection", async () => {
    const { pool, count, insert } = await withTable("killed", { max: 2 });
    const after: string[] = [];
    const { promise: workEnded, resolve: endWork } = later();
    const transaction = pool.tx([insert(1)], async (t) => {
      const backend = await pidOf(t);
      await killBackend(here.observer, backend);
      await eventually(here.observer, gone(backend));
      after.push(await codeOf(t.run(insert(2))));
      expect(await backendOf(pool)).not.toBe(backend);
      after.push(await codeOf(t.run(insert(3))), await codeOf(t.batch([insert(4), insert(5)])));
      endWork();
    });
    expect(await codeOf(transaction)).toBe("57P01");
    await workEnded;
    expect(after).toHaveLength(3);
    expect(after.every((code) => code === "57P01" || code === "RFEND")).toBe(true);
    expect(await count()).toBe(0);
  });

  test("lets go of work that waits for something else when the connection is lost", async () => {
    const { pool } = await withTable("waits_elsewhere");
    const transaction = pool.tx([], async (t) => {
      await killBackend(here.observer, await pidOf(t));
      await new Promise(() => undefined);
    });
    expect(await codeOf(transaction)).toBe("57P01");
    expect(await one(pool, "a", raw("select 1 as a"))).toBe(1);
  });
});

describe("a transaction's time", () => {
  test("ends it, even when its work does nothing at all", async () => {
    const { pool, count, insert } = await withTable("too_long");
    const started = performance.now();
    const transaction = pool.tx([insert(1)], () => new Promise(() => undefined), { timeoutMs: 150 });
    expect(await codeOf(transaction)).toBe("RFTMO");
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(await count()).toBe(0);
    expect(await one(pool, "a", raw("select 1 as a"))).toBe(1);
  });

  test("ends with the caller's abort, and the server stops", async () => {
    const { pool, count, insert } = await withTable("given_up");
    const controller = new AbortController();
    let backend = 0;
    const transaction = pool.tx(
      [insert(1)],
      async (t) => {
        backend = await pidOf(t);
        await t.run(raw("select pg_sleep(20)"));
      },
      { signal: controller.signal },
    );
    const refusal = codeOf(transaction);
    await eventually(
      here.observer,
      raw("select 1 from pg_stat_activity where wait_event = 'PgSleep' and application_name = 'executor'"),
    );
    controller.abort();
    expect(await refusal).toBe("RFABT");
    await eventually(here.observer, gone(backend));
    expect(await count()).toBe(0);
  });

  test("is known to the server, should this process stop", async () => {
    const pool = here.open({ transactionTimeoutMs: 1234 });
    expect(
      await one(pool, "t", raw("select current_setting('idle_in_transaction_session_timeout') as t")),
    ).toBe("1234ms");
  });
});

function later(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = Object;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve: () => resolve() };
}
