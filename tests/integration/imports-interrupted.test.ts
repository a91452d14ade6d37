import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { proves } from "../proves.ts";
import {
  csv,
  type Importer,
  importsWorld,
  type ImportsWorld,
  people,
  peopleHeader,
} from "./imports-world.ts";

let world: ImportsWorld;
let acme: Importer;

beforeEach(async () => {
  world = await importsWorld(10, { RINGFENCE_IMPORT_BYTES_MAX: "3MiB" });
  acme = await world.importer("acme");
});
afterEach(() => world.stop());

const header = peopleHeader;

async function victim(): Promise<ChildProcess> {
  const dsn = world.server.database.dsnFor("worker");
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "tests/integration/imports-worker.ts", dsn, "10"],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  if (child.stdout !== null) await once(child.stdout, "data");
  return child;
}

async function batches(id: string): Promise<{ seq: number; rows: number }[]> {
  return (
    await world.db.query(
      "select seq, rows from app.import_batch where import_id = $1 and phase = 'run' order by seq",
      [id],
    )
  ).rows;
}

/** As if the time of a lease were over. */
async function loseLeases(): Promise<void> {
  await world.db.query(
    "update kernel.job set leased_until = now() - interval '1 second' where state = 'running'",
  );
}

/** Makes every batch wait, so that a test can be faster than an import. */
async function slow(seconds: number): Promise<void> {
  await world.db.query("grant usage on schema public to rf_worker");
  await world.db.query(
    `create or replace function public.wait() returns trigger language plpgsql security definer as $$ begin perform pg_sleep(${seconds}); return null; end $$`,
  );
  await world.db.query(
    "create or replace trigger wait after insert on app.contact for each statement execute function public.wait()",
  );
}

async function onceSome(id: string): Promise<void> {
  await expect
    .poll(async () => (await batches(id)).length, { timeout: 20_000, interval: 20 })
    .toBeGreaterThan(1);
}

describe("an import whose worker is killed", () => {
  proves("CRM-2");

  test("goes on where it was: exactly the right rows, none twice, and can be undone whole", async () => {
    await world.worker.stop();
    const before = await acme.records();
    const file = csv(header, ...people(400), ["", "No", "Keys", "", ""], ["", "No", "Keys", "", ""]);
    const { id } = await acme.upload(file);
    await slow(0.05);
    await acme.act(id, "start");
    const child = await victim();
    await onceSome(id);
    child.kill("SIGKILL");
    await once(child, "exit");
    const left = await batches(id);
    expect(left.length).toBeLessThan(41);
    await world.db.query("drop trigger wait on app.contact");
    await loseLeases();
    const second = world.startWorker(7);
    const done = await acme.ended(id);
    expect(done).toMatchObject({ state: "done", rowsTotal: 402, rowsDone: 402, created: 402 });
    const ids = (await acme.contacts()).map(({ external_id }) => external_id);
    expect(ids.filter((value) => value === null)).toHaveLength(2);
    expect(new Set(ids).size).toBe(401);
    await acme.act(id, "undo");
    expect(await acme.ended(id)).toMatchObject({ state: "undone", report: { create: 402, kept: 0 } });
    expect(await acme.records()).toEqual(before);
    await second.stop();
  });

  test("a worker that lost its lease writes nothing more beside its successor", async () => {
    await world.worker.stop();
    const { id } = await acme.upload(csv(header, ...people(200)));
    await slow(0.05);
    await acme.act(id, "start");
    const first = world.startWorker(10);
    await onceSome(id);
    await loseLeases();
    const second = world.startWorker(10);
    const done = await acme.ended(id);
    expect(done).toMatchObject({ state: "done", rowsDone: 200, created: 200 });
    expect(await acme.contacts()).toHaveLength(200);
    await Promise.all([first.stop(), second.stop()]);
  });

  test("a worker that is stopped gives the job back, and an undo resumes too", async () => {
    await world.worker.stop();
    const { id } = await acme.upload(csv(header, ...people(200)));
    await slow(0.03);
    await acme.act(id, "start");
    const first = world.startWorker(10);
    await onceSome(id);
    await first.stop();
    expect((await batches(id)).length).toBeLessThan(20);
    const second = world.startWorker(10);
    expect(await acme.ended(id)).toMatchObject({ state: "done", created: 200 });
    await acme.act(id, "undo");
    await expect.poll(async () => (await batches(id)).length, { interval: 10 }).toBeLessThan(20);
    await second.stop();
    const third = world.startWorker(10);
    expect(await acme.ended(id)).toMatchObject({ state: "undone" });
    expect(await acme.contacts()).toEqual([]);
    await third.stop();
  });
});

