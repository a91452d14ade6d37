import { SMTPServer } from "smtp-server";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { installedDatabase, type InstalledDatabase, type Organization } from "../installed-database.ts";
import { lettersTo, linkTo } from "../mail-ground.ts";
import { publicUrl, testServer, type TestServer } from "../server.ts";

let database: InstalledDatabase;
let acme: Organization;
let running: TestServer[] = [];

beforeAll(async () => {
  database = await installedDatabase();
  acme = await database.organization({ slug: "acme" });
});
afterEach(async () => {
  await Promise.all(running.map((server) => server.stop()));
  running = [];
});
afterAll(() => database.drop());

const at = (path: string): string => `/o/acme/v1${path}`;

async function started(settings: Readonly<Record<string, string>> = {}): Promise<TestServer> {
  const server = await testServer({ RINGFENCE_DOORS: "api,worker", ...settings }, database);
  running.push(server);
  return server;
}

/** A relay of our own: takes letters, or answers with `refusal`. */
async function relay(refusal: { code: number } | null = null) {
  const letters: { to: string; text: string }[] = [];
  const state = { refusal };
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        if (state.refusal !== null)
          return done(Object.assign(new Error("no"), { responseCode: state.refusal.code }));
        letters.push({
          to: session.envelope.rcptTo[0]?.address ?? "",
          text: Buffer.concat(chunks).toString("utf8"),
        });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => smtp.listen(0, "127.0.0.1", resolve));
  const address = smtp.server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    letters,
    state,
    settings: {
      RINGFENCE_SMTP_URL: `smtp://127.0.0.1:${port}`,
      RINGFENCE_MAIL_FROM: "Ringfence <crm@ringfence.example>",
    },
    close: () => new Promise<void>((resolve) => smtp.close(() => resolve())),
  };
}

/** The token in a letter, quoted-printable or not. */
function tokenIn(letter: string): string {
  const plain = letter.replace(/=\r?\n/g, "").replace(/=3D/g, "=");
  return /\/invitation\/accept#token=([A-Za-z0-9_-]{43})/.exec(plain)?.[1] ?? "";
}

