import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { diceOf } from "../../server/features/demo/dice.ts";
import { type DemoSignIn, demoState, removeDemo, seedDemo } from "../../server/features/demo/index.ts";
import type { SeedOptions, Workshop } from "../../server/features/demo/index.ts";
import { openAdministration } from "../../server/foundation/database/index.ts";
import { argon2idByDefault } from "../../server/kernel/passwords/index.ts";
import { installationKeys, installationVault } from "../../server/kernel/vault/index.ts";
import type { Client } from "../client.ts";
import { type Organization } from "../installed-database.ts";
import { trialSecret } from "../seed.ts";
import { publicUrl, testServer, type TestServer } from "../server.ts";

const slugs = ["demo-larkfield", "demo-bramberg"];
const until = new Date();
const said: string[] = [];
const options: SeedOptions = {
  keys: installationKeys(trialSecret),
  personVault: installationVault(trialSecret),
  publicUrl: () => publicUrl,
  hashing: argon2idByDefault,
  say: (line) => void said.push(line),
  until,
};

let server: TestServer;
let shop: Workshop;
let real: Organization;
let signIn: DemoSignIn;
let browser: Client;
/** What was there before the demo, table by table. */
let countsBefore: unknown;

beforeAll(async () => {
  server = await testServer();
  real = await server.organization("real");
  await server.person(real, "member");
  const db = await openAdministration(server.database.dsnFor("migrate"));
  shop = { db, prefix: "rf" };
  countsBefore = await rowCounts();
  signIn = await seedDemo(shop, options);
  browser = server.stranger();
  await browser.post("/auth/sign-in", { email: signIn.email, password: signIn.password });
}, 180_000);
afterAll(async () => {
  await shop?.db.close();
  await server?.stop();
});

async function asSuperuser(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = await server.database.connectAsSuperuser();
  return (await client.query<Record<string, unknown>>(text, values)).rows;
}

/** The number of rows of every table there is. */
async function rowCounts(): Promise<Record<string, number>> {
  const tables = await asSuperuser(
    "select c.oid::regclass::text as name from pg_class c where c.relnamespace in ('kernel'::regnamespace, 'app'::regnamespace) and c.relkind = 'r' order by 1",
  );
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await asSuperuser(`select count(*)::integer as n from ${String(name)}`);
    counts[String(name)] = Number(row?.["n"]);
  }
  return counts;
}

/** All that can be seen of the demo but ids and times; the same for equal demos. */
async function picture(last: Date): Promise<unknown> {
  return asSuperuser(
    `select t.slug, 'contact' as kind, c.email as key, jsonb_build_object(
        'name', c.first_name || ' ' || c.last_name, 'stage', c.stage, 'tags', c.tags, 'phone', c.phone, 'title', c.title, 'notes', c.notes, 'custom', c.custom,
        'version', c.version, 'archived', c.archived_at is not null, 'account', a.domain, 'owner', p.email) as value
   from app.contact c join kernel.tenant t on t.id = c.tenant_id left join app.account a on a.id = c.account_id
   join kernel.membership m on m.id = c.owner_id join kernel.person p on p.id = m.person_id where t.demo
 union all
 select t.slug, 'account', a.domain, to_jsonb(a) - '{tenant_id,id,owner_id,created_at,updated_at}'::text[] from app.account a join kernel.tenant t on t.id = a.tenant_id where t.demo
 union all
 select t.slug, 'event', e.actor_email || ' ' || e.action || ' ' || e.resource_type, to_jsonb(count(*)) from kernel.audit_event e join kernel.tenant t on t.id = e.tenant_id where t.demo and e.at <= $1 group by 1, 3
 order by 1, 2, 3`,
    [last.toISOString()],
  );
}

