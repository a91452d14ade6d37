import type { Client as Database } from "pg";
import { afterAll, beforeAll, expect } from "vitest";
import { newToken, sha256 } from "../../server/foundation/ids/index.ts";
import type { Client } from "../client.ts";
import type { Organization } from "../installed-database.ts";
import { linkTo } from "../mail-ground.ts";
import { proves } from "../proves.ts";
import { account, type Account, enrolTotp, passFirstFactor } from "../second-factors.ts";
import { testServer, type TestServer } from "../server.ts";
import { attack } from "./attack.ts";
import { less, mattersOn } from "./take-away.ts";

// An account that somebody made ahead, with a password of their own, and whose address is somebody else's (pre-hijacking): the link
// that signs its reader in shows whose mailbox it is. tests/attack/unproved-mailbox.test.ts asks the same of organizations.

proves("IAM-3");

let server: TestServer;
let acme: Organization;
let db: Database;

beforeAll(async () => {
  server = await testServer();
  acme = await server.organization("acme");
  db = await server.database.connectAsSuperuser();
});
afterAll(async () => {
  await db.end();
  await server.stop();
});
const matters = mattersOn(() => db);

/** Asks for a link on one browser and opens it on another or the same; what comes of it. */
async function byLink(email: string, asking: Client, opening = asking): Promise<Client> {
  expect((await asking.post("/auth/magic-link", { email })).status).toBe(202);
  const { token } = await linkTo(server.database, email, "magic-link");
  const { json } = await opening.post("/auth/magic-link/redeem", { token });
  if (json.next === "code")
    expect((await asking.post("/auth/magic-link/code", { code: json.code })).status).toBe(200);
  return asking;
}

/** What of whoever made the account is still good. */
async function left(thief: Account): Promise<string> {
  const session = (await thief.browser.get("/auth/me")).status;
  const password = (await passFirstFactor(server, thief)).answer.status;
  return `session ${session}, password ${password}`;
}
const provedOf = async (email: string): Promise<boolean> => {
  const { rows } = await db.query(
    "select email_proved_at is not null as proved from kernel.person where email = $1",
    [email],
  );
  return rows[0].proved;
};
const gone = "session 401, password 401";
const stays = "session 200, password 200";

attack(
  {
    id: "F-made-ahead",
    title:
      "keep the password and the sessions of an account made ahead, when the owner of the mailbox signs in by a link (better-auth #10239)",
    expected: "out, by a link in one browser and in two",
  },
  async () => {
    for (const elsewhere of [false, true]) {
      const thief = await account(server, acme);
      const owner = server.stranger();
      await byLink(thief.email, owner, elsewhere ? server.stranger() : owner);
      expect((await owner.get("/auth/me")).json.person.email).toBe(thief.email);
      expect([elsewhere, await left(thief), await provedOf(thief.email)]).toEqual([elsewhere, gone, true]);
      const { rows } = await db.query(
        "select action, severity from kernel.audit_event where actor_id = $1 and action = 'mailbox-shown'",
        [thief.personId],
      );
      expect(rows).toEqual([{ action: "mailbox-shown", severity: "warning" }]);
      // Another time it is the owner's own, and stays.
      const { token } = await linkTo(server.database, await asked(thief.email), "password-reset");
      await owner.post("/auth/password-reset/redeem", { token, password: thief.password });
      await byLink(thief.email, server.stranger());
      expect((await passFirstFactor(server, thief)).answer.status).toBe(200);
    }
    return "out, by a link in one browser and in two";
  },
);

async function asked(email: string): Promise<string> {
  expect((await server.stranger().post("/auth/password-reset", { email })).status).toBe(202);
  return email;
}

attack(
  {
    id: "F-made-ahead-other-way",
    title:
      "take somebody's password or second factor from them by a link to their mailbox, which has never been used before",
    expected: "the password stays in a browser that knew it; the factor everywhere",
  },
  async () => {
    const person = await account(server, acme);
    await byLink(person.email, person.browser);
    expect([await left(person), await provedOf(person.email)]).toEqual([stays, true]);
    const guarded = await account(server, acme);
    await enrolTotp(guarded.browser);
    const reader = server.stranger();
    expect((await reader.post("/auth/magic-link", { email: guarded.email })).status).toBe(202);
    const { token } = await linkTo(server.database, guarded.email, "magic-link");
    expect((await reader.post("/auth/magic-link/redeem", { token })).json.next).toBe("second-factor");
    const { rows } = await db.query(
      "select count(*)::integer as count from kernel.factor where person_id = $1",
      [guarded.personId],
    );
    expect([await left(guarded), await provedOf(guarded.email), rows[0].count]).toEqual([stays, false, 1]);
    return "the password stays in a browser that knew it; the factor everywhere";
  },
);

matters(
  "mailbox-shown",
  "that whoever came before the owner of the mailbox is out, by a link that signs in",
  [gone, stays],
  async () => {
    const thief = await account(server, acme);
    await byLink(thief.email, server.stranger());
    return left(thief);
  },
  less("kernel.mailbox_shown(uuid,bytea,uuid,inet,text)", ["if someone.verifier is null or", "if true or"]),
);

matters(
  "mailbox-shown-browser",
  "the question whether the browser is one that knew the password: a mark of one's own is another's",
  [gone, stays],
  async () => {
    const thief = await account(server, acme);
    const owner = server.stranger();
    owner.cookies.set("__Host-device", newToken());
    await byLink(thief.email, owner);
    return left(thief);
  },
  less("kernel.mailbox_shown(uuid,bytea,uuid,inet,text)", ["d.digest = sha256(device_hash) and ", ""]),
);

matters(
  "mailbox-shown-factor",
  "the second factor in what a link shows of the mailbox: it would count as shown before that",
  ["unproved", "proved"],
  async () => {
    const person = await account(server, acme);
    await enrolTotp(person.browser);
    const link = sha256(newToken());
    await db.query(
      `insert into kernel.ticket (digest, purpose, person_id, payload, expires_at)
       values (kernel.ticket_digest('magic-link', $1), 'magic-link', $2, $3, now() + interval '5 min')`,
      [link, person.personId, JSON.stringify({ browser: sha256(sha256("mine")).toString("hex") })],
    );
    const auth = await server.database.connectAs("auth");
    await auth.query("select kernel.redeem_magic_link($1, $2, $3, $4, null, null, 'a reader')", [
      link,
      sha256("mine"),
      sha256("code"),
      sha256(newToken()),
    ]);
    await auth.end();
    return (await provedOf(person.email)) ? "proved" : "unproved";
  },
  less("kernel.mailbox_shown(uuid,bytea,uuid,inet,text)", [
    "or someone.second_factor_since is not null",
    "or false",
  ]),
);
