import type { Client as Database } from "pg";
import { afterAll, beforeAll, expect } from "vitest";
import { newToken, sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import type { Answer, Client } from "../client.ts";
import { setPassword } from "../mail-ground.ts";
import { connectDirectory, userSchema } from "../scim-ground.ts";
import type { TestServer } from "../server.ts";
import { type CountedWork, functionsCalled } from "../counted-work.ts";
import { attack } from "./attack.ts";
import {
  countedGround,
  type CountedGround,
  kindsOfPeople,
  password,
  uniqueSlug,
  whole,
} from "./enumeration-ground.ts";

// What the doors tell about people and links: by status, header, cookie, body or length, and by what the server does before it answers: how many
// passwords it hashes, and which statements it sends in which order. Times of it all: `npm run bench enumeration`.

let ground: CountedGround;
let server: TestServer;
let db: Database;
let counted: CountedWork;

beforeAll(async () => {
  ground = await countedGround();
  ({ server, db, counted } = ground);
});
afterAll(() => ground.stop());

/** What a door is sent, about an address or a person. */
type Ask = (email: string, browser: Client, sending: { headers: Record<string, string> }) => Promise<Answer>;
type Doors = Readonly<Record<string, Ask>>;

/** Asks the same of each, from networks and browsers of their own; the distinct answers, with the work that each took. */
async function answersOf(
  kinds: Readonly<Record<string, string>>,
  ask: Ask,
  inside = true,
): Promise<string[]> {
  const answers = new Set<string>();
  let at = 0;
  for (const email of Object.values(kinds)) {
    at += 1;
    const browser = server.stranger();
    await browser.csrf();
    const sending = { headers: { "x-forwarded-for": `198.51.100.${at}` } };
    const { came, work, sent } = await counted.during(() => ask(email, browser, sending));
    const called = inside ? await functionsCalled(db, sent) : [];
    answers.add([withoutAddress(came, email), work.hashes, ...work.statements, ...called].join("\n"));
  }
  return [...answers];
}

/** The same of an answer that repeats what it was asked, and names what was made of it. */
function withoutAddress(answer: Answer, email: string): string {
  return whole(answer)
    .replace(/^content-length.*$/m, "")
    .replaceAll(email, "…")
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "id")
    .replace(/"\d{4}-[^"]+Z"/g, "when");
}

const posted =
  (path: string, body: (email: string) => unknown): Ask =>
  (email, browser, sending) =>
    browser.post(path, body(email), sending);

/** The doors that take an address from anybody. */
const open: Doors = {
  "sign-in": posted("/auth/sign-in", (email) => ({ email, password: "not the password 99" })),
  "password-reset": posted("/auth/password-reset", (email) => ({ email })),
  "magic-link": posted("/auth/magic-link", (email) => ({ email })),
  discover: posted("/auth/discover", (email) => ({ email: `${email.split("@")[0] ?? ""}@acme.example` })),
  setup: posted("/auth/setup", (email) => ({
    token: newToken(),
    organization: { name: "Another", locale: "de-DE", timeZone: "Europe/Berlin", currency: "EUR" },
    person: { name: "X", email, password },
  })),
};

/** Those that take one from whoever works in an organization, about people of others. */
async function guarded(): Promise<Doors> {
  const own = await server.organization(uniqueSlug("asking"));
  const at = `/o/${own.slug}/v1`;
  const directory = await connectDirectory(server, own);
  // Whose the key is, is asked once.
  await directory.get("/Users");
  return {
    invitation: (email) => own.browser.post(`${at}/invitations`, { email, roles: ["viewer"] }),
    "another address": async (email) =>
      (await server.person(own, "viewer")).browser.post("/auth/email", { email }),
    "support grant": (email) =>
      own.browser.post(`${at}/support-grants`, { operator: email, reason: "The import", hours: 4 }),
    directory: (email) =>
      directory.post("/Users", {
        schemas: [userSchema],
        userName: email,
        emails: [{ value: email, primary: true }],
      }),
  };
}

attack(
  {
    id: "E-kinds",
    title:
      "tell kinds of people apart at every door that takes an address: nobody, ended, of a directory, with factors, behind a provider … by the answer, or by what the server does for it (Logto 8eeba717c0, better-auth #5050, better-auth #7971)",
    expected: "one answer, and the same work, at each of 9 doors",
  },
  async () => {
    const kinds = await kindsOfPeople(server, db);
    const doors = Object.entries({ ...open, ...(await guarded()) });
    for (const [door, ask] of doors)
      expect([door, await answersOf(kinds, ask, door in open)]).toEqual([door, [expect.any(String)]]);
    return `one answer, and the same work, at each of ${doors.length} doors`;
  },
);

attack(
  {
    id: "E-asked-often",
    title: "the same after twelve letters were asked for, and after a hundred wrong passwords",
    expected: "one answer, and the same work, at each of 3 doors",
  },
  async () => {
    const kinds = await kindsOfPeople(server, db);
    const { "sign-in": signIn, "password-reset": reset, "magic-link": link } = open;
    const asking = Object.entries({ signIn, reset, link });
    for (const email of Object.values(kinds)) {
      const browser = server.stranger();
      for (let time = 0; time < 12; time += 1)
        for (const path of ["/auth/password-reset", "/auth/magic-link"]) await browser.post(path, { email });
      await db.query("select kernel.grant_wishes()");
      await db.query(
        "insert into kernel.sign_in_lock (account, tries) values (kernel.account_digest($1), 101) on conflict (account) do update set tries = 101",
        [email],
      );
    }
    for (const [door, ask] of asking)
      expect([door, await answersOf(kinds, ask as Ask)]).toEqual([door, [expect.any(String)]]);
    return `one answer, and the same work, at each of ${asking.length} doors`;
  },
);

