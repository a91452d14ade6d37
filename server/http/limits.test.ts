import { Type } from "@sinclair/typebox";
import { describe, expect, test } from "vitest";
import { proves } from "../../tests/proves.ts";
import {
  bearer,
  contactId,
  cookie,
  generous,
  keyToken,
  publicUrl,
  readContact,
  trialServer,
} from "../../tests/trial-server.ts";
import { sha256 } from "../foundation/ids/index.ts";
import { Problem } from "../foundation/problem/index.ts";
import { limiterInMemory, type Charge } from "../kernel/limits/index.ts";
import { openRoute, promisedRates, route } from "./index.ts";

const url = `/v1/contacts/${contactId}`;
const console = `/o/acme/v1/contacts/${contactId}`;
const minute = 60_000;
/** A limiter for which no time passes. */
const still = () => limiterInMemory({ nowMs: () => 1 });

describe("limits at the doors", () => {
  proves("LIM-1", "LIM-5", "LIM-7");

  test("a thousand requests from one address pass in a burst of 1,064 at once, and not one more", async () => {
    const rates = { ...generous, address: promisedRates.address };
    const { server } = await trialServer([readContact], { rates, limiter: still() });
    const ask = () => server.inject({ method: "GET", url: "/auth/csrf" });
    const all = await Promise.all(Array.from({ length: 1064 }, ask));
    expect(all.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1000);
    const refused = all.find(({ statusCode }) => statusCode === 429);
    expect(refused?.json()).toMatchObject({
      type: `${publicUrl}/problems/too-many-requests`,
      retryAfterSeconds: 1,
    });
    expect(refused?.headers).toMatchObject({
      "retry-after": "1",
      "ratelimit-policy": '"address";q=1000;w=60',
      ratelimit: '"address";r=0;t=60',
    });
    await server.close();
  });

  test("a flood is shed before anybody looks at credentials or bodies", async () => {
    const rates = { ...generous, address: { limit: 1, periodMs: minute } };
    const { server, refusals } = await trialServer([readContact], { rates });
    await server.inject({ method: "GET", url });
    const flood = await server.inject({
      method: "POST",
      url: "/nowhere",
      headers: { authorization: "Bearer x" },
      payload: "{",
    });
    expect(flood.statusCode).toBe(429);
    expect(refusals).toHaveLength(0);
    expect((await server.inject({ method: "GET", url: "/livez" })).statusCode).toBe(200);
    expect((await server.inject({ method: "GET", url: "/%c0%af" })).statusCode).toBe(429);
    await server.close();
  });

  test("another address has its own bucket; an IPv6 customer has one for all addresses (better-auth #7300, better-auth #7470)", async () => {
    const rates = { ...generous, address: { limit: 2, periodMs: minute } };
    const { server } = await trialServer([readContact], { rates });
    const from = async (remoteAddress: string) =>
      (await server.inject({ method: "GET", url: "/auth/csrf", remoteAddress })).statusCode;
    expect([await from("198.51.100.1"), await from("198.51.100.1"), await from("198.51.100.1")]).toEqual([
      200, 200, 429,
    ]);
    expect(await from("198.51.100.2")).toBe(200);
    expect([await from("2001:db8::1"), await from("2001:db8::2"), await from("2001:db8::3")]).toEqual([
      200, 200, 429,
    ]);
    expect(await from("2001:db8:0:1::1")).toBe(200);
    await server.close();
  });

  test("a key is held to its own rate and its person's, wherever it comes from", async () => {
    const rates = { ...generous, person: { limit: 3, periodMs: minute } };
    const { server } = await trialServer([readContact], { rates });
    const asked = [];
    for (let at = 0; at < 4; at += 1) {
      asked.push(
        await server.inject({
          method: "GET",
          url,
          remoteAddress: `198.51.100.${at}`,
          headers: { authorization: bearer },
        }),
      );
    }
    expect(asked.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 429]);
    expect(asked.at(-1)?.headers["ratelimit-policy"]).toContain('"key";q=1000000;w=60, "person";q=3;w=60');
    expect((await server.inject({ method: "GET", url: console, headers: { cookie } })).statusCode).toBe(200);
    await server.close();
  });

  test("two sessions of one person share a bucket once both were recognised", async () => {
    const keys: string[] = [];
    const limiter = limiterInMemory();
    const watching = {
      ...limiter,
      check: (charges: readonly Charge[]) => {
        keys.push(...charges.map(({ key }) => key));
        return limiter.check(charges);
      },
    };
    const { server } = await trialServer([readContact], { limiter: watching });
    for (let at = 0; at < 2; at += 1)
      await server.inject({ method: "GET", url: console, headers: { cookie } });
    expect(keys.filter((key) => key.startsWith("console:")).at(-1)).toBe(
      "console:0198c0de-0000-7000-8000-00000000000b",
    );
    await server.inject({
      method: "GET",
      url,
      headers: { authorization: bearer },
      remoteAddress: "198.51.100.77",
    });
    expect(keys.join()).not.toMatch(new RegExp(`198\\.51|127\\.0\\.0|${keyToken}`));
    expect(keys).toContain(`key:${sha256(keyToken).toString("base64url")}`);
    await server.close();
  });

  test("wrong credentials and passwords weigh ten times as much against their address", async () => {
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
    const rates = { ...generous, address: { limit: 100, periodMs: minute } };
    const { server } = await trialServer([readContact, signIn], { rates });
    const wrong = await server.inject({
      method: "GET",
      url,
      headers: { authorization: `Bearer ${"w".repeat(20)}` },
    });
    expect(wrong.statusCode).toBe(401);
    expect((await server.inject({ method: "POST", url: "/auth/sign-in" })).statusCode).toBe(401);
    const after = await server.inject({ method: "GET", url: "/auth/csrf" });
    expect(after.headers["ratelimit"]).toMatch(/^"address";r=77;/);
    await server.close();
  });

  test("sign-in has a bucket of its own for each address", async () => {
    const signIn = openRoute({
      method: "POST",
      path: "/auth/sign-in",
      openBecause: "nobody is signed in before",
      crossSiteBecause: "a test",
      limit: "sign-in",
      answer: Type.Object({}),
      handle: () => ({}),
    });
    const { server } = await trialServer([signIn]);
    const ask = () => server.inject({ method: "POST", url: "/auth/sign-in" });
    const all = await Promise.all(Array.from({ length: 64 }, ask));
    expect(all.filter(({ statusCode }) => statusCode === 200)).toHaveLength(30);
    const elsewhere = await server.inject({
      method: "POST",
      url: "/auth/sign-in",
      remoteAddress: "198.51.100.3",
    });
    expect(elsewhere.statusCode).toBe(200);
    await server.close();
  });

  test("an organization has one bucket for all its people and keys, which nobody else can empty", async () => {
    const rates = { ...generous, tenant: { limit: 4, periodMs: minute } };
    const { server } = await trialServer([readContact], { rates, limiter: still() });
    const bySession = () => server.inject({ method: "GET", url: console, headers: { cookie } });
    const byKey = () => server.inject({ method: "GET", url, headers: { authorization: bearer } });
    const strange = `__Host-sid=${"x".repeat(43)}`;
    for (let at = 0; at < 10; at += 1) {
      const { statusCode } = await server.inject({
        method: "GET",
        url: console,
        headers: { cookie: strange },
      });
      expect(statusCode).toBe(401);
    }
    const answers = [await bySession(), await byKey(), await bySession(), await byKey(), await bySession()];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200, 429]);
    expect(answers.at(-1)?.headers["ratelimit-policy"]).toContain('"tenant";q=4;w=60');
    await server.close();
  });

  test.each([
    ["import", 30],
    ["export", 30],
    ["bulk", 60],
    ["send", 60],
  ] as const)(
    "%s has a bucket of its own for each person, of %i, by whatever credential",
    async (limit, most) => {
      const burst = route({
        method: "GET",
        path: "/burst",
        needs: ["contact.read"],
        limit,
        answer: Type.Object({}),
        handle: async ({ scope }) => {
          await scope.run({ text: "select", values: [] });
          return {};
        },
      });
      const { server } = await trialServer([burst, readContact], { limiter: still() });
      const bySession = () => server.inject({ method: "GET", url: "/o/acme/v1/burst", headers: { cookie } });
      const byKey = () =>
        server.inject({ method: "GET", url: "/v1/burst", headers: { authorization: bearer } });
      const cold = await Promise.all(Array.from({ length: 20 }, bySession));
      expect(cold.filter(({ statusCode }) => statusCode === 200)).toHaveLength(20);
      // Known by its first request elsewhere, the key of the same person finds what the session has left.
      await server.inject({ method: "GET", url, headers: { authorization: bearer } });
      const mixed = await Promise.all(
        Array.from({ length: 64 }, (_, at) => (at % 2 === 0 ? bySession() : byKey())),
      );
      expect(mixed.filter(({ statusCode }) => statusCode === 200)).toHaveLength(most - 20);
      expect(
        (await server.inject({ method: "GET", url, headers: { authorization: bearer } })).statusCode,
      ).toBe(200);
      await server.close();
    },
  );

  test("a store that answers later is waited for; one that fails closes the door", async () => {
    const inner = limiterInMemory();
    const slow = { ...inner, check: async (charges: readonly Charge[]) => inner.check(charges) };
    const { server } = await trialServer([readContact], { limiter: slow });
    expect((await server.inject({ method: "GET", url, headers: { authorization: bearer } })).statusCode).toBe(
      200,
    );
    await server.close();
    const down = { ...inner, check: () => Promise.reject(new Error("store down")) };
    const closed = await trialServer([readContact], { limiter: down });
    expect(
      (await closed.server.inject({ method: "GET", url, headers: { authorization: bearer } })).statusCode,
    ).toBe(500);
    await closed.server.close();
  });
});
