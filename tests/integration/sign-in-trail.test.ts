import type { Client as Database } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newToken, sha256 } from "../../server/foundation/ids/index.ts";
import type { Client } from "../client.ts";
import type { Organization } from "../installed-database.ts";
import { linkTo, setPassword } from "../mail-ground.ts";
import { proves } from "../proves.ts";
import {
  addPasskey,
  answered,
  authenticator,
  codeOf,
  earlyInStep,
  enrolTotp,
  forgetSteps,
} from "../second-factors.ts";
import { testServer, type TestServer } from "../server.ts";
import { trailWalk, type Walk, type Written } from "../trail-walk.ts";

// Every way in and out that people have, and every way to be refused: what each writes, and what is never written.

proves("AUD-3");

let server: TestServer;
let acme: Organization;
let walk: Walk;
let superuser: Database;
/** Whatever may stand in no row: what people type, hold or are sent. */
const secrets: string[] = [];

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  walk = await trailWalk(server);
  superuser = await server.database.connectAsSuperuser();
  await walk.skip();
});
afterAll(() => server.stop());

const password = "quite-long winter 47 ferns";
const wrongPassword = "not-this one 35 gates";
secrets.push(password, wrongPassword);

interface Somebody {
  readonly email: string;
  readonly personId: string;
}

async function somebody(): Promise<Somebody> {
  const member = await server.database.member(acme, "member");
  await setPassword(server.database, member.email, password);
  secrets.push(member.token);
  await walk.skip();
  return member;
}

const inAcme = (who: string, what: string, severity: string, says: object | null = null): Written => ({
  trail: "acme",
  what,
  severity,
  who,
  says,
});
const refused = (what: string, who: string | null = null): Written => ({ trail: null, what, who });
const signedIn = (who: string, ...factors: string[]): Written => inAcme(who, "sign-in", "info", { factors });
const firstStep = (who: string, factor: string): Written =>
  inAcme(who, "first-factor", "info", { factors: [factor] });

async function byPassword(browser: Client, email: string, typed = password): Promise<void> {
  await browser.post("/auth/sign-in", { email, password: typed });
  keep(browser);
}
function keep(browser: Client): void {
  secrets.push(...[...browser.cookies.values()].filter((value) => value.length > 20));
}