describe("an invitation", () => {
  test("goes to the relay, is accepted once by a new person, and is kept sealed", async () => {
    const smtp = await relay();
    const server = await started(smtp.settings);
    const owner = server.browserOf(acme.owner.token);
    const made = await owner.post(at("/invitations"), { email: "New.Person@Example.com", roles: ["member"] });
    expect(made.json).toMatchObject({
      email: "new.person@example.com",
      roles: ["member"],
      invitedBy: expect.any(String),
    });
    await expect.poll(() => smtp.letters.length, { timeout: 10_000 }).toBe(1);
    expect(smtp.letters[0]?.to).toBe("new.person@example.com");
    const token = tokenIn(smtp.letters[0]?.text ?? "");
    expect(token).toHaveLength(43);
    expect(smtp.letters[0]?.text).toContain(publicUrl);

    const db = await database.connectAsSuperuser();
    const { rows } = await db.query(
      "select body, state from kernel.person_mail where to_address = 'new.person@example.com'",
    );
    expect(rows).toEqual([{ body: null, state: "sent" }]);
    const [sent] = (await owner.get(at("/invitations"))).json.items;
    expect(sent).toMatchObject({ delivery: "sent", lastError: null });

    const guest = server.stranger();
    const told = await guest.get(`/auth/invitations/${token}`);
    expect(told.json).toMatchObject({
      slug: "acme",
      email: "new.person@example.com",
      roles: ["member"],
      known: false,
    });
    const weak = await guest.post(`/auth/invitations/${token}`, { name: "New Person", password: "password" });
    expect([weak.status, weak.json.errors[0].pointer]).toEqual([422, "/password"]);
    const joined = await guest.post(`/auth/invitations/${token}`, {
      name: "New Person",
      password: "quite-long winter 47 ferns",
    });
    expect([joined.status, joined.json]).toEqual([200, { organization: "acme" }]);
    expect((await guest.get(at("/contacts"))).status).toBe(200);
    const again = await server
      .stranger()
      .post(`/auth/invitations/${token}`, { name: "Second", password: "quite-long winter 47 ferns" });
    expect([again.status, again.json.type]).toEqual([403, `${publicUrl}/problems/link-not-valid`]);
    await smtp.close();
  });

  test("waits without a relay, where an administrator finds the link, and goes out once there is one", async () => {
    const server = await started();
    const owner = server.browserOf(acme.owner.token);
    const made = await owner.post(at("/invitations"), { email: "waiting@example.com", roles: ["viewer"] });
    expect(made.json).toMatchObject({ delivery: "held", lastError: null });
    const { token } = await linkTo(database, "waiting@example.com", "invitation");
    for (const path of ["/invitations", "/audit-events", "/access-review"])
      expect((await owner.get(at(path))).text).not.toContain(token);
    const [held] = (await owner.get(at("/outbox"))).json.items;
    expect(held).toMatchObject({
      to: "waiting@example.com",
      state: "waiting",
      purpose: "invitation",
      sentAt: null,
    });
    expect(tokenIn(held.text)).toBe(token);
    const db = await database.connectAsSuperuser();
    const { rows } = await db.query(
      "select body from kernel.person_mail where to_address = 'waiting@example.com'",
    );
    expect(rows[0].body.includes(token)).toBe(false);
    expect((await server.stranger().get(`/auth/invitations/${token}`)).json.email).toBe(
      "waiting@example.com",
    );
    await server.stop();

    const smtp = await relay();
    const later = await started(smtp.settings);
    await expect
      .poll(() => smtp.letters.map(({ to }) => to), { timeout: 10_000 })
      .toEqual(["waiting@example.com"]);
    expect(tokenIn(smtp.letters[0]?.text ?? "")).toBe(token);
    await expect
      .poll(
        async () => (await later.browserOf(acme.owner.token).get(at("/invitations"))).json.items[0].delivery,
      )
      .toBe("sent");
    await smtp.close();
    running = running.filter((each) => each !== server);
  });

  test("of a demo is mailed by no relay; its link is in the outbox only where there is none", async () => {
    const db = await database.connectAsSuperuser();
    const show = await database.organization({ slug: "show" });
    await db.query("update kernel.tenant set demo = true where id = $1", [show.id]);
    const showing = (path: string): string => `/o/show/v1${path}`;
    const server = await started();
    const owner = server.browserOf(show.owner.token);
    const made = await owner.post(showing("/invitations"), { email: "shown@example.com", roles: ["viewer"] });
    expect(made.json).toMatchObject({ delivery: "held", lastError: null });
    const { token } = await linkTo(database, "shown@example.com", "invitation");
    const [held] = (await owner.get(showing("/outbox"))).json.items;
    expect([held.state, tokenIn(held.text)]).toEqual(["held", token]);

    const smtp = await relay();
    const mailing = (await started(smtp.settings)).browserOf(show.owner.token);
    // However long it lies there: nobody has tried, so nobody has failed.
    await db.query(
      "update kernel.person_mail set created_at = now() - interval '8 days' where to_address = 'shown@example.com'",
    );
    await db.query("select * from kernel.lease_person_mail($1, 60, 50)", [Buffer.alloc(32)]);
    const listed = await mailing.get(showing("/outbox"));
    expect(listed.json.items).toMatchObject([
      { to: "shown@example.com", purpose: "invitation", state: "held", text: null, lastError: null },
    ]);
    expect((await mailing.get(showing("/invitations"))).json.items).toMatchObject([
      { email: "shown@example.com", delivery: "held", lastError: null },
    ]);
    expect(listed.text).not.toContain(token);
    expect(smtp.letters).toEqual([]);
    await smtp.close();
    await db.end();
  });

  test("that a relay refuses for good is marked failed; one that it refuses for now is tried again", async () => {
    const smtp = await relay({ code: 550 });
    const server = await started(smtp.settings);
    const owner = server.browserOf(acme.owner.token);
    await owner.post(at("/invitations"), { email: "refused@example.com", roles: ["viewer"] });
    const newest = async (): Promise<unknown> => (await owner.get(at("/invitations"))).json.items[0];
    await expect
      .poll(newest, { timeout: 10_000 })
      .toMatchObject({ delivery: "failed", lastError: "the relay did not take it (SMTP550)" });
    smtp.state.refusal = { code: 451 };
    await owner.post(at("/invitations"), { email: "later@example.com", roles: ["viewer"] });
    await expect
      .poll(newest, { timeout: 10_000 })
      .toMatchObject({ delivery: "waiting", lastError: "the relay did not take it (SMTP451)" });
    // With a relay, a link is its reader's own, however long the letter waits.
    expect((await owner.get(at("/outbox"))).json.items).toEqual([]);
    smtp.state.refusal = null;
    await expect
      .poll(newest, { timeout: 15_000 })
      .toMatchObject({ email: "later@example.com", delivery: "sent", lastError: null });
    expect(smtp.letters).toHaveLength(1);
    await smtp.close();
  });

  test("is taken back, replaced by a newer one, and made once for an Idempotency-Key", async () => {
    const server = await started();
    const owner = server.browserOf(acme.owner.token);
    const linkOf = async (): Promise<string> =>
      (await linkTo(database, "twice@example.com", "invitation")).token;
    const sending = { headers: { "idempotency-key": "invite-1" } };
    const first = await owner.post(
      at("/invitations"),
      { email: "twice@example.com", roles: ["viewer"] },
      sending,
    );
    const replay = await owner.post(
      at("/invitations"),
      { email: "twice@example.com", roles: ["viewer"] },
      sending,
    );
    expect(replay.json.id).toBe(first.json.id);
    const mismatch = await owner.post(
      at("/invitations"),
      { email: "other@example.com", roles: ["viewer"] },
      sending,
    );
    expect(mismatch.json.type).toBe(`${publicUrl}/problems/idempotency-mismatch`);
    const oldLink = await linkOf();
    const second = await owner.post(at("/invitations"), { email: "twice@example.com", roles: ["member"] });
    const newLink = await linkOf();
    // The older letter is sent no more.
    expect(await lettersTo(database, "twice@example.com")).toHaveLength(1);
    expect((await server.stranger().get(`/auth/invitations/${oldLink}`)).status).toBe(403);
    expect((await server.stranger().get(`/auth/invitations/${newLink}`)).status).toBe(200);
    expect((await owner.delete(at(`/invitations/${second.json.id}`))).status).toBe(204);
    expect((await server.stranger().get(`/auth/invitations/${newLink}`)).status).toBe(403);
    expect((await owner.delete(at(`/invitations/${second.json.id}`))).status).toBe(404);
    expect(await lettersTo(database, "twice@example.com")).toEqual([]);
    const already = await owner.post(at("/invitations"), { email: acme.owner.email, roles: ["viewer"] });
    expect(already.status).toBe(409);
  });

  test("of an owner is no way up for an admin who reads the outbox", async () => {
    const server = await started();
    const owner = server.browserOf(acme.owner.token);
    await owner.post(at("/invitations"), { email: "co-owner@example.com", roles: ["owner"] });
    const admin = server.browserOf((await database.member(acme, "admin")).token);
    const of = async (browser: typeof admin): Promise<{ to: string; text: string | null }> => {
      const { json } = await browser.get(at("/outbox"));
      return json.items.find(({ to }: { to: string }) => to === "co-owner@example.com");
    };
    expect((await of(owner)).text).toContain("/invitation/accept#token=");
    expect((await of(admin)).text).toBeNull();
  });

  test("to somebody who has an account is accepted with that account only", async () => {
    const server = await started();
    const beta = await database.organization({ slug: "beta" });
    const guest = await database.member(beta, "viewer");
    const owner = server.browserOf(acme.owner.token);
    await owner.post(at("/invitations"), { email: guest.email, roles: ["viewer"] });
    const { token } = await linkTo(database, guest.email, "invitation");
    const takeover = await server
      .stranger()
      .post(`/auth/invitations/${token}`, { name: "Thief", password: "quite-long winter 47 ferns" });
    expect(takeover.status).toBe(401);
    const wrong = await server.browserOf(beta.owner.token).post(`/auth/invitations/${token}/accept`);
    expect(wrong.status).toBe(401);
    const right = await server.browserOf(guest.token).post(`/auth/invitations/${token}/accept`);
    expect(right.json).toEqual({ organization: "acme" });
    expect((await server.browserOf(guest.token).get(at("/organization"))).status).toBe(200);
    // Used, it waits for nobody to send it.
    expect(await lettersTo(database, guest.email)).toEqual([]);
  });
});
