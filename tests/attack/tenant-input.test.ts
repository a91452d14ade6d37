import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TenantRoute } from "../../server/http/index.ts";
import type { Client } from "../client.ts";
import { declaredRoutes } from "../declared-routes.ts";
import { proves } from "../proves.ts";
import { testServer, type TestServer } from "../server.ts";
import { requestFor } from "./door-requests.ts";

const tenantRoutes = declaredRoutes().filter((route): route is TenantRoute => route.kind === "tenant");
const named = ({ method, path }: TenantRoute): string => `${method} ${path}`;
const names = ["tenantId", "tenant_id", "organizationId", "organization_id", "organisationId", "TENANT-ID"];

let server: TestServer;
let browser: Client;
let csrf: string;
let rivalId: string;

beforeAll(async () => {
  server = await testServer();
  const acme = await server.organization("acme");
  rivalId = (await server.organization("rival")).id;
  browser = acme.browser;
  csrf = await browser.csrf();
});
afterAll(() => server.stop());

describe("an organization named in the input", () => {
  proves("ISO-3", "LIM-6");

  test.each(tenantRoutes.map((route) => [named(route), route] as const))(
    "is refused in the query of %s",
    async (_, route) => {
      const { method, path, sending } = requestFor(route, "/o/acme/v1");
      for (const name of names) {
        const answer = await browser.send(
          method,
          `${path}${path.includes("?") ? "&" : "?"}${name}=${rivalId}`,
          {
            ...sending,
            headers: { ...sending.headers, "x-csrf-token": csrf },
          },
        );
        expect([answer.status, answer.json.errors[0].pointer]).toEqual([422, name]);
      }
    },
  );

  const withBody = tenantRoutes.filter(({ body }) => body !== undefined);
  test.each(withBody.map((route) => [named(route), route] as const))(
    "is refused in the body of %s, at any depth",
    async (_, route) => {
      const { method, path, sending } = requestFor(route, "/o/acme/v1");
      const send = (body: unknown) =>
        browser.send(method, path, {
          ...sending,
          body,
          headers: { ...sending.headers, "x-csrf-token": csrf },
        });
      // `sending.body` was made from an object schema.
      const body = sending.body as Record<string, unknown>;
      for (const name of names) {
        const top = await send({ ...body, [name]: rivalId });
        expect([top.status, top.json.errors[0].pointer]).toEqual([422, `/${name}`]);
        const deep = await send({ ...body, custom: { ...Object(body["custom"]), [name]: rivalId } });
        expect([deep.status, deep.json.errors[0].pointer]).toEqual([422, `/custom/${name}`]);
      }
    },
  );

  test("is ignored in headers, which no door reads", async () => {
    for (const name of [
      "x-tenant-id",
      "x-organization",
      "tenant",
      "x-ringfence-organization",
      "x-original-url",
      "x-rewrite-url",
    ]) {
      const { json } = await browser.get("/o/acme/v1/organization", {
        headers: { [name]: name.includes("url") ? "/o/rival/v1/organization" : "rival" },
      });
      expect([name, json.slug]).toEqual([name, "acme"]);
    }
  });

  test("in the address must be the credential's, however the address is written", async () => {
    const ways = [
      "/o/rival/v1/organization",
      "/o/RIVAL/v1/organization",
      "/o/acme/../rival/v1/organization",
      "/o/acme%2f..%2frival/v1/organization",
      "/o//rival/v1/organization",
      "/o/rival%00/v1/organization",
      "/O/rival/v1/organization",
      "/o/rival;acme/v1/organization",
    ];
    for (const path of ways) {
      const { status, text } = await browser.send("GET", path);
      expect([path, status >= 400, text.includes(rivalId)]).toEqual([path, true, false]);
    }
  });
});

describe("what is not declared", () => {
  proves("LIM-6");

  test.each(tenantRoutes.map((route) => [named(route), route] as const))(
    "is refused in the query of %s",
    async (_, route) => {
      const { method, path, sending } = requestFor(route, "/o/acme/v1");
      const answer = await browser.send(method, `${path}${path.includes("?") ? "&" : "?"}undeclared=1`, {
        ...sending,
        headers: { ...sending.headers, "x-csrf-token": csrf },
      });
      expect([answer.status, answer.json.errors[0].pointer]).toEqual([422, "undeclared"]);
    },
  );

  const withBody = tenantRoutes.filter(({ body }) => body !== undefined);
  test.each(withBody.map((route) => [named(route), route] as const))(
    "is refused in the body of %s",
    async (_, route) => {
      const { method, path, sending } = requestFor(route, "/o/acme/v1");
      // `sending.body` was made from an object schema.
      const body = { ...(sending.body as Record<string, unknown>), undeclared: 1 };
      const answer = await browser.send(method, path, {
        ...sending,
        body,
        headers: { ...sending.headers, "x-csrf-token": csrf },
      });
      expect([answer.status, answer.json.errors[0].pointer]).toEqual([422, "/undeclared"]);
    },
  );

  const paths = [...new Set(tenantRoutes.map(({ path }) => path))];
  test.each(paths)("as a method of %s is 405, and says what it takes", async (path) => {
    const taken = tenantRoutes.filter((route) => route.path === path).map(({ method }) => method);
    const concrete = path.replace(/:[A-Za-z]+/g, "01a20101-0000-7000-8000-000000000000");
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      if (taken.includes(method as TenantRoute["method"])) continue;
      const answer = await browser.send(method, `/o/acme/v1${concrete}`, {
        headers: { "x-csrf-token": csrf, "sec-fetch-site": "same-origin" },
      });
      expect([method, answer.status]).toEqual([method, 405]);
      for (const each of taken) expect(String(answer.headers["allow"])).toContain(each);
    }
  });

  test("as an address is 404, below every door", async () => {
    for (const { path } of tenantRoutes) {
      const concrete = path.replace(/:[A-Za-z]+/g, "01a20101-0000-7000-8000-000000000000");
      const { status } = await browser.get(`/o/acme/v1${concrete}/undeclared/thing`);
      expect([concrete, status]).toEqual([concrete, 404]);
    }
  });
});
