import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Command } from "../../server/cli/command.ts";
import { networksClear } from "../../server/cli/networks.ts";
import { ownerRestore } from "../../server/cli/owner.ts";
import { sessionsEnd } from "../../server/cli/sessions.ts";
import { readConfig } from "../../server/foundation/config/index.ts";
import { hmacSha256, sha256 } from "../../server/foundation/ids/index.ts";
import { Problem } from "../../server/foundation/problem/index.ts";
import { keyFor } from "../../server/foundation/secrets/index.ts";
import { installedDatabase, type InstalledDatabase } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { trialSecret } from "../seed.ts";
import { testServer, type TestServer } from "../server.ts";

let database: InstalledDatabase;
let server: TestServer;
let acme: Awaited<ReturnType<TestServer["organization"]>>;

beforeEach(async () => {
  database = await installedDatabase();
  const db = await database.connectAsSuperuser();
  // As `start` notes it; the template of the tests has a check value of its own.
  const check = hmacSha256(keyFor(trialSecret, "key-check"), "ringfence installation");
  await db.query("update kernel.installation set key_check = $1", [check]);
  server = await testServer({}, database);
  acme = await server.organization("acme");
});
afterEach(async () => {
  await server.stop();
  await database.drop();
});

async function run(command: Command, options: Readonly<Record<string, unknown>>): Promise<string> {
  const lines: string[] = [];
  const settings = readConfig({
    PORT: "0",
    RINGFENCE_DATA: "/tmp",
    DATABASE_URL: database.dsn,
    RINGFENCE_PUBLIC_URL: "https://crm.example.com",
    RINGFENCE_REGION: "eu",
  });
  await command.runWith(options, {
    say: (text) => void lines.push(text),
    // Set here, since the settings refuse a secret that looks like a placeholder.
    config: () => ({ ...settings, secret: trialSecret }),
  });
  return lines.join("\n");
}

const at = (path: string): string => `/o/acme/v1${path}`;

describe("ringfence networks clear", () => {
  proves("IAM-11");
  test("opens an organization again that its list has locked, and its trail says so", async () => {
    const db = await database.connectAsSuperuser();
    await db.query("update kernel.tenant set networks = '{198.51.100.0/24}' where id = $1", [acme.id]);
    expect((await acme.browser.get(at("/contacts"))).json.type).toMatch(/address-not-allowed$/);
    expect(await run(networksClear, { organization: "acme" })).toBe("Any address may come in again.");
    expect((await acme.browser.get(at("/contacts"))).status).toBe(200);
    const trail = await acme.browser.get(at("/audit-events?resourceType=security"));
    expect(trail.json.items[0]).toMatchObject({
      actorEmail: "operator",
      severity: "critical",
      before: { networks: ["198.51.100.0/24"] },
      after: { networks: null },
    });
    expect(JSON.parse(await run(networksClear, { organization: "acme", json: true }))).toEqual({
      cleared: false,
    });
    await expect(run(networksClear, { organization: "nope" })).rejects.toThrow(Problem);
  });
});

describe("ringfence sessions end", () => {
  test("ends every session and token of everybody, leaves keys, and stands in every trail", async () => {
    const made = await acme.browser.post(at("/keys"), {
      name: "Stays",
      permissions: ["contact.read", "account.read", "audit.read"],
    });
    const { json: pair } = await acme.browser.post("/auth/tokens", {});
    expect(Number(JSON.parse(await run(sessionsEnd, { json: true })).ended)).toBeGreaterThan(0);
    expect((await acme.browser.get("/auth/me")).status).toBe(401);
    expect((await server.bearer(pair.accessToken).get(at("/contacts"))).status).toBe(401);
    const refreshed = await server
      .stranger()
      .post("/auth/tokens/refresh", { refreshToken: pair.refreshToken });
    expect(refreshed.status).toBe(401);
    const trail = await server.bearer(made.json.key).get("/v1/audit-events?action=end-sessions");
    expect(trail.json.items).toMatchObject([{ actorEmail: "operator", severity: "critical" }]);
    expect(await run(sessionsEnd, {})).toBe("Nobody was signed in.");
  });
});

