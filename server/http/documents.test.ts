import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Type } from "@sinclair/typebox";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contactId, readContact, type Trial, trialServer } from "../../tests/trial-server.ts";
import { nothing, openApi, openRoute, personRoute } from "./index.ts";
import { markdownToHtml } from "./small-markdown.ts";

const folder = mkdtempSync(join(tmpdir(), "console-"));
let built: Trial;
let bare: Trial;
let databaseUp = true;

beforeAll(async () => {
  mkdirSync(join(folder, "assets"));
  mkdirSync(join(folder, "problems"));
  writeFileSync(join(folder, "index.html"), '<meta nonce="__NONCE__"><style nonce="__NONCE__"></style>');
  writeFileSync(join(folder, "assets", "index-Ab12.js"), "export {};");
  writeFileSync(join(folder, "favicon.svg"), "<svg/>");
  writeFileSync(join(folder, ".env"), "SECRET=1");
  writeFileSync(
    join(folder, "problems", "busy.md"),
    "# Too busy\n\nWait, then *try* again. <script>alert(1)</script>",
  );
  const probes = [
    { name: "database", check: () => (databaseUp ? Promise.resolve() : Promise.reject(new Error("secret"))) },
  ];
  built = await trialServer([readContact], {
    consoleDirectory: folder,
    problemsDirectory: join(folder, "problems"),
    probes,
  });
  bare = await trialServer([readContact], { consoleDirectory: join(folder, "missing") });
});
afterAll(async () => {
  await Promise.all([built.server.close(), bare.server.close()]);
  rmSync(folder, { recursive: true });
});

const get = (url: string) => built.server.inject({ method: "GET", url });

describe("the console", () => {
  test.each(["/", "/sign-in", "/setup", "/invitation/abc", "/o/acme", "/o/acme/contacts/1?stage=lead"])(
    "%s is its page, with a nonce of its own each time",
    async (url) => {
      const [one, two] = [await get(url), await get(url)];
      const nonce = /nonce="([\w-]{43})"/.exec(one.body)?.[1];
      expect(one.statusCode).toBe(200);
      expect(one.headers["content-security-policy"]).toContain(`style-src 'self' 'nonce-${nonce}'`);
      expect(one.headers["content-security-policy"]).not.toContain("unsafe");
      expect(one.headers["cache-control"]).toBe("no-store");
      expect(one.body).not.toContain("__NONCE__");
      expect(two.body).not.toBe(one.body);
    },
  );

  test("hashed assets stay for ever, what is missing is a problem, nothing else is served", async () => {
    const asset = await get("/assets/index-Ab12.js");
    expect([asset.statusCode, asset.headers["cache-control"]]).toEqual([
      200,
      "public, max-age=31536000, immutable",
    ]);
    expect(asset.headers["x-content-type-options"]).toBe("nosniff");
    expect((await get("/favicon.svg")).statusCode).toBe(200);
    for (const url of [
      "/assets/none.js",
      "/assets/",
      "/.env",
      "/assets/.env",
      "/index.html",
      "/problems/busy.md",
      "/o/acme/v1/none",
    ]) {
      const answer = await get(url);

      expect([url, answer.statusCode]).toEqual([url, 404]);
      expect(answer.headers["content-type"]).toContain("application/problem+json");
    }
    expect((await built.server.inject({ method: "POST", url: "/sign-in" })).statusCode).toBe(405);
  });

  test("an API address never answers with the page", async () => {
    const answer = await get(`/o/acme/v1/contacts/${contactId}`);
    expect([answer.statusCode, answer.headers["content-type"]]).toEqual([
      401,
      "application/problem+json; charset=utf-8",
    ]);
  });

  test("says so when it is not built", async () => {
    const answer = await bare.server.inject({ method: "GET", url: "/" });
    expect(answer.statusCode).toBe(503);
    expect(answer.body).toContain("npm run build");
  });
});

