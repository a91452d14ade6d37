import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newApiKey, sha256 } from "../../server/foundation/ids/index.ts";
import type { Answer } from "../client.ts";
import { proves } from "../proves.ts";
import { publicUrl, testServer, type TestServer } from "../server.ts";

const keyOf = ({ status, json }: Answer): [number, string] => [
  status,
  String(json?.type ?? "").replace(/^.*\//, ""),
];
const password = "quite-long winter 47 ferns";
const person = { name: "Ada Lovelace", email: "ada@example.com", password };
const organization = {
  name: "Café Müller & Co.",
  locale: "de-AT",
  timeZone: "Europe/Vienna",
  currency: "EUR",
};

describe("an installation that belongs to nobody", () => {
  let server: TestServer;
  let token: string;
  beforeAll(async () => {
    server = await testServer();
    token = String(server.running.setupLink).split("#token=")[1] ?? "";
  });
  afterAll(() => server.stop());

  test("prints a link whose token stands in the fragment, and keeps only its digest", async () => {
    expect(server.running.setupLink).toBe(`${publicUrl}/setup#token=${token}`);
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const db = await server.database.connectAsSuperuser();
    const { rows } = await db.query(
      "select digest, expires_at - created_at = interval '15 minutes' as quarter from kernel.ticket where purpose = 'setup'",
    );
    expect(rows).toEqual([
      { digest: sha256(Buffer.concat([Buffer.from("setup|"), sha256(token)])), quarter: true },
    ]);
  });

  test("serves nothing but setup, health, problem pages and the console's own files", async () => {
    const visitor = server.stranger();
    for (const path of [
      "/auth/me",
      "/auth/sessions",
      "/v1/contacts",
      "/o/acme/v1/contacts",
      `/auth/invitations/${token}`,
    ]) {
      expect([path, ...keyOf(await visitor.get(path))]).toEqual([path, 403, "not-claimed"]);
    }
    const signIn = await visitor.post("/auth/sign-in", { email: person.email, password });
    expect(keyOf(signIn)).toEqual([403, "not-claimed"]);
    expect((await server.bearer(newApiKey("personal").token).get("/v1/contacts")).status).toBe(403);
    for (const path of ["/livez", "/readyz", "/openapi.json", "/problems/not-claimed"])
      expect([path, (await visitor.get(path)).status]).toEqual([path, 200]);
    expect((await visitor.get("/auth/setup")).json).toEqual({ claimed: false, region: "eu" });
    expect([200, 503]).toContain((await visitor.get("/setup")).status);
  });

  test("refuses made-up tokens, weak passwords and unknown places, and the link survives them", async () => {
    const visitor = server.stranger();
    const madeUp = await visitor.post("/auth/setup", { token: "x".repeat(43), organization, person });
    expect(keyOf(madeUp)).toEqual([403, "link-not-valid"]);
    const weak = await visitor.post("/auth/setup", {
      token,
      organization,
      person: { ...person, password: "lovelace1815" },
    });
    expect([weak.status, weak.json.errors[0].pointer]).toEqual([422, "/person/password"]);
    const nowhere = await visitor.post("/auth/setup", {
      token,
      organization: { ...organization, timeZone: "Mars/Olympus" },
      person,
    });
    expect([nowhere.status, nowhere.json.errors[0].pointer]).toEqual([422, "/organization/timeZone"]);
  });

  test("dies after 15 minutes", async () => {
    const db = await server.database.connectAsSuperuser();
    await db.query(
      "update kernel.ticket set expires_at = expires_at - interval '15 minutes 1 second' where purpose = 'setup'",
    );
    expect(keyOf(await server.stranger().post("/auth/setup", { token, organization, person }))).toEqual([
      403,
      "link-not-valid",
    ]);
    await db.query(
      "update kernel.ticket set expires_at = expires_at + interval '15 minutes 1 second' where purpose = 'setup'",
    );
  });

  test("is claimed once, by one of twenty who use the link at the same time", async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, number) =>
        server.stranger().post("/auth/setup", {
          token,
          organization,
          person: { ...person, email: `ada${number}@example.com` },
        }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201).map(({ json }) => json)).toEqual([
      { organization: "cafe-muller-co" },
    ]);
    // Some may not even have come to have their password hashed.
    expect(answers.filter(({ status }) => status === 403 || status === 503)).toHaveLength(19);
    expect((await server.stranger().get("/auth/setup")).json.claimed).toBe(true);
    const db = await server.database.connectAsSuperuser();
    const { rows } = await db.query(
      "select (select count(*) from kernel.person)::integer as people, (select count(*) from kernel.tenant)::integer as tenants",
    );
    expect(rows).toEqual([{ people: 1, tenants: 1 }]);
    expect((await server.stranger().get("/auth/me")).status).toBe(401);
  });

  test("prints no link at its next start", async () => {
    const again = await testServer({}, server.database);
    expect(again.running.setupLink).toBeNull();
    await again.stop();
  });
});

