import { Type } from "@sinclair/typebox";
import { describe, expect, test, vi } from "vitest";
import { proves } from "../../tests/proves.ts";
import {
  bearer,
  contactId,
  cookie,
  generous,
  publicUrl,
  readContact,
  type Trial,
  trialServer,
} from "../../tests/trial-server.ts";
import { Problem } from "../foundation/problem/index.ts";
import { type BlockRules, blocksInMemory } from "../kernel/limits/index.ts";
import { openRoute, type ServerOptions } from "./index.ts";

const attacker = "198.51.100.66";
const minute = 60_000;
const contact = `/v1/contacts/${contactId}`;
const rules: BlockRules = {
  points: 100,
  windowMs: 10 * minute,
  firstMs: minute,
  longestMs: 60 * minute,
  callersMax: 1_000,
};
const signIn = openRoute({
  method: "POST",
  path: "/auth/sign-in",
  openBecause: "nobody is signed in before",
  crossSiteBecause: "a test",
  limit: "sign-in",
  answer: Type.Object({}),
  handle: () => {
    throw new Problem("wrong-credentials");
  },
});

interface Asking {
  readonly method?: "GET" | "POST" | "HEAD";
  readonly from?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly payload?: string;
}

async function blocking(options: Partial<ServerOptions> = {}) {
  const clock = { ms: 1_000 };
  const trial: Trial = await trialServer([readContact, signIn], {
    rates: { ...generous, bursts: { ...generous.bursts, "sign-in": { limit: 1_000, periodMs: minute } } },
    blocks: blocksInMemory(rules, () => clock.ms),
    ...options,
  });
  const ask = (url: string, { method = "GET", from = attacker, ...rest }: Asking = {}) =>
    trial.server.inject({ method, url, remoteAddress: from, ...rest });
  const times = async (count: number, url: string, asking: Asking = {}) => {
    let status = 0;
    for (let at = 0; at < count; at += 1) ({ statusCode: status } = await ask(url, asking));
    return status;
  };
  const statusOf = async (url: string, asking: Asking = {}) => (await ask(url, asking)).statusCode;
  const named = (name: string) => trial.logged.filter((line) => line.name === name);
  return { ...trial, clock, ask, times, statusOf, named };
}

describe("an address that attacks", () => {
  proves("LIM-6");

  test("is turned away with a problem that says for how long, and is heard again after that", async () => {
    const { server, ask, times, statusOf, clock } = await blocking();
    expect(await times(25, "/wp-login.php")).toBe(404);
    const refused = await ask("/auth/csrf");
    expect(refused.statusCode).toBe(429);
    expect(refused.json()).toMatchObject({
      type: `${publicUrl}/problems/address-blocked`,
      status: 429,
      retryAfterSeconds: 60,
    });
    expect(refused.headers).toMatchObject({
      "retry-after": "60",
      "content-type": "application/problem+json; charset=utf-8",
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
      "x-request-id": refused.json<{ instance: string }>().instance.replace("urn:request:", ""),
    });
    expect((await ask("/auth/csrf", { method: "HEAD" })).body).toBe("");
    expect(await statusOf("/livez")).toBe(200);
    expect(await statusOf("/auth/csrf", { from: "198.51.100.67" })).toBe(200);
    clock.ms += minute;
    expect(await statusOf("/auth/csrf")).toBe(200);
    await server.close();
  });

  test("is turned away before bodies, credentials or limits are looked at", async () => {
    let charged = 0;
    const { server, ask, times, refusals } = await blocking({
      limiter: {
        check: () => {
          charged += 1;
          return { allowed: true, retryAfterSeconds: 0, remaining: 1, resetSeconds: 1, bucket: "x" };
        },
        penalise: () => undefined,
      },
    });
    await times(25, "/.env");
    const [before, recorded] = [charged, refusals.length];
    const refused = await ask("/v1/contacts", {
      method: "POST",
      headers: { authorization: "Bearer nobody_knows_this_one", "content-type": "application/json" },
      payload: '{"a":',
    });
    expect([refused.statusCode, refused.headers["connection"]]).toEqual([429, "close"]);
    expect((await ask("/%c0%af")).statusCode).toBe(429);
    expect([charged, refusals.length]).toEqual([before, recorded]);
    await server.close();
  });

  test("is logged when it is blocked and when that ends, with numbers and without the address", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const { server, ask, times, named, logged, clock } = await blocking();
    await times(25, "/.git/config");
    for (let at = 0; at < 3; at += 1) await ask("/");
    expect(named("address-blocked").map(({ fields }) => fields)).toEqual([
      {
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        network: expect.stringMatching(/^net:[a-p]{24}$/),
        offence: "not-found",
        seconds: 60,
        repetition: 1,
        blocked: 1,
      },
    ]);
    const lines = logged.length;
    await ask("/");
    expect(logged).toHaveLength(lines);
    expect(JSON.stringify(logged)).not.toContain("198.51");
    clock.ms += minute;
    vi.advanceTimersByTime(5_000);
    vi.useRealTimers();
    expect(named("address-released").map(({ fields }) => fields)).toEqual([
      { network: named("address-blocked")[0]?.fields["network"], refused: 4, blocked: 0 },
    ]);
    expect(await times(25, "/.git/config")).toBe(404);
    expect(named("address-blocked").at(-1)?.fields).toMatchObject({ seconds: 120, repetition: 2 });
    await server.close();
  });

  test.each<[string, number, string, Asking]>([
    ["undeclared addresses", 25, "/undeclared", {}],
    ["undeclared methods", 25, contact, { method: "POST" }],
    ["unreadable requests", 20, "/%c0%af", {}],
    ["unknown keys", 25, contact, { headers: { authorization: "Bearer who_knows_who_knows" } }],
    ["wrong passwords", 25, "/auth/sign-in", { method: "POST" }],
    ["undeclared fields in queries", 100, "/auth/csrf?undeclared=1", {}],
  ])("%s count", async (_, count, url, asking) => {
    const { server, times } = await blocking();
    expect(await times(count, url, asking)).not.toBe(429);
    expect(await times(1, "/auth/csrf")).toBe(429);
    await server.close();
  });

  test("more requests than a limit allows count too", async () => {
    const { server, times, named } = await blocking({
      rates: { ...generous, address: { limit: 10, periodMs: minute } },
    });
    await times(10, "/auth/csrf");
    expect(named("address-blocked")).toHaveLength(0);
    await times(100, "/auth/csrf");
    expect(named("address-blocked").map(({ fields }) => fields["offence"])).toEqual(["too-many-requests"]);
    await server.close();
  });

  test("is its whole /64 in IPv6", async () => {
    const { server, times } = await blocking();
    for (let at = 0; at < 25; at += 1) await times(1, "/.env", { from: `2001:db8::${at}` });
    expect(await times(1, "/auth/csrf", { from: "2001:db8::ffff" })).toBe(429);
    expect(await times(1, "/auth/csrf", { from: "2001:db8:0:1::1" })).toBe(200);
    await server.close();
  });
});