describe("the trail says of a person", () => {
  test("that they joined by an invitation and are signed in", async () => {
    const [email, token, browser] = ["new@join.example", newToken(), walk.walker.browser()];
    secrets.push(token);
    await superuser.query(
      `insert into kernel.ticket (digest, purpose, tenant_id, email, roles, expires_at)
       values (kernel.ticket_digest('invitation', $1), 'invitation', $2, $3, '{viewer}', now() + interval '1 hour')`,
      [sha256(token), acme.id, email],
    );
    const join = (): Promise<unknown> =>
      browser.post(`/auth/invitations/${token}`, { name: "Somebody", password });
    await walk.writes(join, [
      inAcme(email, "join", "notice", { roles: ["viewer"], email }),
      signedIn(email, "password"),
    ]);
    keep(browser);
    await walk.writes(
      () => walk.walker.browser().post(`/auth/invitations/${token}`, { name: "Else", password }),
      [refused("link-not-valid")],
    );
  });

  test("that they came by password, went, and were refused; not what was typed", async () => {
    const { email } = await somebody();
    const browser = walk.walker.browser();
    await walk.writes(() => byPassword(browser, email), [signedIn(email, "password")]);
    await walk.writes(() => browser.post("/auth/sign-out"), [inAcme(email, "sign-out", "info")]);
    await walk.writes(
      () => byPassword(walk.walker.browser(), email, wrongPassword),
      [
        inAcme(email, "sign-in-refused", "warning", { method: "password", reason: "wrong-credentials" }),
        refused("wrong-credentials", email),
      ],
    );
    const mistyped = "my-password-in-the-wrong-field@typed.example";
    secrets.push(mistyped);
    await walk.writes(() => byPassword(walk.walker.browser(), mistyped), [refused("wrong-credentials")]);
  });

  test("that a wrong password is one try: one refusal, and one row in the trail of each of their organizations", async () => {
    const { email, personId } = await somebody();
    const other = await server.organization("beta");
    await superuser.query(
      "insert into kernel.membership (tenant_id, person_id, roles, permissions) values ($1, $2, '{viewer}', '{}')",
      [other.id, personId],
    );
    await walk.skip();
    const why = { method: "password", reason: "wrong-credentials" };
    const row = inAcme(email, "sign-in-refused", "warning", why);
    await walk.writes(
      () => byPassword(walk.walker.browser(), email, wrongPassword),
      [row, { ...row, trail: "beta" }, refused("wrong-credentials", email)],
    );
  });

  test("that they are locked, asked for the way out, and took it", async () => {
    const { email } = await somebody();
    await superuser.query(
      "insert into kernel.sign_in_lock (account, tries) values (kernel.account_digest($1), 100)",
      [email],
    );
    await walk.writes(
      () => byPassword(walk.walker.browser(), email, wrongPassword),
      [inAcme(email, "sign-in-locked", "critical"), refused("too-many-tries")],
    );
    // From now on it is refused before it is judged, which the door writes down.
    await walk.writes(() => byPassword(walk.walker.browser(), email, password), [refused("sign-in-locked")]);
    const { token } = await walk.writes(
      () => linkTo(server.database, email, "unlock"),
      [inAcme(email, "unlock-asked", "notice")],
    );
    secrets.push(token);
    const redeem = (): Promise<unknown> => walk.walker.browser().post("/auth/unlock/redeem", { token });
    await walk.writes(redeem, [inAcme(email, "sign-in-unlocked", "notice")]);
    await walk.writes(redeem, [refused("link-not-valid")]);
  });

  test("that they set another password by a mailed link, and changed it", async () => {
    const { email } = await somebody();
    const another = "three slow otters 81 lamps";
    secrets.push(another);
    const asking = async (): Promise<{ token: string }> => {
      await walk.walker.browser().post("/auth/password-reset", { email });
      return linkTo(server.database, email, "password-reset");
    };
    const { token } = await walk.writes(asking, [inAcme(email, "password-reset-asked", "notice")]);
    secrets.push(token);
    const redeem = (): Promise<unknown> =>
      walk.walker.browser().post("/auth/password-reset/redeem", { token, password: another });
    await walk.writes(redeem, [inAcme(email, "password-reset", "warning")]);
    await walk.writes(redeem, [refused("link-not-valid")]);
    const browser = walk.walker.browser();
    await walk.writes(() => byPassword(browser, email, another), [signedIn(email, "password")]);
    const change = (current: string): Promise<unknown> =>
      browser.post("/auth/password", { current, password, endOthers: true });
    await walk.writes(() => change(wrongPassword), [inAcme(email, "password-change-refused", "warning")]);
    await walk.writes(() => change(another), [inAcme(email, "password-change", "warning")]);
  });

  test("that they came by a mailed link, in the same browser or by its code in another", async () => {
    const { email } = await somebody();
    const browser = walk.walker.browser();
    const asking = async (): Promise<string> => {
      await browser.post("/auth/magic-link", { email });
      const { token } = await linkTo(server.database, email, "magic-link");
      secrets.push(token);
      return token;
    };
    const asked = [inAcme(email, "magic-link-asked", "notice")];
    const token = await walk.writes(asking, asked);
    keep(browser);
    const redeem = (): Promise<unknown> => browser.post("/auth/magic-link/redeem", { token });
    // The first one shows whose the mailbox is: a password from before is gone, in a browser that has never used it.
    await walk.writes(redeem, [inAcme(email, "mailbox-shown", "warning"), signedIn(email, "link")]);
    await walk.writes(redeem, [refused("link-not-valid")]);
    await browser.post("/auth/sign-out");
    await walk.skip();
    const again = await walk.writes(asking, asked);
    const elsewhere = await walk.writes(
      () => walk.walker.browser().post("/auth/magic-link/redeem", { token: again }),
      [inAcme(email, "magic-link-elsewhere", "notice")],
    );
    const { code } = elsewhere.json;
    const wrong = code === "000000" ? "000001" : "000000";
    await walk.writes(
      () => browser.post("/auth/magic-link/code", { code: wrong }),
      [
        inAcme(email, "sign-in-refused", "warning", { method: "link", reason: "wrong-code" }),
        refused("wrong-code", email),
      ],
    );
    await walk.writes(() => browser.post("/auth/magic-link/code", { code }), [signedIn(email, "link")]);
    keep(browser);
  });

  test("that nobody was there to mail a link to", async () => {
    const nobody = "nobody-at-all@typed.example";
    secrets.push(nobody);
    const ask = async (): Promise<void> => {
      await walk.walker.browser().post("/auth/magic-link", { email: nobody });
      await superuser.query("select kernel.grant_wishes()");
    };
    await walk.writes(ask, [refused("no-such-person")]);
  });

  test("that single sign-on keeps them out, and a network", async () => {
    const { email } = await somebody();
    const browser = walk.walker.browser();
    await walk.writes(() => byPassword(browser, email), [signedIn(email, "password")]);
    const door = (reason: string): Written =>
      inAcme(email, "refused", "warning", { reason, door: "GET /o/:organization/v1/contacts" });
    const look = (): Promise<unknown> => browser.get("/o/acme/v1/contacts");
    await superuser.query("update kernel.tenant set networks = '{10.0.0.0/8}' where slug = 'acme'");
    await walk.writes(look, [door("address-not-allowed")]);
    await superuser.query(
      "update kernel.tenant set networks = null, sso_enforced = true where slug = 'acme'",
    );
    await walk.writes(look, [door("single-sign-on-needed")]);
    await walk.writes(
      () => byPassword(walk.walker.browser(), email),
      [
        inAcme(email, "sign-in-refused", "warning", { method: "password", reason: "single-sign-on-needed" }),
        refused("single-sign-on-needed", email),
      ],
    );
    await superuser.query("update kernel.tenant set sso_enforced = false where slug = 'acme'");
  });

  test("which sessions they ended, and that an ended one was shown", async () => {
    const { email } = await somebody();
    const [one, other] = [walk.walker.browser(), walk.walker.browser()];
    await byPassword(one, email);
    await byPassword(other, email);
    const third = walk.walker.browser();
    await byPassword(third, email);
    await walk.skip();
    const { json } = await one.get("/auth/sessions");
    const theirs = json.items.find(({ current }: { current: boolean }) => !current);
    await walk.writes(
      () => one.delete(`/auth/sessions/${theirs.id}`),
      [inAcme(email, "session-end", "notice")],
    );
    await walk.writes(
      () => one.delete("/auth/sessions"),
      [
        inAcme(email, "session-end", "notice"),
        // The member's own session of setting this up.
        inAcme(email, "session-end", "notice"),
      ],
    );
    await walk.writes(() => other.get("/o/acme/v1/contacts"), [refused("not-signed-in", email)]);
    await walk.writes(
      () => walk.walker.browser("s".repeat(43)).get("/o/acme/v1/contacts"),
      [refused("not-signed-in")],
    );
  });
});