describe("signing in", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await testServer();
    const token = String(server.running.setupLink).split("#token=")[1] ?? "";
    const { status } = await server.stranger().post("/auth/setup", { token, organization, person });
    expect(status).toBe(201);
  });
  afterAll(() => server.stop());

  describe("hands out a session", () => {
    proves("IAM-4");
    test("in a cookie that scripts, other sites and sibling domains cannot reach; the database has digests only", async () => {
      const browser = server.stranger();
      const answer = await browser.post("/auth/sign-in", { email: "  Ada@Example.com ".trim(), password });
      expect(answer.json).toEqual({ signedIn: true, next: null });
      const [cookie = ""] = [answer.headers["set-cookie"] ?? []]
        .flat()
        .filter((line) => line.startsWith("__Host-sid="));
      for (const part of ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"])
        expect(cookie.split("; ")).toContain(part);
      expect(cookie).not.toMatch(/domain=/i);
      const token = browser.cookies.get("__Host-sid") ?? "";
      expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(answer.text).not.toContain(token);
      const db = await server.database.connectAsSuperuser();
      const tables = await db.query(
        "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('kernel', 'app')",
      );
      const whole = await Promise.all(
        tables.rows.map(
          async ({ name }) =>
            (await db.query(`select coalesce(string_agg(t::text, ' '), '') as all from ${name} t`)).rows[0]
              .all,
        ),
      );
      const dump = whole.join("\n");
      expect(dump).toContain(sha256(sha256(token)).toString("hex"));
      for (const secret of [token, sha256(token).toString("hex"), sha256(token).toString("base64"), password])
        expect(dump).not.toContain(secret);
      expect((await browser.get("/auth/me")).json).toMatchObject({
        person: { email: person.email, name: person.name },
        organizations: [
          {
            slug: "cafe-muller-co",
            roles: ["owner"],
            locale: "de-AT",
            timeZone: "Europe/Vienna",
            currency: "EUR",
            demo: false,
          },
        ],
      });
    });

    test("that is new each time: a planted one is not taken over", async () => {
      const browser = server.browserOf("p".repeat(43));
      await browser.post("/auth/sign-in", { email: person.email, password });
      expect(browser.cookies.get("__Host-sid")).not.toBe("p".repeat(43));
      expect((await server.browserOf("p".repeat(43)).get("/auth/me")).status).toBe(401);
    });
  });

  test("says the same of a wrong password and of an address that nobody has, and takes as long", async () => {
    const tries = { known: [] as number[], unknown: [] as number[] };
    const bodies = new Set<string>();
    // The quickest of each: what the work itself takes, whatever else this machine is doing. More rounds find it when the
    // machine is busy; a way that skips the hash stays quicker by far in all of them.
    const ratio = (): number => Math.min(...tries.known) / Math.min(...tries.unknown);
    const alike = (): boolean => ratio() > 0.6 && ratio() < 1.6;
    for (let round = 0; round < 12 || (round < 60 && !alike()); round += 1) {
      for (const kind of ["known", "unknown"] as const) {
        const browser = server.stranger();
        await browser.csrf();
        const email = kind === "known" ? person.email : `nobody${round}@example.com`;
        const startedAt = performance.now();
        // From elsewhere each time, since more than a few tries from one network have to wait.
        const answer = await browser.post(
          "/auth/sign-in",
          { email, password: "not the password 99" },
          { headers: { "x-forwarded-for": `198.51.100.${round}` } },
        );
        tries[kind].push(performance.now() - startedAt);
        expect(keyOf(answer)).toEqual([401, "wrong-credentials"]);
        bodies.add(answer.text.replace(/urn:request:[0-9a-f-]{36}/, ""));
        expect(answer.headers["set-cookie"]).toBeUndefined();
      }
    }
    expect(bodies.size).toBe(1);
    expect(ratio()).toBeGreaterThan(0.6);
    expect(ratio()).toBeLessThan(1.6);
  });

  test("out ends the session on the server, not only in the browser", async () => {
    const browser = server.stranger();
    await browser.post("/auth/sign-in", { email: person.email, password });
    const token = browser.cookies.get("__Host-sid") ?? "";
    const out = await browser.post("/auth/sign-out");
    expect([out.status, out.headers["clear-site-data"]]).toEqual([204, '"cache"']);
    expect(browser.cookies.has("__Host-sid")).toBe(false);
    expect((await server.browserOf(token).get("/auth/me")).status).toBe(401);
  });

  test("leaves traces in the trail, failures too", async () => {
    const browser = server.stranger();
    await browser.post("/auth/sign-in", { email: person.email, password: "not the password 99" });
    await browser.post("/auth/sign-in", { email: person.email, password });
    const { json } = await browser.get("/o/cafe-muller-co/v1/audit-events?resourceType=session&limit=2");
    expect(json.items.map(({ action, severity }: Record<string, string>) => [action, severity])).toEqual([
      ["sign-in", "info"],
      ["sign-in-refused", "warning"],
    ]);
  });

  test("lets a person open another organization, which no other member of the first sees", async () => {
    const browser = server.stranger();
    await browser.post("/auth/sign-in", { email: person.email, password });
    const opened = await browser.post("/auth/organizations", { name: "Second" });
    expect([opened.status, opened.json]).toEqual([201, { organization: "second" }]);
    expect(keyOf(await browser.post("/auth/organizations", { name: "Other", slug: "second" }))).toEqual([
      409,
      "already-exists",
    ]);
    const { json } = await browser.get("/auth/me");
    expect(json.organizations.map(({ slug }: { slug: string }) => slug)).toEqual([
      "cafe-muller-co",
      "second",
    ]);
  });

  test("of more than a few at once is bounded, and nobody is locked out by it", async () => {
    const flood = await Promise.all(
      Array.from({ length: 40 }, () =>
        server
          .stranger()
          .post(
            "/auth/sign-in",
            { email: person.email, password: "not the password 99" },
            { headers: { "x-forwarded-for": "203.0.113.9" } },
          ),
      ),
    );
    for (const { status } of flood) expect([401, 429, 503]).toContain(status);
    expect(flood.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(5);
    const browser = server.stranger();
    expect((await browser.post("/auth/sign-in", { email: person.email, password })).status).toBe(200);
  });
});
