import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newApiKey } from "../../server/foundation/ids/index.ts";
import { promisedRates, type Rates } from "../../server/http/index.ts";
import type { Answer } from "../client.ts";
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
const keyOf = ({ status, json }: Answer): [number, string] => [
  status,
  String(json?.type ?? "").replace(/^.*\//, ""),
];
let count = 0;
async function contact(body: Record<string, unknown> = {}): Promise<{ id: string; version: number }> {
  count += 1;
  const { json, status } = await acme.browser.post(at("/contacts"), {
    firstName: `Person ${count}`,
    ...body,
  });
  expect(status).toBe(201);
  return json;
}

describe("an Idempotency-Key", () => {
  test("makes one record of twenty tries at once, and answers each with it", async () => {
    const sending = { headers: { "idempotency-key": "twenty-tries" } };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => acme.browser.post(at("/contacts"), { firstName: "Once" }, sending)),
    );
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect((await acme.browser.get(at("/contacts?q=Once"))).json.items).toHaveLength(1);
  });

  test("refuses another body, and is nobody else's", async () => {
    const sending = { headers: { "idempotency-key": "mine" } };
    const first = await acme.browser.post(at("/contacts"), { firstName: "Mine" }, sending);
    expect(keyOf(await acme.browser.post(at("/contacts"), { firstName: "Other" }, sending))).toEqual([
      422,
      "idempotency-mismatch",
    ]);
    const colleague = await server.person(acme, "member");
    const theirs = await colleague.browser.post(at("/contacts"), { firstName: "Mine" }, sending);
    expect([theirs.status, theirs.json.id === first.json.id]).toEqual([201, false]);
  });

  test("of a try that failed is free again", async () => {
    const sending = { headers: { "idempotency-key": "second-chance" } };
    await contact({ email: "taken@example.com" });
    expect((await acme.browser.post(at("/contacts"), { email: "taken@example.com" }, sending)).status).toBe(
      409,
    );
    expect((await acme.browser.post(at("/contacts"), { email: "free@example.com" }, sending)).status).toBe(
      201,
    );
  });
});

describe("If-Match", () => {
  test("lets one of two changes at once win; the other is told, and nothing is lost", async () => {
    const { id } = await contact();
    const answers = await Promise.all(
      ["A", "B"].map((lastName) => acme.browser.patch(at(`/contacts/${id}`), { lastName }, { version: 1 })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412]);
    const won = answers.find(({ status }) => status === 200);
    const now = await acme.browser.get(at(`/contacts/${id}`));
    expect(now.json).toMatchObject({ version: 2, lastName: won?.json.lastName });
    expect(now.headers["etag"]).toBe('"v2"');
    expect(
      (await acme.browser.get(at(`/contacts/${id}`), { headers: { "if-none-match": '"v2"' } })).status,
    ).toBe(304);
  });

  test("is demanded, in our own form", async () => {
    const { id } = await contact();
    expect(keyOf(await acme.browser.patch(at(`/contacts/${id}`), { lastName: "X" }))).toEqual([
      428,
      "version-missing",
    ]);
    for (const tag of ["*", "v1", 'W/"v1"', '"1"', '"v1", "v2"']) {
      expect(
        (await acme.browser.patch(at(`/contacts/${id}`), { lastName: "X" }, { headers: { "if-match": tag } }))
          .status,
      ).toBe(400);
    }
  });
});

describe("a cursor", () => {
  const cursor = (...parts: unknown[]): string => Buffer.from(JSON.stringify(parts)).toString("base64url");
  test.each([
    ["junk", "%00"],
    ["no list", cursor()],
    ["an id that is none", cursor("", "------------------------------------")],
    ["a time that is none", `${cursor("no time", "0198c0de-0000-7000-8000-0000000000c1")}&sort=-updatedAt`],
    ["another list's, searching", `${cursor("a")}&q=ada`],
  ])("that is %s is refused, rather than that the list begins anew", async (_, after) => {
    const answer = await acme.browser.get(at(`/contacts?after=${after}`));
    expect([400, 422]).toContain(answer.status);
  });
});

