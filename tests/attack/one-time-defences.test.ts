import type { Client } from "pg";
import { beforeAll, expect } from "vitest";
import { newToken, sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import { doorWord, doorWordKeys } from "../../server/kernel/vault/index.ts";
import type { Member } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { trialDoorWords } from "../seed.ts";
import { codeOf, counted } from "./attack-ground.ts";
import { oneTimeGround } from "./one-time-ground.ts";
import { both, less, mattersOn } from "./take-away.ts";

// Each defence of what is good once, and of the tries at a password, matters: without it the attack that it is there for succeeds.

proves("IAM-2", "IAM-3");

const ground = oneTimeGround();
let superuser: Client;
beforeAll(() => {
  superuser = ground.superuser();
});
const matters = mattersOn(() => superuser);

const redeem = "kernel.redeem(bytea,text,bytea)";
const hands = [null, "203.0.113.1", "an attacker"];

async function used(token: string, purpose: string, browser: Buffer | null = null): Promise<string> {
  return superuser
    .query("select kernel.redeem($1, $2, $3)", [sha256(token), purpose, browser])
    .then(() => "used", codeOf);
}

matters(
  "ticket-purpose",
  "the purpose in the digest and in the question (Keycloak CVE-2026-4282)",
  ["RF403", "used"],
  async () => used(await ground.ticket("unlock"), "password-reset"),
  both(
    less("kernel.ticket_digest(text,bytea)", [/\(?purpose \|\| '\|'::text\)?/g, "'|'::text"]),
    less(redeem, [" and t.purpose = wanted", ""]),
  ),
);

matters(
  "ticket-once",
  "that a ticket was not used yet",
  ["used, RF403", "used, used"],
  async () => {
    const token = await ground.ticket("unlock");
    return `${await used(token, "unlock")}, ${await used(token, "unlock")}`;
  },
  less(redeem, ["t.used_at is null and ", ""]),
);

matters(
  "ticket-expiry",
  "the expiry of a ticket",
  ["RF403", "used"],
  async () => {
    const token = await ground.ticket("unlock");
    await superuser.query(
      "update kernel.ticket set expires_at = now() where digest = kernel.ticket_digest('unlock', $1)",
      [sha256(token)],
    );
    return used(token, "unlock");
  },
  less(redeem, [" and t.expires_at > now()", ""]),
);

matters(
  "ticket-browser",
  "the browser that a ticket is bound to",
  ["RF403", "used"],
  async () =>
    used(
      await ground.ticket("oidc-state", { browser: sha256(sha256("mine")) }),
      "oidc-state",
      sha256("theirs"),
    ),
  less(redeem, ["(t.browser is null or t.browser = sha256(browser_hash)) and ", ""]),
);

/** Asks for a link as the door does; the token. */
async function asked(
  kind: "password_reset" | "magic_link",
  email: string,
  browser = newToken(),
  words = trialDoorWords,
): Promise<string> {
  const token = newToken();
  const word = doorWord(words, kind.replace("_", "-"), email, sha256(token));
  const rest = [uuidv7(), "s", Buffer.from("sealed"), ...hands];
  await ground.auth(
    kind === "magic_link"
      ? "select kernel.ask_magic_link($1, $2, $3, 600, $4, $5, $6, $7, $8, $9, $10)"
      : "select kernel.ask_password_reset($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    [email, sha256(token), ...(kind === "magic_link" ? [sha256(browser)] : []), ...rest, word],
  );
  await superuser.query("select kernel.grant_wishes()");
  return token;
}

async function magic(token: string, browser: string): Promise<string> {
  const came = await ground.auth("select kernel.redeem_magic_link($1, $2, $3, $4, $5, $6, $7)", [
    sha256(token),
    sha256(browser),
    sha256("code"),
    sha256(newToken()),
    ...hands,
  ]);
  return typeof came === "object" && came !== null && "next" in came
    ? String(came.next ?? "in")
    : String(came);
}

matters(
  "link-word",
  "the server's word that a link was mailed",
  ["RF403", "in"],
  async () => {
    const { email } = await ground.somebody();
    const another = doorWordKeys(Buffer.alloc(32, 1));
    return asked("magic_link", email, "b", another).then((token) => magic(token, "b"), codeOf);
  },
  less("kernel.demand_word(bytea,text)", ["if not exists", "if false and not exists"]),
);

matters(
  "link-browser",
  "the browser that asked for a link that signs in",
  ["code", "in"],
  async () => {
    const { email } = await ground.somebody();
    return magic(await asked("magic_link", email, "the asking browser"), "another browser");
  },
  less("kernel.redeem_magic_link(bytea,bytea,bytea,bytea,uuid,inet,text,bytea)", [
    "if asking = sha256(browser_hash) then",
    "if true then",
  ]),
);

matters(
  "link-second-factor",
  "the second factor behind a link that signs in",
  ["second-factor", "in"],
  async () => {
    const { email, personId } = await ground.somebody();
    await superuser.query("update kernel.person set second_factor_since = now() where id = $1", [personId]);
    return magic(await asked("magic_link", email, "b"), "b");
  },
  less("kernel.first_factor_passed(uuid,text,bytea,uuid,inet,text,uuid)", [
    "p.second_factor_since is not null",
    "false",
  ]),
);

matters(
  "link-code-tries",
  "the limit of tries at a code",
  ["5 tries", "12 tries, then in"],
  async () => {
    const person = await ground.somebody();
    const browser = newToken();
    const asking = sha256(sha256(browser));
    const code = sha256(Buffer.concat([sha256("right"), asking])).toString("hex");
    await ground.ticket("magic-code", { person, browser: asking, payload: { code } });
    const type = (guess: string): Promise<unknown> =>
      ground.auth("select kernel.redeem_magic_code($1, $2, $3, $4, $5, $6)", [
        sha256(browser),
        sha256(guess),
        sha256(newToken()),
        ...hands,
      ]);
    for (let guess = 0; guess < 12; guess += 1) expect(await type(`wrong ${guess}`)).toBeNull();
    const { rows } = await superuser.query("select tries from kernel.ticket where browser = $1", [asking]);
    const last = await type("right");
    return `${rows[0].tries} tries${last === null ? "" : ", then in"}`;
  },
  less("kernel.redeem_magic_code(bytea,bytea,bytea,uuid,inet,text,bytea)", [" and t.tries < 5", ""]),
);

async function reset(token: string): Promise<string> {
  const came = await ground.auth(
    "select kernel.redeem_password_reset($1, '{}', $2, $3, 's', $4, $5, $6, $7)",
    [sha256(token), sha256("verifier"), uuidv7(), Buffer.from("sealed"), ...hands],
  );
  return came === "RF403" ? "RF403" : "set";
}

matters(
  "reset-newest",
  "that a newer link for a password ends the older",
  ["RF403", "set"],
  async () => {
    const { email } = await ground.somebody();
    const older = await asked("password_reset", email);
    await asked("password_reset", email);
    return reset(older);
  },
  less("kernel.grant_wishes()", ["if wish.purpose = 'password-reset' then", "if false then"]),
);

matters(
  "reset-sessions",
  "that a new password ends every session",
  ["401", "200"],
  async () => {
    const { email, token } = await ground.somebody();
    await reset(await asked("password_reset", email));
    return String((await ground.server.browserOf(token).get("/auth/me")).status);
  },
  less("kernel.redeem_password_reset(bytea,jsonb,bytea,uuid,text,bytea,uuid,inet,text)", [
    "perform kernel.end_sign_ins(ticket.person_id, null, 'password reset');",
    "",
  ]),
);

matters(
  "mail-budget",
  "the budget of letters to one address (Logto c7f17d6c5c)",
  ["5 rows", "12 rows"],
  async () => {
    const { email } = await ground.somebody();
    for (let time = 0; time < 12; time += 1) await asked("password_reset", email);
    const { rowCount } = await superuser.query("select from kernel.person_mail where to_address = $1", [
      email,
    ]);
    return counted(rowCount ?? 0);
  },
  less("kernel.take_mail_budget(text,text)", ["b.hour_count <= 5 and b.day_count <= 10", "true"]),
);

matters(
  "mail-budget-purpose",
  "a budget for each kind of letter: a stranger uses up that of one kind",
  ["1 row", "0 rows"],
  async () => {
    const { email } = await ground.somebody();
    for (let time = 0; time < 6; time += 1) await asked("password_reset", email);
    await asked("magic_link", email);
    const { rowCount } = await superuser.query(
      "select from kernel.person_mail where to_address = $1 and purpose = 'magic-link'",
      [email],
    );
    return counted(rowCount ?? 0);
  },
  less("kernel.take_mail_budget(text,text)", ["purpose || '|' || ", ""]),
);

matters(
  "unlock-budget",
  "that no budget withholds the way out of a lock, which asks for one letter an hour by itself",
  ["12 rows", "10 rows"],
  async () => {
    const { email } = await ground.somebody();
    await guessed({ email }, 101, (at) => `198.18.${at}.1`);
    for (let hour = 0; hour < 12; hour += 1) {
      await superuser.query(
        `with hour as (update kernel.mail_budget set hour_from = hour_from - interval '61 min', day_from = day_from - interval '61 min')
         update kernel.sign_in_lock set unlock_asked_at = unlock_asked_at - interval '61 min' where account = kernel.account_digest($1)`,
        [email],
      );
      await ground.server
        .stranger()
        .post(
          "/auth/sign-in",
          { email, password: "x" },
          { headers: { "x-forwarded-for": `192.0.2.${hour}` } },
        );
      await superuser.query("select kernel.grant_wishes()");
    }
    const { rowCount } = await superuser.query(
      "select from kernel.person_mail where to_address = $1 and purpose = 'unlock'",
      [email],
    );
    return counted(rowCount ?? 0);
  },
  less("kernel.grant_wishes()", ["wish.purpose = 'unlock' or ", ""]),
);

matters(
  "email-both",
  "the other mailbox in a change of address",
  ["unchanged", "changed"],
  async () => {
    const person = await ground.somebody();
    const fresh = newToken();
    const wanted = `${uuidv7()}@example.com`;
    await ground.auth("select kernel.ask_email_change($1, $2, $3, $4, $5, $6, $7, $8, 's', $9, $10, $11)", [
      sha256(person.token),
      wanted,
      sha256(newToken()),
      sha256(fresh),
      uuidv7(),
      Buffer.from("x"),
      uuidv7(),
      Buffer.from("x"),
      ...hands,
    ]);
    await ground.auth("select kernel.redeem_email_change($1, $2, $3, $4, $5, 's', $6, $7, $8)", [
      sha256(fresh),
      uuidv7(),
      Buffer.from("x"),
      uuidv7(),
      Buffer.from("x"),
      ...hands,
    ]);
    const { rows } = await superuser.query("select email from kernel.person where id = $1", [
      person.personId,
    ]);
    return rows[0].email === wanted ? "changed" : "unchanged";
  },
  less("kernel.redeem_email_change(bytea,uuid,bytea,uuid,bytea,text,uuid,inet,text)", [
    "and t.used_at is not null",
    "and true",
  ]),
);

matters(
  "email-proof",
  "the fresh proof for a change of address (Kratos be5e98716)",
  ["RF403", "asked"],
  async () => {
    const person = await ground.somebody();
    await superuser.query(
      "update kernel.credential set proved_at = now() - interval '11 minutes' where person_id = $1",
      [person.personId],
    );
    const came = await ground.auth(
      "select kernel.ask_email_change($1, $2, $3, $4, $5, $6, $7, $8, 's', $9, $10, $11)",
      [
        sha256(person.token),
        `${uuidv7()}@example.com`,
        sha256(newToken()),
        sha256(newToken()),
        uuidv7(),
        Buffer.from("x"),
        uuidv7(),
        Buffer.from("x"),
        ...hands,
      ],
    );
    return came === "RF403" ? "RF403" : "asked";
  },
  less("kernel.ask_email_change(bytea,text,bytea,bytea,uuid,bytea,uuid,bytea,text,uuid,inet,text)", [
    "session.proved_at is null or session.proved_at < now() - interval '10 min'",
    "false",
  ]),
);

interface Guess {
  readonly person: Member;
  readonly ip: string;
  readonly device?: string;
}

async function rightPassword({ person, ip, device = newToken() }: Guess): Promise<string> {
  const came = await ground.auth("select kernel.sign_in($1, $2, $3, null, $4, 'x', null, null, $5)", [
    person.email,
    person.derived,
    sha256(newToken()),
    ip,
    sha256(device),
  ]);
  if (typeof came !== "object" || came === null) return String(came);
  return "locked" in came ? "locked" : "wait" in came ? "wait" : "in";
}

async function guessed(
  person: Pick<Member, "email">,
  count: number,
  ip: (at: number) => string,
): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    await ground.auth("select kernel.sign_in($1, $2, $3, null, $4, 'x', null, null, null)", [
      person.email,
      Buffer.alloc(32, 9),
      sha256(newToken()),
      ip(at),
    ]);
  }
}

