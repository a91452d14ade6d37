import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bootstrap } from "../../server/cli/bootstrap.ts";
import type { Command } from "../../server/cli/command.ts";
import { doctor } from "../../server/cli/doctor.ts";
import { outbox } from "../../server/cli/outbox.ts";
import { readConfig } from "../../server/foundation/config/index.ts";
import { hmacSha256 } from "../../server/foundation/ids/index.ts";
import { Problem } from "../../server/foundation/problem/index.ts";
import { keyFor } from "../../server/foundation/secrets/index.ts";
import { installedDatabase, type InstalledDatabase } from "../installed-database.ts";
import { trialSecret } from "../seed.ts";
import { testServer } from "../server.ts";

let database: InstalledDatabase;
beforeEach(async () => {
  database = await installedDatabase();
  const db = await database.connectAsSuperuser();
  // As `start` notes it; the template of the tests has a check value of its own.
  const check = hmacSha256(keyFor(trialSecret, "key-check"), "ringfence installation");
  await db.query("update kernel.installation set key_check = $1", [check]);
});
afterEach(() => database.drop());

interface Ran {
  readonly exitCode: number;
  // Tests look into what was printed freely.
  // eslint-disable-next-line typescript/no-explicit-any
  readonly json: any;
  readonly said: string;
}

async function run(command: Command, options: Readonly<Record<string, unknown>>): Promise<Ran> {
  const lines: string[] = [];
  const settings = readConfig({
    PORT: "0",
    RINGFENCE_DATA: "/tmp",
    DATABASE_URL: database.dsn,
    RINGFENCE_PUBLIC_URL: "https://crm.example.com",
    RINGFENCE_REGION: "eu",
  });
  // Set here, since the settings refuse a secret that looks like a placeholder.
  const config = { ...settings, secret: trialSecret };
  const exitCode = await command.runWith(options, {
    say: (text) => void lines.push(text),
    config: () => config,
  });
  const said = lines.join("\n");
  return { exitCode, said, json: said.startsWith("{") ? JSON.parse(said) : null };
}

const wish = { organization: "Acme GmbH", email: "Boss@Acme.example", json: true };

