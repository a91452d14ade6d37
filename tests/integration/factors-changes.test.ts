import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Organization } from "../installed-database.ts";
import {
  account,
  addPasskey,
  answered,
  authenticator,
  codeOf,
  earlyInStep,
  enrolTotp,
  forgetSteps,
  keyOf,
  lettersTo,
  passFirstFactor,
  provedMinutesAgo,
} from "../second-factors.ts";
import { testServer, type TestServer } from "../server.ts";

let server: TestServer;
let acme: Organization;
beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
});
afterAll(() => server.stop());

describe("proving once more", () => {
  test.each(["password", "code", "backupCode", "passkey"] as const)(
    "by %s opens dangerous acts again, under a new token",
    async (kind) => {
      const { browser, ...person } = await account(server, acme, "admin");
      const device = authenticator();
      const app = await enrolTotp(browser);
      await addPasskey(browser, device);
      await provedMinutesAgo(server, person.personId, 11);
      const key = (): ReturnType<typeof browser.post> => browser.post("/o/acme/v1/keys", { name: "k" });
      const exported = (): ReturnType<typeof browser.get> => browser.get("/o/acme/v1/contacts/export.csv");
      expect(keyOf(await key())).toEqual([403, "fresh-proof-needed"]);
      expect(keyOf(await exported())).toEqual([403, "fresh-proof-needed"]);
      await earlyInStep();
      await forgetSteps(server, person.personId);
      const proof = {
        password: () => person.password,
        code: () => codeOf(app.secret),
        backupCode: () => app.backupCodes?.[3],
        passkey: async () => answered(device, (await browser.post("/auth/prove/options")).json.options),
      };
      const old = browser.cookies.get("__Host-sid") ?? "";
      const proved = await browser.post("/auth/prove", { [kind]: await proof[kind]() });
      expect([proved.status, proved.json]).toEqual([200, { provedAt: expect.stringMatching(/^\d{4}-.*Z$/) }]);
      expect(browser.cookies.get("__Host-sid")).not.toBe(old);
      expect((await server.browserOf(old).get("/auth/me")).status).toBe(401);
      expect((await key()).status).toBe(201);
      expect((await exported()).status).toBe(200);
      // It is the same session: neither another in the list, nor one that lives longer.
      expect((await browser.get("/auth/sessions")).json.items).toHaveLength(1);
    },
  );

  test("in two tabs at once gives one of them the session; the other's answer takes nothing away", async () => {
    const { browser, ...person } = await account(server, acme);
    await browser.csrf();
    const token = browser.cookies.get("__Host-sid") ?? "";
    const tabs = [server.browserOf(token), server.browserOf(token)];
    await Promise.all(tabs.map((tab) => tab.csrf()));
    const answers = await Promise.all(
      tabs.map((tab) => tab.post("/auth/prove", { password: person.password })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401]);
    const loser = answers.find(({ status }) => status === 401);
    expect(loser?.headers["set-cookie"]).toBeUndefined();
    const alive = await Promise.all(tabs.map(async (tab) => (await tab.get("/auth/me")).status));
    expect(alive.toSorted()).toEqual([200, 401]);
  });

  test("by password is not for a session that an identity provider has vouched for", async () => {
    const { browser, ...person } = await account(server, acme);
    const db = await server.database.connectAsSuperuser();
    await db.query(
      "update kernel.credential set sso_tenant_id = $2 where person_id = $1 and kind = 'session'",
      [person.personId, acme.id],
    );
    expect(keyOf(await browser.post("/auth/prove", { password: person.password }))).toEqual([
      403,
      "sign-in-again",
    ]);
    // Nor does it change what guards the person everywhere else.
    expect(keyOf(await browser.post("/auth/totp"))).toEqual([403, "sign-in-again"]);
    expect(keyOf(await browser.post("/auth/passkeys/options"))).toEqual([403, "sign-in-again"]);
  });

  test("needs exactly one proof, and a wrong one leaves the session as it was", async () => {
    const { browser, password } = await account(server, acme);
    expect((await browser.post("/auth/prove", {})).status).toBe(422);
    expect((await browser.post("/auth/prove", { password, code: "123456" })).status).toBe(422);
    expect(keyOf(await browser.post("/auth/prove", { password: "not the password 99" }))).toEqual([
      401,
      "wrong-code",
    ]);
    expect((await browser.get("/auth/me")).status).toBe(200);
  });
});

