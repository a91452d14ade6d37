import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { proves } from "../proves.ts";
import { testServer, type TestServer } from "../server.ts";

let server: TestServer;
let acme: Awaited<ReturnType<TestServer["organization"]>>;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
});
afterAll(() => server.stop());

const at = (path: string): string => `/o/acme/v1${path}`;

interface Row {
  readonly id: string;
  readonly action: string;
}

describe("an audit row", () => {
  proves("AUD-2");

  test("says who, what, when, from where, in which session, how severe, and what it was before", async () => {
    const browser = acme.browser;
    const made = await browser.post(at("/contacts"), {
      firstName: "Grace",
      lastName: "Hopper",
      notes: "First note",
    });
    const changed = await browser.patch(
      at(`/contacts/${made.json.id}`),
      { lastName: "Murray", notes: null },
      { version: 1, headers: { "user-agent": "Firefox on a laptop", "x-forwarded-for": "198.51.100.9" } },
    );
    expect(changed.status).toBe(200);
    const { json } = await browser.get(at(`/audit-events?resourceId=${made.json.id}`));
    const [change, creation] = json.items;
    const sessions = await browser.get("/auth/sessions");
    expect(change).toMatchObject({
      actorId: acme.owner.personId,
      actorEmail: acme.owner.email,
      action: "change",
      resourceType: "contact",
      resourceId: made.json.id,
      severity: "info",
      anomaly: null,
      ip: "198.51.100.9",
      device: "Firefox on a laptop",
      credentialId: sessions.json.items[0].id,
      requestId: changed.headers["x-request-id"],
      before: { last_name: "Hopper", notes: "First note" },
      after: { last_name: "Murray" },
    });
    expect(change.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Math.abs(Date.parse(change.at) - Date.now())).toBeLessThan(60_000);
    expect(Object.keys(change.before).toSorted()).toEqual(["last_name", "notes"]);
    expect(creation).toMatchObject({ action: "create", before: null, after: { first_name: "Grace" } });
  });

  test("of whoever looked into the outbox, where letters with links lie, is there each time", async () => {
    await acme.browser.get(at("/outbox"));
    const { json } = await acme.browser.get(at("/audit-events?action=read&resourceType=outbox"));
    expect(json.items[0]).toMatchObject({ severity: "notice", after: { permission: ["outbox.reveal"] } });
  });

  test("of a changed role is a warning with both sides", async () => {
    const person = await server.person(acme, "viewer");
    await acme.browser.patch(at(`/members/${person.memberId}`), { roles: ["member"] });
    const { json } = await acme.browser.get(at("/audit-events?severity=warning&resourceType=member"));
    expect(json.items[0]).toMatchObject({
      action: "change",
      before: { roles: ["viewer"] },
      after: { roles: ["member"] },
    });
  });

  test("is written for what was refused as well", async () => {
    const viewer = await server.person(acme, "viewer");
    expect((await viewer.browser.get(at("/audit-events"))).status).toBe(403);
    await expect
      .poll(
        async () =>
          (await acme.browser.get(at(`/audit-events?actor=${viewer.email}&action=refused`))).json.items[0],
      )
      .toMatchObject({
        severity: "warning",
        after: { reason: "not-allowed", door: "GET /o/:organization/v1/audit-events" },
      });
  });
});

describe("the trail", () => {
  test("is read page by page without gaps or repeats, and filtered by each of its filters", async () => {
    for (let count = 0; count < 5; count += 1)
      await acme.browser.post(at("/accounts"), { name: `Account ${count}` });
    const seen: Row[] = [];
    for (let after = ""; ;) {
      const { json } = await acme.browser.get(
        at(`/audit-events?limit=3${after === "" ? "" : `&after=${after}`}`),
      );
      seen.push(...json.items);
      if (json.next === null) break;
      after = json.next;
    }
    const ids = seen.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(ids.toSorted().toReversed());
    const of = async (query: string): Promise<Row[]> =>
      (await acme.browser.get(at(`/audit-events?${query}&limit=200`))).json.items;
    expect(await of("action=create&resourceType=account")).toHaveLength(5);
    expect(await of(`actor=${acme.owner.personId}&resourceType=account`)).toHaveLength(5);
    expect(await of(`actor=${acme.owner.email.toUpperCase()}&resourceType=account`)).toHaveLength(5);
    expect(await of("from=2999-01-01T00:00:00Z")).toHaveLength(0);
    expect(await of("to=2020-01-01T00:00:00Z")).toHaveLength(0);
    expect((await of("from=2020-01-01T00:00:00Z&to=2999-01-01T00:00:00Z&resourceType=account")).length).toBe(
      5,
    );
    expect((await acme.browser.get(at("/audit-events?severity=dreadful"))).status).toBe(422);
  });

  test("leaves as CSV that a spreadsheet does not run, and as JSON lines, and each export is in the trail", async () => {
    await acme.browser.post(at("/contacts"), {
      firstName: '=HYPERLINK("http://evil.example")',
      lastName: "Formula",
    });
    const csv = await acme.browser.get(at("/audit-events/export.csv?resourceType=contact"), {
      headers: { "user-agent": "=cmd(' /C calc')!A0" },
    });
    expect(csv.headers["content-type"]).toContain("text/csv");
    expect(csv.headers["content-disposition"]).toContain('filename="audit-events.csv"');
    const again = await acme.browser.get(at("/audit-events/export.csv"));
    expect(again.text).toContain("'=cmd(' /C calc')!A0");
    expect(again.text).not.toMatch(/(^|,)"?=/m);
    const lines = (await acme.browser.get(at("/audit-events/export.jsonl"))).text.trimEnd().split("\n");
    const events = lines.map((line) => JSON.parse(line));
    expect(
      events.filter(({ action, resourceType }) => action === "read" && resourceType === "audit").length,
    ).toBeGreaterThanOrEqual(2);
  });

  test("goes out whole, through pages that each enter again, and ends with the session", async () => {
    const own = await server.organization("long-trail");
    const db = await server.database.connectAsSuperuser();
    await db.query(
      `insert into kernel.audit_event (tenant_id, actor_email, action, resource_type, after)
       select $1, 'somebody', 'made-up', 'test', jsonb_build_object('n', n) from generate_series(1, 5500) n`,
      [own.id],
    );
    const { text } = await own.browser.get("/o/long-trail/v1/audit-events/export.jsonl?action=made-up");
    const numbers = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).after.n);
    expect(new Set(numbers).size).toBe(5500);
  });

  test("is nobody's but owners' and admins'", async () => {
    for (const role of ["viewer", "member", "manager"] as const) {
      const { browser } = await server.person(acme, role);
      for (const path of ["/audit-events", "/audit-events/export.csv", "/audit-events/export.jsonl"]) {
        expect([role, path, (await browser.get(at(path))).status]).toEqual([role, path, 403]);
      }
    }
    const admin = await server.person(acme, "admin");
    expect((await admin.browser.get(at("/audit-events/export.csv"))).status).toBe(200);
  });
});
