import type { Client as Database } from "pg";
import { afterAll, beforeAll, expect } from "vitest";
import { newToken, sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import type { Answer, Client } from "../client.ts";
import type { Member } from "../installed-database.ts";
import { lettersTo, setPassword } from "../mail-ground.ts";
import { testServer, type TestServer } from "../server.ts";
import { attack } from "./attack.ts";
import { less, mattersOn } from "./take-away.ts";

// What the open doors tell about people and links, by status, header, cookie, body or length. Times: tests/integration/mail-links-enumeration.test.ts.

let server: TestServer;
let db: Database;
const password = "quite-long winter 47 ferns";

beforeAll(async () => {
  server = await testServer();
  db = await server.database.connectAsSuperuser();
});
afterAll(() => server.stop());

/** An answer with all of its headers, less what is by chance in each: the request's id, the date, what a cookie holds, what is left of a rate. */
function whole({ status, headers, text }: Answer): string {
  const shown = Object.entries(headers)
    .filter(([name]) => !["date", "ratelimit", "x-request-id", "request-id"].includes(name))
    .map(([name, value]) => `${name}: ${[value ?? ""].flat().map(withoutChance).join(" + ")}`)
    .toSorted();
  return [status, ...shown, withoutChance(text)].join("\n");
}

function withoutChance(text: string): string {
  return text
    .replace(/urn:request:[0-9a-f-]{36}/g, "urn:request")
    .replace(/^(__Host-[a-z]+)=[^;]+/, "$1=…")
    .replace(/"nonce-[^"]+"|'nonce-[^']+'/g, "nonce");
}

/** One address of each kind that there is. */
async function addresses(): Promise<Readonly<Record<string, string>>> {
  const acme = await server.organization(
    `kinds-${newToken()
      .slice(0, 6)
      .toLowerCase()
      .replace(/[^a-z0-9]/g, "x")}`,
  );
  const made = async (change: string): Promise<string> => {
    const { email, personId } = await server.database.member(acme, "member");
    await setPassword(server.database, email, password);
    if (change !== "") await db.query(`update kernel.person set ${change} where id = $1`, [personId]);
    return email;
  };
  const enforced = await server.organization(
    `sso-${newToken()
      .slice(0, 6)
      .toLowerCase()
      .replace(/[^a-z0-9]/g, "x")}`,
  );
  const behindProvider = (await server.database.member(enforced, "member")).email;
  await setPassword(server.database, behindProvider, password);
  await db.query("update kernel.tenant set sso_enforced = true where id = $1", [enforced.id]);
  const left = await made("");
  await db.query(
    "update kernel.membership m set ended_at = now() from kernel.person p where p.id = m.person_id and p.email = $1",
    [left],
  );
  const account = await acme.browser.post(`/o/${acme.slug}/v1/service-accounts`, {
    name: "Robot",
    roles: ["viewer"],
  });
  const { rows } = await db.query(
    "select email from kernel.person where kind = 'service' and answerable = $1",
    [acme.owner.personId],
  );
  expect([account.status, rows.length]).toEqual([201, 1]);
  return {
    nobody: `nobody-${newToken().slice(0, 6).toLowerCase()}@elsewhere.example`,
    ordinary: await made(""),
    "made by a directory": await made("recipe = null, verifier = null"),
    "with a second factor": await made("second_factor_since = now()"),
    "with a proven mailbox": await made("email_proved_at = now()"),
    ended: await made("ended_at = now()"),
    "behind a provider": behindProvider,
    "member of nothing any more": left,
    "service account": String(rows[0].email),
  };
}

/** Asks the same of each, from networks and browsers of their own; the distinct answers. */
async function answersOf(
  kinds: Readonly<Record<string, string>>,
  ask: (browser: Client, email: string, sending: { headers: Record<string, string> }) => Promise<Answer>,
): Promise<Set<string>> {
  const answers = new Set<string>();
  let at = 0;
  for (const email of Object.values(kinds)) {
    at += 1;
    const browser = server.stranger();
    await browser.csrf();
    answers.add(whole(await ask(browser, email, { headers: { "x-forwarded-for": `198.51.100.${at}` } })));
  }
  return answers;
}

const doors: readonly (readonly [path: string, body: (email: string) => unknown])[] = [
  ["/auth/sign-in", (email) => ({ email, password: "not the password 99" })],
  ["/auth/password-reset", (email) => ({ email })],
  ["/auth/magic-link", (email) => ({ email })],
  ["/auth/discover", (email) => ({ email: `${email.split("@")[0] ?? ""}@acme.example` })],
];

attack(
  {
    id: "E-kinds",
    title:
      "tell kinds of people apart at every door that takes an address: nobody, ended, of a directory, with factors, behind a provider … (Logto 8eeba717c0, better-auth #5050, better-auth #7971)",
    expected: "one answer at each of 4 doors",
  },
  async () => {
    const kinds = await addresses();
    for (const [path, body] of doors) {
      const seen = await answersOf(kinds, (browser, email, sending) =>
        browser.post(path, body(email), sending),
      );
      expect([path, [...seen]]).toEqual([path, [expect.any(String)]]);
    }
    return `one answer at each of ${doors.length} doors`;
  },
);

/** What closes the door to passwords, as an assignment to an organization's row, and what its trail then calls a right one. */
const closing: readonly (readonly [change: string, reason: string])[] = [
  ["sso_enforced = true", "single-sign-on-needed"],
  ["closed_ways = '{password}'", "another-way-needed"],
  ["closed_ways = '{link,password}'", "another-way-needed"],
];

/** An organization with two people who have the password, closed so. */
async function closedOrganization(change: string): Promise<readonly [Member, Member]> {
  const closed = await server.organization(
    `closed-${newToken()
      .slice(0, 6)
      .toLowerCase()
      .replace(/[^a-z0-9]/g, "x")}`,
  );
  const people = [
    await server.database.member(closed, "member"),
    await server.database.member(closed, "member"),
  ] as const;
  for (const { email } of people) await setPassword(server.database, email, password);
  await db.query(`update kernel.tenant set ${change} where id = $1`, [closed.id]);
  return people;
}

attack(
  {
    id: "E-closed-password",
    title:
      "learn whether a password is the right one where single sign-on alone leads in, or no password does: by the answer, or by what becomes of the tries after it",
    expected: "the same, try for try; the trail knows which it was",
  },
  async () => {
    let network = 0;
    /** Nine tries from one network, the fourth of them with this. */
    const triesWith = async (email: string, fourth: string): Promise<string[]> => {
      network += 1;
      const browser = server.stranger();
      await browser.csrf();
      const answers: string[] = [];
      for (let time = 1; time <= 9; time += 1) {
        const typed = time === 4 ? fourth : "not the password 99";
        const sending = { headers: { "x-forwarded-for": `198.51.101.${network}` } };
        answers.push(whole(await browser.post("/auth/sign-in", { email, password: typed }, sending)));
      }
      return answers;
    };
    for (const [change, reason] of closing) {
      const [one, another] = await closedOrganization(change);
      const wrong = await triesWith(one.email, "neither is this one 12");
      const right = await triesWith(another.email, password);
      expect([change, right]).toEqual([change, wrong]);
      expect([wrong[3], wrong[8]]).toEqual([
        expect.stringContaining("wrong-credentials"),
        expect.stringContaining("too-many-requests"),
      ]);
      const { rows } = await db.query(
        `select distinct after ->> 'reason' as reason, (select count(*)::integer from kernel.credential c where c.person_id = $1 and c.kind = 'pending') as begun
           from kernel.audit_event where actor_id = $1 and action = 'sign-in-refused' order by 1`,
        [another.personId],
      );
      expect([change, rows]).toEqual([
        change,
        [reason, "wrong-credentials"].toSorted().map((each) => ({ reason: each, begun: 0 })),
      ]);
    }
    return "the same, try for try; the trail knows which it was";
  },
);

const signsIn = async (email: string): Promise<string> => {
  const { status, json } = await server.stranger().post("/auth/sign-in", { email, password });
  return `${status} ${json.signedIn ?? json.type.split("/").at(-1)}`;
};

attack(
  {
    id: "E-closed-elsewhere",
    title: "be kept out by an organization that takes no passwords, though another one takes them",
    expected: "200 true with both, 401 wrong-credentials with the closed ones alone",
  },
  async () => {
    const [{ email, personId }] = await closedOrganization("closed_ways = '{password}'");
    const enforced = await server.organization(
      `enforced-${email.split("@")[0]}`.slice(0, 40).replace(/[^a-z0-9-]/g, "x"),
    );
    const open = await server.organization(
      `open-${email.split("@")[0]}`.slice(0, 40).replace(/[^a-z0-9-]/g, "x"),
    );
    await db.query("update kernel.tenant set sso_enforced = true where id = $1", [enforced.id]);
    const join = (tenant: string): Promise<unknown> =>
      db.query(
        "insert into kernel.membership (tenant_id, person_id, roles, permissions) values ($1, $2, '{member}', kernel.permissions_of($1, '{member}'))",
        [tenant, personId],
      );
    await join(enforced.id);
    const alone = await signsIn(email);
    await join(open.id);
    return `${await signsIn(email)} with both, ${alone} with the closed ones alone`;
  },
);

attack(
  {
    id: "E-closed-letters",
    title: "be mailed a link for a new password where none leads anywhere",
    expected: "withheld; a link that signs in comes",
  },
  async () => {
    const [{ email }] = await closedOrganization("closed_ways = '{password}'");
    const browser = server.stranger();
    for (const path of ["/auth/password-reset", "/auth/magic-link"])
      expect((await browser.post(path, { email })).status).toBe(202);
    const purposes = (await lettersTo(server.database, email)).map(({ purpose }) => purpose);
    expect(purposes).toEqual(["magic-link"]);
    return "withheld; a link that signs in comes";
  },
);

mattersOn(() => db)(
  "closed-password",
  "the question whether an organization takes passwords, at the door for them",
  ["401 wrong-credentials", "200 true"],
  async () => signsIn((await closedOrganization("closed_ways = '{password}'"))[0].email),
  less("kernel.shut(uuid,text)", [/\(shut\.method <> 'password'::text\)/g, "true"]),
);

attack(
  {
    id: "E-asked-often",
    title: "the same after twelve letters were asked for, and after a hundred wrong passwords",
    expected: "one answer at each of 3 doors",
  },
  async () => {
    const kinds = await addresses();
    const asking = doors.filter(([path]) => path !== "/auth/discover");
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
    for (const [path, body] of asking) {
      const seen = await answersOf(kinds, (browser, email, sending) =>
        browser.post(path, body(email), sending),
      );
      expect([path, [...seen]]).toEqual([path, [expect.any(String)]]);
    }
    return `one answer at each of ${asking.length} doors`;
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