describe("ringfence bootstrap", () => {
  test("sets an installation up once, beside a running server, with a password and a key that work", async () => {
    const server = await testServer({}, database);
    const { json } = await run(bootstrap, { ...wish, locale: "de-AT", timeZone: "Europe/Vienna" });
    expect(Object.keys(json).toSorted()).toEqual(["apiKey", "organization", "password", "person", "url"]);
    expect(json).toMatchObject({ url: "https://crm.example.com", organization: "acme-gmbh" });
    expect((await server.bearer(json.apiKey).get("/v1/organization")).json).toMatchObject({
      slug: "acme-gmbh",
      locale: "de-AT",
    });
    const browser = server.stranger();
    expect(
      (await browser.post("/auth/sign-in", { email: "boss@acme.example", password: json.password })).status,
    ).toBe(200);
    const me = await browser.get("/auth/me");
    expect(me.json).toMatchObject({
      person: { id: json.person, name: "boss" },
      organizations: [{ roles: ["owner"] }],
    });
    expect((await browser.get("/auth/sessions")).json.items).toHaveLength(1);
    await expect(run(bootstrap, { ...wish, organization: "Second" })).rejects.toThrow(Problem);
    await server.stop();
  });

  test("is won by one of three that run at once", async () => {
    const runs = await Promise.allSettled(
      ["a", "b", "c"].map((organization) => run(bootstrap, { ...wish, organization: `Org ${organization}` })),
    );
    expect(runs.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("refuses weak places before anything is claimed", async () => {
    await expect(run(bootstrap, { ...wish, timeZone: "Mars/Olympus" })).rejects.toThrow(Problem);
    expect((await run(bootstrap, wish)).json.organization).toBe("acme-gmbh");
  });
});

describe("ringfence outbox", () => {
  test("shows an organization's invitations with their links, and the organization sees who looked", async () => {
    const server = await testServer({}, database);
    const acme = await server.organization("acme");
    await acme.browser.post("/o/acme/v1/invitations", { email: "new@example.com", roles: ["viewer"] });
    const { json } = await run(outbox, { organization: "acme", json: true });
    expect(json.items[0]).toMatchObject({ to: "new@example.com", state: "waiting", lastError: null });
    const token = /#token=([\w-]{43})/.exec(json.items[0].text)?.[1];
    expect((await server.stranger().get(`/auth/invitations/${token}`)).json.email).toBe("new@example.com");
    const trail = await acme.browser.get("/o/acme/v1/audit-events?resourceType=outbox");
    expect(trail.json.items[0]).toMatchObject({ actorEmail: "operator", action: "read", severity: "notice" });
    expect((await run(outbox, { organization: "acme" })).said).toContain(
      "to new@example.com: You are invited to",
    );
    await server.stranger().post("/auth/password-reset", { email: acme.owner.email });
    const other = await server.organization("other");
    const [own, all] = [await run(outbox, { organization: "acme" }), await run(outbox, {})];
    // Another's look is not in this one's trail, and people's own mail is under no organization.
    for (const shown of [own.said, (await run(outbox, { organization: "other" })).said])
      expect(shown).not.toContain("Set a new password");
    expect(all.said).toContain("to new@example.com: You are invited to");
    expect((await other.browser.get("/o/other/v1/audit-events?resourceType=outbox")).json.items).toHaveLength(
      1,
    );
    await expect(run(outbox, { organization: "nope" })).rejects.toThrow(Problem);
    await server.stop();
  });

  test("shows without an organization what people asked for themselves", async () => {
    const server = await testServer({}, database);
    const acme = await server.organization("acme");
    expect((await run(outbox, {})).said).toBe("No mail is waiting.");
    await server.stranger().post("/auth/password-reset", { email: acme.owner.email });
    await server.stranger().post("/auth/password-reset", { email: "nobody@example.com" });
    const { json } = await run(outbox, { json: true });
    expect(json.items).toMatchObject([{ to: acme.owner.email, subject: "Set a new password" }]);
    const token = /#token=([\w-]{43})/.exec(json.items[0].text)?.[1];
    const password = "three slow otters 81 lamps";
    const set = await server.stranger().post("/auth/password-reset/redeem", { token, password });
    expect(set.status).toBe(204);
    await server.stop();
  });
});

describe("ringfence doctor", () => {
  const failed = (json: { findings: { check: string; state: string }[] }): string[] =>
    json.findings.filter(({ state }) => state === "fail").map(({ check }) => check);

  test("finds a sound installation sound, every check with its detail", async () => {
    const { exitCode, json } = await run(doctor, { json: true });
    const checks = json.findings.map(({ check }: { check: string }) => check);
    expect(checks).toEqual([
      "settings",
      "port",
      "disk",
      "limits",
      "mail",
      "postgresql",
      "clock",
      "statement log",
      "roles",
      "isolation",
      "canary",
      "depth",
      "keys",
      "setup",
    ]);
    expect(failed(json).filter((check) => check !== "postgresql")).toEqual([]);
    expect(exitCode).toBe(failed(json).length === 0 ? 0 : 1);
    for (const finding of json.findings)
      expect(finding).toEqual({
        check: expect.any(String),
        state: expect.stringMatching(/^(ok|warn|fail)$/),
        detail: expect.any(String),
        fix: finding.state === "ok" ? null : expect.any(String),
      });
    expect((await run(doctor, {})).said).toMatch(/^ok {4}isolation/m);
  });

  test("names what was changed by hand, and ends with 1", async () => {
    const db = await database.connectAsSuperuser();
    await db.query("create table app.rogue (id integer)");
    const { exitCode, json } = await run(doctor, { json: true });
    expect([exitCode, failed(json).includes("isolation")]).toEqual([1, true]);
    expect(json.findings.find(({ check }: { check: string }) => check === "isolation").detail).toContain(
      "app.rogue",
    );
  });

  test("notices by its canary when a wall is down", async () => {
    const db = await database.connectAsSuperuser();
    await db.query("alter table app.contact disable row level security");
    const { json } = await run(doctor, { json: true });
    expect(failed(json)).toEqual(expect.arrayContaining(["isolation", "canary"]));
    expect(json.findings.find(({ check }: { check: string }) => check === "canary").detail).toContain(
      "reading contacts without a binding",
    );
  });
});