describe("an import that somebody ends", () => {
  proves("CRM-2");

  test("stops at the next batch when cancelled; what was written can be undone", async () => {
    const { id } = await acme.upload(csv(header, ...people(300)));
    await slow(0.05);
    await acme.act(id, "start");
    await onceSome(id);
    await acme.act(id, "cancel");
    await expect
      .poll(async () => (await world.db.query("select 1 from kernel.job where state = 'running'")).rows, {
        timeout: 10_000,
      })
      .toEqual([]);
    const written = (await acme.contacts()).length;
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThan(300);
    await acme.act(id, "undo");
    expect(await acme.ended(id)).toMatchObject({ state: "undone", report: { create: written } });
    expect((await acme.records()).accounts).toEqual([]);
  });

  test("stops when its member is removed; the others see why and can take it back", async () => {
    const helper = await world.server.person(acme, "member");
    const sent = await acme.send(csv(header, ...people(300)), {}, helper);
    const { id } = sent.json;
    await slow(0.05);
    await helper.browser.post(`/o/acme/v1/imports/${id}/start`);
    await onceSome(id);
    const members = (await acme.browser.get("/o/acme/v1/members")).json.items;
    const { version } = members.find((member: { id: string }) => member.id === helper.memberId);
    const removed = await acme.browser.delete(`/o/acme/v1/members/${helper.memberId}`, { version });
    expect(removed.status).toBeLessThan(300);
    const underWay =
      "select 1 from kernel.job where kind = 'imports.run' and state in ('waiting', 'running')";
    await expect.poll(async () => (await world.db.query(underWay)).rows, { timeout: 10_000 }).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const written = (await acme.contacts()).length;
    expect(written).toBeLessThan(300);
    await tidied(id);
    const shown = await acme.shown(id);
    expect(shown).toMatchObject({ state: "failed", created: written });
    expect(shown.report.error).toContain("may not import any more");
    await acme.act(id, "undo");
    expect(await acme.ended(id)).toMatchObject({ state: "undone" });
    expect(await acme.contacts()).toEqual([]);
  });

  test("does nothing for those who may not import", async () => {
    const viewer = await world.server.person(acme, "viewer");
    expect((await acme.send(csv(header, ...people(1)), {}, viewer)).status).toBe(403);
    const { id } = await acme.upload(csv(header, ...people(1)));
    expect((await viewer.browser.get(`/o/acme/v1/imports/${id}`)).status).toBe(403);
    expect((await viewer.browser.post(`/o/acme/v1/imports/${id}/start`)).status).toBe(403);
  });
});

describe("an upload", () => {
  test("that is too large answers 413 and leaves nothing but its name", async () => {
    const { status } = await acme.send(Readable.from(many(4)));
    expect(status).toBe(413);
    await expectFailedWithoutBytes(/./);
  });

  test("that the client breaks off is a failed import without bytes", async () => {
    const endless = async function* (): AsyncGenerator<string> {
      yield* many(2);
      await new Promise((resolve) => setTimeout(resolve, 500));
      throw new Error("the network is gone");
    };
    await expect(acme.send(Readable.from(endless()))).rejects.toThrow();
    await expectFailedWithoutBytes(/broken off/);
  });

  test("whose server crashed is cleared away an hour later", async () => {
    const { id } = await acme.upload(csv(header, ...people(1)));
    await unaudited(
      `update app.import set state = 'uploading', created_at = now() - interval '61 minutes' where id = '${id}'`,
    );
    await tidied(id);
    expect(await acme.shown(id)).toMatchObject({
      state: "failed",
      report: { error: "The upload was broken off." },
    });
    await expectFailedWithoutBytes(/broken off/);
  });
});

function* many(mebibytes: number): Generator<string> {
  yield csv(header);
  const line = csv(...people(200));
  for (let bytes = 0; bytes < mebibytes * 1_048_576; bytes += line.length) yield line;
}

async function expectFailedWithoutBytes(reason: RegExp): Promise<void> {
  const state = async (): Promise<unknown> =>
    (
      await world.db.query(
        "select i.state, (select count(*)::integer from app.import_chunk) as chunks from app.import i",
      )
    ).rows;
  await expect.poll(state, { timeout: 5000 }).toEqual([{ state: "failed", chunks: 0 }]);
  expect((await acme.browser.get("/o/acme/v1/imports")).json.items[0].report.error).toMatch(reason);
}

async function unaudited(text: string): Promise<void> {
  await world.db.query("begin");
  await world.db.query("set local session_replication_role = replica");
  await world.db.query(text);
  await world.db.query("commit");
}

/** Runs the clock's job, for an import that has not moved for some minutes. */
async function tidied(id: string): Promise<void> {
  await unaudited(`update app.import set updated_at = now() - interval '5 minutes' where id = '${id}'`);
  const worker = await world.server.database.connectAs("worker");
  await world.db.query("delete from kernel.job where kind = 'imports.tidy'");
  await worker.query("select kernel.schedule_jobs()");
  const state = async (): Promise<unknown> =>
    (await world.db.query("select distinct state from kernel.job where kind = 'imports.tidy'")).rows;
  await expect.poll(state, { timeout: 10_000 }).toEqual([{ state: "done" }]);
}
