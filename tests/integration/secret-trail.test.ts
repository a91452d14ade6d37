import { afterAll, beforeAll, expect, test } from "vitest";
import type { Client, Json } from "../client.ts";
import { proves } from "../proves.ts";
import { enrolTotp, type Account, account } from "../second-factors.ts";
import { testServer, type TestServer } from "../server.ts";
import { trailWalk, type Walk, type Written } from "../trail-walk.ts";

// What leaves as a file, what is opened or shown of what was sealed, and who was given which rights: a row each.

proves("AUD-3");

let server: TestServer;
let acme: Awaited<ReturnType<TestServer["organization"]>>;
let owner: Client;
let walk: Walk;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  walk = await trailWalk(server);
  owner = walk.walker.browser(acme.owner.token);
  await walk.skip();
});
afterAll(() => server.stop());

const at = (path: string): string => `/o/acme/v1${path}`;
const row = (what: string, severity: string, says: Json, who = acme.owner.email): Written => ({
  trail: "acme",
  what,
  severity,
  who,
  says,
});
const withNeeds = (...permission: string[]): Json => ({ permission: expect.arrayContaining(permission) });

test("an export of contacts and of accounts, by whom and with which permissions; a list is none", async () => {
  await owner.post(at("/contacts"), { firstName: "Ada" });
  await walk.skip();
  await walk.writes(() => owner.get(at("/contacts")), []);
  for (const kind of ["contact", "account"]) {
    // One row for what the columns are, and one for each page of records.
    const read = row("read", "notice", withNeeds(`${kind}.export`));
    const file = await walk.writes(() => owner.get(at(`/${kind}s/export.csv`)), [read, read]);
    expect(file.status).toBe(200);
  }
  const viewer = await server.person(acme, "viewer");
  await walk.skip();
  await walk.writes(
    () => walk.walker.browser(viewer.token).get(at("/contacts/export.csv")),
    [
      row(
        "refused",
        "warning",
        { reason: "not-allowed", door: "GET /o/:organization/v1/contacts/export.csv" },
        viewer.email,
      ),
    ],
  );
});

test("a look at sealed mail, by a member and by whoever runs the installation", async () => {
  await owner.post(at("/invitations"), { email: "guest@elsewhere.example", roles: ["viewer"] });
  await walk.skip();
  const mail = await walk.writes(
    () => owner.get(at("/outbox")),
    [row("read", "notice", withNeeds("outbox.reveal"))],
  );
  expect(mail.json.items.length).toBeGreaterThan(0);
  const ops = await server.database.connectAs("ops");
  await ops.query("select * from kernel.operator_outbox('acme')");
  await ops.query("select kernel.operator_person_outbox()");
  const db = await server.database.connectAsSuperuser();
  const { rows } = await db.query(
    "select action, resource_type, severity from kernel.audit_event where tenant_id = $1 and actor_email = 'operator'",
    [acme.id],
  );
  // The organization's mail, and people's own, among which its invitation waits.
  const look = { action: "read", resource_type: "outbox", severity: "notice" };
  expect(rows).toEqual([look, look]);
  await walk.skip();
});

test("each key and token that was shown, once, when it was made or made anew", async () => {
  const permissions = ["contact.read"];
  const key = await walk.writes(
    () => owner.post(at("/keys"), { name: "Nightly", permissions }),
    [
      row("create", "notice", {
        name: "Nightly",
        class: "personal",
        permissions,
        expiresAt: expect.any(String),
      }),
    ],
  );
  const rolled = await walk.writes(
    () => owner.post(at(`/keys/${key.json.id}/reroll`), { overlapSeconds: 0 }),
    [row("re-roll", expect.any(String) as never, expect.objectContaining({ name: "Nightly" }))],
  );
  await walk.writes(() => owner.get(at("/keys")), []);
  const connection = { name: "Entra", defaultRole: null, roleMapping: {}, domains: [] };
  const scim = await walk.writes(
    () => owner.post(at("/scim-connections"), connection),
    [row("create", "warning", expect.objectContaining({ name: "Entra" }))],
  );
  const everything = await walk.everything();
  const shown = [key.json.key, rolled.json.key, scim.json.token];
  expect(shown.map((one) => [typeof one, everything.includes(one)])).toEqual(
    shown.map(() => ["string", false]),
  );
});

test("codes that were shown anew, and every change of what somebody may", async () => {
  const person: Account = await account(server, acme);
  const browser = walk.walker.browser(person.browser.cookies.get("__Host-sid") ?? "");
  const app = await enrolTotp(browser);
  await walk.skip();
  const renewed = await walk.writes(
    () => browser.post("/auth/backup-codes"),
    [row("renew-backup-codes", "warning", null, person.email)],
  );
  const everything = await walk.everything();
  expect([...renewed.json.codes, app.secret].filter((secret: string) => everything.includes(secret))).toEqual(
    [],
  );
  await walk.writes(
    () => owner.patch(at(`/members/${person.memberId}`), { roles: ["manager"] }),
    [row("change", "warning", { roles: ["manager"] })],
  );
  const permissions = ["contact.read"];
  const role = await walk.writes(
    () => owner.post(at("/roles"), { label: "Readers", permissions }),
    [row("create", expect.any(String) as never, expect.objectContaining({ permissions }))],
  );
  await walk.writes(
    () => owner.patch(at(`/members/${person.memberId}`), { roles: [role.json.name] }),
    [row("change", "warning", { roles: [role.json.name] })],
  );
  await walk.writes(
    () => owner.delete(at(`/members/${person.memberId}`)),
    [row("end", "warning", { roles: [role.json.name] })],
  );
});