describe("nobody else is locked out", () => {
  proves("LIM-6");

  test("whoever was signed in before goes on from a blocked address; whoever guesses does not", async () => {
    const { server, times, statusOf } = await blocking();
    const signedIn = { headers: { authorization: bearer } };
    const inBrowser = { headers: { cookie } };
    expect(await statusOf(contact, signedIn)).toBe(200);
    expect(await statusOf(`/o/acme${contact}`, inBrowser)).toBe(200);
    await times(25, "/.env");
    expect(await statusOf("/auth/csrf")).toBe(429);
    expect(await statusOf(contact, signedIn)).toBe(200);
    expect(await statusOf(`/o/acme${contact}`, inBrowser)).toBe(200);
    expect(await statusOf("/auth/csrf", inBrowser)).toBe(200);
    expect(await statusOf("/auth/sign-in", { ...inBrowser, method: "POST" })).toBe(429);
    expect(await statusOf(contact, { headers: { authorization: "Bearer made_up_made_up_made_up" } })).toBe(
      429,
    );
    await server.close();
  });

  test("what a live credential does wrong is not held against the address, but guessing is", async () => {
    const { server, times, statusOf } = await blocking();
    const signedIn = { headers: { authorization: bearer } };
    expect(await statusOf(contact, signedIn)).toBe(200);
    await times(60, "/undeclared", signedIn);
    await times(150, `${contact}?undeclared=1`, signedIn);
    expect(await statusOf("/auth/csrf")).toBe(200);
    await times(25, "/auth/sign-in", { ...signedIn, method: "POST" });
    expect(await statusOf("/auth/csrf")).toBe(429);
    await server.close();
  });

  test("a page of another site cannot have its visitors blocked", async () => {
    const { server, times, statusOf } = await blocking();
    const foreign = { "sec-fetch-site": "cross-site" };
    await times(200, "/.env", { headers: foreign });
    await times(200, "/auth/sign-in?x=1", { method: "POST", headers: foreign });
    await times(200, contact, { method: "POST", headers: { "sec-fetch-site": "same-site" } });
    expect(await statusOf("/auth/csrf")).toBe(200);
    await times(25, contact, { headers: { ...foreign, authorization: "Bearer guess_guess_guess_guess" } });
    expect(await statusOf("/auth/csrf")).toBe(429);
    await server.close();
  });

  test("an address cannot be blocked by whoever merely claims it", async () => {
    const victim = "203.0.113.9";
    const { server, times, statusOf } = await blocking({ trustedProxies: ["192.0.2.1"] });
    const viaProxy = (forwarded: string): Asking => ({
      from: "192.0.2.1",
      headers: { "x-forwarded-for": forwarded },
    });
    await times(30, "/.env", { headers: { "x-forwarded-for": victim } });
    await times(30, "/.env", viaProxy(`${victim}, 203.0.113.66`));
    expect(await statusOf("/auth/csrf", viaProxy(victim))).toBe(200);
    expect(await statusOf("/auth/csrf", viaProxy("203.0.113.66"))).toBe(429);
    expect(await statusOf("/auth/csrf")).toBe(429);
    await server.close();
  });

  test.each(["127.0.0.1", "127.8.8.8", "::1", "192.0.2.1", "10.1.2.3", "::ffff:10.1.2.3"])(
    "%s is never blocked: everybody may be behind it",
    async (from) => {
      const { server, times, statusOf } = await blocking({
        trustedProxies: ["192.0.2.1"],
        neverBlocked: ["10.0.0.0/8"],
      });
      await times(100, "/.env", { from });
      expect(await statusOf("/auth/csrf", { from })).toBe(200);
      await server.close();
    },
  );

  test("what browsers ask for unasked, and a page that was left open, are no attack", async () => {
    const { server, times, statusOf } = await blocking();
    for (const url of ["/favicon.ico", "/robots.txt", "/apple-touch-icon-120x120.png"]) await times(50, url);
    await times(50, "/.well-known/change-password");
    await times(50, contact);
    await times(40, `/o/acme${contact}`, { headers: { cookie: `__Host-sid=${"e".repeat(43)}` } });
    expect(await statusOf("/auth/csrf")).toBe(200);
    await server.close();
  });
});

test("without blocks nobody is turned away", async () => {
  const { server, times } = await blocking({ blocks: null });
  expect(await times(200, "/.env")).toBe(404);
  await server.close();
});
