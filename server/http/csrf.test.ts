import { Type } from "@sinclair/typebox";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  bearer,
  cookie,
  publicUrl,
  sessionToken,
  type Trial,
  trialServer,
} from "../../tests/trial-server.ts";
import { openRoute, personRoute } from "./index.ts";

const done = Type.Object({ done: Type.Boolean() });
const change = personRoute({
  method: "POST",
  path: "/auth/change",
  answer: done,
  handle: async ({ scope }) => {
    await scope.run({ text: "select", values: [] });
    return { done: true };
  },
});
const signIn = openRoute({
  method: "POST",
  path: "/auth/sign-in",
  openBecause: "nobody is signed in before",
  body: Type.Object({ email: Type.String() }),
  answer: done,
  handle({ respond }) {
    respond.startSession("n".repeat(43));
    return { done: true };
  },
});
const oneClick = openRoute({
  method: "POST",
  path: "/unsubscribe",
  openBecause: "RFC 8058",
  crossSiteBecause: "the mailbox provider clicks for the recipient",
  answer: done,
  handle: () => ({ done: true }),
});

let trial: Trial;
beforeAll(async () => {
  trial = await trialServer([change, signIn, oneClick]);
});
afterAll(() => trial.server.close());

type Headers = Record<string, string>;
const post = (url: string, headers: Headers, payload?: object) =>
  trial.server.inject({ method: "POST", url, headers, ...(payload === undefined ? {} : { payload }) });

async function pair(headers: Headers = {}): Promise<{ token: string; setCookie: string | undefined }> {
  const got = await trial.server.inject({ method: "GET", url: "/auth/csrf", headers });
  const set = got.headers["set-cookie"];
  return { token: got.json<{ token: string }>().token, setCookie: typeof set === "string" ? set : undefined };
}

const same = { "sec-fetch-site": "same-origin" };

describe("with a session cookie", () => {
  test("the pair opens the door", async () => {
    const { token, setCookie } = await pair({ cookie });
    expect(setCookie).toBeUndefined();
    expect((await post("/auth/change", { cookie, ...same, "x-csrf-token": token })).statusCode).toBe(200);
    expect(
      (await post("/auth/change", { cookie, origin: publicUrl, "x-csrf-token": token })).statusCode,
    ).toBe(200);
  });

  const origins: [string, Headers, number][] = [
    ["same-origin", { "sec-fetch-site": "same-origin" }, 200],
    ["typed by the person", { "sec-fetch-site": "none" }, 200],
    ["a sibling domain", { "sec-fetch-site": "same-site" }, 403],
    ["another site", { "sec-fetch-site": "cross-site" }, 403],
    ["another site that also claims our Origin", { "sec-fetch-site": "cross-site", origin: publicUrl }, 403],
    ["an unknown word", { "sec-fetch-site": "SAME-ORIGIN" }, 403],
    ["an empty word", { "sec-fetch-site": "" }, 403],
    ["two words", { "sec-fetch-site": "cross-site, same-origin" }, 403],
    ["nothing at all", {}, 403],
    ["our Origin", { origin: publicUrl }, 200],
    ["Origin null", { origin: "null" }, 403],
    ["Origin over http", { origin: "http://crm.example.com" }, 403],
    ["Origin with a port", { origin: `${publicUrl}:443` }, 403],
    ["Origin with a slash", { origin: `${publicUrl}/` }, 403],
    ["an Origin that begins like ours", { origin: `${publicUrl}.evil.example` }, 403],
    ["an Origin that ends like ours", { origin: "https://evil-crm.example.com" }, 403],
    ["only a Referer", { referer: `${publicUrl}/x` }, 403],
    ["a forwarded host", { "x-forwarded-host": "crm.example.com" }, 403],
  ];
  test.each(origins)("from %s", async (_name, headers, status) => {
    const { token } = await pair({ cookie });
    expect((await post("/auth/change", { cookie, ...headers, "x-csrf-token": token })).statusCode).toBe(
      status,
    );
  });

  test("no token, a made-up one, one of another session or from before sign-in: refused and recorded", async () => {
    const { token } = await pair({ cookie });
    const [mac = "", random = ""] = token.split(".");
    const other = await pair({ cookie: `__Host-sid=${"o".repeat(43)}` });
    const before = await pair();
    const flipped = `${mac.slice(0, -2)}${mac.endsWith("A") ? "BB" : "AA"}.${random}`;
    const wrong = [
      "",
      "x",
      mac,
      `.${random}`,
      `${mac}.`,
      `${random}.${mac}`,
      flipped,
      `${token}x`,
      `${token}, ${token}`,
      other.token,
      before.token,
    ];
    for (const bad of wrong) {
      const got = await post("/auth/change", { cookie, ...same, "x-csrf-token": bad });
      expect(got.json()).toMatchObject({ status: 403, type: `${publicUrl}/problems/csrf-refused` });
    }
    expect((await post("/auth/change", { cookie, ...same })).statusCode).toBe(403);
    expect(trial.refusals.at(-1)).toMatchObject({ problem: "csrf-refused", operation: "POST /auth/change" });
  });

  test("a key needs none, since no browser sends it by itself", async () => {
    expect((await post("/auth/change", { authorization: bearer })).statusCode).toBe(200);
    expect(
      (await post("/auth/change", { authorization: bearer, "sec-fetch-site": "cross-site" })).statusCode,
    ).toBe(200);
  });
});

