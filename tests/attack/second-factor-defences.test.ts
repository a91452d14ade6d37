import type { Client } from "pg";
import { beforeAll } from "vitest";
import { newToken, sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import { keptKeysOf } from "../../server/features/identity/factors/factor-proof.ts";
import { enter } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attackGround, codeOf, outcome, undone, valueOf } from "./attack-ground.ts";
import {
  challenged,
  factorKey,
  guarded,
  type Guarded,
  macOf,
  rightTry,
  someLetters,
  somewhere,
  stepNow,
  tryFactor,
  tryPasskey,
  trySignIn,
  waiting,
  withPasskey,
  wordFor,
} from "./second-factor-ground.ts";
import { both, less, mattersOn } from "./take-away.ts";

// Each defence of the second factor matters: without it the attack that it is there for succeeds.

proves("IAM-8");

const ground = attackGround(false);
let auth: Client;
let superuser: Client;
beforeAll(async () => {
  auth = await ground.connect("auth");
  superuser = await ground.superuser();
});
const matters = mattersOn(() => superuser);

const judge = "kernel.judge_factor(uuid,text,text,bytea,uuid,bigint,bytea,bytea,uuid)";
const pass = "kernel.pass_second_factor(bytea,text,uuid,bigint,bytea,bytea,bytea,jsonb,uuid,inet,text)";
const ownPending = "kernel.own_pending(bytea)";
const another = (): Promise<Guarded> => guarded(ground, auth);
const mac = "kernel.vouched(mac, f.inner_pad, f.outer_digest, payload)";
const vouched = "kernel.vouched(bytea,bytea,bytea,text)";

matters(
  "factor-mac",
  "the MAC by which the server vouches for a code",
  ["wrong", "signed in"],
  async () => {
    const who = await another();
    return tryFactor(auth, await waiting(auth, who), {
      factor: who.factor,
      number: stepNow(),
      mac: Buffer.alloc(32),
    });
  },
  less(judge, [mac, "true"]),
);

matters(
  "factor-outer",
  "the key that is kept outside: whoever has a backup of the rows, and the password of the door",
  ["refused", "signed in"],
  async () => {
    const who = await withPasskey(auth, await another());
    const challenge = await challenged(auth, "passkey-sign-in", null);
    const inner = await valueOf(superuser, "select inner_pad from kernel.factor where id = $1", [who.factor]);
    if (!Buffer.isBuffer(inner)) throw new Error("the backup lacks the row");
    const outer = Buffer.alloc(64, 7);
    const payload = `passkey-sign-in|passkey|${sha256(challenge).toString("hex")}|${who.factor}|6`;
    const word = sha256(Buffer.concat([outer, sha256(Buffer.concat([inner, Buffer.from(payload)]))]));
    const judged = await valueOf(auth, "select kernel.passkey_sign_in($1, $2, 6, $3, $4, $5, $6, $7)", [
      sha256(challenge),
      who.factor,
      Buffer.concat([word, outer]),
      sha256(newToken()),
      ...somewhere,
    ]);
    return judged === null ? "refused" : "signed in";
  },
  less(vouched, [/\(?sha256\(SUBSTRING\(word FROM 33\)\) = outer_digest\)?/g, "true"]),
);

matters(
  "factor-mac-anchor",
  "the sign-in in what the MAC covers",
  ["wrong", "signed in"],
  async () => {
    const who = await another();
    const [seen, attackers] = [await waiting(auth, who), await waiting(auth, who)];
    const { mac: _, ...rest } = rightTry(who, seen);
    // What it would be for any sign-in, were none in it; and what was overheard of another.
    const known = macOf(who, "second-factor", Buffer.alloc(0), rest.number ?? 0);
    return tryFactor(auth, attackers, { ...rest, mac: known });
  },
  less(judge, ["encode(anchor, 'hex')", "''"]),
);

matters(
  "factor-person",
  "whose factor it is: the attacker vouches for one of their own at another's sign-in",
  ["wrong", "signed in"],
  async () => {
    const [victim, attacker] = [await another(), await another()];
    const pending = await waiting(auth, victim);
    const number = stepNow();
    return tryFactor(auth, pending, {
      factor: attacker.factor,
      number,
      mac: macOf(attacker, "second-factor", sha256(pending), number),
    });
  },
  less(judge, ["f.person_id = person and f.kind = 'totp'", "f.kind = 'totp'"]),
);

