import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newToken, sha256 } from "../../server/foundation/ids/index.ts";
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
  passkeySignIn,
} from "../second-factors.ts";
import { testServer, type TestServer } from "../server.ts";

let server: TestServer;
let acme: Organization;
beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
});
afterAll(() => server.stop());

describe("an authenticator app", () => {
  test("is enrolled by its first code, comes with ten backup codes, and is asked for from then on", async () => {
    const { browser, ...person } = await account(server, acme);
    expect((await browser.get("/auth/security")).json).toEqual({
      password: { set: true },
      factors: [],
      backupCodesLeft: 0,
      freshSeconds: expect.any(Number),
    });
    const app = await enrolTotp(browser);
    expect(app.secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(app.backupCodes).toHaveLength(10);
    for (const code of app.backupCodes ?? []) expect(code).toMatch(/^([A-Z2-7]{4}-){5}[A-Z2-7]{4}$/);
    expect((await browser.get("/auth/security")).json).toMatchObject({
      factors: [{ id: app.id, kind: "totp", name: "Phone", createdAt: expect.any(String) }],
      backupCodesLeft: 10,
    });
    const { browser: second, answer } = await passFirstFactor(server, person);
    expect([answer.status, answer.json]).toEqual([200, { signedIn: false, next: "second-factor" }]);
    expect(second.cookies.has("__Host-sid")).toBe(false);
    expect((await second.get("/auth/second-factor")).json).toEqual({
      methods: ["totp", "backup-code"],
      remembered: false,
      mayRemember: true,
    });
    await earlyInStep();
    await forgetSteps(server, person.personId);
    const code = codeOf(app.secret);
    const done = await second.post("/auth/second-factor", {
      method: "totp",
      code: `${code.slice(0, 3)} ${code.slice(3)}`,
    });
    expect([done.status, done.json]).toEqual([200, { signedIn: true, next: null, backupCodesLeft: 10 }]);
    expect(second.cookies.has("__Host-step")).toBe(false);
    expect((await second.get("/auth/me")).json.person.email).toBe(person.email);
    const db = await server.database.connectAsSuperuser();
    const { rows } = await db.query(
      "select factors, second_factor_at is not null as second from kernel.credential where digest = sha256($1)",
      [sha256(second.cookies.get("__Host-sid") ?? "")],
    );
    expect(rows).toEqual([{ factors: ["password", "totp"], second: true }]);
    expect(await lettersTo(server, person.email)).toEqual(["factor-added"]);
  });

  test("is waited for no longer by a browser that is handed another session, such as by an invitation", async () => {
    const person = await account(server, acme);
    await enrolTotp(person.browser);
    const { browser } = await passFirstFactor(server, person);
    expect(browser.cookies.has("__Host-step")).toBe(true);
    const token = newToken();
    const db = await server.database.connectAsSuperuser();
    await db.query(
      `insert into kernel.ticket (digest, purpose, tenant_id, email, roles, expires_at)
       values (kernel.ticket_digest('invitation', $1), 'invitation', $2, 'another@second.example', '{viewer}', now() + interval '1 hour')`,
      [sha256(token), acme.id],
    );
    const { password } = person;
    const joined = await browser.post(`/auth/invitations/${token}`, { name: "Another", password });
    expect(joined.status).toBe(200);
    expect([browser.cookies.has("__Host-sid"), browser.cookies.has("__Host-step")]).toEqual([true, false]);
    expect((await browser.get("/auth/me")).json.person.email).toBe("another@second.example");
  });

  test("tells its secret once, and the database only sealed for this person and this factor", async () => {
    const { browser, ...person } = await account(server, acme);
    const app = await enrolTotp(browser);
    const db = await server.database.connectAsSuperuser();
    const { rows } = await db.query("select secret, f::text as whole from kernel.factor f where id = $1", [
      app.id,
    ]);
    expect(rows[0].secret.length).toBeGreaterThan(20);
    expect(rows[0].whole).not.toContain(app.secret);
    // Moved to another factor, it opens no longer.
    const other = await account(server, acme);
    const theirs = await enrolTotp(other.browser);
    await db.query("update kernel.factor set secret = $2 where id = $1", [theirs.id, rows[0].secret]);
    const { browser: waiting } = await passFirstFactor(server, other);
    await earlyInStep();
    expect(
      (await waiting.post("/auth/second-factor", { method: "totp", code: codeOf(app.secret) })).status,
    ).toBe(500);
    expect(person.email).not.toBe(other.email);
  });

  test("that was begun and never confirmed stands in nobody's way (better-auth #8711)", async () => {
    const { browser, ...person } = await account(server, acme);
    const begun = await browser.post("/auth/totp");
    expect(
      (await browser.post("/auth/totp/confirm", { id: begun.json.id, code: "000000", name: "x" })).status,
    ).toBe(401);
    const { answer } = await passFirstFactor(server, person);
    expect(answer.json).toEqual({ signedIn: true, next: null });
    expect((await browser.get("/auth/security")).json.factors).toEqual([]);
    const again = await browser.post("/auth/totp");
    expect(again.json.id).not.toBe(begun.json.id);
    await earlyInStep();
    const late = await browser.post("/auth/totp/confirm", {
      id: begun.json.id,
      code: codeOf(begun.json.secret),
      name: "x",
    });
    expect(keyOf(late)).toEqual([401, "wrong-code"]);
  });
});

describe("a backup code", () => {
  test("is good once, however it is typed, and says how many are left", async () => {
    const { browser, ...person } = await account(server, acme);
    const [code = "", other = ""] = (await enrolTotp(browser)).backupCodes ?? [];
    const first = await passFirstFactor(server, person);
    const done = await first.browser.post("/auth/second-factor", {
      method: "backup-code",
      code: code.toLowerCase().replaceAll("-", " "),
    });
    expect([done.status, done.json]).toEqual([200, { signedIn: true, next: null, backupCodesLeft: 9 }]);
    const second = await passFirstFactor(server, person);
    expect(keyOf(await second.browser.post("/auth/second-factor", { method: "backup-code", code }))).toEqual([
      401,
      "wrong-code",
    ]);
    expect(
      (await second.browser.post("/auth/second-factor", { method: "backup-code", code: other })).json
        .backupCodesLeft,
    ).toBe(8);
    expect(await lettersTo(server, person.email)).toEqual([
      "factor-added",
      "backup-code-used",
      "backup-code-used",
    ]);
  });

  test("of an older set is good for nothing once there are new ones", async () => {
    const { browser, ...person } = await account(server, acme);
    const [old = ""] = (await enrolTotp(browser)).backupCodes ?? [];
    const { json } = await browser.post("/auth/backup-codes");
    expect(json.codes).toHaveLength(10);
    const { browser: waiting } = await passFirstFactor(server, person);
    expect(keyOf(await waiting.post("/auth/second-factor", { method: "backup-code", code: old }))).toEqual([
      401,
      "wrong-code",
    ]);
    expect(
      (await waiting.post("/auth/second-factor", { method: "backup-code", code: json.codes[9] })).status,
    ).toBe(200);
  });

  test("can be made only where there is a factor that it stands in for", async () => {
    const { browser } = await account(server, acme);
    expect(keyOf(await browser.post("/auth/backup-codes"))).toEqual([409, "wrong-state"]);
  });
});

describe("a passkey", () => {
  test("is found by the authenticator itself, verifies its user, and signs in alone", async () => {
    const { browser, ...person } = await account(server, acme);
    const device = authenticator();
    const options = (await browser.post("/auth/passkeys/options")).json.options;
    expect(options).toMatchObject({
      rp: { id: "ringfence.example" },
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
    });
    const added = await addPasskey(browser, device, "Laptop");
    expect([added.status, added.json.backupCodes]).toEqual([
      201,
      expect.arrayContaining([expect.any(String)]),
    ]);
    const { browser: other, answer } = await passkeySignIn(server, device);
    expect([answer.status, answer.json]).toEqual([200, { signedIn: true, next: null }]);
    expect((await other.get("/auth/me")).json.person.email).toBe(person.email);
    const asked = (await server.stranger().post("/auth/passkey/options")).json.options;
    expect(asked).toMatchObject({ rpId: "ringfence.example", userVerification: "required" });
    expect(asked.allowCredentials ?? []).toEqual([]);
    const db = await server.database.connectAsSuperuser();
    const { rows } = await db.query("select factors from kernel.credential where digest = sha256($1)", [
      sha256(other.cookies.get("__Host-sid") ?? ""),
    ]);
    expect(rows).toEqual([{ factors: ["passkey"] }]);
  });

  test("is a second factor after the password too, and then need not verify its user", async () => {
    const { browser, ...person } = await account(server, acme);
    const device = authenticator();
    await addPasskey(browser, device);
    const { browser: waiting, answer } = await passFirstFactor(server, person);
    expect(answer.json.next).toBe("second-factor");
    expect((await waiting.get("/auth/second-factor")).json.methods).toContain("passkey");
    const { json } = await waiting.post("/auth/second-factor/passkey-options");
    expect(json.options.allowCredentials).toHaveLength(1);
    const done = await waiting.post("/auth/second-factor/passkey", {
      response: answered(device, json.options),
    });
    expect([done.status, done.json.signedIn]).toEqual([200, true]);
  });

  test("that is known already is not added again, and not for anybody else", async () => {
    const [one, two] = [await account(server, acme), await account(server, acme)];
    const device = authenticator();
    const { json } = await one.browser.post("/auth/passkeys/options");
    const response = device.createJSON("https://ringfence.example", json.options);
    expect((await one.browser.post("/auth/passkeys", { name: "a", response })).status).toBe(201);
    // The same key under the second person's own challenge.
    const theirs = (await two.browser.post("/auth/passkeys/options")).json.options;
    const clientData = JSON.parse(Buffer.from(response.response.clientDataJSON, "base64url").toString());
    const forged = {
      ...response,
      response: {
        ...response.response,
        clientDataJSON: Buffer.from(JSON.stringify({ ...clientData, challenge: theirs.challenge })).toString(
          "base64url",
        ),
      },
    };
    expect(keyOf(await two.browser.post("/auth/passkeys", { name: "b", response: forged }))).toEqual([
      409,
      "wrong-state",
    ]);
  });
});
