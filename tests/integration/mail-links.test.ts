import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer, Client } from "../client.ts";
import type { Organization } from "../installed-database.ts";
import { lettersTo, linkTo, setPassword } from "../mail-ground.ts";
import { publicUrl, testServer, type TestServer } from "../server.ts";

let server: TestServer;
let acme: Organization;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
});
afterAll(() => server.stop());

const keyOf = ({ status, json }: Answer): [number, string] => [
  status,
  String(json?.type ?? "").replace(/^.*\//, ""),
];
const password = "quite-long winter 47 ferns";
const another = "three slow otters 81 lamps";

async function somebody(): Promise<{ email: string; personId: string; token: string }> {
  const member = await server.database.member(acme, "member");
  await setPassword(server.database, member.email, password);
  return member;
}

async function rows(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const db = await server.database.connectAsSuperuser();
  return (await db.query(text, values)).rows;
}

async function ask(email: string): Promise<string> {
  expect((await server.stranger().post("/auth/password-reset", { email })).status).toBe(202);
  return (await linkTo(server.database, email, "password-reset")).token;
}

async function actionsOf(personId: string): Promise<unknown[]> {
  const found = await rows(
    "select action from kernel.audit_event where actor_id = $1 order by id desc limit 5",
    [personId],
  );
  return found.map(({ action }) => action);
}

describe("a link for a new password", () => {
  test("sets it once, signs nobody in, ends every session, and is told by mail", async () => {
    const { email, personId, token: session } = await somebody();
    const asked = await server
      .stranger()
      .post("/auth/password-reset", { email: `  ${email.toUpperCase()} ` });
    expect([asked.status, asked.json, asked.headers["set-cookie"]]).toEqual([202, {}, undefined]);
    const link = await linkTo(server.database, email, "password-reset");
    expect(link).toMatchObject({ origin: publicUrl, path: "/reset-password" });
    const guest = server.stranger();
    const set = await guest.post("/auth/password-reset/redeem", { token: link.token, password: another });
    expect([set.status, guest.cookies.has("__Host-sid")]).toEqual([204, false]);
    expect((await server.browserOf(session).get("/auth/me")).status).toBe(401);
    const again = await guest.post("/auth/password-reset/redeem", { token: link.token, password: another });
    expect(keyOf(again)).toEqual([403, "link-not-valid"]);
    expect(keyOf(await guest.post("/auth/sign-in", { email, password }))).toEqual([401, "wrong-credentials"]);
    expect((await guest.post("/auth/sign-in", { email, password: another })).json.signedIn).toBe(true);
    expect((await lettersTo(server.database, email))[0]).toMatchObject({
      subject: "Your password was changed",
    });
    expect(await actionsOf(personId)).toEqual(
      expect.arrayContaining(["password-reset", "password-reset-asked"]),
    );
  });

  test("is replaced by a newer one, and dies after an hour", async () => {
    const { email } = await somebody();
    const [older, newer] = [await ask(email), await ask(email)];
    const redeem = (token: string): Promise<Answer> =>
      server.stranger().post("/auth/password-reset/redeem", { token, password: another });
    expect(keyOf(await redeem(older))).toEqual([403, "link-not-valid"]);
    const [ticket] = await rows(
      "select id, expires_at - created_at as life from kernel.ticket where purpose = 'password-reset' order by created_at desc limit 1",
    );
    expect(ticket?.["life"]).toMatchObject({ hours: 1 });
    await rows("update kernel.ticket set expires_at = now() where id = $1", [ticket?.["id"]]);
    expect(keyOf(await redeem(newer))).toEqual([403, "link-not-valid"]);
  });

  test("refuses a weak password with the reason, and survives it", async () => {
    const { email } = await somebody();
    const token = await ask(email);
    const weak = async (given: string): Promise<Answer> =>
      server.stranger().post("/auth/password-reset/redeem", { token, password: given });
    for (const given of ["organization acme 1", "short", "passwordpassword1", "ringfence ringfence"]) {
      const { status, json } = await weak(given);
      expect([given, status, json.errors[0].pointer]).toEqual([given, 422, "/password"]);
    }
    expect((await weak(another)).status).toBe(204);
  });

  test("lets eight characters do where a second factor stands beside the password", async () => {
    const { email, personId } = await somebody();
    const eight = "q7 wmzt4";
    expect(
      (
        await server
          .stranger()
          .post("/auth/password-reset/redeem", { token: await ask(email), password: eight })
      ).status,
    ).toBe(422);
    await rows("update kernel.person set second_factor_since = now() where id = $1", [personId]);
    expect(
      (
        await server
          .stranger()
          .post("/auth/password-reset/redeem", { token: await ask(email), password: eight })
      ).status,
    ).toBe(204);
  });

  test("skips no second factor", async () => {
    const { email, personId } = await somebody();
    await rows("update kernel.person set second_factor_since = now() where id = $1", [personId]);
    const token = await ask(email);
    const guest = server.stranger();
    await guest.post("/auth/password-reset/redeem", { token, password: another });
    expect((await guest.post("/auth/sign-in", { email, password: another })).json).toEqual({
      signedIn: false,
      next: "second-factor",
    });
    expect(guest.cookies.has("__Host-step")).toBe(true);
    expect(guest.cookies.has("__Host-sid")).toBe(false);
    expect((await guest.get("/auth/me")).status).toBe(401);
  });

  test("is mailed five times an hour at most, whoever asks; the answer stays the same", async () => {
    const { email } = await somebody();
    for (let time = 0; time < 8; time += 1)
      expect((await server.stranger().post("/auth/password-reset", { email })).status).toBe(202);
    expect(await lettersTo(server.database, email)).toHaveLength(5);
    await rows("update kernel.mail_budget set hour_from = hour_from - interval '1 hour 1 second'");
    for (let time = 0; time < 8; time += 1) await server.stranger().post("/auth/password-reset", { email });
    // Thirteen that day were asked for, and ten were sent at most.
    expect((await lettersTo(server.database, email)).length).toBeLessThanOrEqual(10);
    // The last one sent is the one that works: what was withheld kills none.
    expect(
      (
        await server.stranger().post("/auth/password-reset/redeem", {
          token: (await linkTo(server.database, email, "password-reset")).token,
          password: another,
        })
      ).status,
    ).toBe(204);
  });

  test("goes to nobody whose organizations let in by single sign-on only", async () => {
    const sso = await server.database.organization({ slug: "sso-only" });
    await rows("update kernel.tenant set sso_enforced = true where id = $1", [sso.id]);
    for (const door of ["/auth/password-reset", "/auth/magic-link"])
      expect((await server.stranger().post(door, { email: sso.owner.email })).status).toBe(202);
    expect(await lettersTo(server.database, sso.owner.email)).toEqual([]);
  });
});

describe("a link that signs in", () => {
  const askIn = async (browser: Client, email: string): Promise<string> => {
    expect((await browser.post("/auth/magic-link", { email })).status).toBe(202);
    return (await linkTo(server.database, email, "magic-link")).token;
  };

  test("does so in the browser that asked, once, by POST only: what opens links in letters uses none up (better-auth #9690, Ghost #12347, supabase/auth #1214, emdash #3298)", async () => {
    const { email, personId } = await somebody();
    const browser = server.stranger();
    const token = await askIn(browser, email);
    for (const method of ["GET", "HEAD"])
      expect((await browser.send(method, "/auth/magic-link/redeem")).status).toBeGreaterThanOrEqual(404);
    const entered = await browser.post("/auth/magic-link/redeem", { token });
    expect(entered.json).toEqual({ signedIn: true, next: null });
    expect((await browser.get("/auth/me")).json.person.email).toBe(email);
    expect(await actionsOf(personId)).toContain("sign-in");
    const [session] = await rows(
      "select factors from kernel.credential where person_id = $1 and kind = 'session' order by created_at desc",
      [personId],
    );
    expect(session?.["factors"]).toEqual(["link"]);
    expect(keyOf(await browser.post("/auth/magic-link/redeem", { token }))).toEqual([403, "link-not-valid"]);
    const [ticket] = await rows(
      "select expires_at - created_at as life from kernel.ticket where purpose = 'magic-link' and used_at is not null",
    );
    expect(ticket?.["life"]).toMatchObject({ minutes: 10 });
  });

  test("shows a code in another browser, which only the asking one can use, within five tries", async () => {
    const { email } = await somebody();
    const [asking, other, third] = [server.stranger(), server.stranger(), server.stranger()];
    const token = await askIn(asking, email);
    const shown = await other.post("/auth/magic-link/redeem", { token });
    expect(shown.json).toEqual({ signedIn: false, next: "code", code: expect.stringMatching(/^\d{6}$/) });
    expect(other.cookies.has("__Host-sid")).toBe(false);
    const { code } = shown.json;
    expect(keyOf(await other.post("/auth/magic-link/code", { code }))).toEqual([403, "link-not-valid"]);
    await askIn(third, email);
    expect(keyOf(await third.post("/auth/magic-link/code", { code }))).toEqual([403, "link-not-valid"]);
    for (let wrong = 1; wrong <= 4; wrong += 1) {
      const guess = String((Number(code) + wrong) % 1_000_000).padStart(6, "0");
      expect((await asking.post("/auth/magic-link/code", { code: guess })).status).toBe(403);
    }
    expect((await asking.post("/auth/magic-link/code", { code })).json).toEqual({
      signedIn: true,
      next: null,
    });
    expect((await asking.get("/auth/me")).json.person.email).toBe(email);
    expect((await asking.post("/auth/magic-link/code", { code })).status).not.toBe(200);
  });

  test("takes no sixth try at its code, not even the right one", async () => {
    const { email } = await somebody();
    const [asking, other] = [server.stranger(), server.stranger()];
    const { code } = (await other.post("/auth/magic-link/redeem", { token: await askIn(asking, email) }))
      .json;
    for (let wrong = 1; wrong <= 5; wrong += 1)
      await asking.post("/auth/magic-link/code", {
        code: String((Number(code) + wrong) % 1_000_000).padStart(6, "0"),
      });
    expect((await asking.post("/auth/magic-link/code", { code })).status).toBe(403);
  });

  test("ends at the second factor for whoever has one", async () => {
    const { email, personId } = await somebody();
    await rows("update kernel.person set second_factor_since = now() where id = $1", [personId]);
    const browser = server.stranger();
    const token = await askIn(browser, email);
    expect((await browser.post("/auth/magic-link/redeem", { token })).json).toEqual({
      signedIn: false,
      next: "second-factor",
    });
    expect(browser.cookies.has("__Host-sid")).toBe(false);
  });

  test("sets nothing for an address that nobody has but what it sets for all", async () => {
    const browser = server.stranger();
    const answer = await browser.post("/auth/magic-link", { email: "nobody@example.com" });
    expect([answer.status, answer.json]).toEqual([202, {}]);
    expect([...browser.cookies.keys()]).toContain("__Host-browser");
    expect(await lettersTo(server.database, "nobody@example.com")).toEqual([]);
    expect(
      await rows(
        "select reason, door from kernel.refusal where reason = 'no-such-person' order by id desc limit 1",
      ),
    ).toEqual([{ reason: "no-such-person", door: "magic-link" }]);
  });
});

describe("another e-mail address", () => {
  const links = async (old: string, fresh: string): Promise<[string, string]> => [
    (await linkTo(server.database, old, "email-change-old")).token,
    (await linkTo(server.database, fresh, "email-change-new")).token,
  ];
  const redeem = async (token: string): Promise<Answer> =>
    server.stranger().post("/auth/email/redeem", { token });

  test("is taken when both mailboxes have said yes, and both are told", async () => {
    const { email, token } = await somebody();
    const browser = server.browserOf(token);
    const fresh = "fresh.address@example.com";
    expect((await browser.post("/auth/email", { email: fresh })).status).toBe(202);
    const [old, other] = await links(email, fresh);
    expect((await redeem(other)).json).toEqual({ changed: false });
    expect((await browser.get("/auth/me")).json.person.email).toBe(email);
    expect(keyOf(await redeem(other))).toEqual([403, "link-not-valid"]);
    expect((await redeem(old)).json).toEqual({ changed: true });
    expect((await browser.get("/auth/me")).json.person.email).toBe(fresh);
    for (const address of [email, fresh])
      expect((await lettersTo(server.database, address))[0]?.subject).toBe("Your e-mail address was changed");
    expect((await server.stranger().post("/auth/sign-in", { email: fresh, password })).json.signedIn).toBe(
      true,
    );
  });

  test("is not taken by one mailbox alone, nor by halves of two different wishes", async () => {
    const { email, token } = await somebody();
    const browser = server.browserOf(token);
    await browser.post("/auth/email", { email: "first.wish@example.com" });
    const [, firstNew] = await links(email, "first.wish@example.com");
    expect((await redeem(firstNew)).json).toEqual({ changed: false });
    await browser.post("/auth/email", { email: "second.wish@example.com" });
    const [secondOld] = await links(email, "second.wish@example.com");
    expect((await redeem(secondOld)).json).toEqual({ changed: false });
    expect((await browser.get("/auth/me")).json.person.email).toBe(email);
  });

  test("takes a proof of the last ten minutes", async () => {
    const { personId, token } = await somebody();
    await rows(
      "update kernel.credential set proved_at = now() - interval '11 minutes' where person_id = $1",
      [personId],
    );
    const answer = await server.browserOf(token).post("/auth/email", { email: "stale@example.com" });
    expect(keyOf(answer)).toEqual([403, "fresh-proof-needed"]);
  });

  test("that somebody else has gets no letter, and the answer does not tell", async () => {
    const { token } = await somebody();
    const taken = await somebody();
    expect((await server.browserOf(token).post("/auth/email", { email: taken.email })).status).toBe(202);
    expect(
      (await lettersTo(server.database, taken.email)).filter(({ purpose }) => purpose === "email-change-new"),
    ).toEqual([]);
  });

  test("that somebody took meanwhile is refused, and nothing changes", async () => {
    const { email, token } = await somebody();
    await server.browserOf(token).post("/auth/email", { email: "race@example.com" });
    const [old, other] = await links(email, "race@example.com");
    await redeem(old);
    const rival = await somebody();
    await rows("update kernel.person set email = 'race@example.com' where id = $1", [rival.personId]);
    expect(keyOf(await redeem(other))).toEqual([409, "already-exists"]);
    expect((await server.browserOf(token).get("/auth/me")).json.person.email).toBe(email);
  });
});

describe("changing one's password", () => {
  test("takes the current one, ends the other sessions and is told by mail", async () => {
    const { email, token } = await somebody();
    const other = server.stranger();
    await other.post("/auth/sign-in", { email, password });
    const browser = server.browserOf(token);
    const wrong = await browser.post("/auth/password", { current: "not the password 99", password: another });
    expect([wrong.status, wrong.json.errors[0].pointer]).toEqual([422, "/current"]);
    const none = await browser.post("/auth/password", { password: another });
    expect(none.status).toBe(422);
    const weak = await browser.post("/auth/password", { current: password, password: "passwordpassword" });
    expect([weak.status, weak.json.errors[0].pointer]).toEqual([422, "/password"]);
    const done = await browser.post("/auth/password", { current: password, password: another });
    expect([done.status, done.json]).toEqual([200, { ended: 1 }]);
    expect((await other.get("/auth/me")).status).toBe(401);
    expect((await browser.get("/auth/me")).status).toBe(200);
    expect((await server.stranger().post("/auth/sign-in", { email, password: another })).status).toBe(200);
    expect((await lettersTo(server.database, email))[0]?.subject).toBe("Your password was changed");
  });

  test("leaves the other sessions when told so", async () => {
    const { email, token } = await somebody();
    const other = server.stranger();
    await other.post("/auth/sign-in", { email, password });
    await server
      .browserOf(token)
      .post("/auth/password", { current: password, password: another, endOthers: false });
    expect((await other.get("/auth/me")).status).toBe(200);
  });

  test("slows down whoever guesses the current one in a stolen session", async () => {
    const { token } = await somebody();
    const browser = server.browserOf(token);
    const statuses: number[] = [];
    for (let guess = 0; guess < 6; guess += 1)
      statuses.push(
        (await browser.post("/auth/password", { current: `not the password ${guess}`, password: another }))
          .status,
      );
    expect(statuses).toEqual([422, 422, 422, 422, 422, 429]);
  });

  test("sets a first one only after a fresh proof", async () => {
    const { personId, token } = await somebody();
    await rows("update kernel.person set recipe = null, verifier = null where id = $1", [personId]);
    await rows(
      "update kernel.credential set proved_at = now() - interval '11 minutes' where person_id = $1",
      [personId],
    );
    const browser = server.browserOf(token);
    expect(keyOf(await browser.post("/auth/password", { password: another }))).toEqual([
      403,
      "fresh-proof-needed",
    ]);
    await rows("update kernel.credential set proved_at = now() where person_id = $1", [personId]);
    expect((await browser.post("/auth/password", { password: another })).status).toBe(200);
  });

  test("two who change at the same time do not wait for ever", async () => {
    const { email, token } = await somebody();
    const other = server.stranger();
    await other.post("/auth/sign-in", { email, password });
    const browser = server.browserOf(token);
    await Promise.all([browser.csrf(), other.csrf()]);
    const answers = await Promise.all(
      [browser, other].map((each) => each.post("/auth/password", { current: password, password: another })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });
});

describe("a person whom single sign-on or SCIM made", () => {
  test("gets no password by an invitation, and joins with a session of their own", async () => {
    const { email, personId, token } = await somebody();
    await rows("update kernel.person set recipe = null, verifier = null where id = $1", [personId]);
    const beta = await server.database.organization({ slug: "beta-made" });
    const invited = await invitation(beta, email);
    const guest = server.stranger();
    expect((await guest.get(`/auth/invitations/${invited}`)).json.known).toBe(true);
    const joined = await guest.post(`/auth/invitations/${invited}`, { name: "Whoever", password: another });
    expect(keyOf(joined)).toEqual([401, "not-signed-in"]);
    const owner = server.browserOf(token);
    expect((await owner.post(`/auth/invitations/${invited}/accept`)).status).toBe(200);
    expect(
      (await owner.get("/auth/me")).json.organizations.map(({ slug }: { slug: string }) => slug).toSorted(),
    ).toEqual(["acme", "beta-made"]);
  });

  test("signs in first when there is a second factor to be skipped", async () => {
    const { email, personId } = await somebody();
    await rows(
      "update kernel.person set recipe = null, verifier = null, second_factor_since = now() where id = $1",
      [personId],
    );
    const beta = await server.database.organization({ slug: "beta-factor" });
    const invited = await invitation(beta, email);
    const joined = await server
      .stranger()
      .post(`/auth/invitations/${invited}`, { name: "Whoever", password: another });
    expect(keyOf(joined)).toEqual([401, "not-signed-in"]);
  });

  async function invitation(organization: Organization, email: string): Promise<string> {
    const owner = server.browserOf(organization.owner.token);
    await owner.post(`/o/${organization.slug}/v1/invitations`, { email, roles: ["viewer"] });
    return (await linkTo(server.database, email, "invitation")).token;
  }
});
