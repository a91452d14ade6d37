import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { installedDatabase, type InstalledDatabase } from "../installed-database.ts";
import { publicUrl, testServer, type TestServer } from "../server.ts";

let database: InstalledDatabase;
let server: TestServer;
let acme: Awaited<ReturnType<TestServer["organization"]>>;

beforeAll(async () => {
  database = await installedDatabase();
  server = await testServer({}, database);
  acme = await server.organization("acme");
});
afterAll(async () => {
  await server.stop();
  await database.drop();
});

const at = (path: string): string => `/o/acme/v1${path}`;

test("a key that ends within two weeks is warned of once: in the trail, and by a letter to whoever has it or answers for it", async () => {
  const db = await database.connectAsSuperuser();
  // The first secret makes the organization's data key; the ones of these tests are founded without.
  const draft = await acme.browser.post(at("/sso-connections"), { kind: "oidc", name: "Draft" });
  const settings = { issuer: "https://login.example", clientId: "x", tokenAuth: "client_secret_basic" };
  const kept = await acme.browser.patch(
    at(`/sso-connections/${draft.json.id}`),
    { settings, secret: "a secret of the client" },
    { version: draft.json.version },
  );
  expect([kept.status, kept.text]).toEqual([200, kept.text]);
  const member = await server.person(acme, "member");
  const make = async (name: string, endsInDays: number, ageInDays: number): Promise<string> => {
    const { json } = await member.browser.post(at("/keys"), { name });
    await db.query(
      "update kernel.credential set created_at = now() - make_interval(days => $2), expires_at = now() + make_interval(days => $3) where id = $1",
      [json.id, ageInDays, endsInDays],
    );
    return json.id;
  };
  const soon = await make("Nightly <b>export</b>", 13, 350);
  await make("Later", 15, 350);
  // Whoever makes a key for a few days knows when it ends.
  await make("Short", 3, 4);
  await make("Over", -1, 366);
  const account = await acme.browser.post(at("/service-accounts"), { name: "Robot", roles: ["viewer"] });
  const robots = await acme.browser.post(at(`/service-accounts/${account.json.id}/keys`), {
    name: "Robot's",
  });
  await db.query(
    "update kernel.credential set created_at = now() - interval '360 days', expires_at = now() + interval '5 days' where id = $1",
    [robots.json.id],
  );
  const { json: rolled } = await member.browser.post(at("/keys"), { name: "Rolled" });
  await db.query(
    "update kernel.credential set created_at = now() - interval '360 days', expires_at = now() + interval '5 days' where id = $1",
    [rolled.id],
  );
  await member.browser.post(at(`/keys/${rolled.id}/reroll`), { overlapSeconds: 86_400 });

  const worker = await testServer({ RINGFENCE_DOORS: "api,worker" }, database);
  const letters = async () =>
    (await acme.browser.get(at("/outbox?limit=100"))).json.items.filter(
      ({ purpose }: { purpose: string }) => purpose === "key-expiry",
    );
  await vi.waitFor(async () => expect(await letters()).toHaveLength(2), { timeout: 40_000, interval: 300 });
  const all = await letters();
  const theirs = all.find(({ to }: { to: string }) => to === member.email);
  expect(theirs.subject).toBe('API key "Nightly <b>export</b>" is about to end');
  const shown = await acme.browser.get(at(`/outbox/${theirs.id}`));
  const text = String(shown.json?.text ?? theirs.text ?? "");
  expect(text).toContain(`${publicUrl}/o/acme/keys`);
  expect(text).not.toContain("undefined");
  expect(all.map(({ to }: { to: string }) => to).toSorted()).toEqual(
    [member.email, acme.owner.email].toSorted(),
  );
  const trail = await acme.browser.get(at("/audit-events?action=expire-soon"));
  expect(trail.json.items.map(({ resourceId }: { resourceId: string }) => resourceId).toSorted()).toEqual(
    [soon, robots.json.id].toSorted(),
  );
  // The clock comes round again, and nobody is told twice.
  await db.query("update kernel.job set created_at = created_at - interval '1 day' where kind = 'keys.warn'");
  await worker.stop();
  const again = await testServer({ RINGFENCE_DOORS: "api,worker" }, database);
  await vi.waitFor(
    async () => {
      const { rows } = await db.query(
        "select count(*)::integer as n from kernel.job where kind = 'keys.warn' and state = 'done' and tenant_id = $1",
        [acme.id],
      );
      expect(rows[0].n).toBe(2);
    },
    { timeout: 40_000, interval: 300 },
  );
  expect(await letters()).toHaveLength(2);
  await again.stop();
});
