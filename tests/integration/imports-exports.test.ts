import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../client.ts";
import {
  type Importer,
  importsWorld,
  type ImportsWorld,
  people,
  peopleHeader,
  csv,
} from "./imports-world.ts";

let world: ImportsWorld;

beforeAll(async () => {
  world = await importsWorld(50);
});
afterAll(() => world.stop());

const at = (importer: Importer, path: string): string => `/o/${importer.slug}/v1${path}`;

async function filled(slug: string): Promise<Importer> {
  const importer = await world.importer(slug);
  const { db } = world;
  await db.query("begin");
  await db.query("set local session_replication_role = replica");
  await db.query("update kernel.tenant set locale = 'de-AT', time_zone = 'Europe/Vienna' where id = $1", [
    importer.id,
  ]);
  await db.query("commit");
  await importer.browser.post(at(importer, "/fields"), {
    of: "contact",
    key: "size",
    label: "Shoe size",
    type: "number",
  });
  await importer.browser.post(at(importer, "/fields"), {
    of: "contact",
    key: "vip",
    label: "VIP",
    type: "boolean",
  });
  return importer;
}

async function create(importer: Importer, kind: string, body: Json): Promise<Json> {
  const answer = await importer.browser.post(at(importer, `/${kind}`), body);
  expect(answer.status).toBe(201);
  return answer.json;
}

const ada = {
  firstName: "Ada",
  lastName: 'Lovelace, "Countess"',
  email: "ada@example.com",
  otherEmails: [
    { kind: "work", address: "ada@work.example" },
    { kind: "other", address: "ada@other.example" },
  ],
  phone: "+436641234567",
  otherPhones: [
    { kind: "work", number: "+4312345678" },
    { kind: "mobile", number: "+436607654321" },
  ],
  title: '=HYPERLINK("http://evil.example")',
  stage: "customer",
  source: "Trade fair",
  street: "St. James's Square 12\n2nd floor",
  city: "Wien",
  postalCode: "01010",
  country: "Austria",
  website: "https://ada.example/",
  birthday: "1815-12-10",
  tags: ["first", "math & more"],
  notes: "line one\nline two; with =1+1 in it",
  doNotCall: true,
  externalId: "0042",
  custom: { size: 38.5, vip: true },
};

describe("an export", () => {
  test("reads back in another organization as the same records", async () => {
    const from = await filled("exporter");
    const company = await create(from, "accounts", {
      name: "Analytical Engines",
      domain: "engines.example",
      industry: "-Looms",
      tags: ["old"],
    });
    await create(from, "contacts", { ...ada, accountId: company.id, ownerId: from.owner.memberId });
    await create(from, "contacts", { lastName: "+43 not a number", phone: "0664 12" });
    await create(from, "contacts", { firstName: "Only", emailOptOut: true });
    const to = await filled("importer");
    for (const kind of ["accounts", "contacts"]) {
      const file = await from.browser.get(at(from, `/${kind}/export.csv`));
      expect(file.status).toBe(200);
      expect(file.headers["content-disposition"]).toContain(`${kind}.csv`);
      const done = await to.run(file.text, { of: kind.slice(0, -1), check: true });
      expect(done).toMatchObject({ state: "done", failed: 0, created: kind === "accounts" ? 1 : 3 });
      const warnings = (done.report.problems ?? []).filter(
        ({ reason }: Json) => !/phone number|number like this|no owner/.test(reason),
      );
      expect(warnings).toEqual([]);
    }
    const [before, after] = [await from.records(), await to.records()];
    // What tells one organization's records from another's.
    const apart = new Set(["id", "tenant_id", "created_at", "account_id", "owner_id"]);
    const plain = (rows: Json[]): Json[] =>
      rows
        .map(({ row }: Json) => Object.fromEntries(Object.entries(row).filter(([name]) => !apart.has(name))))
        .toSorted((a: Json, b: Json) => (a.sort_name < b.sort_name ? -1 : 1));
    expect(plain(after.contacts)).toEqual(plain(before.contacts));
    expect(plain(after.accounts)).toEqual(plain(before.accounts));
    expect(after.contactTokens.map(({ token }: Json) => token)).toEqual(
      before.contactTokens.map(({ token }: Json) => token),
    );
  });

  test("runs no formula, keeps phone numbers as they are, and tells times in the organization's zone", async () => {
    const from = await filled("formulas");
    await create(from, "contacts", ada);
    const { text } = await from.browser.get(at(from, "/contacts/export.csv"));
    expect(text.startsWith("\ufeffFirst name,Last name,E-mail,")).toBe(true);
    expect(text).toContain(`"'=HYPERLINK(""http://evil.example"")"`);
    expect(text).toContain(",+436641234567,");
    expect(text).toContain('"38,5"');
    const made = (
      await world.db.query(
        "select to_char(created_at at time zone 'Europe/Vienna', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS') as local from app.contact where tenant_id = $1",
        [from.id],
      )
    ).rows[0];
    expect(text).toMatch(new RegExp(`${made.local}\\+0[12]:00`));
  });

  test("gives what the list gives for the same filters, over many pages", async () => {
    const from = await world.importer("pages");
    await from.run(csv(peopleHeader, ...people(4500)));
    const all = (await from.browser.get(at(from, "/contacts/export.csv?sort=createdAt"))).text
      .trimEnd()
      .split("\r\n");
    expect(all).toHaveLength(4501);
    expect(new Set(all.slice(1).map((line) => line.split(",")[2])).size).toBe(4500);
    const found = (await from.browser.get(at(from, "/contacts/export.csv?q=p44@example.com"))).text
      .trimEnd()
      .split("\r\n");
    expect(found).toHaveLength(2);
    const none = (await from.browser.get(at(from, "/contacts/export.csv?stage=customer"))).text
      .trimEnd()
      .split("\r\n");
    expect(none).toHaveLength(1);
  });

  test("is for those who may, and stands in the trail", async () => {
    const from = await filled("rights");
    await create(from, "contacts", ada);
    const [member, manager] = [
      await world.server.person(from, "member"),
      await world.server.person(from, "manager"),
    ];
    expect((await member.browser.get(at(from, "/contacts/export.csv"))).status).toBe(403);
    expect((await manager.browser.get(at(from, "/contacts/export.csv"))).status).toBe(200);
    const other = await world.importer("stranger");
    expect((await other.browser.get(at(from, "/contacts/export.csv"))).status).toBe(404);
    const trail = await world.db.query(
      "select actor_email, after from kernel.audit_event where tenant_id = $1 and action = 'read' and resource_type = 'contact'",
      [from.id],
    );
    expect(trail.rows[0].actor_email).toBe(manager.email);
  });

  test("ends in the middle when the session is revoked", async () => {
    const from = await world.importer("revoked");
    await from.run(csv(peopleHeader, ...people(9000)));
    const manager = await world.server.person(from, "manager");
    const asking = manager.browser.get(at(from, "/contacts/export.csv")).then(
      ({ text }) => text.split("\r\n").length,
      () => 0,
    );
    const events = async (): Promise<number> =>
      (
        await world.db.query(
          "select count(*)::integer as count from kernel.audit_event where tenant_id = $1 and action = 'read' and actor_id = $2",
          [from.id, manager.personId],
        )
      ).rows[0].count;
    await expect.poll(events, { interval: 2 }).toBeGreaterThan(0);
    await world.db.query("update kernel.credential set ended_at = now() where person_id = $1", [
      manager.personId,
    ]);
    expect(await asking).toBeLessThan(9001);
  });
});
