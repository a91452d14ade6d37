import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newToken, sha256 } from "../../server/foundation/ids/index.ts";
import type { Answer, Client } from "../client.ts";
import { declaredRoutes } from "../declared-routes.ts";
import type { Organization } from "../installed-database.ts";
import { linkTo } from "../mail-ground.ts";
import { proves } from "../proves.ts";
import {
  account,
  type Account,
  addPasskey,
  type App,
  authenticator,
  codeOf,
  earlyInStep,
  enrolTotp,
  forgetSteps,
  keyOf,
  passFirstFactor,
  passkeySignIn,
} from "../second-factors.ts";
import { testServer, type TestServer } from "../server.ts";
import { requestFor } from "./door-requests.ts";

// Whatever the first factor is, it ends at the second where there is one, and what lies between them opens nothing.

proves("IAM-8");

let server: TestServer;
let acme: Organization;
beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
});
afterAll(() => server.stop());

type Device = ReturnType<typeof authenticator>;

/** Somebody with an authenticator app and a passkey. */
interface Guarded extends Account {
  readonly app: App;
  readonly device: Device;
}

async function guarded(): Promise<Guarded> {
  const person = await account(server, acme);
  const device = authenticator();
  const app = await enrolTotp(person.browser);
  expect((await addPasskey(person.browser, device)).status).toBe(201);
  return { ...person, app, device };
}

interface Passed {
  readonly browser: Client;
  readonly answer: Answer;
}

/** One way to prove a first factor over the wire, and where it must end for somebody with a second one. */
interface FirstFactor {
  readonly name: string;
  /** The doors that it goes through. Every open door that a session may come out of stands in one of these rows. */
  readonly doors: readonly string[];
  readonly ends: "at the second factor" | "at a session" | "at a refusal";
  pass(person: Guarded): Promise<Passed>;
}

const firstFactors: readonly FirstFactor[] = [
  {
    name: "a password",
    doors: ["POST /auth/sign-in"],
    ends: "at the second factor",
    pass: (person) => passFirstFactor(server, person),
  },
  {
    name: "a passkey that has verified its user, which is two factors at once",
    doors: ["POST /auth/passkey"],
    ends: "at a session",
    pass: ({ device }) => passkeySignIn(server, device),
  },
  {
    name: "a passkey that has not verified its user",
    doors: ["POST /auth/passkey"],
    ends: "at a refusal",
    pass: async (person) => {
      const device = authenticator({
        userGetAssertionInteraction: () => ({ options: { uv: false, up: true } }),
        credentialsRepository: person.device.authenticator.params.credentialsRepository,
      });
      return passkeySignIn(server, device);
    },
  },
  {
    name: "a link in a mail",
    doors: ["POST /auth/magic-link", "POST /auth/magic-link/redeem"],
    ends: "at the second factor",
    pass: async ({ email }) => {
      const browser = server.stranger();
      expect((await browser.post("/auth/magic-link", { email })).status).toBe(202);
      const { token } = await linkTo(server.database, email, "magic-link");
      return { browser, answer: await browser.post("/auth/magic-link/redeem", { token }) };
    },
  },
  {
    name: "a link in a mail, opened elsewhere, and its code",
    doors: ["POST /auth/magic-link/code"],
    ends: "at the second factor",
    pass: async ({ email }) => {
      const browser = server.stranger();
      expect((await browser.post("/auth/magic-link", { email })).status).toBe(202);
      const { token } = await linkTo(server.database, email, "magic-link");
      const { code } = (await server.stranger().post("/auth/magic-link/redeem", { token })).json;
      return { browser, answer: await browser.post("/auth/magic-link/code", { code }) };
    },
  },
  {
    name: "a new password that was set by mail",
    doors: ["POST /auth/password-reset", "POST /auth/password-reset/redeem"],
    ends: "at the second factor",
    pass: async ({ email }) => {
      const browser = server.stranger();
      expect((await browser.post("/auth/password-reset", { email })).status).toBe(202);
      const { token } = await linkTo(server.database, email, "password-reset");
      const password = "three slow otters 81 lamps";
      expect((await browser.post("/auth/password-reset/redeem", { token, password })).status).toBe(204);
      expect(browser.cookies.has("__Host-sid")).toBe(false);
      return { browser, answer: await browser.post("/auth/sign-in", { email, password }) };
    },
  },
  {
    name: "an invitation to an address that has an account",
    doors: ["POST /auth/invitations/:token"],
    ends: "at a refusal",
    pass: async ({ email }) => {
      const rival = await server.organization(
        `rival-${newToken()
          .slice(0, 6)
          .toLowerCase()
          .replaceAll(/[^a-z0-9]/g, "x")}`,
      );
      const token = newToken();
      const db = await server.database.connectAsSuperuser();
      await db.query(
        `insert into kernel.ticket (digest, purpose, tenant_id, email, roles, expires_at)
         values (kernel.ticket_digest('invitation', $1), 'invitation', $2, $3, '{member}', now() + interval '1 hour')`,
        [sha256(token), rival.id, email],
      );
      const browser = server.stranger();
      return {
        browser,
        answer: await browser.post(`/auth/invitations/${token}`, {
          name: "Me",
          password: "quite-long winter 48 ferns",
        }),
      };
    },
  },
];

