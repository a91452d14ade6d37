import { type TSchema, Type } from "@sinclair/typebox";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { proves } from "../../tests/proves.ts";
import { bearer, type Trial, trialServer } from "../../tests/trial-server.ts";
import { route } from "./index.ts";

let got: unknown;
const address = Type.Object({ street: Type.String(), floor: Type.Optional(Type.Integer({ maximum: 200 })) });
const create = route({
  method: "POST",
  path: "/contacts",
  needs: ["contact.read"],
  body: Type.Object({
    email: Type.String({ format: "email", maxLength: 50 }),
    name: Type.Optional(Type.Union([Type.String({ minLength: 1 }), Type.Null()])),
    stage: Type.Optional(Type.Union([Type.Literal("lead"), Type.Literal("won")])),
    size: Type.Optional(Type.Integer()),
    addresses: Type.Optional(Type.Array(address, { maxItems: 3 })),
    custom: Type.Optional(Type.Record(Type.String({ pattern: "^[a-z_A-Z]{1,30}$" }), Type.Unknown())),
  }),
  query: Type.Object({
    limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
    archived: Type.Optional(Type.Boolean()),
    tag: Type.Optional(Type.Array(Type.String())),
    q: Type.Optional(Type.String()),
  }),
  answer: Type.Object({ ok: Type.Boolean() }),
  handle: async ({ scope, body, query }) => {
    await scope.run({ text: "select", values: [] });
    got = { body, query };
    return { ok: true };
  },
});
const bare = route({
  method: "POST",
  path: "/contacts/:id/archive",
  needs: ["contact.read"],
  answer: Type.Object({ ok: Type.Boolean() }),
  handle: async ({ scope }) => {
    await scope.run({ text: "select", values: [] });
    return { ok: true };
  },
});

let trial: Trial;
beforeAll(async () => {
  trial = await trialServer([create, bare]);
});
afterAll(() => trial.server.close());

const post = (payload: string | Buffer, url = "/v1/contacts", type = "application/json") =>
  trial.server.inject({
    method: "POST",
    url,
    payload,
    headers: { authorization: bearer, "content-type": type },
  });
const faults = async (payload: string, url?: string): Promise<unknown> => {
  const answer = await post(payload, url);
  expect(answer.statusCode).toBe(422);
  return answer.json<{ errors?: unknown }>().errors;
};
const json = (over: object): string => JSON.stringify({ email: "a@example.com", ...over });

describe("what is not declared is refused", () => {
  proves("LIM-6", "ISO-3");

  test("fields, with the name that was probably meant", async () => {
    expect(await faults(json({ emial: "x", wholly_else: 1 }))).toEqual([
      { pointer: "/emial", detail: 'is not known here; did you mean "email"?' },
      { pointer: "/wholly_else", detail: "is not known here" },
    ]);
    expect(await faults(json({ addresses: [{ street: "x", stret: "y" }] }))).toEqual([
      { pointer: "/addresses/0/stret", detail: 'is not known here; did you mean "street"?' },
    ]);
  });

  test("query parameters", async () => {
    expect(await faults(json({}), "/v1/contacts?limti=3")).toEqual([
      { pointer: "limti", detail: 'is not known here; did you mean "limit"?' },
    ]);
    const elsewhere = "/v1/contacts/0198c0de-0000-7000-8000-000000000001/archive?force=1";
    expect(
      (await trial.server.inject({ method: "POST", url: elsewhere, headers: { authorization: bearer } }))
        .statusCode,
    ).toBe(422);
  });

  test.each(["tenantId", "tenant_id", "organizationId", "organisation_id", "TENANTID", "Tenant-Id"])(
    "%s anywhere: the credential names the tenant",
    async (name) => {
      const detail = expect.stringContaining("is not taken from what is sent");
      expect(await faults(json({ [name]: "x" }))).toEqual([{ pointer: `/${name}`, detail }]);
      expect(await faults(json({ custom: { a: [{ [name]: "x" }] } }))).toEqual([
        { pointer: `/custom/a/0/${name}`, detail },
      ]);
      expect(await faults(json({}), `/v1/contacts?${name}=x`)).toEqual([{ pointer: name, detail }]);
    },
  );

  test("a body where none is declared", async () => {
    const url = "/v1/contacts/0198c0de-0000-7000-8000-000000000001/archive";
    expect((await post("{}", url)).statusCode).toBe(400);
    expect(
      (await trial.server.inject({ method: "POST", url, headers: { authorization: bearer } })).statusCode,
    ).toBe(200);
  });

  test("methods smuggled in a header, a parameter or the body", async () => {
    const headers = {
      authorization: bearer,
      "x-http-method-override": "DELETE",
      "x-method-override": "DELETE",
    };
    expect((await trial.server.inject({ method: "GET", url: "/v1/contacts", headers })).statusCode).toBe(405);
    expect((await post(json({}), "/v1/contacts?_method=DELETE")).statusCode).toBe(422);
    expect((await post(json({ _method: "DELETE" }))).statusCode).toBe(422);
  });

  test("a declaration with such a field cannot be built", async () => {
    const withBody = (body: TSchema) =>
      trialServer([
        route({
          method: "POST",
          path: "/x",
          needs: ["contact.read"],
          body,
          answer: Type.Object({}),
          handle: () => ({}),
        }),
      ]);
    await expect(withBody(Type.Object({ tenantId: Type.String() }))).rejects.toThrow(/tenantId/);
    const crossed = Type.Intersect([Type.Object({ a: Type.String() }), Type.Object({ b: Type.String() })]);
    await expect(withBody(crossed)).rejects.toThrow(/Composite/);
  });
});

