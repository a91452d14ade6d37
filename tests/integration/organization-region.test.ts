import type { Client as Postgres } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Client, Json } from "../client.ts";
import { proves } from "../proves.ts";
import { testServer, type TestServer } from "../server.ts";

let server: TestServer;
let db: Postgres;

beforeAll(async () => {
  server = await testServer();
  db = await server.database.connectAsSuperuser();
});
afterAll(() => server.stop());

interface Place {
  readonly locale: string;
  readonly timeZone: string;
  readonly currency: string;
}
const berlin: Place = { locale: "de-DE", timeZone: "Europe/Berlin", currency: "EUR" };
const newYork: Place = { locale: "en-US", timeZone: "America/New_York", currency: "USD" };

/** A summer evening in New York, when it is tomorrow already in Berlin. */
const instant = "2026-07-01T22:30:00.000Z";

describe("an organization's language, time zone and currency", () => {
  proves("ISO-9");

  test("are told to the console and to programs, and shape what comes in and what goes out", async () => {
    const german = await organization("berlin", berlin);
    const american = await organization("new-york", newYork);
    expect(await placesOf(german)).toEqual([berlin, berlin]);
    expect(await placesOf(american)).toEqual([newYork, newYork]);
    expect(await contactRow(german)).toMatchObject({
      Phone: "+4930901820",
      Birthday: "1815-12-10",
      Size: "38,5",
      Created: "2026-07-02T00:30:00.000+02:00",
    });
    expect(await contactRow(american)).toMatchObject({
      Phone: "+12125550123",
      Birthday: "1815-12-10",
      Size: "38.5",
      Created: "2026-07-01T18:30:00.000-04:00",
    });
    for (const { browser, at } of [german, american]) {
      // What programs read is the same everywhere: instants in UTC, numbers as JSON has them.
      const { json } = await browser.get(at("/contacts"));
      expect(json.items[0]).toMatchObject({ createdAt: instant, birthday: "1815-12-10" });
      expect(json.items[0].custom).toEqual({ size: 38.5 });
    }
  });

  test("hold in the export of the audit trail, where every instant stays the same one", async () => {
    for (const [slug, place] of [
      ["trail-berlin", berlin],
      ["trail-new-york", newYork],
    ] as const) {
      const one = await organization(slug, place);
      const lines = (await one.browser.get(one.at("/audit-events/export.jsonl"))).text.trimEnd().split("\n");
      const exact: string[] = lines.map((line) => JSON.parse(line).at);
      const { text } = await one.browser.get(one.at("/audit-events/export.csv"));
      const local = text
        .split("\r\n")
        .map((line) => line.split(",")[0] ?? "")
        .filter((cell) => /^\d{4}-/.test(cell));
      const { rows } = await db.query(
        "select to_char(at::timestamptz at time zone $2, 'YYYY-MM-DD\"T\"HH24:MI:SS.MS') as clock from unnest($1::text[]) as at",
        [exact, place.timeZone],
      );
      // The export itself stands in the trail by now, before the others.
      const mine = local.slice(-exact.length);
      expect(mine.map((cell) => cell.slice(0, -6))).toEqual(rows.map(({ clock }) => clock));
      expect(mine.map((cell) => new Date(cell).toISOString())).toEqual(exact);
    }
  });

  test("change from the next request on", async () => {
    const moving = await organization("moving", berlin);
    const { json: settings } = await moving.browser.get(moving.at("/organization"));
    const changed = await moving.browser.patch(moving.at("/organization"), newYork, {
      version: settings.version,
    });
    expect(changed.json).toMatchObject(newYork);
    expect(await placesOf(moving)).toEqual([newYork, newYork]);
    expect(await contactRow(moving)).toMatchObject({
      Size: "38.5",
      Created: "2026-07-01T18:30:00.000-04:00",
    });
    const added = await moving.browser.post(moving.at("/contacts"), {
      lastName: "Later",
      phone: "(212) 555-0199",
    });
    expect(added.json.phone).toBe("+12125550199");
  });

  test("are refused when nobody knows them, and nothing is changed then", async () => {
    const one = await organization("odd", berlin);
    for (const odd of [{ locale: "not a tag" }, { timeZone: "Mars/Olympus" }, { currency: "XQZ" }]) {
      const { status, json } = await one.browser.patch(one.at("/organization"), odd, { version: 2 });
      expect([status, json.errors[0].pointer]).toEqual([422, `/${Object.keys(odd)[0]}`]);
    }
    expect(await placesOf(one)).toEqual([berlin, berlin]);
  });
});

interface Settled {
  readonly slug: string;
  readonly browser: Client;
  readonly at: (path: string) => string;
}

/** An organization at a place, with a field of its own and one contact that came at the instant. */
async function organization(slug: string, place: Place): Promise<Settled> {
  const { browser, id } = await server.organization(slug);
  const at = (path: string): string => `/o/${slug}/v1${path}`;
  const { json: settings } = await browser.get(at("/organization"));
  expect((await browser.patch(at("/organization"), place, { version: settings.version })).status).toBe(200);
  await browser.post(at("/fields"), { of: "contact", key: "size", label: "Size", type: "number" });
  const made = await browser.post(at("/contacts"), {
    lastName: "Lovelace",
    phone: place === berlin ? "030 901820" : "(212) 555-0123",
    birthday: "1815-12-10",
    custom: { size: 38.5 },
  });
  expect(made.status).toBe(201);
  await db.query("begin");
  await db.query("set local session_replication_role = replica");
  await db.query("update app.contact set created_at = $2 where tenant_id = $1", [id, instant]);
  await db.query("commit");
  return { slug, browser, at };
}

/** What the console is told and what programs are told. */
async function placesOf({ slug, browser, at }: Settled): Promise<Place[]> {
  const { json: me } = await browser.get("/auth/me");
  const { json: settings } = await browser.get(at("/organization"));
  const place = ({ locale, timeZone, currency }: Json): Place => ({ locale, timeZone, currency });
  return [place(me.organizations.find((one: Json) => one.slug === slug)), place(settings)];
}

/** The export's first line by column. */
async function contactRow({ browser, at }: Settled): Promise<Record<string, string>> {
  const { text } = await browser.get(at("/contacts/export.csv?sort=createdAt"));
  const [header = [], row = []] = text
    .replace(/^\ufeff/, "")
    .split("\r\n")
    .map((line) =>
      [...line.matchAll(/"([^"]*)"|([^,]+)|(?<=,|^)(?=,|$)/g)].map((cell) => cell[1] ?? cell[2] ?? ""),
    );
  return Object.fromEntries(header.map((name, column) => [name, row[column] ?? ""]));
}