/** Open doors out of which no session of somebody who has an account can come, with the reason. */
const sessionless: Readonly<Record<string, string>> = {
  "POST /auth/setup": "makes the first person of an installation, who has nothing yet",
  "POST /auth/second-factor": "is the second factor",
  "POST /auth/second-factor/remembered": "is a browser that has shown it (remembered-devices.test.ts)",
  "POST /auth/second-factor/passkey-options": "gives a challenge",
  "POST /auth/second-factor/passkey": "is the second factor",
  "POST /auth/passkey/options": "gives a challenge",
  "POST /auth/email/redeem": "changes an address",
  "POST /auth/unlock/redeem": "ends a lock; the password comes next",
  "POST /auth/tokens/refresh": "goes on from a session that has passed here",
  "POST /auth/service-token": "is for programs, which are nobody's second factor",
  "POST /auth/owner-restore": "asks for a letter",
  "POST /auth/owner-restore/redeem":
    "is the operators' way back for an owner who is shut out, judged where it is made",
  "POST /auth/discover": "says by which provider a domain signs in",
  "POST /auth/oidc/:connection/backchannel-logout": "ends sessions, and opens none",
  "POST /auth/saml/:connection/acs": "is a first factor, judged by the database as sso",
  "POST /auth/saml/:connection/accept": "is a first factor, judged by the database as sso",
  "PATCH /auth/sso-setup/:token": "sets a connection up",
  "POST /auth/sso-setup/:token/finish": "sets a connection up",
};

describe("a first factor of somebody with a second one", () => {
  test.each(firstFactors.map((row) => [row.name, row.ends, row] as const))(
    "%s ends %s",
    async (_, ends, { pass }) => {
      const person = await guarded();
      const { browser, answer } = await pass(person);
      if (ends === "at a session") {
        expect([answer.status, answer.json]).toEqual([200, { signedIn: true, next: null }]);
        expect((await browser.get("/auth/me")).json.person.email).toBe(person.email);
        return;
      }
      expect(browser.cookies.has("__Host-sid")).toBe(false);
      expect((await browser.get("/auth/me")).status).toBe(401);
      if (ends === "at a refusal") {
        expect(answer.status).toBe(401);
        expect(browser.cookies.has("__Host-step")).toBe(false);
        return;
      }
      expect([answer.status, answer.json]).toMatchObject([200, { signedIn: false, next: "second-factor" }]);
      await earlyInStep();
      await forgetSteps(server, person.personId);
      const done = await browser.post("/auth/second-factor", {
        method: "totp",
        code: codeOf(person.app.secret),
      });
      expect(done.status).toBe(200);
      expect((await browser.get("/auth/me")).json.person.email).toBe(person.email);
    },
  );

  test("goes through no door that is not in these rows", () => {
    const open = declaredRoutes().filter(
      ({ kind, method, path }) => kind === "open" && method !== "GET" && path.startsWith("/auth/"),
    );
    const rows = new Set([...firstFactors.flatMap(({ doors }) => doors), ...Object.keys(sessionless)]);
    const unknown = open.map(({ method, path }) => `${method} ${path}`).filter((door) => !rows.has(door));
    expect(unknown, "say in this file where these doors end").toEqual([]);
  });

  test.each(["password", "link", "reset", "sso", "anything"])(
    "judged by the database as %s, waits for the second",
    async (method) => {
      const { personId } = await guarded();
      const db = await server.database.connectAsSuperuser();
      // What an organization's provider vouched for is good in that organization only.
      const { rows } = await db.query(
        `select kernel.first_factor_passed($1, $2, $3, null, null, 'x', case when $2 = 'sso' then
                  (select m.tenant_id from kernel.membership m where m.person_id = $1 limit 1) end) as judged`,
        [personId, method, sha256(newToken())],
      );
      expect(rows[0].judged).toEqual({ next: "second-factor" });
    },
  );
});