describe("what is declared is held to its type", () => {
  test.each([
    [{ email: "x" }, "/email", "must be an e-mail address"],
    [{ email: `${"a".repeat(60)}@b.co` }, "/email", "must have at most 50 characters"],
    [{ email: 3 }, "/email", "must be text"],
    [{ name: "" }, "/name", "must not be empty"],
    [{ name: 3 }, "/name", "must be text or null"],
    [{ stage: "LEAD" }, "/stage", "must be one of: lead, won"],
    [{ size: "3" }, "/size", "must be a whole number"],
    [{ size: 1.5 }, "/size", "must be a whole number"],
    [{ size: true }, "/size", "must be a whole number"],
    [{ addresses: {} }, "/addresses", "must be a list"],
    [{ addresses: [{}] }, "/addresses/0/street", "is required"],
    [{ addresses: [{ street: "x", floor: 201 }] }, "/addresses/0/floor", "must be at most 200"],
    [
      { addresses: Array.from({ length: 4 }, () => ({ street: "x" })) },
      "/addresses",
      "must have at most 3 entries",
    ],
  ])("%j", async (over, pointer, detail) => {
    expect(await faults(json(over))).toEqual([{ pointer, detail }]);
  });

  test("only query strings are coerced, and only from the plain spelling", async () => {
    await post(json({ name: null }), "/v1/contacts?archived=true&tag=a&limit=7&q=1");
    expect(got).toEqual({
      body: { email: "a@example.com", name: null },
      query: { archived: true, tag: ["a"], limit: 7, q: "1" },
    });
    for (const bad of [
      "limit=1e2",
      "limit=0x10",
      "limit=",
      "limit=7&limit=8",
      "limit=%20",
      "limit=9999999999999999",
      "archived=1",
      "archived=yes",
    ]) {
      expect((await post(json({}), `/v1/contacts?${bad}`)).statusCode).toBe(422);
    }
  });

  test("several faults come at once, and not without end", async () => {
    expect(await faults('{"size":"x","stage":1}')).toHaveLength(3);
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`f${at}`, 1]));
    expect(await faults(json(many))).toHaveLength(20);
  });

  test("an answer never repeats what was sent", async () => {
    const answer = await post(json({ email: "canary-3f9a" }));
    expect(answer.body).not.toContain("canary");
  });
});

describe("hostile bodies", () => {
  test.each([
    ["a prototype", '{"email":"a@example.com","__proto__":{"admin":true}}', 422],
    ["a prototype by escapes", '{"email":"a@example.com","__pro\\u0074o__":{"admin":true}}', 422],
    ["a prototype in a free form", json({ custom: JSON.parse('{"a":{"__proto__":{"x":1}}}') }), 422],
    ["a constructor", json({ custom: { constructor: { prototype: { x: 1 } } } }), 422],
    ["NUL in text", json({ name: "a\u0000b" }), 422],
    ["NUL in a free form", json({ custom: { a: ["\u0000"] } }), 422],
    ["half a surrogate pair", '{"email":"a@example.com","name":"\\ud800"}', 422],
    ["the other half", '{"email":"a@example.com","name":"x\\udc00y"}', 422],
    ["an infinite number", '{"email":"a@example.com","size":1e999}', 422],
    ["a whole number beyond 2^53", '{"email":"a@example.com","size":9007199254740993}', 422],
    [
      "a bottomless list",
      `{"email":"a@example.com","custom":{"a":${"[".repeat(5000)}${"]".repeat(5000)}}}`,
      422,
    ],
    ["a bottomless object", `{"a":`.repeat(3000) + "1" + "}".repeat(3000), 422],
    ["no JSON", "email=a", 400],
    ["JSON cut short", '{"email":', 400],
    ["two values", "{}{}", 400],
    ["a comment", "{/**/}", 400],
    ["NaN", '{"size":NaN}', 400],
    ["a list", "[]", 422],
    ["a text", '"x"', 422],
    ["null", "null", 422],
    ["nothing", "", 422],
    ["too much", JSON.stringify({ email: "a".repeat(70_000) }), 413],
  ])("%s", async (_name, payload, status) => {
    const answer = await post(payload);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers["content-type"]).toContain("application/problem+json");
    expect(Object.getOwnPropertyDescriptor(Object.prototype, "admin")).toBeUndefined();
  });

  test("bytes that are no UTF-8", async () => {
    expect((await post(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]))).statusCode).toBe(400);
    expect((await post(Buffer.from("\uFEFF{}", "utf16le"))).statusCode).toBe(400);
    expect((await post(Buffer.from([0x22, 0xc0, 0x80, 0x22]))).statusCode).toBe(400);
    expect((await post(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]))).statusCode).toBe(400);
  });

  test("emoji and other full characters pass", async () => {
    expect((await post(json({ name: "\u{1F600} Zoë \u{20BB7}" }))).statusCode).toBe(200);
  });
});

