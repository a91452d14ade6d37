import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { declaredRoutes } from "../declared-routes.ts";
import { proves } from "../proves.ts";
import { at, keyOf, type Staff, supportGround, type SupportGround } from "../support-ground.ts";
import { inside, type Inside, laterBy, look, type Look, looksOf } from "../support-looks.ts";

// Whatever one of the platform's staff asks for in an organization stands in its trail, row by row.

proves("IAM-13", "AUD-7");

const canary = "canary-of-a-search";
const nowhere = "0198c0de-0000-7000-8000-00000000dead";

let ground: SupportGround;
let contacts: readonly string[];

beforeAll(async () => {
  ground = await supportGround();
  const made = [];
  for (const firstName of ["Grace", "Hedy", "Mary"])
    made.push(await ground.acme.browser.post(at("/contacts"), { firstName }));
  contacts = made.map(({ json }) => String(json.id));
});
afterAll(() => ground.server.stop());

const sorted = (rows: readonly Look[]): string[] =>
  rows.map(({ door, record }) => `${door} ${record ?? ""}`.trim()).toSorted();

/** What an unsafe request of a browser brings along. */
const proofs = async ({ browser }: Staff): Promise<Record<string, string>> => ({
  "x-csrf-token": await browser.csrf(),
  "sec-fetch-site": "same-origin",
  "if-match": '"v1"',
});