describe("what waits for its second factor", () => {
  const routes = declaredRoutes().filter(({ kind }) => kind !== "open");

  test("opens no door at all, as a cookie or as a bearer", async () => {
    const person = await guarded();
    const { browser } = await passFirstFactor(server, person);
    const token = browser.cookies.get("__Host-step") ?? "";
    expect(token).toMatch(/^[\w-]{43}$/);
    const [asCookie, asBearer] = [server.browserOf(token), server.bearer(token)];
    const csrf = await asCookie.csrf();
    for (const route of routes) {
      for (const prefix of route.kind === "tenant" ? ["/v1", "/o/acme/v1"] : [""]) {
        const { method, path, sending } = requestFor(route, prefix);
        // A sign-out takes the cookie away.
        asCookie.cookies.set("__Host-sid", token);
        const answers = [
          await asCookie.send(method, path, {
            ...sending,
            headers: { ...sending.headers, "x-csrf-token": csrf },
          }),
          await asBearer.send(method, path, sending),
        ];
        for (const { status } of answers) {
          // A sign-out that has nothing to end is done; some doors look at what was sent before they ask who did.
          const expected = path === "/auth/sign-out" ? [204] : [401, 403, 422];
          expect(expected, `${method} ${path}`).toContain(status);
        }
      }
    }
    await earlyInStep();
    await forgetSteps(server, person.personId);
    // It was still good for what it is for, and is good for it once.
    const right = { method: "totp", code: codeOf(person.app.secret) };
    expect((await browser.post("/auth/second-factor", right)).status).toBe(200);
    const again = server.stranger();
    again.cookies.set("__Host-step", token);
    expect(keyOf(await again.post("/auth/second-factor", right))).toEqual([401, "not-signed-in"]);
  });

  test("is not what a session is: the second factor's doors take no session, made-up or empty cookie", async () => {
    const { browser, app } = await guarded();
    for (const value of [browser.cookies.get("__Host-sid") ?? "", newToken(), "", "x"]) {
      const visitor = server.stranger();
      visitor.cookies.set("__Host-step", value);
      expect(
        keyOf(await visitor.post("/auth/second-factor", { method: "totp", code: codeOf(app.secret) })),
      ).toEqual([401, "not-signed-in"]);
      expect((await visitor.get("/auth/second-factor")).status).toBe(401);
      expect((await visitor.post("/auth/second-factor/passkey-options")).status).toBe(401);
    }
    expect((await server.stranger().get("/auth/second-factor")).status).toBe(401);
  });

  test("stands in a cookie that scripts, other sites and sibling domains cannot reach, for ten minutes", async () => {
    const { answer } = await passFirstFactor(server, await guarded());
    const [line = ""] = [answer.headers["set-cookie"] ?? []]
      .flat()
      .filter((cookie) => cookie.startsWith("__Host-step="));
    for (const part of ["Path=/", "Secure", "HttpOnly", "SameSite=Lax", "Max-Age=600"])
      expect(line.split("; ")).toContain(part);
    expect(answer.text).not.toContain(/^__Host-step=([^;]+)/.exec(line)?.[1]);
  });
});

