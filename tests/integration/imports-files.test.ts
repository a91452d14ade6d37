import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../client.ts";
import { proves } from "../proves.ts";
import { csv, importsWorld, type ImportsWorld, people, peopleHeader } from "./imports-world.ts";

let world: ImportsWorld;
let count = 0;

beforeAll(async () => {
  world = await importsWorld(3, { RINGFENCE_IMPORT_BYTES_MAX: "256MiB" });
});
afterAll(() => world.stop());

const importer = () => world.importer(`files-${(count += 1)}`);

describe("the exports of other systems are understood without a word", () => {
  proves("CRM-2");

  const ada = { first_name: "Ada", last_name: "Lovelace", email: "ada@example.com" };

  test.each([
    [
      "Salesforce",
      [
        "Salutation",
        "First Name",
        "Last Name",
        "Title",
        "Account Name",
        "Mailing Street",
        "Mailing City",
        "Mailing Zip/Postal Code",
        "Mailing Country",
        "Phone",
        "Mobile",
        "Email",
        "Email Opt Out",
        "Do Not Call",
        "Lead Source",
        "Contact ID",
      ],
      [
        "Ms",
        "Ada",
        "Lovelace",
        "CTO",
        "Engines",
        "12 Square",
        "London",
        "SW1",
        "United Kingdom",
        "+442079460123",
        "+447700900123",
        "ada@example.com",
        "1",
        "0",
        "Web",
        "003xx1",
      ],
      {
        ...ada,
        title: "CTO",
        street: "12 Square",
        city: "London",
        postal_code: "SW1",
        phone: "+442079460123",
        email_opt_out: true,
        do_not_call: false,
        source: "Web",
        external_id: "003xx1",
      },
    ],
    [
      "HubSpot",
      [
        "Record ID",
        "First Name",
        "Last Name",
        "Email",
        "Phone Number",
        "Job Title",
        "Company Name",
        "City",
        "Postal Code",
        "Country/Region",
        "Lifecycle Stage",
        "Original Source",
        "Contact owner",
        "Unsubscribed from all email",
      ],
      [
        "4711",
        "Ada",
        "Lovelace",
        "Ada@Example.com",
        "+436641234567",
        "CTO",
        "Engines",
        "Wien",
        "1010",
        "Austria",
        "Customer",
        "Offline",
        "nobody@example.com",
        "false",
      ],
      {
        ...ada,
        external_id: "4711",
        stage: "customer",
        phone: "+436641234567",
        city: "Wien",
        postal_code: "1010",
        source: "Offline",
        owner_id: null,
        email_opt_out: false,
      },
    ],
    [
      "Outlook",
      [
        "First Name",
        "Middle Name",
        "Last Name",
        "Company",
        "Job Title",
        "Business Street",
        "Business City",
        "Business Postal Code",
        "Business Phone",
        "Home Phone",
        "Mobile Phone",
        "E-mail Address",
        "E-mail 2 Address",
        "Categories",
        "Birthday",
        "Web Page",
        "Notes",
      ],
      [
        "Ada",
        "",
        "Lovelace",
        "Engines",
        "CTO",
        "12 Square",
        "London",
        "SW1",
        "+442079460123",
        "",
        "+447700900123",
        "ada@example.com",
        "ada@home.example",
        "VIP;Math",
        "1815-12-10",
        "https://ada.example",
        "Hello",
      ],
      {
        ...ada,
        title: "CTO",
        street: "12 Square",
        city: "London",
        phone: "+442079460123",
        tags: ["VIP", "Math"],
        birthday: "1815-12-10",
        notes: "Hello",
      },
    ],
    [
      "Google",
      [
        "First Name",
        "Last Name",
        "Organization Name",
        "Organization Title",
        "Labels",
        "E-mail 1 - Label",
        "E-mail 1 - Value",
        "E-mail 2 - Label",
        "E-mail 2 - Value",
        "Phone 1 - Label",
        "Phone 1 - Value",
        "Address 1 - Street",
        "Address 1 - City",
        "Address 1 - Postal Code",
        "Notes",
      ],
      [
        "Ada",
        "Lovelace",
        "Engines",
        "CTO",
        "* myContacts ::: Math",
        "* Work",
        "ada@example.com",
        "Home",
        "ada@home.example",
        "Mobile",
        "+447700900123",
        "12 Square",
        "London",
        "SW1",
        "Hello",
      ],
      {
        ...ada,
        title: "CTO",
        phone: "+447700900123",
        tags: ["Math"],
        street: "12 Square",
        city: "London",
        other_emails: [{ kind: "home", address: "ada@home.example" }],
      },
    ],
  ])("%s", async (_, header, cells, expected) => {
    const acme = await importer();
    const done = await acme.run(csv(header, cells), { check: true });
    expect(done).toMatchObject({ state: "done", created: 1, failed: 0 });
    const [contact] = await acme.contacts();
    expect(contact).toMatchObject(expected);
    const { accounts } = await acme.records();
    expect(accounts.map(({ row }: Json) => row.name)).toEqual(["Engines"]);
  });
});