describe("the demo", () => {
  test("has two organizations of 5,000 contacts and some hundred accounts each, marked as demo", async () => {
    const { json } = await browser.get("/auth/me");
    expect(json.organizations.map(({ slug, demo, roles }: never) => ({ slug, demo, roles }))).toEqual(
      slugs.toSorted().map((slug) => ({ slug, demo: true, roles: ["owner"] })),
    );
    for (const slug of slugs) {
      const [active, archived, accounts] = await Promise.all([
        browser.get(`/o/${slug}/v1/contacts/count`),
        browser.get(`/o/${slug}/v1/contacts/count?archived=true`),
        browser.get(`/o/${slug}/v1/accounts/count`),
      ]);
      expect(active.json.count + archived.json.count).toBe(5_000);
      expect(archived.json.count).toBeGreaterThan(50);
      expect(accounts.json.count).toBeGreaterThan(200);
    }
  });

  test("has members of every role, own fields, finished imports and waiting invitations", async () => {
    const roles = new Set<string>();
    for (const slug of slugs) {
      const members = await browser.get(`/o/${slug}/v1/members?limit=100`);
      for (const member of members.json.items) roles.add(member.roles[0]);
      const fields = await browser.get(`/o/${slug}/v1/fields`);
      expect(fields.json.items.length).toBe(4);
      const imports = await browser.get(`/o/${slug}/v1/imports`);
      expect(imports.json.items).toHaveLength(2);
      expect(imports.json.items[1]).toMatchObject({
        state: "done",
        created: 2_600,
        failed: 37,
        rowsTotal: 2_637,
      });
      const invitations = await browser.get(`/o/${slug}/v1/invitations`);
      expect(invitations.json.items.length).toBeGreaterThan(0);
    }
    expect([...roles].toSorted()).toEqual(["admin", "manager", "member", "owner", "viewer"]);
  });

  test("tells a history of 90 days, by different people, through the triggers", async () => {
    const [trail] = await asSuperuser(
      `select count(*)::integer as events, count(distinct e.actor_email)::integer as actors, max(e.at) <= $1 as past,
        min(e.at) > $1::timestamptz - interval '100 days' as recent, count(distinct e.at::date)::integer as days,
        bool_and(e.id < e2.id or e2.id is null) as ordered
   from (select e.*, lead(e.id) over (partition by e.tenant_id order by e.at, e.id) as next from kernel.audit_event e join kernel.tenant t on t.id = e.tenant_id where t.demo and e.request_id is not null) e
   left join kernel.audit_event e2 on e2.id = e.next where e.action in ('create', 'change', 'archive', 'restore') and e.resource_type = 'contact'`,
      [until.toISOString()],
    );
    expect(trail).toMatchObject({ past: true, recent: true });
    expect(Number(trail?.["events"])).toBeGreaterThan(18_000);
    expect(Number(trail?.["actors"])).toBeGreaterThan(8);
    expect(Number(trail?.["days"])).toBeGreaterThan(50);
    const [stale] = await asSuperuser(
      `select count(*)::integer as n from app.contact c join kernel.tenant t on t.id = c.tenant_id and t.demo
     left join (select resource_id, count(*) as times from kernel.audit_event where action <> 'create' group by 1) e on e.resource_id = c.id
    where c.updated_at > $1 or c.created_at > c.updated_at or c.version <> 1 + coalesce(e.times, 0)`,
      [until.toISOString()],
    );
    expect(stale).toEqual({ n: 0 });
  });

  test("sends no letter of its invitations, even with a relay", async () => {
    for (const slug of slugs) {
      const { json } = await browser.get(`/o/${slug}/v1/invitations`);
      expect(new Set(json.items.map(({ delivery }: { delivery: string }) => delivery))).toEqual(
        new Set(["held"]),
      );
    }
    const leased = await asSuperuser("select * from kernel.lease_person_mail($1, 60, 50)", [
      Buffer.alloc(32),
    ]);
    expect(leased).toEqual([]);
    // Each has the data key that every organization is founded with.
    const [keyed] = await asSuperuser(
      "select count(*)::integer as n from kernel.tenant t join kernel.tenant_key k on k.tenant_id = t.id where t.demo",
    );
    expect(keyed).toEqual({ n: slugs.length });
    const [jobs] = await asSuperuser(
      "select count(*)::integer as n from kernel.job j join kernel.tenant t on t.id = j.tenant_id and t.demo where j.kind = 'mail.send'",
    );
    expect(jobs).toEqual({ n: 0 });
    const [queued] = await asSuperuser("select kernel.queue_waiting_mail() as n");
    expect(queued).toEqual({ n: 0 });
  });

  test("says how far it is", () => {
    expect(said.filter((line) => line.includes("contacts")).length).toBeGreaterThan(4);
  });

  test("is made once: a second seeding is refused", async () => {
    expect(await demoState(shop)).toBe("ready");
    await expect(seedDemo(shop, options)).rejects.toMatchObject({ key: "wrong-state" });
  });

  test("has no password that anybody could guess", () => {
    expect(signIn.password).toMatch(/^(?:[a-z2-9]{5}-){3}[a-z2-9]{5}$/);
  });
});

describe("erasing", () => {
  test("never touches an organization that is no demo", async () => {
    await shop.db.script("begin");
    await expect(shop.db.query("select kernel.erase_demo($1)", [real.id])).rejects.toMatchObject({
      code: "RF409",
    });
    await shop.db.script("rollback");
    for (const role of ["api", "auth", "worker", "ops"] as const) {
      const client = await server.database.connectAs(role);
      await expect(client.query("select kernel.erase_demo($1)", [real.id])).rejects.toMatchObject({
        code: "42501",
      });
      await expect(client.query("select app.delete_demo_rows()")).rejects.toMatchObject({ code: "42501" });
    }
  });

  test("leaves no row of the demo in any table, and a second demo is equal but for ids and times", async () => {
    const first = await picture(until);
    const removed = await removeDemo(shop);
    expect(removed.organizations.toSorted()).toEqual(slugs.toSorted());
    expect(await demoState(shop)).toBe("none");
    expect(await rowCounts()).toEqual(countsBefore);
    expect((await browser.get("/auth/me")).status).toBe(401);

    const earlier = new Date("2026-03-03T09:30:00Z");
    await seedDemo(shop, { ...options, until: earlier });
    expect(await picture(earlier)).toEqual(first);
  }, 180_000);
});

test("the dice fall the same way for the same seed, and differ between seeds", () => {
  const throws = (seed: string): number[] => {
    const dice = diceOf(seed);
    return Array.from({ length: 50 }, () => dice.next());
  };
  expect(throws("a")).toEqual(throws("a"));
  expect(throws("a")).not.toEqual(throws("b"));
  const spread = diceOf("spread");
  const sixes = Array.from({ length: 6_000 }, () => spread.between(1, 6));
  for (let face = 1; face <= 6; face += 1) {
    expect(sixes.filter((thrown) => thrown === face).length).toBeGreaterThan(850);
  }
});