matters(
  "guess-place",
  "the wait after five tries from one network",
  ["wait", "in"],
  async () => {
    const person = await ground.somebody();
    await guessed(person, 30, () => "198.51.100.4");
    return rightPassword({ person, ip: "198.51.100.4" });
  },
  less("kernel.begin_try(text,inet,bytea,uuid,text)", ["if counted.wait > 0 then", "if false then"]),
);

matters(
  "guess-account",
  "the lock after a hundred tries from everywhere",
  ["locked", "in"],
  async () => {
    const person = await ground.somebody();
    await guessed(person, 120, (at) => `198.18.${at}.1`);
    return rightPassword({ person, ip: "203.0.113.8" });
  },
  less("kernel.begin_try(text,inet,bytea,uuid,text)", ["if failed > 100 then", "if false then"]),
);

matters(
  "guess-known",
  "the exemption of browsers that were there before",
  ["in", "locked"],
  async () => {
    const person = await ground.somebody();
    const device = newToken();
    await superuser.query("insert into kernel.known_device (person_id, digest) values ($1, $2)", [
      person.personId,
      sha256(sha256(device)),
    ]);
    await guessed(person, 120, (at) => `198.18.${at}.1`);
    return rightPassword({ person, ip: "203.0.113.8", device });
  },
  less("kernel.begin_try(text,inet,bytea,uuid,text)", ["if origin.known then", "if false then"]),
);

matters(
  "hijack-sessions",
  "that whoever came before the owner of the mailbox is out",
  ["401", "200"],
  async () => {
    const person = await ground.somebody();
    await superuser.query("update kernel.person set recipe = null, verifier = null where id = $1", [
      person.personId,
    ]);
    const ticket = await ground.ticket("password-reset", { person });
    await ground.auth("select kernel.redeem_password_reset($1, '{}', $2, $3, 'x', 'x', $4, $5, $6)", [
      sha256(ticket),
      sha256("v"),
      uuidv7(),
      ...hands,
    ]);
    return String((await ground.server.browserOf(person.token).get("/auth/me")).status);
  },
  less("kernel.redeem_password_reset(bytea,jsonb,bytea,uuid,text,bytea,uuid,inet,text)", [
    "perform kernel.end_sign_ins(ticket.person_id, null, 'password reset');",
    "",
  ]),
);
