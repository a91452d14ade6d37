import { Readable } from "node:stream";
import { Type } from "@sinclair/typebox";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  bearer,
  contactId,
  cookie,
  publicUrl,
  readContact,
  type Trial,
  trialServer,
} from "../../tests/trial-server.ts";
import { DatabaseError } from "../foundation/database/index.ts";
import { Problem } from "../foundation/problem/index.ts";
import { nothing, openRoute, personRoute, route, streaming } from "./index.ts";

const answer = Type.Object({ done: Type.Boolean() });
const thrown: Record<string, () => unknown> = {
  problem: () => new Problem("wrong-state", { detail: "It is archived.", cause: new Error("inner secret") }),
  error: () => new Error("secret inner words"),
  posing: () => Object.assign(new Error("secret"), { statusCode: 404, status: 404, code: "FST_ERR_X" }),
  text: () => "secret text",
  nothing: () => undefined,
};
const codes = [
  "RF401",
  "RF403",
  "RF404",
  "RF409",
  "RF412",
  "RF422",
  "RF429",
  "RFBSY",
  "23505",
  "23514",
  "42501",
  "57014",
  "22021",
  "08006",
  "XX000",
];

const failing = openRoute({
  method: "GET",
  path: "/fail/:how",
  openBecause: "a test of errors",
  answer,
  handle({ params, respond }) {
    respond.etag(1);
    if (params.how.startsWith("db-")) throw new DatabaseError(params.how.slice(3), "words of the database");
    // oxlint-disable-next-line typescript/only-throw-error -- what is thrown by mistake is the point
    throw thrown[params.how]?.();
  },
});

const forgetful = route({
  method: "GET",
  path: "/forgetful",
  needs: ["contact.read"],
  answer,
  handle: () => ({ done: true }),
});
const barred = route({
  method: "GET",
  path: "/barred",
  needs: ["contact.erase"],
  answer,
  handle: async ({ scope }) => {
    await scope.run({ text: "select", values: [] });
    return { done: true };
  },
});
const signOut = personRoute({
  method: "POST",
  path: "/auth/sign-out",
  answer: nothing,
  handle: async ({ scope, respond }) => {
    await scope.run({ text: "select", values: [] });
    respond.endSession();
  },
});
const upload = route({
  method: "POST",
  path: "/imports",
  needs: ["contact.read"],
  stream: true,
  bodyMaxBytes: 1000,
  answer: Type.Object({ bytes: Type.Integer() }),
  async handle({ scope, body }) {
    await scope.run({ text: "select", values: [] });
    let bytes = 0;
    for await (const chunk of body) bytes += Buffer.from(chunk).length;
    return { bytes };
  },
});
const download = route({
  method: "GET",
  path: "/exports",
  needs: ["contact.read"],
  stream: true,
  answer,
  async handle({ scope }) {
    await scope.run({ text: "select", values: [] });
    const lines = async function* () {
      yield "name\n";
      await scope.run({ text: "select", values: [] });
      yield "Ada\n";
    };
    return streaming(Readable.from(lines()), "text/csv; charset=utf-8", 'contacts "ü".csv');
  },
});

let trial: Trial;
beforeAll(async () => {
  trial = await trialServer([readContact, failing, forgetful, barred, signOut, upload, download]);
});
afterAll(() => trial.server.close());

const get = (url: string, headers: Record<string, string> = {}) =>
  trial.server.inject({ method: "GET", url, headers });

