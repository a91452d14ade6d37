import { afterAll, describe, expect, test } from "vitest";
import { sql, type Pool } from "../../server/foundation/database/index.ts";
import {
  backendOf,
  codeOf,
  collectEvents,
  eventually,
  gone,
  ground,
  killBackend,
  one,
  sleeping,
} from "./executor-ground.ts";
import { startRestartable, type Restartable } from "./executor-restart.ts";

const here = ground();
const raw = (text: string, ...values: unknown[]) => ({ text, values });
const sleep = raw("select pg_sleep(20)");

/** A batch that sleeps on the server, and the server process that it keeps. */
async function asleep(pool: Pool, options = {}): Promise<{ backend: number; batch: Promise<unknown> }> {
  const backend = await backendOf(pool);
  const batch = pool.batch(
    [raw("insert into kept values (1)"), sleep, raw("insert into kept values (2)")],
    options,
  );
  batch.catch(() => undefined);
  await eventually(here.observer, sleeping(backend));
  return { backend, batch };
}

async function nothingKept(): Promise<void> {
  expect(await one(here.observer, "n", raw("select count(*) as n from kept"))).toBe(0);
}

describe("a batch whose connection ends", () => {
  test("by an administrator's kill: it is refused, nothing is kept, and the next one gets a new connection", async () => {
    await here.observer.batch([raw("create table if not exists kept (a int)")]);
    const { events, onEvent } = collectEvents();
    const pool = here.open({ onEvent });
    const { backend, batch } = await asleep(pool);
    await killBackend(here.observer, backend);
    expect(await codeOf(batch)).toBe("57P01");
    expect(await backendOf(pool)).not.toBe(backend);
    expect(events).toContainEqual({ kind: "lost", code: "57P01" });
    await nothingKept();
  });

  test("by a kill while idle: nobody notices", async () => {
    const pool = here.open();
    const backend = await backendOf(pool);
    await killBackend(here.observer, backend);
    await eventually(here.observer, gone(backend));
    expect(await backendOf(pool)).not.toBe(backend);
  });

  test("by its time limit: the server stops working at once", async () => {
    const pool = here.open();
    const backend = await backendOf(pool);
    const started = performance.now();
    const batch = pool.batch([raw("insert into kept values (1)"), sleep], { timeoutMs: 150 });
    expect(await codeOf(batch)).toBe("RFTMO");
    expect(performance.now() - started).toBeLessThan(10_000);
    await eventually(here.observer, gone(backend));
    expect(await backendOf(pool)).not.toBe(backend);
    await nothingKept();
  });

  test("by its caller's abort: the server stops working at once", async () => {
    const pool = here.open();
    const controller = new AbortController();
    const { backend, batch } = await asleep(pool, { signal: controller.signal });
    controller.abort();
    expect(await codeOf(batch)).toBe("RFABT");
    await eventually(here.observer, gone(backend));
    expect(await backendOf(pool)).not.toBe(backend);
    await nothingKept();
  });

  test("the server's own statement timeout is an ordinary error", async () => {
    const pool = here.open({ statementTimeoutMs: 100 });
    const backend = await backendOf(pool);
    expect(await codeOf(pool.batch([sleep]))).toBe("57014");
    expect(await backendOf(pool)).toBe(backend);
  });

  test("an abort before the start sends nothing, and one after the end changes nothing", async () => {
    const pool = here.open();
    const backend = await backendOf(pool);
    expect(await codeOf(pool.batch([raw("select 1")], { signal: AbortSignal.abort() }))).toBe("RFABT");
    const controller = new AbortController();
    await pool.batch([raw("select 1")], { signal: controller.signal, timeoutMs: 30 });
    controller.abort();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await backendOf(pool)).toBe(backend);
  });
});