describe("what one of the platform's staff asks for", () => {
  test("stands in the organization's trail row by row: who, by which grant, what, which record, from where", async () => {
    const staff = await inside(ground);
    const [first = "", second = "", third = ""] = contacts;
    const asked: readonly (readonly [string, number, Look])[] = [
      ["/contacts", 200, look("GET /contacts")],
      [`/contacts/${first}`, 200, look("GET /contacts/:id", first)],
      [`/contacts/${second}`, 200, look("GET /contacts/:id", second)],
      [`/contacts/${third.toUpperCase()}`, 200, look("GET /contacts/:id", third)],
      [`/contacts?q=${canary}`, 200, look("GET /contacts?q")],
      [`/contacts/count?q=${canary}&tag=vip`, 200, look("GET /contacts/count?q&tag")],
      [`/contacts/${first}/history`, 200, look("GET /contacts/:id/history", first)],
      [`/contacts/${nowhere}`, 404, look("GET /contacts/:id", nowhere)],
      ["/accounts", 200, look("GET /accounts")],
      ["/members", 200, look("GET /members")],
      ["/contacts/export.csv", 403, look("GET /contacts/export.csv")],
      ["/audit-events", 403, look("GET /audit-events")],
    ];
    for (const [address, status] of asked)
      expect([address, (await staff.browser.get(at(address))).status]).toEqual([address, status]);
    expect(await looksOf(ground, staff)).toEqual(asked.map(([, , row]) => row));
    const trail = await ground.acme.browser.get(at(`/audit-events?action=look&resourceId=${first}`));
    expect(trail.json.items[1]).toMatchObject({
      actorId: staff.personId,
      actorEmail: `${staff.email} (support ${staff.grant})`,
      resourceType: "contact",
      severity: "notice",
      ip: "127.0.0.1",
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      credentialId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      before: null,
      after: { door: "GET /contacts/:id", permission: ["contact.read", "account.read"] },
    });
  });

  test("is written down of nobody else, and with no word that was searched for", async () => {
    const staff = await inside(ground);
    for (const { browser } of [staff, ground.acme]) {
      await browser.get(at(`/contacts?q=${canary}`));
      await browser.get(at(`/contacts?accountId=${canary}`));
    }
    const { rows } = await ground.superuser.query(
      "select distinct actor_email ~ ' \\(support ' as staff from kernel.audit_event e where action = 'look' or strpos(e::text, $1) > 0",
      [canary],
    );
    expect(rows).toEqual([{ staff: true }]);
    const said = await ground.superuser.query(
      "select from kernel.audit_event e where strpos(e::text, $1) > 0",
      [canary],
    );
    expect(said.rowCount).toBe(0);
  });

  test("is in the trail's files, and not in the record's history, which is for whoever sees the record", async () => {
    const staff = await inside(ground);
    const [first = ""] = contacts;
    await staff.browser.get(at(`/contacts/${first}`));
    const filter = `action=look&actor=${encodeURIComponent(staff.email)}`;
    const csv = (await ground.acme.browser.get(at(`/audit-events/export.csv?${filter}`))).text;
    expect(csv).toContain(`,${staff.email} (support ${staff.grant}),look,contact,${first},notice,`);
    expect(csv).toContain(
      '"{""door"":""GET /contacts/:id"",""permission"":[""contact.read"",""account.read""]}"',
    );
    const jsonl = (await ground.acme.browser.get(at(`/audit-events/export.jsonl?${filter}`))).text;
    expect(JSON.parse(jsonl)).toMatchObject({ action: "look", resourceId: first });
    const { items } = (await ground.acme.browser.get(at(`/contacts/${first}/history`))).json;
    expect(items.map(({ action }: { action: string }) => action)).toEqual(["create"]);
  });

  test("is written once a minute for one door and record, however many screens ask however often", async () => {
    const staff = await inside(ground);
    const [first = "", second = ""] = contacts;
    const poll = async (): Promise<void> => {
      const addresses = Array.from({ length: 64 }, (_, screen) =>
        screen % 2 === 0 ? `/contacts/${first}` : "/contacts",
      );
      const answers = await Promise.all(addresses.map((address) => staff.browser.get(at(address))));
      for (let again = 0; again < 5; again += 1)
        answers.push(await staff.browser.get(at("/contacts?limit=5")));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    };
    const both = sorted([look("GET /contacts"), look("GET /contacts/:id", first)]);
    await poll();
    await laterBy(30, ground);
    await poll();
    expect(sorted(await looksOf(ground, staff))).toEqual(both);
    // Another record or name to search by is another look.
    for (const address of [`/contacts/${second}`, `/contacts?q=${canary}`])
      await staff.browser.get(at(address));
    expect((await looksOf(ground, staff)).slice(2)).toEqual([
      look("GET /contacts/:id", second),
      look("GET /contacts?q"),
    ]);
    await laterBy(60, ground);
    await poll();
    expect(sorted((await looksOf(ground, staff)).slice(4))).toEqual(both);
    await ground.acme.browser.delete(at(`/support-grants/${staff.grant}`));
    await ground.granted(staff.email);
    await staff.browser.get(at("/contacts"));
    expect((await looksOf(ground, staff)).slice(6)).toEqual([look("GET /contacts")]);
  });

  test("is there though its transaction was rolled back, and beside what they changed", async () => {
    const write = ["contact.read", "account.read", "own_field.read", "contact.create", "contact.change"];
    const staff = await inside(ground, { permissions: write });
    const { browser } = staff;
    const made = await browser.post(at("/contacts"), { firstName: "Ida" });
    const id = String(made.json.id);
    const old = await browser.patch(at(`/contacts/${id}`), { title: "Dr" }, { version: 7 });
    const lost = await browser.patch(at(`/contacts/${nowhere}`), { title: "Dr" }, { version: 1 });
    const unfit = await browser.post(at("/contacts"), { firstName: "Ida", accountId: nowhere });
    expect([made, old, lost, unfit].map(keyOf)).toEqual([
      [201, ""],
      [412, "version-conflict"],
      [404, "not-found"],
      [422, "not-valid"],
    ]);
    const rows = await ground.superuser.query(
      "select action, coalesce(after ->> 'door', '') as door, resource_id as record from kernel.audit_event where tenant_id = $1 and actor_id = $2 and action <> 'enter' order by id",
      [ground.acme.id, staff.personId],
    );
    expect(rows.rows.map(({ action, door, record }) => [action, door, record])).toEqual([
      ["look", "POST /contacts", null],
      ["create", "", id],
      ["look", "PATCH /contacts/:id", id],
      ["look", "PATCH /contacts/:id", nowhere],
    ]);
  });

  test("is there of every door that a grant can open", async () => {
    const { rows } = await ground.superuser.query<{ key: string }>(
      "select key from kernel.permission where kernel.lendable(array[key]) order by key",
    );
    const lent = rows.map(({ key }) => key);
    const staff = await inside(ground, { permissions: lent });
    const doors = declaredRoutes().flatMap(({ kind, method, path: door, ...route }) =>
      kind === "tenant" && "needs" in route && route.needs.every((need) => lent.includes(need))
        ? [{ method, door }]
        : [],
    );
    const opened: string[] = [];
    for (const { method, door } of doors) {
      const address = at(door.replace(/:id\b/, nowhere));
      const { status } = await staff.browser.send(method, address, {
        headers: await proofs(staff),
        ...(method === "GET" ? {} : { body: { ids: [nowhere], change: {} } }),
      });
      // What the server cannot read asks for nothing, and comes to no organization.
      if (![400, 413, 415, 422].includes(status)) opened.push(`${method} ${door}`);
    }
    const reads = doors.filter(({ method }) => method === "GET").map(({ door }) => `GET ${door}`);
    expect(opened).toEqual(expect.arrayContaining(reads));
    expect([reads.length > 12, opened.length > 20]).toEqual([true, true]);
    const said = (await looksOf(ground, staff)).map(({ door }) => String(door));
    expect(opened.filter((door) => !said.includes(door))).toEqual([]);
  });

  test("in an emergency, and by a program of theirs, is there as well", async () => {
    await ground.ops.query("select kernel.allow_emergencies(true)");
    const [staff, second] = [await ground.operator(), await ground.operator()];
    const body = { organization: "acme", reason: "Records are being lost", reference: "INC-1" };
    const { json } = await staff.browser.post("/auth/support/emergencies", body);
    expect((await second.browser.post(`/auth/support/emergencies/${json.id}/confirm`)).status).toBe(204);
    const [first = ""] = contacts;
    expect((await staff.browser.get(at(`/contacts/${first}`))).status).toBe(200);
    const pair = await staff.browser.post("/auth/tokens", { organization: "acme" });
    const program = ground.server.bearer(pair.json.accessToken);
    expect((await program.get(at("/contacts"))).status).toBe(200);
    expect(await looksOf(ground, staff)).toEqual([look("GET /contacts/:id", first), look("GET /contacts")]);
  });

  test("while an import's faults are downloaded is there", async () => {
    const { json } = await ground.acme.browser.post(at("/imports"), undefined, {
      raw: "First name,Mail\r\nAda,ada@example.com\r\n",
      headers: { "content-type": "text/csv" },
    });
    const staff = await inside(ground);
    const file = await staff.browser.get(at(`/imports/${json.id}/errors.csv`));
    expect([file.status, file.headers["content-type"]]).toEqual([200, "text/csv; charset=utf-8"]);
    expect(await looksOf(ground, staff)).toEqual([look("GET /imports/:id/errors.csv", json.id)]);
  });
});

test("the guide says of each request what the trail then says", async () => {
  const guide = await readFile(path.join(import.meta.dirname, "../../docs/guide/who-gets-in.md"), "utf8");
  const promised = [...guide.matchAll(/^\| `(GET|POST) (\S+)` \| `([^`]+)`(, and the record's id)?/gm)];
  expect(promised.length).toBeGreaterThan(7);
  for (const [, method = "", address = "", door = "", withId] of promised) {
    const staff: Inside = await inside(ground);
    const [first = ""] = contacts;
    await staff.browser.send(method, at(address.replace(":id", first)), {
      headers: await proofs(staff),
    });
    const said = await looksOf(ground, staff);
    expect([address, said]).toEqual([address, [look(door, withId === undefined ? null : first)]]);
  }
});