matters(
  "factor-confirmed",
  "whether an app was ever confirmed: one whose secret somebody saw on the screen",
  ["wrong", "signed in"],
  async () => {
    const who = await another();
    const factor = uuidv7();
    const { inner, outerDigest } = keptKeysOf(factorKey, who.personId, factor);
    await auth.query("select kernel.begin_totp($1, $2, 'sealed', $3, $4)", [
      sha256(who.token),
      factor,
      inner,
      outerDigest,
    ]);
    const pending = await waiting(auth, who);
    return tryFactor(auth, pending, rightTry({ ...who, factor }, pending));
  },
  less(judge, ["and f.confirmed_at is not null", ""]),
);

matters(
  "factor-replay",
  "the last step: the same code at a second sign-in",
  ["wrong", "signed in"],
  async () => {
    const who = await another();
    const number = stepNow();
    const first = await waiting(auth, who);
    await tryFactor(auth, first, rightTry(who, first, number));
    const second = await waiting(auth, who);
    return tryFactor(auth, second, rightTry(who, second, number));
  },
  less(judge, ["f.last_step < number", "true"]),
);

matters(
  "factor-window",
  "the clock of the database: a proof for tomorrow",
  ["wrong", "signed in"],
  async () => {
    const who = await another();
    const pending = await waiting(auth, who);
    return tryFactor(auth, pending, rightTry(who, pending, stepNow() + 2880));
  },
  less(judge, ["number between kernel.totp_step() - 2 and kernel.totp_step() + 1", "true"]),
);

matters(
  "factor-tries",
  "the five tries of a sign-in",
  ["nothing waits", "signed in"],
  async () => {
    const who = await another();
    const pending = await waiting(auth, who);
    for (let tries = 0; tries < 5; tries += 1) await tryFactor(auth, pending, {});
    return tryFactor(auth, pending, rightTry(who, pending));
  },
  less(pass, ["c.tries >= 4", "false"]),
);

matters(
  "factor-lock",
  "the ten tries of an account",
  ["locked", "signed in"],
  async () => {
    const who = await another();
    for (let sign = 0; sign < 2; sign += 1) {
      const pending = await waiting(auth, who);
      for (let tries = 0; tries < 5; tries += 1) await tryFactor(auth, pending, {});
    }
    const pending = await waiting(auth, who);
    return tryFactor(auth, pending, rightTry(who, pending));
  },
  less(judge, ["if method <> 'passkey' and", "if false and"]),
);

/** A session that an organization's identity provider vouched for, of whomever it likes; its token. */
async function vouchedFor(who: Guarded, organization: string): Promise<string> {
  const token = newToken();
  await superuser.query("select kernel.mint_session($1, $2, null, 'a provider', '{sso}', $3)", [
    who.personId,
    sha256(token),
    organization,
  ]);
  return token;
}

/** One wrong code at step-up. */
async function wrongCode(session: string): Promise<string> {
  return wordFor(
    await valueOf(auth, "select kernel.prove($1, 'totp', null, null, null, null, $2, $3, $4, $5, $6)", [
      sha256(session),
      sha256(newToken()),
      someLetters(),
      ...somewhere,
    ]),
  );
}

const ownCode = async (who: Guarded): Promise<string> => {
  const pending = await waiting(auth, who);
  return tryFactor(auth, pending, rightTry(who, pending));
};

matters(
  "factor-lock-vouched",
  "a count of its own for what an identity provider vouched for, which locks its person out elsewhere",
  ["signed in", "locked"],
  async () => {
    const who = await another();
    const session = await vouchedFor(who, ground.rival.id);
    for (let tries = 0; tries < 12; tries += 1) await wrongCode(session);
    return ownCode(who);
  },
  less("kernel.prove(bytea,text,uuid,bigint,bytea,bytea,bytea,jsonb,uuid,inet,text)", [
    "secret_hash, session.sso_tenant_id)",
    "secret_hash, null)",
  ]),
);

matters(
  "factor-lock-waiting",
  "the same for sign-ins that wait for their second factor",
  ["signed in", "locked"],
  async () => {
    const who = await another();
    for (let sign = 0; sign < 3; sign += 1) {
      const pending = newToken();
      await superuser.query("select kernel.first_factor_passed($1, 'sso', $2, null, null, 'x', $3)", [
        who.personId,
        sha256(pending),
        ground.rival.id,
      ]);
      for (let tries = 0; tries < 5; tries += 1) await tryFactor(auth, pending, {});
    }
    return ownCode(who);
  },
  less(pass, ["secret_hash, pending.sso_tenant_id)", "secret_hash, null)"]),
);