describe("one's own factors", () => {
  test("are changed only with a fresh proof, and by a second factor where there is one", async () => {
    const { browser, ...person } = await account(server, acme);
    const app = await enrolTotp(browser);
    await provedMinutesAgo(server, person.personId, 11);
    const changes = [
      () => browser.post("/auth/totp"),
      () => browser.post("/auth/passkeys/options"),
      () => browser.post("/auth/backup-codes"),
      () => browser.delete(`/auth/factors/${app.id}`),
    ];
    for (const change of changes) expect(keyOf(await change())).toEqual([403, "fresh-proof-needed"]);
    // The password alone: whoever stole a session and knows it must not be able to put another factor there.
    expect((await browser.post("/auth/prove", { password: person.password })).status).toBe(200);
    for (const change of changes) expect(keyOf(await change())).toEqual([403, "fresh-proof-needed"]);
    await earlyInStep();
    await forgetSteps(server, person.personId);
    expect((await browser.post("/auth/prove", { code: codeOf(app.secret) })).status).toBe(200);
    for (const change of changes) expect((await change()).status).toBeLessThan(300);
  });

  test("can be named, and are named in the letters and in the organization's trail", async () => {
    const { browser, ...person } = await account(server, acme, "admin");
    const app = await enrolTotp(browser);
    expect((await browser.patch(`/auth/factors/${app.id}`, { name: "Work phone" })).status).toBe(204);
    expect((await browser.get("/auth/security")).json.factors[0].name).toBe("Work phone");
    expect((await browser.delete(`/auth/factors/${app.id}`)).status).toBe(204);
    const { json } = await browser.get("/o/acme/v1/audit-events?resourceType=factor&limit=3");
    expect(json.items.map(({ action, after }: Record<string, unknown>) => [action, after])).toEqual([
      ["remove", { kind: "totp", name: "Work phone" }],
      ["change", { name: "Work phone" }],
      ["create", { kind: "totp", name: "Phone" }],
    ]);
    expect(await lettersTo(server, person.email)).toEqual(["factor-added", "factor-removed"]);
  });

  test("begin and end with every other session: those were opened by other rules", async () => {
    const { browser, ...person } = await account(server, acme);
    const before = (await passFirstFactor(server, person)).browser;
    const app = await enrolTotp(browser);
    expect((await before.get("/auth/me")).status).toBe(401);
    const { browser: second } = await passFirstFactor(server, person);
    await second.post("/auth/second-factor", { method: "backup-code", code: app.backupCodes?.[0] });
    const extra = await addPasskey(browser, authenticator());
    expect((await second.get("/auth/me")).status).toBe(200);
    // Not the last one: the others stay.
    expect((await browser.delete(`/auth/factors/${extra.json.id}`)).status).toBe(204);
    expect((await second.get("/auth/me")).status).toBe(200);
    const { browser: waiting } = await passFirstFactor(server, person);
    expect((await browser.delete(`/auth/factors/${app.id}`)).status).toBe(204);
    expect((await second.get("/auth/me")).status).toBe(401);
    expect((await waiting.get("/auth/second-factor")).status).toBe(401);
    expect((await browser.get("/auth/security")).json).toMatchObject({ factors: [], backupCodesLeft: 0 });
    expect((await passFirstFactor(server, person)).answer.json).toEqual({ signedIn: true, next: null });
  });
});