const links: readonly (readonly [purpose: string, method: "GET" | "POST", path: string, body?: unknown])[] = [
  ["password-reset", "POST", "/auth/password-reset/redeem", { password }],
  ["magic-link", "POST", "/auth/magic-link/redeem", {}],
  ["email-change-new", "POST", "/auth/email/redeem", {}],
  ["unlock", "POST", "/auth/unlock/redeem", {}],
  ["invitation", "GET", "/auth/invitations/:token"],
  ["invitation", "POST", "/auth/invitations/:token", { name: "X", password }],
  ["sso-setup", "GET", "/auth/sso-setup/:token"],
  ["owner-restore", "POST", "/auth/owner-restore", {}],
];

/** What may be wrong with a link, as assignments to its row; null for one that never was. */
const faults: Readonly<Record<string, string | null>> = {
  "made up": null,
  used: "used_at = now()",
  ended: "ended_at = now()",
  late: "expires_at = now() - interval '1 second'",
  "of another purpose": "purpose = case purpose when 'unlock' then 'magic-link' else 'unlock' end",
};

attack(
  {
    id: "E-links",
    title: "tell a link that never was from one that was used, ended, late or made for something else",
    expected: "one answer at each of 8 doors",
  },
  async () => {
    const acme = await server.organization("links");
    for (const [purpose, method, path, body] of links) {
      const seen = new Map<string, string>();
      for (const [fault, change] of Object.entries(faults)) {
        const token = newToken();
        const { personId } = await server.database.member(acme, "member");
        if (change !== null) {
          await db.query(
            `insert into kernel.ticket (digest, purpose, person_id, tenant_id, email, roles, expires_at)
             values (kernel.ticket_digest($1, $2), $1, $3, $4, $5, '{viewer}', now() + interval '5 min')`,
            [purpose, sha256(token), personId, acme.id, `${uuidv7()}@example.com`],
          );
          await db.query(`update kernel.ticket set ${change} where digest = kernel.ticket_digest($1, $2)`, [
            purpose,
            sha256(token),
          ]);
        }
        const browser = server.stranger();
        await browser.csrf();
        const at = path.replace(":token", token);
        const answer =
          method === "GET"
            ? await browser.get(at)
            : await browser.post(at, path.includes(":token") ? body : { ...(body as object), token });
        seen.set(fault, whole(answer).replaceAll(token, "the token"));
      }
      expect([path, new Set(seen.values()).size, seen.get("made up")]).toEqual([
        path,
        1,
        expect.stringContaining("link-not-valid"),
      ]);
    }
    return `one answer at each of ${links.length} doors`;
  },
);

attack(
  {
    id: "E-passkey",
    title: "be told by the passkey doors whom a browser has belonged to, or which passkeys there are",
    expected: "the same for all",
  },
  async () => {
    const acme = await server.organization("passkeys");
    const { email } = acme.owner;
    await setPassword(server.database, email, password);
    const known = server.stranger();
    expect((await known.post("/auth/sign-in", { email, password })).json.signedIn).toBe(true);
    await known.post("/auth/sign-out");
    const options = new Set<string>();
    for (const browser of [known, server.stranger()]) {
      const answer = await browser.post("/auth/passkey/options");
      options.add(whole(answer).replaceAll(/"challenge":"[^"]+"/g, '"challenge":"…"'));
    }
    expect([...options]).toHaveLength(1);
    return "the same for all";
  },
);

attack(
  {
    id: "E-step",
    title: "tell by the second factor's doors whether a cookie of a first step ever was one",
    expected: "one answer at each of 3 doors",
  },
  async () => {
    const acme = await server.organization("steps");
    const { email, personId } = await server.database.member(acme, "member");
    await setPassword(server.database, email, password);
    await db.query("update kernel.person set second_factor_since = now() where id = $1", [personId]);
    const over = server.stranger();
    await over.post("/auth/sign-in", { email, password });
    await db.query(
      "update kernel.credential set expires_at = now() where person_id = $1 and kind = 'pending'",
      [personId],
    );
    const step = over.cookies.get("__Host-step") ?? "";
    const steps: readonly (readonly ["GET" | "POST", string, unknown?])[] = [
      ["GET", "/auth/second-factor"],
      ["POST", "/auth/second-factor", { code: "123456" }],
      ["POST", "/auth/second-factor/passkey-options", {}],
    ];
    for (const [method, path, body] of steps) {
      const seen = new Set<string>();
      for (const token of [step, newToken()]) {
        const browser = server.stranger();
        browser.cookies.set("__Host-step", token);
        seen.add(whole(await (method === "GET" ? browser.get(path) : browser.post(path, body))));
      }
      expect([path, [...seen]]).toEqual([path, [expect.any(String)]]);
    }
    return `one answer at each of ${steps.length} doors`;
  },
);

attack(
  {
    id: "E-email-taken",
    title: "ask for another's address as one's own new one, to hear whether it is taken (better-auth #8097)",
    expected: "the same for both, by the answer and by what the asker is mailed",
  },
  async () => {
    const acme = await server.organization("takers");
    const victim = await server.database.member(acme, "member");
    const seen = new Set<string>();
    for (const wanted of [victim.email, `free-${newToken().slice(0, 6).toLowerCase()}@elsewhere.example`]) {
      const asker = await server.person(acme, "member");
      const answer = await asker.browser.post("/auth/email", { email: wanted });
      const { rows } = await db.query(
        "select purpose, subject, state from kernel.person_mail where to_address = $1",
        [asker.email],
      );
      seen.add(`${whole(answer)} ${JSON.stringify(rows)}`);
    }
    expect([...seen]).toHaveLength(1);
    return "the same for both, by the answer and by what the asker is mailed";
  },
);
