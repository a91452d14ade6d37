import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testServer, type TestServer } from "../server.ts";

/** What the database's own triggers make of a record: its history, and the words that find it. */

let server: TestServer;
let acme: Awaited<ReturnType<TestServer["organization"]>>;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
});
afterAll(() => server.stop());

const at = (path: string): string => `/o/acme/v1${path}`;
async function made(
  resource: string,
  body: Record<string, unknown>,
): Promise<{ id: string; version: number }> {
  const { json, status } = await acme.browser.post(at(`/${resource}`), body);
  expect(status).toBe(201);
  return json;
}
async function changed(id: string, version: number, body: Record<string, unknown>): Promise<void> {
  const sending = { headers: { "if-match": `"v${version}"` } };
  expect((await acme.browser.patch(at(`/contacts/${id}`), body, sending)).status).toBe(200);
}

describe("the history of a record", () => {
  test("holds what was said when it was made, each value as its own type, and nothing that was not said", async () => {
    const account = await made("accounts", { name: "Acme Foods" });
    const { id } = await made("contacts", {
      firstName: 'Zoë "Z" \\ Ng',
      accountId: account.id,
      otherEmails: [{ kind: "work", address: "zoe@example.com" }],
      tags: ["vip", "a,b"],
      doNotCall: true,
    });
    const { json } = await acme.browser.get(at(`/contacts/${id}/history`));
    expect(json.items).toHaveLength(1);
    expect(json.items[0]).toMatchObject({ action: "create", before: null });
    expect(json.items[0].after).toEqual({
      first_name: 'Zoë "Z" \\ Ng',
      account_id: account.id,
      other_emails: [{ kind: "work", address: "zoe@example.com" }],
      tags: ["vip", "a,b"],
      stage: "lead",
      do_not_call: true,
      email_opt_out: false,
    });
  });

  test("holds of a change the fields that it touched, on each side what was there", async () => {
    const { id, version } = await made("contacts", {
      firstName: "Ada",
      title: "Buyer",
      tags: ["vip"],
      emailOptOut: false,
    });
    await changed(id, version, { title: null, tags: [], emailOptOut: true, city: "Graz", firstName: "Ada" });
    const { json } = await acme.browser.get(at(`/contacts/${id}/history`));
    expect(json.items[0]).toMatchObject({ action: "change" });
    expect(json.items[0].before).toEqual({ title: "Buyer", tags: ["vip"], email_opt_out: false });
    expect(json.items[0].after).toEqual({ email_opt_out: true, city: "Graz" });
  });
});

describe("a search", () => {
  test.each([
    ["anna", "anna berger"],
    ["berger anna", "anna berger"],
    ["ANNA B", "anna berger"],
    ["de la cr", "Maria de la Cruz"],
    ["cruz maria", "Maria de la Cruz"],
    ["muller", "Jörg Müller-Lüdenscheidt"],
    ["ludenscheidt jorg", "Jörg Müller-Lüdenscheidt"],
    ["cher", "Cher"],
    ["anna.berger@", "anna berger"],
    ["@three.example", "Cher Maria de la Cruz anna berger"],
    ["@three.exam", "Cher Maria de la Cruz anna berger"],
    ["+43664123", "anna berger"],
    ["0664 1234567", "anna berger"],
    ["nobody", ""],
  ])("for %j finds %j", async (q, expected) => {
    await people();
    const { json } = await acme.browser.get(at(`/contacts?q=${encodeURIComponent(q)}`));
    const found = json.items.map(({ firstName, lastName }: Record<string, string | null>) =>
      [firstName, lastName].filter(Boolean).join(" "),
    );
    expect(found.toSorted().join(" ")).toBe(expected);
  });

  test("for a domain lists its people once each, page after page", async () => {
    await people();
    const names: string[] = [];
    for (let after = ""; ;) {
      const { json } = await acme.browser.get(at(`/contacts?q=%40three.example&limit=1${after}`));
      names.push(...json.items.map(({ firstName }: { firstName: string }) => firstName));
      if (json.next === null) break;
      after = `&after=${json.next}`;
    }
    expect(names.toSorted()).toEqual(["Cher", "Maria", "anna"]);
  });
});

let madePeople: Promise<void> | null = null;
async function people(): Promise<void> {
  madePeople ??= (async () => {
    const phone = "+436641234567";
    await made("contacts", {
      firstName: "anna",
      lastName: "berger",
      email: "anna.berger@three.example",
      phone,
    });
    await made("contacts", {
      firstName: "Maria",
      lastName: "de la Cruz",
      email: "m@three.example",
      otherEmails: [{ kind: "home", address: "maria@three.example" }],
    });
    await made("contacts", { firstName: "Jörg", lastName: "Müller-Lüdenscheidt" });
    await made("contacts", { firstName: "Cher", email: "cher@three.example" });
  })();
  return madePeople;
}