describe("the trail says of second factors", () => {
  test("each step of a sign-in, by which factor, and what was not taken", async () => {
    const { email, personId } = await somebody();
    const browser = walk.walker.browser();
    await byPassword(browser, email);
    await walk.skip();
    const app = await walk.writes(
      () => enrolTotp(browser),
      [inAcme(email, "create", "warning", { kind: "totp", name: "Phone" })],
    );
    keep(browser);
    secrets.push(app.secret, ...(app.backupCodes ?? []));
    const step = async (body: object, expected: readonly Written[]): Promise<void> => {
      const at = walk.walker.browser();
      await walk.writes(() => byPassword(at, email), [firstStep(email, "password")]);
      await walk.writes(() => at.post("/auth/second-factor", body), expected);
      keep(at);
    };
    const notTaken = (method: string): Written[] => [
      inAcme(email, "proof-refused", "warning", { method, reason: "wrong-code" }),
      refused("wrong-code", email),
    ];
    await forgetSteps(server, personId);
    await earlyInStep();
    const code = codeOf(app.secret);
    await step({ method: "totp", code }, [signedIn(email, "password", "totp")]);
    await step({ method: "totp", code }, notTaken("totp"));
    const [backup = ""] = app.backupCodes ?? [];
    await step({ method: "backup-code", code: backup }, [signedIn(email, "password", "backup-code")]);
    await step({ method: "backup-code", code: backup }, notTaken("backup-code"));
    await superuser.query("update kernel.factor_tally set failures = 9 where person_id = $1", [personId]);
    await step({ method: "totp", code }, [...notTaken("totp"), inAcme(email, "factors-locked", "critical")]);
    await forgetSteps(server, personId);
    await step({ method: "totp", code: codeOf(app.secret) }, [
      inAcme(email, "proof-refused", "warning", { method: "totp", reason: "factors-locked" }),
      refused("factors-locked", email),
    ]);
  });

  test("that a passkey signed in, was not known, or was answered twice; and a fresh proof", async () => {
    const { email } = await somebody();
    const [browser, device] = [walk.walker.browser(), authenticator()];
    await byPassword(browser, email);
    await walk.skip();
    await walk.writes(
      () => addPasskey(browser, device),
      [inAcme(email, "create", "warning", { kind: "passkey", name: "Key" })],
    );
    keep(browser);
    const at = walk.walker.browser();
    const { json } = await at.post("/auth/passkey/options");
    const response = answered(device, json.options);
    secrets.push(json.options.challenge, response.response.signature);
    const show = (): Promise<unknown> => at.post("/auth/passkey", { response });
    await walk.writes(show, [signedIn(email, "passkey")]);
    keep(at);
    await walk.writes(show, [
      inAcme(email, "proof-refused", "warning", { method: "passkey", reason: "wrong-code" }),
      refused("wrong-code", email),
    ]);
    await walk.writes(
      () => at.post("/auth/passkey", { response: { ...response, id: "AAAA", rawId: "AAAA" } }),
      [refused("unknown-passkey")],
    );
    await walk.writes(
      () => browser.post("/auth/prove", { password }),
      [inAcme(email, "prove", "info", { method: "password" })],
    );
    await walk.writes(
      () => browser.post("/auth/prove", { password: wrongPassword }),
      [
        inAcme(email, "proof-refused", "warning", { method: "password", reason: "wrong-code" }),
        refused("wrong-code", email),
      ],
    );
  });
});

test("nothing that people type, hold or are sent stands in any of these rows", async () => {
  const everything = await walk.everything();
  expect(everything).toContain("first-factor");
  expect(secrets.length).toBeGreaterThan(40);
  expect(secrets.filter((secret) => everything.includes(secret))).toEqual([]);
  expect(everything.includes(sha256(password).toString("hex"))).toBe(false);
});