/** How many of a day's wrong codes are looked at, when each quarter of an hour is sat out. */
async function lookedAt(who: Guarded, session: string): Promise<number> {
  let looked = 0;
  for (let tries = 0; tries < 80; tries += 1) {
    const before = await tallied(who);
    await wrongCode(session);
    looked += (await tallied(who)) - before;
    await superuser.query(
      `update kernel.factor_tally set locked_until = now() where person_id = $1 and locked_until < now() + interval '16 min'`,
      [who.personId],
    );
  }
  return looked;
}

async function tallied({ personId }: Guarded): Promise<number> {
  return Number(
    await valueOf(
      superuser,
      "select coalesce(sum(failures), 0) from kernel.factor_tally where person_id = $1",
      [personId],
    ),
  );
}

matters(
  "factor-day",
  "the fifty wrong codes of a day, for the person and for each provider that vouches for them",
  ["50 and 50", "80 and 80"],
  async () => {
    const who = await another();
    const theirs = await lookedAt(who, await vouchedFor(who, ground.rival.id));
    return `${theirs} and ${await lookedAt(who, who.token)}`;
  },
  less(judge, ["when t.day_failures >= 49 and", "when false and"]),
);

matters(
  "factor-once",
  "the end of a sign-in that was finished",
  ["nothing waits", "signed in"],
  async () => {
    const who = await another();
    const pending = await waiting(auth, who);
    await tryFactor(auth, pending, rightTry(who, pending));
    return tryFactor(auth, pending, rightTry(who, pending, stepNow() + 1));
  },
  less(pass, [
    "set ended_at = now(), ended_why = 'second factor passed'",
    "set ended_why = 'second factor passed'",
  ]),
);

matters(
  "factor-waits",
  "what kind of credential the second factor takes: another session out of a session",
  ["nothing waits", "signed in"],
  async () => {
    const who = await another();
    return tryFactor(auth, who.token, rightTry(who, who.token));
  },
  less(ownPending, ["and c.kind = 'pending'", ""]),
);

matters(
  "factor-hour",
  "the ten minutes of a sign-in that waits",
  ["nothing waits", "signed in"],
  async () => {
    const who = await another();
    const pending = await waiting(auth, who);
    await superuser.query(
      "update kernel.credential set expires_at = now() - interval '1 second' where digest = sha256($1)",
      [sha256(pending)],
    );
    return tryFactor(auth, pending, rightTry(who, pending));
  },
  less(ownPending, ["and c.expires_at > now()", ""]),
);

matters(
  "factor-enter",
  "what kinds of credential enter: a sign-in that waits goes to work",
  ["RF401", "in"],
  async () => {
    const pending = await waiting(auth, await another());
    const api = await ground.connect();
    await api.query("begin");
    const seen = await enter(api, pending, "acme", ["contact.read"]).then(() => "in", codeOf);
    await api.query("rollback");
    return seen;
  },
  less("kernel.enter(bytea,text,text[],uuid,inet,text,text)", [
    "and c.kind in ('session', 'access', 'key')",
    "",
  ]),
);

matters(
  "factor-session",
  "what kind of credential a person's own doors take",
  ["RF401", "1 row"],
  async () => outcome(auth, "select kernel.own_security($1)", [sha256(await waiting(auth, await another()))]),
  less("kernel.live_session(bytea,boolean)", ["and c.kind = 'session'", ""]),
);

matters(
  "factor-gate",
  "the question whether there is a second factor, after the first",
  ["second-factor", "null"],
  async () => {
    const { email, derived } = await another();
    const text = "select coalesce(kernel.sign_in($1, $2, $3, $4, $5, $6, null, null) ->> 'next', 'null')";
    return String(await valueOf(auth, text, [email, derived, sha256(newToken()), ...somewhere]));
  },
  less("kernel.first_factor_passed(uuid,text,bytea,uuid,inet,text,uuid)", [
    "if method <> 'passkey' and",
    "if false and",
  ]),
);