describe("ringfence owner restore", () => {
  const tokenIn = (said: string): string => /#token=([\w-]{43})/.exec(said)?.[1] ?? "";
  const redeem = async (token: string, password?: string) => {
    const browser = server.stranger();
    const answer = await browser.post(
      "/auth/owner-restore/redeem",
      password === undefined ? { token } : { token, password },
    );
    return { answer, browser };
  };

  test("lets an owner back in who has lost every factor: old sessions end, and a new password is set", async () => {
    const db = await database.connectAsSuperuser();
    await db.query("update kernel.person set second_factor_since = now() where id = $1", [
      acme.owner.personId,
    ]);
    const said = await run(ownerRestore, { organization: "acme", email: acme.owner.email.toUpperCase() });
    expect(said).toContain("https://crm.example.com/restore#token=");
    const token = tokenIn(said);
    const whose = await server.stranger().post("/auth/owner-restore", { token });
    expect(whose.json).toEqual({
      email: acme.owner.email,
      name: "Somebody",
      organization: "Organization acme",
    });
    expect((await acme.browser.get("/auth/me")).status).toBe(200);
    const weak = await redeem(token, "acme12345678901");
    expect([weak.answer.status, weak.answer.json.errors[0].pointer]).toEqual([422, "/password"]);
    const password = "quite-long winter 47 ferns";
    const { answer, browser } = await redeem(token, password);
    expect(answer.json).toEqual({ signedIn: true, next: null, organization: "acme" });
    const changed = await db.query(
      "select password_changed_at > now() - interval '5 min' as just_now from kernel.person where id = $1",
      [acme.owner.personId],
    );
    expect(changed.rows).toEqual([{ just_now: true }]);
    expect((await acme.browser.get("/auth/me")).status).toBe(401);
    expect((await browser.get(at("/security"))).status).toBe(200);
    const { rows } = await db.query("select second_factor_since from kernel.person where id = $1", [
      acme.owner.personId,
    ]);
    expect(rows).toEqual([{ second_factor_since: null }]);
    const trail = await browser.get(at("/audit-events?severity=critical"));
    expect(trail.json.items.map(({ action }: { action: string }) => action)).toEqual([
      "restore-owner",
      "open-restore",
    ]);
    expect(trail.json.items[1].actorEmail).toBe("operator");
    expect((await redeem(token)).answer.status).toBe(403);
    const fresh = server.stranger();
    expect((await fresh.post("/auth/sign-in", { email: acme.owner.email, password })).status).toBe(200);
  });

  test("lets the owner in beside single sign-on that is enforced", async () => {
    const db = await database.connectAsSuperuser();
    await db.query("update kernel.tenant set sso_enforced = true where id = $1", [acme.id]);
    expect((await acme.browser.get(at("/organization"))).json.type).toMatch(/single-sign-on-needed$/);
    const { browser } = await redeem(
      tokenIn(await run(ownerRestore, { organization: "acme", email: acme.owner.email })),
    );
    // Past single sign-on nobody comes in by one factor, whoever they are: a new one is added first.
    expect((await browser.get(at("/organization"))).json.type).toMatch(/second-factor-needed$/);
    expect((await browser.get("/auth/security")).status).toBe(200);
    await db.query(
      "update kernel.credential set second_factor_at = now() where person_id = $1 and kind = 'session' and ended_at is null",
      [acme.owner.personId],
    );
    expect((await browser.get(at("/organization"))).status).toBe(200);
  });

  test("is for owners only, and a link is good once, for one of many", async () => {
    const admin = await server.person(acme, "admin");
    await expect(run(ownerRestore, { organization: "acme", email: admin.email })).rejects.toThrow(Problem);
    await expect(run(ownerRestore, { organization: "nope", email: acme.owner.email })).rejects.toThrow(
      Problem,
    );
    const { link, minutes } = JSON.parse(
      await run(ownerRestore, { organization: "acme", email: acme.owner.email, json: true }),
    );
    expect(minutes).toBe(15);
    const token = tokenIn(link);
    const db = await database.connectAsSuperuser();
    const { rows } = await db.query("select digest from kernel.ticket where purpose = 'owner-restore'");
    expect(rows[0].digest).toEqual(sha256(Buffer.concat([Buffer.from("owner-restore|"), sha256(token)])));
    const all = await Promise.all(Array.from({ length: 50 }, () => redeem(token)));
    expect(all.filter(({ answer }) => answer.status === 200)).toHaveLength(1);
    expect(all.filter(({ answer }) => answer.status === 403)).toHaveLength(49);
    expect((await server.stranger().post("/auth/owner-restore", { token })).status).toBe(403);
  });
});