describe("a guarded door", () => {
  const addresses = [`/v1/contacts/${contactId}`, `/o/acme/v1/contacts/${contactId}`];

  test.each(addresses)("%s answers through its declared shape alone", async (url) => {
    const got = await get(url, { authorization: bearer });
    expect(got.statusCode).toBe(200);
    expect(got.body).toBe(`{"id":"${contactId}","name":"Ada"}`);
    expect(got.headers.etag).toBe('"v7"');
  });

  test.each(addresses)("%s turns away whoever shows nothing", async (url) => {
    const got = await get(url);
    expect(got.statusCode).toBe(401);
    expect(got.headers["content-type"]).toContain("application/problem+json");
    expect(got.headers["www-authenticate"]).toContain("Bearer");
  });

  test.each([
    "Bearer wrong_wrong_wrong_wrong",
    "Basic YTpi",
    "Bearer",
    "Bearer  two",
    `bearer\t${"x".repeat(30)}`,
    "Token abcdefghijklmnopqrstuvwxyz",
  ])("turns away %j", async (authorization) => {
    expect((await get(addresses[0] ?? "", { authorization })).statusCode).toBe(401);
  });

  test("refuses a cookie and a key together, and the same cookie twice", async () => {
    const both = await get(addresses[1] ?? "", { authorization: bearer, cookie });
    expect(both.json()).toMatchObject({ status: 400, type: `${publicUrl}/problems/two-credentials` });
    expect((await get(addresses[1] ?? "", { cookie: `${cookie}; ${cookie}` })).statusCode).toBe(400);
  });

  test("does not mistake other cookies for the session", async () => {
    for (const other of [
      `sid=${"s".repeat(43)}`,
      `x__Host-sid=${"s".repeat(43)}`,
      `__host-sid=${"s".repeat(43)}`,
      "__Host-sid",
    ]) {
      expect((await get(addresses[1] ?? "", { cookie: other })).statusCode).toBe(401);
    }
    expect((await get(addresses[1] ?? "", { cookie: `a=b; ${cookie}; c="d"` })).statusCode).toBe(200);
  });

  test("another organization and a missing thing look the same", async () => {
    const foreign = await get(`/o/other/v1/contacts/${contactId}`, { cookie });
    const missing = await get("/v1/contacts/not-an-id", { authorization: bearer });
    const plain = (body: Record<string, unknown>) => ({ ...body, instance: "" });
    expect(foreign.statusCode).toBe(404);
    expect(plain(foreign.json())).toEqual(plain(missing.json()));
    expect(trial.refusals.at(-1)).toMatchObject({
      problem: "not-found",
      operation: "GET /o/:organization/v1/contacts/:id",
    });
  });

  test("records who lacked a permission, and shows neither token nor address in the log", async () => {
    const got = await get("/v1/barred?x=1", { authorization: bearer });
    expect(got.statusCode).toBe(422);
    expect((await get("/v1/barred", { authorization: bearer })).json()).toMatchObject({ status: 403 });
    expect(trial.refusals.at(-1)).toMatchObject({
      problem: "not-allowed",
      operation: "GET /v1/barred",
      ip: "127.0.0.1",
    });
    expect(JSON.stringify(trial.logged)).not.toMatch(/127\.0\.0\.1|sec_live|hunter2/);
  });

  test("a handler that never entered answers nothing", async () => {
    const got = await get("/v1/forgetful", { authorization: "Bearer wrong_wrong_wrong_wrong" });
    expect(got.statusCode).toBe(500);
    expect(got.body).not.toContain("done");
  });

  test("a matching If-None-Match saves the body", async () => {
    for (const held of ['"v7"', 'W/"v7"', '"v1", "v7"']) {
      const got = await get(addresses[0] ?? "", { authorization: bearer, "if-none-match": held });
      expect([got.statusCode, got.body]).toEqual([304, ""]);
    }
    expect(
      (await get(addresses[0] ?? "", { authorization: bearer, "if-none-match": '"v6"' })).statusCode,
    ).toBe(200);
  });

  test("HEAD is GET without a body", async () => {
    const got = await trial.server.inject({
      method: "HEAD",
      url: addresses[0] ?? "",
      headers: { authorization: bearer },
    });
    expect([got.statusCode, got.body]).toEqual([200, ""]);
  });
});