describe("content types", () => {
  test.each([
    "application/json",
    "application/json; charset=utf-8",
    "application/json;charset=UTF-8",
    "Application/JSON",
  ])("%j is JSON", async (type) => {
    expect((await post(json({}), undefined, type)).statusCode).toBe(200);
  });

  test.each([
    "text/plain",
    "text/plain; application/json",
    "application/json\t",
    "application/json\t; charset=utf-8",
    "application/json ; charset=utf-8",
    "application/json, text/plain",
    "application/json; charset=utf-16",
    'application/json; charset="utf-8"',
    "application/json; charset=utf-8; x=y",
    "application/json;",
    "application/json; boundary=x",
    "application/jsonx",
    "application/json+x",
    "application/vnd.api+json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "*/*",
    "undefined",
    "",
    "application/json\u00a0",
  ])("%j is not", async (type) => {
    expect((await post(json({}), undefined, type)).statusCode).toBe(415);
  });

  test("a compressed body is refused, not guessed at", async () => {
    const headers = { authorization: bearer, "content-type": "application/json", "content-encoding": "gzip" };
    expect(
      (await trial.server.inject({ method: "POST", url: "/v1/contacts", headers, payload: "x" })).statusCode,
    ).toBe(415);
  });
});

describe("addresses", () => {
  const id = "0198c0de-0000-7000-8000-000000000001";
  test.each([
    `//v1/contacts/${id}/archive`,
    `/v1//contacts/${id}/archive`,
    `/v1%2fcontacts/${id}/archive`,
    `/v1/contacts%5c${id}/archive`,
    `/v1/contacts/${id}%00/archive`,
    `/v1/contacts/${id}%0d%0aX-Injected:1/archive`,
    `/v1/contacts/${id};a=b/archive`,
    `/v1/contacts/%252e/archive`,
    "/v1/contacts/%c0%af/archive",
    "/v1/contacts/%ff/archive",
    "/v1/contacts/%/archive",
    "/v1/contacts/%zz/archive",
    "/v1/contacts?q=%ff",
    "/v1/contacts?q=%",
    `/v1/contacts?${"a=1&".repeat(101)}`,
  ])("%s is refused", async (url) => {
    const answer = await trial.server.inject({ method: "POST", url, headers: { authorization: bearer } });
    expect(answer.statusCode).toBe(400);
    expect(answer.headers["content-type"]).toContain("application/problem+json");
  });

  test.each([
    `/V1/contacts/${id}/archive`,
    `/v1/Contacts/${id}/archive`,
    `/v1/contacts/${id}/archive/`,
    `/v1/contacts/${"9".repeat(400)}/archive`,
    `/v1/contacts/${id.toUpperCase()}x/archive`,
    `/o/ACME/v1/contacts/${id}/archive`,
    `/o/acme%2dx%20/v1/contacts/${id}/archive`,
    `/o/acme/v1/nothing`,
    `/o/acme/v1`,
  ])("%s is not there", async (url) => {
    const answer = await trial.server.inject({ method: "POST", url, headers: { authorization: bearer } });
    expect(answer.statusCode).toBe(404);
  });

  test("a long address and a NUL in the query get their own words", async () => {
    const long = await post(json({}), `/v1/contacts?q=${"a".repeat(9000)}`);
    expect(long.statusCode).toBe(413);
    expect((await post(json({}), "/v1/contacts?q=a%00b")).statusCode).toBe(422);
  });
});