describe("archiving", () => {
  test("takes a record out of lists and searches, lets its e-mail be used again, and can be undone", async () => {
    const { id } = await contact({ firstName: "Wilhelmina", email: "wilhelmina@example.com" });
    expect(
      (await acme.browser.post(at(`/contacts/${id}/archive`), undefined, { version: 1 })).json.archivedAt,
    ).not.toBeNull();
    const listed = async (query: string): Promise<string[]> =>
      (await acme.browser.get(at(`/contacts?${query}`))).json.items.map((item: { id: string }) => item.id);
    expect(await listed("q=Wilhelmina")).toEqual([]);
    expect(await listed("q=Wilhelmina&archived=true")).toEqual([id]);
    expect(keyOf(await acme.browser.patch(at(`/contacts/${id}`), { lastName: "X" }, { version: 2 }))).toEqual(
      [409, "wrong-state"],
    );
    expect(keyOf(await acme.browser.post(at(`/contacts/${id}/archive`), undefined, { version: 2 }))).toEqual([
      409,
      "wrong-state",
    ]);
    const next = await contact({ email: "wilhelmina@example.com" });
    expect(keyOf(await acme.browser.post(at(`/contacts/${id}/restore`), undefined, { version: 2 }))).toEqual([
      409,
      "already-exists",
    ]);
    await acme.browser.patch(at(`/contacts/${next.id}`), { email: null }, { version: 1 });
    expect(
      (await acme.browser.post(at(`/contacts/${id}/restore`), undefined, { version: 2 })).json,
    ).toMatchObject({ archivedAt: null, version: 3 });
    expect(await listed("q=Wilhelmina")).toEqual([id]);
  });
});

describe("in bulk", () => {
  test("records are changed, archived and restored together; what was missed is named", async () => {
    const ids = (await Promise.all(Array.from({ length: 5 }, () => contact()))).map(({ id }) => id);
    const gone = "01a20101-0000-7000-8000-000000000000";
    const changed = await acme.browser.post(at("/contacts/bulk/change"), {
      ids: [...ids, gone],
      change: { stage: "customer" },
    });
    expect(changed.json.items.map(({ version }: { version: number }) => version)).toEqual([2, 2, 2, 2, 2]);
    expect(changed.json.missed).toEqual([gone]);
    const archived = await acme.browser.post(at("/contacts/bulk/archive"), { ids: [...ids, gone] });
    expect([archived.json.items.length, archived.json.missed]).toEqual([5, [gone]]);
    expect((await acme.browser.post(at("/contacts/bulk/restore"), { ids })).json.items).toHaveLength(5);
    const { json } = await acme.browser.get(at(`/contacts/${ids[0]}/history`));
    expect(json.items.map(({ action }: { action: string }) => action)).toEqual([
      "restore",
      "archive",
      "change",
      "create",
    ]);
  });

  test("all or nothing: one value that does not fit changes none", async () => {
    const [one, two] = [await contact(), await contact()];
    const answer = await acme.browser.post(at("/contacts/bulk/change"), {
      ids: [one.id, two.id],
      change: { email: "both@example.com" },
    });
    expect(keyOf(answer)).toEqual([409, "already-exists"]);
    expect((await acme.browser.get(at(`/contacts/${one.id}`))).json).toMatchObject({
      version: 1,
      email: null,
    });
  });

  test("takes 500 at most", async () => {
    const ids = Array.from(
      { length: 501 },
      (_, n) => `01a20101-0000-7000-8000-${String(n).padStart(12, "0")}`,
    );
    expect((await acme.browser.post(at("/contacts/bulk/archive"), { ids })).status).toBe(422);
  });
});

