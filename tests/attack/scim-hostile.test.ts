import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer, Json } from "../client.ts";
import type { Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { connectDirectory, type Directory, patchSchema, userNamed, verifyDomain } from "../scim-ground.ts";
import { testServer, type TestServer } from "../server.ts";
import { clientsCount } from "./race.ts";

// What whoever holds a directory's key, and means harm, may send: none of it stops the server for others, is our fault, or passes
// a bound.

proves("IAM-12", "LIM-1");

let server: TestServer;
let acme: Organization;
let directory: Directory;
let number = 0;
const fresh = (): string => `hostile${(number += 1)}`;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  await verifyDomain(server, acme);
  directory = await connectDirectory(server, acme, { roleMapping: { Admins: "admin" } });
});
afterAll(() => server.stop());

/** How long others wait meanwhile, at most: the event loop is theirs too. */
async function aside(work: () => Promise<Answer>): Promise<{ answer: Answer; longestMs: number }> {
  let going = true;
  let longestMs = 0;
  const others = (async () => {
    while (going) {
      const begun = performance.now();
      await server.stranger().get("/livez");
      longestMs = Math.max(longestMs, performance.now() - begun);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  const answer = await work();
  going = false;
  await others;
  return { answer, longestMs };
}

const refused = ({ status }: Answer): boolean => status >= 400 && status < 500;
const patch = (id: string, Operations: Json[]) =>
  directory.send("PATCH", `/Users/${id}`, { schemas: [patchSchema], Operations });

describe("something huge", () => {
  test("is cut off by its size: a filter of ten megabytes in a body, of a hundred kilobytes in an address", async () => {
    const long = `userName eq "${"x".repeat(10 * 1024 * 1024)}"`;
    expect((await directory.post("/Users/.search", { filter: long })).status).toBe(413);
    const short = `filter=${encodeURIComponent(`userName eq "${"x".repeat(100_000)}"`)}`;
    const answer = await directory.get(`/Users?${short}`).catch(() => null);
    expect(answer === null || refused(answer)).toBe(true);
    const within = await directory.post("/Users/.search", { filter: `userName eq "${"x".repeat(900_000)}"` });
    expect([within.status, within.json.scimType]).toEqual([400, "invalidFilter"]);
  });

  test("as ten thousand operations is refused, in a PATCH and in a bulk", async () => {
    const { id } = await directory.user(fresh());
    const operation = { op: "replace", path: "title", value: "x" };
    const many = Array.from({ length: 10_000 }, () => operation);
    expect((await patch(id, many)).json.scimType).toBe("tooMany");
    const deletes = Array.from({ length: 10_000 }, () => ({ method: "DELETE", path: `/Users/${id}` }));
    expect((await directory.post("/Bulk", { Operations: deletes })).status).toBe(413);
    expect((await directory.get(`/Users/${id}`)).status).toBe(200);
  });

  test("as filters over many values, a thousand times, keeps nobody waiting", async () => {
    const { id } = await directory.user(fresh());
    const emails = Array.from({ length: 10_000 }, (_, at) => ({ value: `a${at}@acme.example` }));
    const filter = Array.from({ length: 100 }, (_, at) => `value eq "b${at}"`).join(" or ");
    const operations = [
      { op: "replace", path: "emails", value: emails },
      ...Array.from({ length: 200 }, () => ({ op: "remove", path: `emails[${filter}]` })),
    ];
    const { answer, longestMs } = await aside(() => patch(id, operations));
    expect([answer.status, answer.json.scimType]).toEqual([400, "tooMany"]);
    expect(longestMs).toBeLessThan(3000);
  });

  test("as a bulk whose operations all name each other keeps nobody waiting", async () => {
    const names = Array.from({ length: 1000 }, (_, at) => `bulkId:n${at}`);
    const Operations = names.map((name, at) => ({
      method: "POST",
      path: "/Groups",
      bulkId: name.slice(7),
      // Each waits for the one after it, and names seventy that are not there.
      data: {
        displayName: `${fresh()} ${Array.from({ length: 60 }, (__, x) => `bulkId:z${x}`).join("")}`,
        members: [{ value: names[at + 1] ?? "none" }],
      },
    }));
    const { answer, longestMs } = await aside(() => directory.post("/Bulk", { failOnErrors: 3, Operations }));
    expect(answer.status).toBe(200);
    expect(longestMs).toBeLessThan(3000);
  });
});

describe("something nested", () => {
  const deep = (depth: number): string => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  const raw = (method: string, path: string, text: string) =>
    server.bearer(directory.token).send(method, `/scim/v2${path}`, {
      raw: text,
      headers: { "content-type": "application/scim+json" },
    });

  test.each([
    [
      "a hundred thousand objects in a user",
      "/Users",
      `{"userName":"x@acme.example","urn:x:y":${deep(100_000)}}`,
    ],
    [
      "lists in a list of addresses",
      "/Users",
      `{"userName":"x@acme.example","emails":${"[".repeat(200_000)}${"]".repeat(200_000)}}`,
    ],
    [
      "the data of a bulk",
      "/Bulk",
      `{"Operations":[{"method":"POST","path":"/Users","bulkId":"a","data":${deep(100_000)}}]}`,
    ],
    ["a schema in itself", "/Users", `${'{"":'.repeat(100_000)}{}${"}".repeat(100_000)}`],
    ["the whole body", "/Groups", deep(150_000)],
  ])("%s is refused or forgotten, and never our fault", async (_, path, text) => {
    const answer = await raw("POST", path, text);
    expect([answer.status < 500, answer.json?.schemas?.length]).toEqual([true, 1]);
  });

  test("a filter is refused beyond its depth, in an address, a body and a path", async () => {
    const { id } = await directory.user(fresh());
    const filter = `${"(".repeat(1500)}userName pr${")".repeat(1500)}`;
    for (const answer of [
      await directory.get(`/Users?filter=${encodeURIComponent(filter)}`),
      await directory.post("/Users/.search", { filter }),
      await patch(id, [{ op: "remove", path: `emails[${"not (".repeat(200)}type pr${")".repeat(200)}]` }]),
    ])
      expect([answer.status, answer.json.scimType]).toEqual([400, "invalidFilter"]);
  });
});

describe("something said twice", () => {
  test("in two spellings is refused, in a resource, in an operation and below a schema", async () => {
    const { id } = await directory.user(fresh());
    for (const answer of [
      await directory.post("/Users", { ...userNamed(fresh(), "acme"), USERNAME: "other@acme.example" }),
      await directory.post("/Users", { ...userNamed(fresh(), "acme"), Active: false }),
      await directory.put(`/Users/${id}`, {
        ...userNamed(fresh(), "acme"),
        "name.givenName": "x",
        "NAME.GIVENNAME": "y",
      }),
      await patch(id, [{ op: "replace", Op: "remove", path: "title", value: "x" }]),
      await patch(id, [{ op: "replace", value: { title: "x", Title: "y" } }]),
    ])
      expect([answer.status, answer.json.scimType]).toEqual([400, "invalidSyntax"]);
  });

  test("as two primary addresses, or as an owner's beside one's own, links nobody but whom the first one names", async () => {
    const own = `${fresh()}@acme.example`;
    const emails = [
      { value: own, primary: true },
      { value: acme.owner.email, primary: true },
    ];
    const { json } = await directory.post("/Users", { ...userNamed(fresh(), "acme"), emails });
    const db = await server.database.connectAsSuperuser();
    const { rows } = await db.query(
      "select p.email from kernel.scim_user u join kernel.membership m on m.id = u.member_id join kernel.person p on p.id = m.person_id where u.id = $1",
      [json.id],
    );
    await db.end();
    expect(rows).toEqual([{ email: own }]);
  });
});

describe("names that fold alike", () => {
  test.each([
    ["İstanbul", "i̇stanbul"],
    ["STRASSE", "strasse"],
    ["\u212Aelvin", "kelvin"],
    ["ΣΊΣΥΦΟΣ", "σίσυφοσ"],
    ["e\u0301clair", "É\u0301CLAIR"],
  ])(
    "%s and %s: the filter that asks before a POST finds exactly what the POST would meet",
    async (one, other) => {
      const emails = () => [{ value: `${fresh()}@acme.example`, primary: true }];
      const mark = fresh();
      const first = await directory.post("/Users", {
        ...userNamed(fresh(), "acme"),
        userName: `${one}${mark}`,
        emails: emails(),
      });
      expect(first.status).toBe(201);
      const asked = `filter=${encodeURIComponent(`userName eq "${other}${mark}"`)}`;
      const found = (await directory.get(`/Users?${asked}`)).json.totalResults;
      const second = await directory.post("/Users", {
        ...userNamed(fresh(), "acme"),
        userName: `${other}${mark}`,
        emails: emails(),
      });
      expect([found, second.status]).toEqual(second.status === 409 ? [1, 409] : [0, 201]);
    },
  );

  test("an externalId of somebody else is refused, to the letter, and one of another directory is no matter", async () => {
    const name = fresh();
    await directory.user(name);
    const externalId = `ext-${name}`;
    const taken = await directory.post("/Users", { ...userNamed(fresh(), "acme"), externalId });
    expect([taken.status, taken.json.scimType]).toEqual([409, "uniqueness"]);
    const { id } = await directory.user(fresh());
    expect((await patch(id, [{ op: "replace", path: "externalId", value: externalId }])).status).toBe(409);
    expect(
      (
        await directory.post("/Users", {
          ...userNamed(fresh(), "acme"),
          externalId: externalId.toUpperCase(),
        })
      ).status,
    ).toBe(201);
    const beside = await connectDirectory(server, acme, { name: fresh() });
    expect((await beside.post("/Users", { ...userNamed(fresh(), "acme"), externalId })).status).toBe(201);
  });

  test("are given to one of many who ask at once", async () => {
    const wanted = userNamed(fresh(), "acme");
    const answers = await Promise.all(
      Array.from({ length: clientsCount / 2 }, () => directory.post("/Users", wanted)),
    );
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([201, ...Array.from({ length: clientsCount / 2 - 1 }, () => 409)]);
  });
});

describe("a race", () => {
  test("of changes of one version has one winner, for users and for groups", async () => {
    const { id } = await directory.user(fresh());
    const group = await directory.group(fresh(), [id]);
    for (const [at, operation] of [
      [`/Users/${id}`, (n: number) => ({ op: "replace", path: "title", value: `Title ${n}` })],
      [
        `/Groups/${group}`,
        (n: number) => ({ op: "replace", path: "displayName", value: `Name ${n} ${group}` }),
      ],
    ] as const) {
      const { headers } = await directory.get(at);
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          directory.send(
            "PATCH",
            at,
            { Operations: [operation(n)] },
            { "if-match": String(headers["etag"]) },
          ),
        ),
      );
      const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
      expect(statuses.filter((status) => status < 300)).toHaveLength(1);
      expect(statuses.filter((status) => status === 412)).toHaveLength(19);
    }
  });

  test("of deletion and change leaves nobody half there", async () => {
    const people = await Promise.all(Array.from({ length: 10 }, () => directory.user(fresh())));
    await Promise.all(
      people.flatMap(({ id }) => [
        directory.delete(`/Users/${id}`),
        patch(id, [{ op: "replace", path: "active", value: true }]),
        directory.patch(`/Users/${id}`, [{ op: "replace", path: "title", value: "x" }]),
      ]),
    );
    const db = await server.database.connectAsSuperuser();
    const { rows } = await db.query(
      `select count(*)::integer as live from kernel.membership m join kernel.person p on p.id = m.person_id
        where p.email = any ($1) and m.ended_at is null`,
      [people.map(({ userName }) => userName)],
    );
    await db.end();
    expect(rows).toEqual([{ live: 0 }]);
  });
});

describe("a bulk of changes", () => {
  test("of which one is refused keeps the others, and says which", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 4; n += 1) ids.push((await directory.user(fresh())).id);
    const off = (id: string, version?: string): Json => ({
      method: "PATCH",
      path: `/Users/${id}`,
      ...(version === undefined ? {} : { version }),
      data: { Operations: [{ op: "replace", path: "active", value: false }] },
    });
    const [a = "", b = "", c = "", d = ""] = ids;
    const none = "0198c0de-0000-7000-8000-00000000dead";
    const { json } = await directory.post("/Bulk", {
      Operations: [off(a), off(b, 'W/"v99"'), off(none), off(c), off(c), off(d.toUpperCase())],
    });
    expect(json.Operations.map(({ status }: Json) => status)).toEqual([
      "200",
      "412",
      "404",
      "200",
      "200",
      "200",
    ]);
    const active = await Promise.all(
      ids.map(async (id) => (await directory.get(`/Users/${id}`)).json.active),
    );
    expect(active).toEqual([false, true, false, false]);
  });

  test("reaches no owner among those whom it may change", async () => {
    const ids = [(await directory.user(fresh())).id, (await directory.user(fresh())).id];
    const db = await server.database.connectAsSuperuser();
    await db.query(
      `update kernel.membership m set roles = '{owner}', permissions = kernel.permissions_of(m.tenant_id, '{owner}')
         from kernel.scim_user u where u.member_id = m.id and u.id = $1`,
      [ids[1]],
    );
    await db.end();
    const Operations = ids.map((id) => ({
      method: "PATCH",
      path: `/Users/${id}`,
      data: { Operations: [{ op: "replace", path: "active", value: "False" }] },
    }));
    const { json } = await directory.post("/Bulk", { Operations });
    expect(json.Operations.map(({ status }: Json) => status)).toEqual(["200", "403"]);
    const roles = await Promise.all(ids.map(async (id) => (await directory.get(`/Users/${id}`)).json.roles));
    expect(roles).toEqual([[], [{ value: "owner" }]]);
  });
});