describe("small pages", () => {
  test("a problem's page is readable without script, and its text is harmless", async () => {
    const page = await get("/problems/busy");
    expect(page.body).toContain("<h1>Too busy</h1>");
    expect(page.body).toContain("Wait, then <em>try</em> again.");
    expect(page.body).not.toContain("<script>");
    const nonce = /<style nonce="([\w-]+)">/.exec(page.body)?.[1];
    expect(page.headers["content-security-policy"]).toContain(`style-src 'nonce-${nonce}'`);
    expect((await get("/problems/not-found")).statusCode).toBe(200);
    expect((await get("/problems/nonsense")).statusCode).toBe(404);
    expect((await get("/problems/constructor")).statusCode).toBe(404);
    expect((await get("/problems")).body).toContain('<a href="/problems/busy">');
  });

  test("the small Markdown knows its few forms", () => {
    const html = markdownToHtml(
      "# A\ntext `a<b` **b** [x](/y) [bad](javascript:alert(1))\n\n- one\n  more\n- two\n\n1. a\n\n```sh\na\n\n<b>\n```",
    );
    expect(html).toBe(
      '<h1>A</h1>\n<p>text <code>a&#60;b</code> <strong>b</strong> <a href="/y">x</a> [bad](javascript:alert(1))</p>\n' +
        "<ul><li>one more</li><li>two</li></ul>\n<ol><li>a</li></ol>\n<pre><code>a\n\n&#60;b&#62;</code></pre>",
    );
  });
});

test("ready only while every probe works; alive all the same", async () => {
  expect((await get("/readyz")).json()).toEqual({ status: "ok", checks: { database: "ok" } });
  databaseUp = false;
  const answer = await get("/readyz");
  expect([answer.statusCode, answer.json()]).toEqual([
    503,
    { status: "not-ready", checks: { database: "failed" } },
  ]);
  expect((await get("/livez")).statusCode).toBe(200);
});

test("ready, and degraded, without what is optional", async () => {
  const check = () => Promise.reject(new Error("down"));
  const lesser = await trialServer([readContact], { probes: [{ name: "redis", optional: true, check }] });
  const answer = await lesser.server.inject({ method: "GET", url: "/readyz" });
  expect([answer.statusCode, answer.json()]).toEqual([200, { status: "ok", checks: { redis: "degraded" } }]);
  await lesser.server.close();
});

describe("the API's document", () => {
  const change = personRoute({
    method: "DELETE",
    path: "/auth/sessions/:id",
    answer: nothing,
    handle: () => undefined,
  });
  const open = openRoute({
    method: "POST",
    path: "/auth/sign-in",
    operation: "signIn",
    openBecause: "nobody is signed in",
    body: Type.Object({
      email: Type.String({ format: "email" }),
      name: Type.Union([Type.String(), Type.Null()]),
    }),
    answer: Type.Object({ done: Type.Boolean() }),
    handle: () => ({ done: true }),
  });
  const document = openApi([readContact, change, open], {
    title: "t",
    version: "1",
    publicUrl: "https://x.example",
  });

  test("follows from the declarations", () => {
    expect(document).toMatchObject({
      openapi: "3.1.0",
      paths: {
        "/v1/contacts/{id}": {
          get: {
            operationId: "getContactsById",
            "x-needs": ["contact.read"],
            parameters: [
              { name: "id", in: "path", required: true, schema: { type: "string", format: "uuid" } },
            ],
            responses: { 200: {}, default: { $ref: "#/components/responses/Problem" } },
          },
        },
        "/auth/sessions/{id}": { delete: { operationId: "deleteAuthSessionsById", responses: { 204: {} } } },
        "/auth/sign-in": {
          post: {
            operationId: "signIn",
            security: [],
            "x-open-because": "nobody is signed in",
            requestBody: {
              content: {
                "application/json": {
                  schema: {
                    additionalProperties: false,
                    required: ["email", "name"],
                    properties: { name: { type: ["string", "null"] } },
                  },
                },
              },
            },
          },
        },
      },
    });
  });

  test("is served, with every declared door in it", async () => {
    const served = (await get("/openapi.json")).json<{ paths: Record<string, object> }>();
    expect(Object.keys(served.paths)).toEqual(["/auth/csrf", "/v1/contacts/{id}"]);
  });
});
