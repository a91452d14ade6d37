import { execFileSync, spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test, type TestContext } from "vitest";
import { stepOf } from "../../server/features/identity/factors/totp.ts";
import type { Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { account, earlyInStep, forgetSteps, keyOf, passFirstFactor } from "../second-factors.ts";
import { testServer, type TestServer } from "../server.ts";

// The codes of an independent generator, OATH Toolkit's, against ours.

const there = spawnSync("oathtool", ["--version"]).status === 0;
const skipWithout = (context: TestContext): void => {
  if (!there) context.skip("passed over: oathtool is not installed (Debian's package oathtool)");
};

/** The code of this secret at a moment, as oathtool has it. */
function oathtool(secret: string, seconds: number, more: readonly string[] = []): string {
  const at = `${new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ")} UTC`;
  return execFileSync("oathtool", ["--totp", "--base32", `--now=${at}`, ...more, secret], {
    encoding: "utf8",
  }).trim();
}

const now = (): number => Math.floor(Date.now() / 1000);

let server: TestServer;
let acme: Organization;
beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
});
afterAll(() => server.stop());

describe("oathtool", () => {
  proves("IAM-8");

  test("is an authenticator app: it enrols, and signs in a step before and after now, but not two", async (context) => {
    skipWithout(context);
    const { browser, ...person } = await account(server, acme);
    const { id, secret, uri } = (await browser.post("/auth/totp")).json;
    const told = new URL(uri);
    expect([told.protocol, told.host, decodeURIComponent(told.pathname)]).toEqual([
      "otpauth:",
      "totp",
      `/Ringfence:${person.email}`,
    ]);
    expect(told.searchParams.get("secret")).toBe(secret);
    expect(told.searchParams.get("issuer")).toBe("Ringfence");
    // What is left out is what apps assume: SHA-1, six digits, half a minute.
    expect(told.searchParams.get("algorithm") ?? "SHA1").toBe("SHA1");
    expect([told.searchParams.get("digits") ?? "6", told.searchParams.get("period") ?? "30"]).toEqual([
      "6",
      "30",
    ]);
    await earlyInStep();
    expect(
      (await browser.post("/auth/totp/confirm", { id, code: oathtool(secret, now()), name: "oathtool" }))
        .status,
    ).toBe(200);
    for (const [steps, expected] of [
      [-2, [401, "wrong-code"]],
      [2, [401, "wrong-code"]],
      [-1, [200, ""]],
      [0, [200, ""]],
      [1, [200, ""]],
    ] as const) {
      const { browser: waiting } = await passFirstFactor(server, person);
      await earlyInStep();
      await forgetSteps(server, person.personId);
      const answer = await waiting.post("/auth/second-factor", {
        method: "totp",
        code: oathtool(secret, now() + 30 * steps),
      });
      expect([steps, ...keyOf(answer)]).toEqual([steps, ...expected]);
    }
  });

  test("forward through the steps: each code once, and none before the last that was taken", async (context) => {
    skipWithout(context);
    const { browser, ...person } = await account(server, acme);
    const { id, secret } = (await browser.post("/auth/totp")).json;
    await earlyInStep();
    // Confirmed by the step before, so that two are left of the three that are near.
    expect(
      (await browser.post("/auth/totp/confirm", { id, code: oathtool(secret, now() - 30), name: "oathtool" }))
        .status,
    ).toBe(200);
    const seen: [number, number][] = [];
    for (const steps of [-1, 0, 0, 1, 0, 1]) {
      const { browser: waiting } = await passFirstFactor(server, person);
      const { status } = await waiting.post("/auth/second-factor", {
        method: "totp",
        code: oathtool(secret, now() + 30 * steps),
      });
      seen.push([steps, status]);
    }
    expect(seen).toEqual([
      [-1, 401],
      [0, 200],
      [0, 401],
      [1, 200],
      [0, 401],
      [1, 401],
    ]);
  });

  test("says the same as we do, at moments over fifty years", (context) => {
    skipWithout(context);
    const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    const bytes = Buffer.from("12345678901234567890");
    for (let at = 0; at < 40; at += 1) {
      const seconds = 1_000_000_019 + at * 39_447_011;
      const window = oathtool(secret, seconds - 60, ["--window=4"]).split("\n");
      const step = Math.floor(seconds / 30);
      const steps = window.map((code) => stepOf(bytes, code, seconds, 0));
      expect([seconds, steps]).toEqual([seconds, [null, step - 1, step, step + 1, null]]);
    }
  });
});
