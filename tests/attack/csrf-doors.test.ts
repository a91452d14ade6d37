import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Route } from "../../server/http/index.ts";
import type { Answer, Client } from "../client.ts";
import { declaredRoutes } from "../declared-routes.ts";
import type { Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { publicUrl, testServer, type TestServer } from "../server.ts";
import { requestFor } from "./door-requests.ts";

// The matrix of cookie, token and origin, over the real server and every unsafe door.

const routes = declaredRoutes();
const unsafe = routes.filter(({ method, kind }) => method !== "GET" && kind !== "protocol");
const named = ({ method, path }: Route): string => `${method} ${path}`;

let server: TestServer;
let acme: Organization;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
});
afterAll(() => server.stop());

const keyOf = ({ status, json }: Answer): [number, string] => [
  status,
  String(json?.type ?? "").replace(/^.*\//, ""),
];

async function send(
  client: Client,
  route: Route,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  const { method, path, sending } = requestFor(route, route.kind === "tenant" ? "/o/acme/v1" : "");
  const { "sec-fetch-site": _, ...rest } = { ...sending.headers };
  return client.send(method, path, { ...sending, headers: { ...rest, ...headers } });
}

const csrfRefused = [403, "csrf-refused"];

describe("an unsafe request with a cookie", () => {
  proves("IAM-9");

  test.each(unsafe.map((route) => [named(route), route] as const))(
    "is refused without a token, with another's, and from another site: %s",
    async (_, route) => {
      const browser = route.kind === "open" ? server.stranger() : server.browserOf(acme.owner.token);
      if (route.kind === "open" && route.crossSiteBecause !== undefined) return;
      const token = await browser.csrf();
      const foreign = await server.stranger().csrf();
      const here = { "sec-fetch-site": "same-origin" };
      expect(keyOf(await send(browser, route, here))).toEqual(csrfRefused);
      expect(keyOf(await send(browser, route, { ...here, "x-csrf-token": foreign }))).toEqual(csrfRefused);
      expect(
        keyOf(
          await send(browser, route, {
            ...here,
            "x-csrf-token": `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`,
          }),
        ),
      ).toEqual(csrfRefused);
      for (const site of ["cross-site", "same-site"]) {
        expect(
          keyOf(
            await send(browser, route, { "sec-fetch-site": site, "x-csrf-token": token, origin: publicUrl }),
          ),
        ).toEqual(csrfRefused);
      }
      expect(
        keyOf(await send(browser, route, { origin: "https://evil.example", "x-csrf-token": token })),
      ).toEqual(csrfRefused);
      expect(keyOf(await send(browser, route, { origin: "null", "x-csrf-token": token }))).toEqual(
        csrfRefused,
      );
      expect(keyOf(await send(browser, route, { "x-csrf-token": token }))).toEqual(csrfRefused);
    },
  );

  test("is taken with its token from our own page, shown by Sec-Fetch-Site or by Origin", async () => {
    const browser = server.browserOf(acme.owner.token);
    const token = await browser.csrf();
    for (const headers of [{ "sec-fetch-site": "same-origin" }, { origin: publicUrl }]) {
      const { status } = await browser.send("POST", "/o/acme/v1/contacts", {
        body: { firstName: "Ada" },
        headers: { ...headers, "x-csrf-token": token },
      });
      expect(status).toBe(201);
    }
  });

  test("finds the token of one session worthless in another, and after signing in", async () => {
    const first = server.browserOf(acme.owner.token);
    const other = server.browserOf((await server.database.member(acme, "owner")).token);
    const token = await first.csrf();
    const { status } = await other.send("POST", "/o/acme/v1/contacts", {
      body: { firstName: "Ada" },
      headers: { "sec-fetch-site": "same-origin", "x-csrf-token": token },
    });
    expect(status).toBe(403);
  });
});

describe("a bearer key", () => {
  proves("IAM-9");

  test("needs no token, since no browser adds it by itself", async () => {
    const bearer = server.bearer(await server.database.key(acme, acme.owner));
    expect((await bearer.send("POST", "/v1/contacts", { body: { firstName: "Ada" } })).status).toBe(201);
    const fromAfar = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };
    expect(
      (await bearer.send("POST", "/v1/contacts", { body: { firstName: "Ada" }, headers: fromAfar })).status,
    ).toBe(201);
  });

  test("beside a cookie is refused: no two layers may disagree about which one counts", async () => {
    const key = await server.database.key(acme, acme.owner);
    const browser = server.browserOf(acme.owner.token);
    const answer = await browser.send("GET", "/o/acme/v1/contacts", {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(keyOf(answer)).toEqual([400, "two-credentials"]);
  });
});

describe("a safe request", () => {
  proves("IAM-9");
  test("changes nothing, so it needs no token; and no answer lets another origin read it", async () => {
    const browser = server.browserOf(acme.owner.token);
    const { status, headers } = await browser.get("/o/acme/v1/contacts", {
      headers: { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
    });
    expect(status).toBe(200);
    expect(headers["access-control-allow-origin"]).toBeUndefined();
    expect(headers["cross-origin-resource-policy"]).toBe("same-origin");
  });
});