matters(
  "backup-code-once",
  "the use of a backup code",
  ["wrong", "signed in"],
  async () => {
    const who = await another();
    const code = who.backupCodes[0] ?? "";
    await tryFactor(auth, await waiting(auth, who), { method: "backup-code", code });
    return tryFactor(auth, await waiting(auth, who), { method: "backup-code", code });
  },
  less(judge, ["and b.used_at is null", ""]),
);

matters(
  "passkey-counter",
  "the counter of a passkey: an answer of its copy",
  ["refused", "signed in"],
  async () => {
    const who = await withPasskey(auth, await another());
    await trySignIn(auth, who, await challenged(auth, "passkey-sign-in", null), 9);
    return trySignIn(auth, who, await challenged(auth, "passkey-sign-in", null), 8);
  },
  less(judge, ["(f.counter < number or f.counter = 0 and number = 0)", "true"]),
);

matters(
  "passkey-purpose",
  "the purpose in a challenge: one for signing in at the second factor",
  ["wrong", "signed in"],
  async () => {
    const who = await withPasskey(auth, await another());
    return tryPasskey(auth, who, await waiting(auth, who), await challenged(auth, "passkey-sign-in", null));
  },
  both(
    less("kernel.ticket_digest(text,bytea)", ["((purpose || '|'::text), 'UTF8'::name)", "('', 'UTF8')"]),
    less("kernel.redeem(bytea,text,bytea)", ["and t.purpose = wanted", ""]),
    less("kernel.use_challenge(bytea,text,bytea,uuid)", [
      "ticket.person_id is not distinct from person",
      "true",
    ]),
  ),
);

matters(
  "passkey-holder",
  "for whom a challenge was opened: one of another sign-in",
  ["wrong", "signed in"],
  async () => {
    const who = await withPasskey(auth, await another());
    const [one, two] = [await waiting(auth, who), await waiting(auth, who)];
    return tryPasskey(auth, who, two, await challenged(auth, "passkey-second-factor", one));
  },
  less("kernel.redeem(bytea,text,bytea)", [
    "and (t.browser is null or t.browser = sha256(browser_hash))",
    "",
  ]),
);

matters(
  "passkey-once",
  "the use of a challenge",
  ["refused", "signed in"],
  async () => {
    const who = await withPasskey(auth, await another());
    const challenge = await challenged(auth, "passkey-sign-in", null);
    await trySignIn(auth, who, challenge, 6);
    return trySignIn(auth, who, challenge, 7);
  },
  less("kernel.redeem(bytea,text,bytea)", ["and t.used_at is null", ""]),
);

matters(
  "factor-fresh",
  "the second factor in the proof that adding one wants: a stolen session and the password",
  ["RF403", "1 row"],
  async () => {
    const who = await another();
    await superuser.query(
      "update kernel.credential set second_factor_at = now() - interval '11 min', proved_at = now() where digest = sha256($1)",
      [sha256(who.token)],
    );
    return outcome(auth, "select kernel.begin_totp($1, $2, 'sealed', $3::bytea, sha256($3::bytea))", [
      sha256(who.token),
      uuidv7(),
      Buffer.alloc(64),
    ]);
  },
  less("kernel.demand_fresh_factor(kernel.credential)", [
    "coalesce(session.second_factor_at, '-infinity') < now() - interval '10 min'",
    "false",
  ]),
);

matters(
  "factor-proof",
  "the age of the proof",
  ["RF403", "1 row"],
  async () => {
    const member = await ground.db.member(ground.acme, "member");
    await superuser.query(
      "update kernel.credential set proved_at = now() - interval '11 min' where digest = sha256($1)",
      [sha256(member.token)],
    );
    return outcome(auth, "select kernel.begin_totp($1, $2, 'sealed', $3::bytea, sha256($3::bytea))", [
      sha256(member.token),
      uuidv7(),
      Buffer.alloc(64),
    ]);
  },
  less("kernel.demand_fresh_factor(kernel.credential)", [
    "coalesce(session.proved_at, '-infinity') < now() - interval '10 min'",
    "false",
  ]),
);