describe("a hostile or broken file", () => {
  proves("CRM-2");

  test.each([
    ["is empty", "", /empty/],
    ["is an Excel workbook", Buffer.from("504b0304140006000800", "hex"), /Excel workbook/],
    [
      "is binary",
      Buffer.from(Array.from({ length: 4000 }, (_, at) => ((at * 7919) % 256 < 90 ? 0 : at % 256))),
      /not text|binary/,
    ],
    ["is UTF-32", Buffer.from([0xff, 0xfe, 0, 0, 0x41, 0, 0, 0]), /UTF-32/],
  ])("that %s is refused at once, with the reason", async (_, file, reason) => {
    const acme = await importer();
    const { status, json } = await acme.send(file);
    expect([status, json.detail]).toEqual([422, expect.stringMatching(reason)]);
    const { rows } = await world.db.query("select state, failure from app.import where tenant_id = $1", [
      acme.id,
    ]);
    expect(rows).toEqual([{ state: "failed", failure: json.detail }]);
    expect(
      (await world.db.query("select 1 from app.import_chunk where tenant_id = $1", [acme.id])).rows,
    ).toEqual([]);
  });

  test("with a header and nothing else brings in nothing, and can be undone", async () => {
    const acme = await importer();
    const done = await acme.run(csv(peopleHeader), { check: true });
    expect(done).toMatchObject({ state: "done", rowsTotal: 0, created: 0, failed: 0 });
    await acme.act(done.id, "undo");
    expect(await acme.ended(done.id)).toMatchObject({ state: "undone" });
  });

  test("keeps quoted line ends and formulas as the text that they are", async () => {
    const acme = await importer();
    const done = await acme.run(
      csv(["Email", "Last Name", "Notes"], ["a@example.com", "=1+1", 'one\r\n"two"; three']),
    );
    expect(done).toMatchObject({ created: 1 });
    expect(await acme.contacts()).toMatchObject([{ last_name: "=1+1", notes: 'one\n"two"; three' }]);
  });

  test("with uneven rows, NUL bytes and a repeated header brings in what can be read, and tells the rest", async () => {
    const acme = await importer();
    const file = `Email,First Name,City\r\na@example.com,A,Wien\r\nb@example.com\r\nc@example.com,C,Graz,more,cells\r\nEmail,First Name,City\r\nd@example.com,D\0\0D,Linz\r\nbroken,E,Ort\r\n`;
    const done = await acme.run(file, { check: true });
    expect(done.rowsDone).toBe(done.created + done.skipped + done.failed);
    expect((await acme.contacts()).map(({ email }) => email)).toEqual(
      expect.arrayContaining(["a@example.com", "d@example.com"]),
    );
    expect((await acme.contacts()).find(({ email }) => email === "d@example.com")).toMatchObject({
      first_name: "DD",
    });
    const errors = await acme.errors(done.id);
    expect(errors).toContain("This is not an e-mail address.");
    expect(errors).toContain("more cells");
    expect(errors).toContain("repeats the header");
    expect(errors).toContain("Characters that cannot be shown");
  });

  test("with a quote that is never closed brings in the rows before it, and says where it opened", async () => {
    const acme = await importer();
    const done = await acme.run(
      `Email,Notes\r\na@example.com,fine\r\nb@example.com,"never closed\r\nc@example.com,lost\r\n`,
    );
    expect(done).toMatchObject({ state: "done", created: 1, failed: 1 });
    expect(await acme.errors(done.id)).toMatch(/2,3,.*never closed/);
  });

  test("with a field of 100 MB refuses that row only, in little memory", async () => {
    const acme = await importer();
    const lines = function* (): Generator<string> {
      yield 'Email,Notes\r\na@example.com,"';
      for (let megabytes = 0; megabytes < 100; megabytes += 1) yield "x".repeat(1_000_000);
      yield '"\r\nb@example.com,fine\r\n';
    };
    const before = process.memoryUsage().rss;
    const done = await acme.run(Readable.from(lines()));
    expect(done).toMatchObject({ state: "done", created: 1, failed: 1 });
    expect(await acme.errors(done.id)).toContain("longer than allowed");
    expect((process.memoryUsage().rss - before) / 1e6).toBeLessThan(400);
  }, 60_000);

  test("in another encoding is read as what it is", async () => {
    const text = "Email;Vorname;Ort\r\nj@example.com;Jürgen;Köln\r\n";
    for (const bytes of [
      Buffer.from(text, "latin1"),
      Buffer.from(`\ufeff${text}`, "utf16le"),
      Buffer.from(`\ufeff${text}`, "utf8"),
    ]) {
      const acme = await importer();
      const done = await acme.run(bytes);
      expect(done).toMatchObject({ created: 1 });
      expect(await acme.contacts()).toMatchObject([{ first_name: "Jürgen", city: "Köln" }]);
    }
  });

  test("that turns out not to be UTF-8 in the middle fails with the line, and what came in can be undone", async () => {
    const acme = await importer();
    const before = await acme.records();
    const rows = Array.from({ length: 100 }, (_, at) => [`p${at}@example.com`, "Jürgen", "ö".repeat(2000)]);
    const good = csv(["Email", "First Name", "Notes"], ...rows);
    const file = Buffer.concat([Buffer.from(good), Buffer.from("x@example.com,J\xfcrgen,\r\n", "latin1")]);
    const done = await acme.run(file);
    expect(done).toMatchObject({ state: "failed" });
    expect(done.report.error).toMatch(/Line \d+: .*UTF-8/);
    await acme.act(done.id, "undo");
    expect(await acme.ended(done.id)).toMatchObject({ state: "undone" });
    expect(await acme.records()).toEqual(before);
  }, 90_000);
});

describe("the error report", () => {
  test("is complete and runs no formula", async () => {
    const acme = await importer();
    const bad = Array.from({ length: 40 }, (_, at) => [`=cmd|'/C.calc'!A${at}`, `F${at}`]);
    const done = await acme.run(
      csv(["Email", "First Name"], ...bad, ...people(1).map((cells) => [cells[3] ?? "", "Good"])),
    );
    expect(done).toMatchObject({ failed: 40, created: 1 });
    expect(done.report.problems).toEqual([
      { reason: "This is not an e-mail address.", severity: "error", count: 40, row: 1 },
    ]);
    const lines = (await acme.errors(done.id)).trimEnd().split("\r\n");
    expect(lines).toHaveLength(41);
    expect(lines.slice(1).every((line) => /^\d+,\d+,Email,"?'=cmd/.test(line))).toBe(true);
  });
});