describe("a member who has lost every factor", () => {
  test("has them taken away by an admin, and gets a letter; sessions end", async () => {
    const { browser, ...person } = await account(server, acme);
    await enrolTotp(browser);
    const owner = server.browserOf(acme.owner.token);
    const reset = `/o/acme/v1/members/${person.memberId}/reset-factors`;
    expect((await owner.post(reset)).status).toBe(204);
    expect((await browser.get("/auth/me")).status).toBe(401);
    expect((await passFirstFactor(server, person)).answer.json).toEqual({ signedIn: true, next: null });
    expect(await lettersTo(server, person.email)).toEqual(["factor-added", "factors-reset"]);
    expect(keyOf(await owner.post(reset))).toEqual([409, "wrong-state"]);
  });

  test("who belongs to another organization too keeps them: one's admins must not open the other's doors", async () => {
    const { browser, ...person } = await account(server, acme);
    await enrolTotp(browser);
    expect(
      (await browser.post("/auth/organizations", { name: "Own", slug: `own-${person.memberId.slice(-6)}` }))
        .status,
    ).toBe(201);
    const owner = server.browserOf(acme.owner.token);
    expect(keyOf(await owner.post(`/o/acme/v1/members/${person.memberId}/reset-factors`))).toEqual([
      409,
      "wrong-state",
    ]);
    expect((await passFirstFactor(server, person)).answer.json.next).toBe("second-factor");
  });

  test("is not reset by somebody below them, nor by themselves, nor without a fresh proof (Keycloak CVE-2026-94001)", async () => {
    const owner = await account(server, acme, "owner");
    await enrolTotp(owner.browser);
    const admin = await account(server, acme, "admin");
    expect(keyOf(await admin.browser.post(`/o/acme/v1/members/${owner.memberId}/reset-factors`))).toEqual([
      403,
      "not-allowed",
    ]);
    expect(keyOf(await owner.browser.post(`/o/acme/v1/members/${owner.memberId}/reset-factors`))).toEqual([
      409,
      "wrong-state",
    ]);
    await provedMinutesAgo(server, owner.personId, 11);
    expect(keyOf(await owner.browser.post(`/o/acme/v1/members/${admin.memberId}/reset-factors`))).toEqual([
      403,
      "fresh-proof-needed",
    ]);
  });
});

describe("an organization that asks for a second factor", () => {
  test.each([
    ["of everybody", "{*}"],
    ["of this role", "{manager,member}"],
  ])(
    "%s shuts out a session without one once the grace is over, and lets it in as soon as it has enrolled",
    async (_, roles) => {
      const { browser, ...person } = await account(server, acme);
      const db = await server.database.connectAsSuperuser();
      const policy = (days: number): Promise<unknown> =>
        db.query(
          "update kernel.tenant set mfa_roles = $2, mfa_from = now() - make_interval(days => 30), mfa_grace_days = $3 where id = $1",
          [acme.id, roles, days],
        );
      try {
        await policy(90);
        expect((await browser.get("/o/acme/v1/contacts")).status).toBe(200);
        // The grace runs from when the rule was made, or from when somebody joined, whichever is later.
        await policy(0);
        await db.query("update kernel.membership set created_at = now() - interval '1 day' where id = $1", [
          person.memberId,
        ]);
        expect(keyOf(await browser.get("/o/acme/v1/contacts"))).toEqual([403, "second-factor-needed"]);
        expect((await browser.get("/auth/me")).status).toBe(200);
        const app = await enrolTotp(browser);
        expect((await browser.get("/o/acme/v1/contacts")).status).toBe(200);
        expect((await browser.delete(`/auth/factors/${app.id}`)).status).toBe(204);
        expect(keyOf(await browser.get("/o/acme/v1/contacts"))).toEqual([403, "second-factor-needed"]);
      } finally {
        await db.query("update kernel.tenant set mfa_roles = null, mfa_grace_days = 7 where id = $1", [
          acme.id,
        ]);
      }
    },
  );

  test("of other roles asks nothing of this one, and of newcomers only after their own grace", async () => {
    const { browser, ...person } = await account(server, acme);
    const db = await server.database.connectAsSuperuser();
    const policy = (roles: string): Promise<unknown> =>
      db.query(
        "update kernel.tenant set mfa_roles = $2, mfa_from = now() - interval '30 days', mfa_grace_days = 7 where id = $1",
        [acme.id, roles],
      );
    try {
      await policy("{owner,admin}");
      await db.query("update kernel.membership set created_at = now() - interval '20 days' where id = $1", [
        person.memberId,
      ]);
      expect((await browser.get("/o/acme/v1/contacts")).status).toBe(200);
      await policy("{member}");
      expect(keyOf(await browser.get("/o/acme/v1/contacts"))).toEqual([403, "second-factor-needed"]);
      await db.query("update kernel.membership set created_at = now() - interval '6 days' where id = $1", [
        person.memberId,
      ]);
      expect((await browser.get("/o/acme/v1/contacts")).status).toBe(200);
    } finally {
      await db.query("update kernel.tenant set mfa_roles = null where id = $1", [acme.id]);
    }
  });
});