describe("a code that was used", () => {
  const use = async (person: Guarded, code: string): Promise<Answer> => {
    const { browser } = await passFirstFactor(server, person);
    return browser.post("/auth/second-factor", { method: "totp", code });
  };

  test("is not taken again, nor the one before it, nor on another server (better-auth #10210, better-auth #10240)", async () => {
    const other = await testServer({}, server.database);
    try {
      const person = await guarded();
      await earlyInStep();
      await forgetSteps(server, person.personId);
      const [before, now, after] = [-1, 0, 1].map((steps) => codeOf(person.app.secret, steps));
      expect((await use(person, now ?? "")).status).toBe(200);
      expect(keyOf(await use(person, now ?? ""))).toEqual([401, "wrong-code"]);
      expect(keyOf(await use(person, before ?? ""))).toEqual([401, "wrong-code"]);
      const elsewhere = await passFirstFactor(other, person);
      expect(
        keyOf(await elsewhere.browser.post("/auth/second-factor", { method: "totp", code: now })),
      ).toEqual([401, "wrong-code"]);
      // Step-up counts the same steps.
      expect(keyOf(await person.browser.post("/auth/prove", { code: now }))).toEqual([401, "wrong-code"]);
      expect((await use(person, after ?? "")).status).toBe(200);
    } finally {
      await other.stop();
    }
  });

  test("to confirm the app does not sign in", async () => {
    const { browser, ...person } = await account(server, acme);
    const app = await enrolTotp(browser);
    const { browser: waiting } = await passFirstFactor(server, person);
    expect(
      keyOf(await waiting.post("/auth/second-factor", { method: "totp", code: codeOf(app.secret) })),
    ).toEqual([401, "wrong-code"]);
  });
});

describe("guessing over the wire", () => {
  test("says the same of every wrong code, ends after five, and locks codes after ten for a quarter of an hour", async () => {
    const person = await guarded();
    const bodies = new Set<string>();
    const statuses: number[] = [];
    let { browser } = await passFirstFactor(server, person);
    for (const [at, guess] of ["000000", "AAAAAA", "999999", "12345678", "A".repeat(24)].entries()) {
      const answer = await browser.post("/auth/second-factor", {
        method: at === 4 ? "backup-code" : "totp",
        code: guess,
      });
      bodies.add(answer.text.replace(/urn:request:[0-9a-f-]{36}/, ""));
      statuses.push(answer.status);
    }
    expect([statuses, bodies.size]).toEqual([[401, 401, 401, 401, 401], 1]);
    expect(keyOf(await browser.post("/auth/second-factor", { method: "totp", code: "000000" }))).toEqual([
      401,
      "not-signed-in",
    ]);
    ({ browser } = await passFirstFactor(server, person));
    for (let tries = 0; tries < 4; tries += 1)
      await browser.post("/auth/second-factor", { method: "totp", code: "000000" });
    const tenth = await browser.post("/auth/second-factor", { method: "totp", code: "000000" });
    expect(keyOf(tenth)).toEqual([429, "too-many-requests"]);
    expect(Number(tenth.headers["retry-after"])).toBeGreaterThan(890);
    ({ browser } = await passFirstFactor(server, person));
    await forgetSteps(server, person.personId);
    expect(
      (await browser.post("/auth/second-factor", { method: "totp", code: codeOf(person.app.secret) })).status,
    ).toBe(429);
    // Who knows the password can lock codes; they cannot lock the passkey of the person whose account it is.
    expect((await passkeySignIn(server, person.device)).answer.status).toBe(200);
  });

  test("by a stolen session is counted like sign-in: ten wrong passwords, and the right one is not looked at", async () => {
    const { browser, password } = await account(server, acme);
    const seen: number[] = [];
    for (let tries = 0; tries < 10; tries += 1)
      seen.push((await browser.post("/auth/prove", { password: `not it ${tries}` })).status);
    expect(seen).toEqual([...Array.from({ length: 9 }, () => 401), 429]);
    expect((await browser.post("/auth/prove", { password })).status).toBe(429);
    expect((await browser.get("/auth/me")).status).toBe(200);
  });
});