describe("before sign-in", () => {
  test("the pair hangs on a cookie of its own, which sign-in takes away", async () => {
    const { token, setCookie } = await pair();
    expect(setCookie).toMatch(
      /^__Host-pre=[\w-]{43}; Path=\/; Max-Age=3600; Secure; HttpOnly; SameSite=Lax$/,
    );
    const headers = { ...same, cookie: setCookie?.split(";")[0] ?? "", "x-csrf-token": token };
    const got = await post("/auth/sign-in", headers, { email: "a" });
    expect(got.statusCode).toBe(200);
    expect(got.headers["set-cookie"]).toEqual([
      `__Host-sid=${"n".repeat(43)}; Path=/; Max-Age=604800; Secure; HttpOnly; SameSite=Lax`,
      "__Host-pre=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax",
      // By which the browser is known again; it opens nothing.
      expect.stringMatching(/^__Host-device=[\w-]{43}; /),
    ]);
  });

  test("a forged sign-in fails: without token, with another browser's, from another site", async () => {
    const { token, setCookie } = await pair();
    const mine = setCookie?.split(";")[0] ?? "";
    expect((await post("/auth/sign-in", { ...same, cookie: mine }, { email: "a" })).statusCode).toBe(403);
    expect((await post("/auth/sign-in", { ...same, "x-csrf-token": token }, { email: "a" })).statusCode).toBe(
      403,
    );
    const theirs = { ...same, cookie: `__Host-pre=${"p".repeat(43)}`, "x-csrf-token": token };
    expect((await post("/auth/sign-in", theirs, { email: "a" })).statusCode).toBe(403);
    const crossSite = { cookie: mine, "x-csrf-token": token, "sec-fetch-site": "cross-site" };
    expect((await post("/auth/sign-in", crossSite, { email: "a" })).statusCode).toBe(403);
  });

  test("a session wins over the cookie from before, so that an attacker cannot choose the binding", async () => {
    const before = await pair();
    const both = `${before.setCookie?.split(";")[0] ?? ""}; __Host-sid=${sessionToken}`;
    expect(
      (await post("/auth/change", { ...same, cookie: both, "x-csrf-token": before.token })).statusCode,
    ).toBe(403);
  });
});

test("a door that others knock on by right says so, and needs no token", async () => {
  expect((await post("/unsubscribe", { "sec-fetch-site": "cross-site" })).statusCode).toBe(200);
});
