import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { proves } from "../proves.ts";
import { csv, importsWorld, type ImportsWorld, people, peopleHeader } from "./imports-world.ts";

let world: ImportsWorld;

beforeAll(async () => {
  world = await importsWorld();
});
afterAll(() => world.stop());

const header = peopleHeader;

describe("an import", () => {
  proves("CRM-2");

  test("brings in rows over several batches, makes their accounts once, and tells its progress", async () => {
    const acme = await world.importer("several");
    const done = await acme.run(csv(header, ...people(20)), { check: true });
    expect(done).toMatchObject({
      state: "done",
      rowsTotal: 20,
      rowsDone: 20,
      created: 20,
      updated: 0,
      skipped: 0,
      failed: 0,
    });
    expect(done.bytesDone).toBe(done.bytes);
    const { contacts, accounts } = await acme.records();
    expect(contacts).toHaveLength(20);
    expect(accounts.map(({ row }: { row: { name: string } }) => row.name).toSorted()).toEqual(
      Array.from({ length: 7 }, (_, index) => `Company ${index}`),
    );
    const { rows } = await world.db.query(
      "select count(*)::integer from app.import_chunk where import_id = $1",
      [done.id],
    );
    expect(rows).toEqual([{ count: 0 }]);
  });

  test("skips what is there, in the database and in the file itself", async () => {
    const acme = await world.importer("skips");
    await acme.run(csv(header, ...people(2)));
    const again = csv(
      header,
      ...people(4),
      ["id-9", "Same", "Address", "P3@Example.com", ""],
      ["id-3", "Same", "Id", "", ""],
    );
    const done = await acme.run(again, { dedupe: "skip", check: true });
    expect(done).toMatchObject({ created: 2, skipped: 4, updated: 0 });
    expect((await acme.contacts()).map(({ first_name }) => first_name)).toEqual([
      "First0",
      "First1",
      "First2",
      "First3",
    ]);
  });

  test("updates: fills what the file says, adds to lists, leaves the rest, never takes a key away", async () => {
    const acme = await world.importer("updates");
    await acme.browser.post("/o/updates/v1/contacts", {
      firstName: "Ada",
      email: "ada@example.com",
      notes: "kept",
      tags: ["old"],
    });
    const file = csv(
      ["Record ID", "First Name", "Email", "Job Title", "Tags"],
      ["x-1", "", "ADA@example.com", "CTO", "new"],
      ["", "Grace", "grace@example.com", "", ""],
      ["x-1", "Ada L.", "ada@second.example", "", "third"],
      ["x-2", "", "grace@example.com", "Admiral", ""],
    );
    const done = await acme.run(file, { dedupe: "update", check: true });
    expect(done).toMatchObject({ created: 1, updated: 3, skipped: 0, failed: 0 });
    const [ada, grace] = await acme.contacts();
    expect(ada).toMatchObject({
      external_id: "x-1",
      email: "ada@example.com",
      first_name: "Ada L.",
      title: "CTO",
      notes: "kept",
    });
    expect(ada.tags).toEqual(["new", "old", "third"]);
    expect(ada.other_emails).toEqual([{ kind: "other", address: "ada@second.example" }]);
    expect(grace).toMatchObject({ external_id: "x-2", email: "grace@example.com", title: "Admiral" });
    expect(await acme.errors(done.id)).toContain("kept as a further e-mail");
  });

  test("creates all the same: the address of another becomes a further one", async () => {
    const acme = await world.importer("creates");
    const file = csv(header, ...people(1), ["id-0", "Twin", "Last", "p0@example.com", ""]);
    const done = await acme.run(file, { dedupe: "create", check: true });
    expect(done).toMatchObject({ created: 2, skipped: 0 });
    const twin = (await acme.contacts()).find(({ first_name }) => first_name === "Twin");
    expect(twin).toMatchObject({
      email: null,
      external_id: null,
      other_emails: [{ kind: "other", address: "p0@example.com" }],
    });
  });

  test("leaves archived records alone and makes new ones", async () => {
    const acme = await world.importer("archived");
    const { id } = (
      await acme.browser.post("/o/archived/v1/contacts", { firstName: "Old", email: "p0@example.com" })
    ).json;
    await acme.browser.post(`/o/archived/v1/contacts/${id}/archive`, undefined, { version: 1 });
    const done = await acme.run(csv(header, ...people(1)), { dedupe: "update", check: true });
    expect(done).toMatchObject({ created: 1, updated: 0 });
  });

  test("two imports of the same file at once make every record and account once", async () => {
    const acme = await world.importer("twice");
    const file = csv(header, ...people(60));
    const [one, two] = await Promise.all([acme.upload(file), acme.upload(file)]);
    await Promise.all([acme.act(one.id, "start"), acme.act(two.id, "start")]);
    const ended = await Promise.all([acme.ended(one.id), acme.ended(two.id)]);
    expect(ended.map(({ state }) => state)).toEqual(["done", "done"]);
    expect(ended.reduce((sum, { created }) => sum + created, 0)).toBe(60);
    expect(ended.reduce((sum, { skipped }) => sum + skipped, 0)).toBe(60);
    const { contacts, accounts } = await acme.records();
    expect([contacts.length, accounts.length]).toEqual([60, 7]);
  });

  test("fills fields that the organization declared", async () => {
    const acme = await world.importer("own");
    const made = await acme.browser.post("/o/own/v1/fields", {
      of: "contact",
      key: "shoe_size",
      label: "Shoe size",
      type: "number",
    });
    expect(made.status).toBe(201);
    const done = await acme.run(
      csv(["Email", "Shoe size"], ["a@example.com", "43"], ["b@example.com", "big"]),
    );
    expect(done).toMatchObject({ created: 2 });
    expect((await acme.contacts()).map(({ custom }) => custom)).toEqual([{ shoe_size: 43 }, {}]);
    expect(await acme.errors(done.id)).toContain("could not be read as a number");
  });

  test("brings in accounts, known by their domain", async () => {
    const acme = await world.importer("accounts");
    const file = csv(
      ["Company name", "Company domain name", "Industry"],
      ["Acme", "acme.example", "Steel"],
      ["Acme Inc", "ACME.example", "Iron"],
      ["Other", "", ""],
    );
    const done = await acme.run(file, { of: "account", dedupe: "update", check: true });
    expect(done).toMatchObject({ created: 2, updated: 1 });
    const { accounts } = await acme.records();
    expect(
      accounts.map(({ row }: { row: { name: string; industry: string } }) => [row.name, row.industry]),
    ).toEqual([
      ["Acme Inc", "Iron"],
      ["Other", null],
    ]);
  });

  test("takes a value that the database refuses for that row's fault only", async () => {
    const acme = await world.importer("refused");
    const entries = Array.from({ length: 20 }, (_, at) => ({
      kind: "other",
      address: `old${at}@example.com`,
    }));
    await acme.browser.post("/o/refused/v1/contacts", {
      firstName: "Full",
      email: "p1@example.com",
      otherEmails: entries,
    });
    const file = csv(
      ["Email", "Other Email", "First Name"],
      ["p0@example.com", "", "Zero"],
      ["p1@example.com", "one.more@example.com", "One"],
      ["p2@example.com", "", "Two"],
    );
    const done = await acme.run(file, { dedupe: "update" });
    expect(done).toMatchObject({ state: "done", created: 2, updated: 0, failed: 1, rowsDone: 3 });
    expect(await acme.errors(done.id)).toContain("other emails");
  });
});