describe("a pool without a free connection", () => {
  test("lets callers wait in order, a bounded time, and then says busy", async () => {
    const { events, onEvent } = collectEvents();
    const pool = here.open({ max: 1, waitMs: 150, onEvent });
    const { batch, backend } = await asleep(pool, { timeoutMs: 1500 });
    const started = performance.now();
    expect(await codeOf(pool.batch([raw("select 1")]))).toBe("RFBSY");
    expect(performance.now() - started).toBeGreaterThan(120);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(events).toContainEqual({ kind: "busy" });
    await killBackend(here.observer, backend);
    await expect(batch).rejects.toThrow();
    expect(await one(pool, "a", raw("select 1 as a"))).toBe(1);
  });

  test("serves those who wait as soon as it can, first come first served", async () => {
    const pool = here.open({ max: 1 });
    const order: number[] = [];
    const short = raw("select pg_sleep(0.01)");
    await Promise.all([1, 2, 3, 4].map(async (at) => (await pool.batch([short]), order.push(at))));
    expect(order).toEqual([1, 2, 3, 4]);
  });

  test("never opens more than its maximum, and bounds the line", async () => {
    const pool = here.open({ max: 3, waitersMax: 10, applicationName: "bounded" });
    const short = raw("select pg_sleep(0.05)");
    const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => pool.batch([short])));
    const refused = outcomes.filter(({ status }) => status === "rejected").length;
    expect(refused).toBe(30);
    expect(
      await one(
        here.observer,
        "n",
        raw("select count(*) as n from pg_stat_activity where application_name = 'bounded'"),
      ),
    ).toBe(3);
  });

  test("forgets a caller who gives up waiting", async () => {
    const pool = here.open({ max: 1 });
    const { batch, backend } = await asleep(pool);
    const controller = new AbortController();
    const waiting = pool.batch([raw("insert into kept values (9)")], { signal: controller.signal });
    controller.abort();
    expect(await codeOf(waiting)).toBe("RFABT");
    await killBackend(here.observer, backend);
    await expect(batch).rejects.toThrow();
    await nothingKept();
  });
});

describe("a database that goes away", () => {
  let server: Restartable | undefined;
  afterAll(() => server?.remove());

  test("and comes back is served again by the same pool", async () => {
    server = await startRestartable();
    const pool = here.open({ connectionString: server.dsn, max: 3 });
    const transaction = pool.tx([], async (t) => {
      await t.run(raw("select 1"));
      await server?.stop();
      return t.run(raw("select 2"));
    });
    expect(await codeOf(transaction)).toMatch(/^(57P01|08006)$/);
    await server.stop();
    const refusals = await Promise.all([1, 2, 3, 4, 5].map(() => codeOf(pool.batch([raw("select 1")]))));
    expect(new Set(refusals)).toEqual(new Set(["08001"]));
    await server.start();
    expect(await one(pool, "a", raw("select 1 as a"))).toBe(1);
  });

  test("tells nothing of the address, the user or the password", async () => {
    const refused = here.open({ connectionString: here.dsn.replace(/:[^:@/]+@/, ":wrong-canary@") });
    const error = await refused.batch([raw("select 1")]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "28P01" });
    expect(JSON.stringify(error) + String(error)).not.toMatch(/canary|postgres|127\.0/);
  });
});

describe("a pool that closes", () => {
  test("lets those who have a connection finish, refuses the others, and leaves nothing open", async () => {
    const pool = here.open({ max: 1, applicationName: "closing" });
    const backend = await backendOf(pool);
    const work = pool.batch([raw("select pg_sleep(0.5), 1 as a")]);
    const waiting = codeOf(pool.batch([raw("select 2")]));
    await eventually(here.observer, sleeping(backend));
    const closed = pool.close();
    expect(await codeOf(pool.batch([raw("select 3")]))).toBe("RFEND");
    expect(await waiting).toBe("RFEND");
    expect((await work)[0]?.rows[0]?.["a"]).toBe(1);
    await closed;
    await pool.close();
    await eventually(
      here.observer,
      raw("select 1 where not exists (select from pg_stat_activity where application_name = 'closing')"),
    );
  });
});

describe("a thousand tenants on four connections", () => {
  test("see each their own setting, and none is left outside", async () => {
    const pool = here.open({ max: 4 });
    const read = sql`select current_setting('test.tenant', true) as tenant`;
    const enter = (tenant: string) => sql`select set_config('test.tenant', ${tenant}, true)`;
    let crossings = 0;
    const visit = async (at: number): Promise<void> => {
      const tenant = `tenant ${at}`;
      const seen: unknown[] = [];
      if (at % 3 === 0) {
        await pool.tx([enter(tenant)], async (t) => {
          seen.push((await t.run(read)).rows[0]?.["tenant"], (await t.run(read)).rows[0]?.["tenant"]);
        });
      } else {
        const statements =
          at % 7 === 0 ? [enter(tenant), raw("select 1/0"), read] : [enter(tenant), read, read];
        const results = await pool.batch(statements).catch(() => []);
        for (const { rows } of results.slice(1)) seen.push(rows[0]?.["tenant"]);
      }
      crossings += seen.filter((value) => value !== tenant).length;
      const [outside] = await pool.batch([read]);
      if (outside?.rows[0]?.["tenant"] !== "" && outside?.rows[0]?.["tenant"] !== null) crossings += 1;
    };
    await Promise.all(Array.from({ length: 1000 }, (_, at) => visit(at)));
    expect(crossings).toBe(0);
  });
});