describe("refusals", () => {
  test.each(Object.keys(thrown).filter((how) => how !== "problem"))(
    "%s is our fault, and tells nothing",
    async (how) => {
      const got = await get(`/fail/${how}`);
      expect(got.json()).toEqual({
        type: `${publicUrl}/problems/our-fault`,
        title: "We failed, and have noted it",
        status: 500,
        instance: `urn:request:${String(got.headers["x-request-id"])}`,
      });
      expect(got.headers.etag).toBeUndefined();
    },
  );

  test("a Problem shows its detail and not its cause", async () => {
    const got = await get("/fail/problem");
    expect(got.json()).toMatchObject({ status: 409, detail: "It is archived." });
    expect(got.body).not.toContain("inner");
  });

  test.each(codes)("the database's %s becomes a problem without its words", async (code) => {
    const got = await get(`/fail/db-${code}`);
    const expected: Record<string, number> = {
      RF401: 401,
      RF403: 403,
      RF404: 404,
      RF409: 409,
      RF412: 412,
      RF422: 422,
      RF429: 429,
      RFBSY: 503,
      "23505": 409,
      "23514": 422,
      "42501": 403,
      "57014": 503,
      "22021": 422,
      "08006": 503,
      XX000: 500,
    };
    expect(got.statusCode).toBe(expected[code]);
    expect(got.headers["retry-after"] !== undefined).toBe(got.statusCode === 429 || got.statusCode === 503);
    if (!["RF409", "RF422"].includes(code)) expect(got.body).not.toContain("words of the database");
  });

  test("404 and 405 are problems too, with Allow", async () => {
    expect((await get("/nowhere")).json()).toMatchObject({ status: 404, title: "There is nothing here" });
    const got = await trial.server.inject({ method: "DELETE", url: `/v1/contacts/${contactId}` });
    expect(got.json()).toMatchObject({ status: 405 });
    expect(got.headers.allow).toBe("GET, HEAD");
    expect((await trial.server.inject({ method: "OPTIONS", url: "/auth/csrf" })).statusCode).toBe(405);
  });

  test("405 says all that the address takes, and the log names the address as it is declared", async () => {
    const got = await trial.server.inject({ method: "PUT", url: `/v1/contacts/${contactId}?q=1` });
    expect([got.statusCode, got.headers.allow]).toEqual([405, "GET, HEAD"]);
    const put = await vi.waitUntil(() => trial.logged.find(({ fields }) => fields["method"] === "PUT"));
    expect(put.fields).toMatchObject({ route: "/v1/contacts/:id", status: 405 });
    expect(JSON.stringify(put)).not.toContain(contactId);
  });

  test.each(["/o/acme/v1/nowhere", "/o/acme/v1", "/v1/contacts/no-id", "/v1/contacts"])(
    "%s is nowhere for whatever method, though a page of the console may be served for the rest",
    async (url) => {
      for (const method of ["DELETE", "POST", "OPTIONS"] as const) {
        const got = await trial.server.inject({ method, url });
        expect([method, got.statusCode, got.headers.allow]).toEqual([method, 404, undefined]);
      }
      expect((await trial.server.inject({ method: "POST", url: "/o/acme/contacts" })).statusCode).toBe(405);
    },
  );

  test("the request id is always ours", async () => {
    const got = await get("/nowhere", { "x-request-id": "mine", "request-id": "mine" });
    expect(got.headers["x-request-id"]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });

  test.each([
    "/nowhere",
    "/fail/error",
    "/livez",
    "/",
    "/problems/busy",
    `/v1/contacts/${contactId}`,
    "/%c0%af",
  ])("%s carries the security headers", async (url) => {
    const { headers } = await get(url);
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "cache-control": "no-store",
      "strict-transport-security": expect.stringContaining("max-age="),
      "permissions-policy": expect.stringContaining("camera=()"),
    });
    expect(headers["content-security-policy"]).toMatch(/^default-src 'none'.*frame-ancestors 'none'/);
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  });
});

describe("streams", () => {
  const post = (payload: string | Buffer, type: string) =>
    trial.server.inject({
      method: "POST",
      url: "/v1/imports",
      headers: { authorization: bearer, "content-type": type },
      payload,
    });

  test("a raw body arrives whole, up to its cap", async () => {
    expect((await post("a,b\n1,2\n", "text/csv; charset=windows-1252")).json()).toEqual({ bytes: 8 });
    expect((await post("x".repeat(1000), "text/csv")).json()).toEqual({ bytes: 1000 });
    expect((await post("x".repeat(1001), "text/csv")).statusCode).toBe(413);
  });

  test.each(["application/json", "text/html", "text/csv, text/html", "text/csv\t;a=b", ""])(
    "refuses %j",
    async (type) => {
      expect((await post("{}", type)).statusCode).toBe(415);
    },
  );

  test("an answer flows while its scope lives, under a safe file name", async () => {
    const got = await get("/v1/exports", { authorization: bearer });
    expect(got.body).toBe("name\nAda\n");
    expect(got.headers["content-disposition"]).toBe(
      `attachment; filename="contacts ___.csv"; filename*=UTF-8''contacts%20%22%C3%BC%22.csv`,
    );
  });
});