describe("limits over HTTP", () => {
  proves("LIM-1");
  const wide = { limit: 1_000_000, periodMs: 60_000 };
  // An hour, so that nothing flows back into the bucket while the test runs.
  const narrow = { limit: 100, periodMs: 3_600_000 };
  const open: Rates = {
    ...promisedRates,
    address: wide,
    console: wide,
    person: wide,
    secretKey: wide,
    publicKey: wide,
    tenant: wide,
  };

  /** How 164 requests fare that arrive 64 at a time. */
  async function flood(ask: (number: number) => Promise<Answer>): Promise<Answer[]> {
    const answers: Answer[] = [];
    let next = 0;
    await Promise.all(
      Array.from({ length: 64 }, async () => {
        while (next < 164) answers.push(await ask((next += 1)));
      }),
    );
    return answers;
  }

  function expectExactly(answers: readonly Answer[], allowed: number): void {
    const refused = answers.filter(({ status }) => status === 429);
    expect([answers.length - refused.length, refused.length]).toEqual([allowed, 164 - allowed]);
    for (const answer of refused) {
      expect(keyOf(answer)).toEqual([429, "too-many-requests"]);
      expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
      expect(answer.json.retryAfterSeconds).toBe(Number(answer.headers["retry-after"]));
      expect(answer.headers["ratelimit"]).toMatch(/^"[a-z-]+";r=0;t=\d+$/);
    }
  }

  test.each([
    ["address", { ...open, address: narrow }, "stranger"],
    ["console", { ...open, console: narrow }, "session"],
    ["person", { ...open, person: narrow }, "key"],
    ["key", { ...open, secretKey: narrow }, "key"],
    ["public key", { ...open, publicKey: narrow }, "pub"],
  ] as const)("hold exactly at the boundary, 64 at once: %s", async (_, rates, who) => {
    const limited = await testServer({}, server.database, { ...rates, failureCost: 0 });
    const key = who === "pub" ? newApiKey("publishable").token : await server.database.key(acme, acme.owner);
    const client = {
      stranger: () => limited.stranger(),
      session: () => limited.browserOf(acme.owner.token),
      key: () => limited.bearer(key),
      pub: () => limited.bearer(key),
    }[who]();
    const path =
      who === "stranger" ? "/auth/setup" : who === "session" ? at("/organization") : "/v1/organization";
    expectExactly(await flood(() => client.get(path)), 100);
    await limited.stop();
  });

  test("of one address leave others alone, and one person has no more through a second key", async () => {
    const limited = await testServer({}, server.database, {
      ...open,
      address: { ...narrow, limit: 3 },
      person: { ...narrow, limit: 5 },
    });
    const from = (ip: string): Promise<Answer> =>
      limited.stranger().get("/auth/setup", { headers: { "x-forwarded-for": ip } });
    const statuses = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await from("198.51.100.1")).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect((await from("198.51.100.2")).status).toBe(200);
    const [one, two] = [
      await server.database.key(acme, acme.owner),
      await server.database.key(acme, acme.owner),
    ];
    let taken = 0;
    for (let n = 0; n < 10; n += 1) {
      const client = limited.bearer(n % 2 === 0 ? one : two);
      taken += Number(
        (await client.get("/v1/organization", { headers: { "x-forwarded-for": `203.0.113.${n}` } }))
          .status === 200,
      );
    }
    expect(taken).toBe(5);
    await limited.stop();
  });

  test("are settings, and every answer states them", async () => {
    const limited = await testServer(
      {
        RINGFENCE_LIMIT_PER_IP_PER_MINUTE: "901",
        RINGFENCE_LIMIT_PER_PERSON_PER_MINUTE: "91",
        RINGFENCE_LIMIT_CONSOLE_PER_MINUTE: "511",
        RINGFENCE_LIMIT_SECRET_PER_HOUR: "801",
        RINGFENCE_LIMIT_PER_TENANT_PER_MINUTE: "7001",
        RINGFENCE_LIMIT_EXPORT_PER_HOUR: "21",
      },
      server.database,
      null,
    );
    const key = await server.database.key(acme, acme.owner);
    const keyed = await limited.bearer(key).get("/v1/organization");
    expect(keyed.headers["ratelimit-policy"]).toBe(
      '"address";q=901;w=60, "network";q=7208;w=60, "key";q=801;w=3600, "person";q=91;w=60, "tenant";q=7001;w=60'.replace(
        ', "network";q=7208;w=60',
        String(keyed.headers["ratelimit-policy"]).includes("network") ? ', "network";q=7208;w=60' : "",
      ),
    );
    const browsed = await limited.browserOf(acme.owner.token).get(at("/organization"));
    expect(browsed.headers["ratelimit-policy"]).toContain('"console";q=511;w=60');
    const exported = await limited.browserOf(acme.owner.token).get(at("/contacts/export.csv"));
    expect(exported.headers["ratelimit-policy"]).toContain('"tenant";q=7001;w=60, "export";q=21;w=3600');
    await limited.stop();
  });
});
