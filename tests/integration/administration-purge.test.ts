import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resources } from "../../server/house.ts";
import { proves } from "../proves.ts";
import { testServer, type TestServer } from "../server.ts";

let server: TestServer;
let acme: Awaited<ReturnType<TestServer["organization"]>>;

beforeAll(async () => {
  server = await testServer({ RINGFENCE_DOORS: "api,worker" });
  acme = await server.organization("acme");
});
afterAll(() => server.stop());

const at = (path: string): string => `/o/acme/v1${path}`;

async function archived(kind: "contacts" | "accounts", body: unknown, daysAgo: number): Promise<string> {
  const { json } = await acme.browser.post(at(`/${kind}`), body);
  const done = await acme.browser.post(at(`/${kind}/${json.id}/archive`), undefined, { version: 1 });
  expect(done.status).toBe(200);
  const db = await server.database.connectAsSuperuser();
  // The clock cannot be moved in PostgreSQL, so the moment of archiving is; triggers off, since nobody is bound here.
  await db.query(`begin`);
  await db.query(`set local session_replication_role = replica`);
  const table = kind === "contacts" ? "app.contact" : "app.account";
  await db.query(`update ${table} set archived_at = now() - make_interval(days => $2) where id = $1`, [
    json.id,
    daysAgo,
  ]);
  await db.query(`commit`);
  return json.id;
}

async function purge(): Promise<void> {
  const db = await server.database.connectAsSuperuser();
  await db.query("delete from kernel.job where kind = 'lifecycle.purge'");
  const worker = await server.database.connectAs("worker");
  await worker.query("select kernel.schedule_jobs()");
  const state = async (): Promise<unknown> =>
    (
      await db.query(
        "select distinct state from kernel.job where kind = 'lifecycle.purge' and tenant_id = $1",
        [acme.id],
      )
    ).rows;
  await expect.poll(state, { timeout: 15_000, interval: 100 }).toEqual([{ state: "done" }]);
}

async function statusOf(kind: string, id: string): Promise<number> {
  return (await acme.browser.get(at(`/${kind}/${id}`))).status;
}

describe("what was archived", () => {
  proves("LIFE-1");

  test("is erased after 30 days and not before, and can be restored until then", async () => {
    expect(resources.map(({ keepArchivedDays }) => keepArchivedDays)).toEqual(resources.map(() => 30));
    const old = await archived("contacts", { firstName: "Old", email: "old@example.com" }, 31);
    const young = await archived("contacts", { firstName: "Young" }, 29);
    const live = (await acme.browser.post(at("/contacts"), { firstName: "Live" })).json.id;
    await purge();
    expect([
      await statusOf("contacts", old),
      await statusOf("contacts", young),
      await statusOf("contacts", live),
    ]).toEqual([404, 200, 200]);
    const db = await server.database.connectAsSuperuser();
    const { rows } = await db.query(
      "select (select count(*) from app.contact where id = $1) + (select count(*) from app.contact_token where record_id = $1) as left",
      [old],
    );
    expect(rows).toEqual([{ left: "0" }]);
    const { json } = await acme.browser.get(at(`/contacts/${young}`));
    expect(
      (await acme.browser.post(at(`/contacts/${young}/restore`), undefined, { version: json.version }))
        .status,
    ).toBe(200);
    const trail = await acme.browser.get(at(`/audit-events?resourceId=${old}&action=erase`));
    expect(trail.json.items[0]).toMatchObject({
      actorEmail: "system",
      action: "erase",
      device: "job lifecycle.purge",
    });
  });

  test("loses the references of live records first, which is in their history", async () => {
    const account = await archived("accounts", { name: "Gone Ltd" }, 0);
    const db = await server.database.connectAsSuperuser();
    const contact = (await acme.browser.post(at("/contacts"), { firstName: "Still here" })).json.id;
    await db.query("begin");
    await db.query("set local session_replication_role = replica");
    await db.query("update app.contact set account_id = $1 where id = $2", [account, contact]);
    await db.query("update app.account set archived_at = now() - interval '40 days' where id = $1", [
      account,
    ]);
    await db.query("commit");
    await purge();
    expect(await statusOf("accounts", account)).toBe(404);
    expect((await acme.browser.get(at(`/contacts/${contact}`))).json).toMatchObject({
      accountId: null,
      accountName: null,
    });
    const { json } = await acme.browser.get(at(`/contacts/${contact}/history`));
    expect(json.items[0]).toMatchObject({
      action: "change",
      actorEmail: "system",
      before: { account_id: account },
    });
  });

  test("goes in batches, thousands in one run", async () => {
    const db = await server.database.connectAsSuperuser();
    await db.query("begin");
    await db.query("set local session_replication_role = replica");
    await db.query(
      `insert into app.contact (tenant_id, id, first_name, archived_at)
       select $1, gen_random_uuid(), 'Bulk ' || n, now() - interval '31 days' from generate_series(1, 1700) n`,
      [acme.id],
    );
    await db.query("commit");
    await purge();
    const { rows } = await db.query(
      "select count(*)::integer as left from app.contact where tenant_id = $1 and archived_at < now() - interval '30 days'",
      [acme.id],
    );
    expect(rows).toEqual([{ left: 0 }]);
  });
});