matters(
  "factor-others",
  "the end of the other sessions when the first factor comes",
  ["RF401", "1 row"],
  async () => {
    const member = await ground.db.member(ground.acme, "member");
    const [thief, factor] = [newToken(), uuidv7()];
    await superuser.query("select kernel.mint_session($1, $2, null, 'a thief')", [
      member.personId,
      sha256(thief),
    ]);
    const session = sha256(member.token);
    const pads = Buffer.alloc(64, 3);
    await auth.query("select kernel.begin_totp($1, $2, 'sealed', $3, $4)", [
      session,
      factor,
      pads,
      sha256(pads),
    ]);
    const number = stepNow();
    const payload = ["enrolment", "totp", session.toString("hex"), factor, number].join("|");
    const sum = sha256(Buffer.concat([pads, sha256(Buffer.concat([pads, Buffer.from(payload)]))]));
    const word = Buffer.concat([sum, pads]);
    const codes = Array.from({ length: 10 }, () => sha256(newToken()));
    await auth.query("select kernel.confirm_totp($1, $2, 'App', $3, $4, $5, $6, $7, $8, $9, $10)", [
      session,
      factor,
      number,
      word,
      codes,
      sha256(newToken()),
      someLetters(),
      ...somewhere,
    ]);
    return outcome(auth, "select kernel.who($1)", [sha256(thief)]);
  },
  less("kernel.factor_added(kernel.credential,bytea,bytea,uuid,text,bytea[],jsonb,uuid,inet,text)", [
    "perform kernel.end_other_sessions(session.person_id, session.id, 'second factor added');",
    "",
  ]),
);

matters(
  "factor-rotation",
  "the new token of a session that was proven once more: the stolen one becomes fresh with it",
  ["RF401", "1 row"],
  async () => {
    const member = await ground.db.member(ground.acme, "member");
    await auth.query("select kernel.prove($1, 'password', null, null, null, $2, $3, $4, $5, $6, $7)", [
      sha256(member.token),
      member.derived,
      sha256(newToken()),
      someLetters(),
      ...somewhere,
    ]);
    return outcome(auth, "select kernel.who($1)", [sha256(member.token)]);
  },
  less("kernel.renew_session(kernel.credential,bytea,bytea,text)", [
    "set digest = sha256(session_hash), proved_at",
    "set proved_at",
  ]),
);

/** Takes a member's factors away as the owner of acme, and undoes it. */
async function reset(member: string): Promise<string> {
  const api = await ground.connect();
  return undone(api, ground.acme, ["member.change"], () =>
    outcome(api, "select kernel.reset_factors($1, $2)", [member, someLetters()]),
  );
}

matters(
  "factor-reset",
  "the other organizations of whom an admin takes the factors",
  ["RF409", "1 row"],
  async () => {
    const who = await another();
    const slug = `own-${uuidv7().slice(-12)}`;
    const details = { slug, name: slug, locale: "en", timeZone: "UTC", currency: "EUR" };
    await auth.query("select kernel.open_organization($1, $2)", [sha256(who.token), details]);
    return reset(who.memberId);
  },
  less("kernel.reset_factors(uuid,jsonb)", [
    "exists (select from kernel.membership m where m.person_id = was.person_id and m.tenant_id <> tenant and m.ended_at is null)",
    "false",
  ]),
);

matters(
  "end-others-turns",
  "the turn that the end of all other sessions and a second factor take, while a request of one of them takes long",
  ["nothing waits", "signed in"],
  async () => {
    const who = await another();
    const [inside, ending] = [await ground.connect(), await ground.connect("auth")];
    const slow = newToken();
    await superuser.query(
      `insert into kernel.credential (kind, digest, person_id, expires_at, second_factor_at)
       values ('session', sha256($1), $2, now() + interval '1 hour', now())`,
      [sha256(slow), who.personId],
    );
    const pending = await waiting(auth, who);
    await inside.query("begin");
    await enter(inside, slow, "acme", ["contact.read"]);
    const ended = ending.query("select kernel.end_session($1, null, $2, $3, $4)", [
      sha256(who.token),
      ...somewhere,
    ]);
    const held =
      "select count(*)::integer from pg_locks l join pg_database d on d.oid = l.database and d.datname = current_database() where locktype = 'advisory' and not granted";
    while ((await valueOf(superuser, held)) === 0) await new Promise((next) => setTimeout(next, 20));
    const shown = tryFactor(auth, pending, rightTry(who, pending));
    await Promise.race([shown, new Promise((next) => setTimeout(next, 300))]);
    await inside.query("rollback");
    await ended;
    return shown.finally(() => Promise.all([inside.end(), ending.end()]));
  },
  less("kernel.end_session(bytea,uuid,uuid,inet,text,bytea)", [
    "perform pg_advisory_xact_lock(kernel.person_lock(",
    "perform ((",
  ]),
);
