import type { Client } from "pg";
import { expect } from "vitest";
import { newToken, sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import type { Member } from "../installed-database.ts";
import { lettersTo } from "../mail-ground.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { codeOf } from "./attack-ground.ts";
import { oneTimeGround } from "./one-time-ground.ts";
import { less, mattersOn } from "./take-away.ts";

// What is in flight while its ground is taken away: whoever signs in by what a reset is just ending must come too late, and neither of the two may
// be made to fail by the other (a deadlock would let an attacker hold up the reset).

proves("IAM-2");

const ground = oneTimeGround();
const hands = [null, "203.0.113.1", "a test"];

interface Flight {
  /** Ends everything, in a transaction that is held open for a moment before it is committed. */
  readonly ending: (db: Client, person: Member) => Promise<unknown>;
  /** What is in flight: prepared before, sent in the moment. */
  readonly entering: (
    person: Member,
  ) => Promise<(db: Client) => Promise<{ rows: Record<string, unknown>[] }>>;
}

const reset: Flight["ending"] = async (db, person) =>
  db.query("select kernel.redeem_password_reset($1, '{}', $2, $3, 's', $4, $5, $6, $7)", [
    sha256(await ground.ticket("password-reset", { person })),
    sha256("the new one"),
    uuidv7(),
    Buffer.from("sealed"),
    ...hands,
  ]);

const change: Flight["ending"] = (db, person) =>
  db.query("select kernel.change_password($1, $2, '{}', $3, true, $4, 's', $5, $6, $7, $8)", [
    sha256(person.token),
    person.derived,
    sha256("the new one"),
    uuidv7(),
    Buffer.from("sealed"),
    ...hands,
  ]);

const byPassword: Flight["entering"] = async (person) => (db) =>
  db.query("select kernel.sign_in($1, $2, $3, null, '203.0.113.9', 'a thief', null, null, $4)", [
    person.email,
    person.derived,
    sha256(newToken()),
    sha256(newToken()),
  ]);

const byLink: Flight["entering"] = async (person) => {
  const browser = newToken();
  const payload = { browser: sha256(sha256(browser)).toString("hex") };
  const ticket = await ground.ticket("magic-link", { person, payload });
  return (db) =>
    db.query("select kernel.redeem_magic_link($1, $2, $3, $4, $5, $6, $7)", [
      sha256(ticket),
      sha256(browser),
      sha256("code"),
      sha256(newToken()),
      ...hands,
    ]);
};

const byCode: Flight["entering"] = async (person) => {
  const browser = newToken();
  const asking = sha256(sha256(browser));
  const code = sha256(Buffer.concat([sha256("right"), asking])).toString("hex");
  await ground.ticket("magic-code", { person, browser: asking, payload: { code } });
  return (db) =>
    db.query("select kernel.redeem_magic_code($1, $2, $3, $4, $5, $6)", [
      sha256(browser),
      sha256("right"),
      sha256(newToken()),
      ...hands,
    ]);
};

const byOtherReset: Flight["entering"] = async (person) => {
  const ticket = await ground.ticket("password-reset", { person });
  return (db) =>
    db.query("select kernel.redeem_password_reset($1, '{}', $2, $3, 's', $4, $5, $6, $7)", [
      sha256(ticket),
      sha256("the thief's"),
      uuidv7(),
      Buffer.from("sealed"),
      ...hands,
    ]);
};

const flights: Readonly<Record<string, Flight>> = {
  "a reset, by the old password": { ending: reset, entering: byPassword },
  "a reset, by a link": { ending: reset, entering: byLink },
  "a reset, by a code": { ending: reset, entering: byCode },
  "a reset, by another reset": { ending: reset, entering: byOtherReset },
  "a change of the password, by the old one": { ending: change, entering: byPassword },
  "a change of the password, by a link": { ending: change, entering: byLink },
  "a change of the password, by a reset": { ending: change, entering: byOtherReset },
};

/** Sessions that live on, and verifiers that are a thief's. */
async function left({ personId, token }: Member): Promise<string[]> {
  const { rows } = await ground.superuser().query(
    `select 'session' as what from kernel.credential where person_id = $1 and kind in ('session', 'pending') and ended_at is null and digest <> sha256($2)
     union all select 'password of the thief' from kernel.person where id = $1 and verifier = $3`,
    [personId, sha256(token), sha256("the thief's")],
  );
  return rows.map(({ what }) => String(what));
}

attack(
  {
    id: "OT-flight",
    title:
      "sign in, or set a password, in the moment in which a reset or a change of the password ends all that: by the old password, a link, a code, a reset",
    expected: "nothing left after each of 7",
  },
  async () => {
    for (const [name, { ending, entering }] of Object.entries(flights)) {
      const person = await ground.somebody();
      const [ender, thief] = [
        await ground.database.connectAs("auth"),
        await ground.database.connectAs("auth"),
      ];
      const enter = await entering(person);
      await ender.query("begin");
      await ending(ender, person);
      const came = enter(thief).then(() => "done", codeOf);
      await new Promise((resolve) => setTimeout(resolve, 200));
      await ender.query("commit");
      expect([name, await came]).not.toEqual([name, "40P01"]);
      expect([name, await left(person)]).toEqual([name, []]);
      await Promise.all([ender.end(), thief.end()]);
    }
    return `nothing left after each of ${Object.keys(flights).length}`;
  },
);

attack(
  {
    id: "OT-flight-other-way",
    title: "hold up a reset by a sign-in that has begun: the reset waits for it, and then ends it",
    expected: "nothing left after each of 7",
  },
  async () => {
    for (const [name, { ending, entering }] of Object.entries(flights)) {
      const person = await ground.somebody();
      // The first link ever would end the session that changes the password: tests/attack/shown-mailbox.test.ts.
      await ground
        .superuser()
        .query("update kernel.person set email_proved_at = now() where id = $1", [person.personId]);
      const [ender, thief] = [
        await ground.database.connectAs("auth"),
        await ground.database.connectAs("auth"),
      ];
      const enter = await entering(person);
      await thief.query("begin");
      await enter(thief);
      const ended = ending(ender, person).then(() => "ended", codeOf);
      await new Promise((resolve) => setTimeout(resolve, 200));
      await thief.query("commit");
      const came = await ended;
      // Another reset has ended the session that wanted to change the password: it came first, and stands.
      if (ending === change && entering === byOtherReset) expect([name, came]).toEqual([name, "RF401"]);
      else expect([name, came, await left(person)]).toEqual([name, "ended", []]);
      await Promise.all([ender.end(), thief.end()]);
    }
    return `nothing left after each of ${Object.keys(flights).length}`;
  },
);

/** What is left when a sign-in by these means meets an open reset. */
async function flown(entering: Flight["entering"]): Promise<string> {
  const person = await ground.somebody();
  const [ender, thief] = [await ground.database.connectAs("auth"), await ground.database.connectAs("auth")];
  const enter = await entering(person);
  await ender.query("begin");
  await reset(ender, person);
  const came = enter(thief).then(() => "done", codeOf);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const committed = await ender.query("commit").then(() => "reset", codeOf);
  const seen = [committed, (await came) === "40P01" ? "deadlock" : null, ...(await left(person))].filter(
    Boolean,
  );
  await Promise.all([ender.end(), thief.end()]);
  return seen.join(", ");
}

const matters = mattersOn(() => ground.superuser());

matters(
  "flight-password",
  "the turn that a sign-in takes before it looks at the password",
  ["reset", "reset, session"],
  () => flown(byPassword),
  less("kernel.sign_in(text,bytea,bytea,uuid,inet,text,jsonb,bytea,bytea)", [
    "kernel.hold_person(email)",
    "null::uuid",
  ]),
);

matters(
  "flight-snapshot",
  "the demand for a fresh transaction at sign-in",
  ["42501", "in"],
  async () => {
    const person = await ground.somebody();
    const [ender, thief] = [await ground.database.connectAs("auth"), await ground.database.connectAs("auth")];
    await thief.query("begin isolation level repeatable read");
    await thief.query("select kernel.sign_in_recipe($1)", [person.email]);
    await reset(ender, person);
    const came = await (await byPassword(person))(thief).then(() => "in", codeOf);
    await Promise.all([ender.end(), thief.end()]);
    return came;
  },
  less("kernel.hold_person(text)", ["perform kernel.demand_fresh_transaction();", ""]),
);

matters(
  "flight-order",
  "the person's turn before a ticket is used up: a link that is just being used makes the reset fail",
  ["ended", "40P01"],
  async () => {
    const person = await ground.somebody();
    const [ender, thief] = [
      await ground.database.connectAs("auth"),
      await ground.database.connectAsSuperuser(),
    ];
    const link = await ground.ticket("magic-link", { person });
    // What kernel.redeem_magic_link does, with a pause in the middle.
    await thief.query("begin");
    await thief.query("select kernel.redeem($1, 'magic-link')", [sha256(link)]);
    const ended = reset(ender, person).then(() => "ended", codeOf);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await thief.query("select kernel.first_factor_passed($1, 'link', $2, null, null, 'a thief')", [
      person.personId,
      sha256(newToken()),
    ]);
    await thief.query("commit");
    const came = await ended;
    await Promise.all([ender.end(), thief.end()]);
    return came;
  },
  less("kernel.redeem(bytea,text,bytea)", [
    "perform pg_advisory_xact_lock(kernel.person_lock((\n    select t.person_id from kernel.ticket t where t.digest = kernel.ticket_digest(wanted, ticket_hash))));",
    "",
  ]),
);

attack(
  {
    id: "OT-hammer",
    title: "hammer an account with its old password from 24 networks and its old sessions while it is reset",
    expected: "no session of before, no sign-in after",
  },
  async () => {
    const person = await ground.somebody();
    let going = true;
    let resetAt = Number.POSITIVE_INFINITY;
    const late: unknown[] = [];
    const guessing = Array.from({ length: 12 }, async (_, at) => {
      while (going) {
        const startedAt = performance.now();
        const came = await ground.auth(
          "select kernel.sign_in($1, $2, $3, null, $4, 'a thief', null, null, $5)",
          [person.email, person.derived, sha256(newToken()), `198.51.100.${at}`, sha256(newToken())],
        );
        if (startedAt > resetAt && typeof came === "object" && came !== null && "next" in came)
          late.push(came);
      }
    });
    const asking = Array.from({ length: 12 }, async () => {
      const browser = ground.server.browserOf(person.token);
      while (going) {
        const startedAt = performance.now();
        const { status } = await browser.get("/auth/me");
        if (startedAt > resetAt && status !== 401) late.push(status);
      }
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const ender = await ground.database.connectAs("auth");
    await reset(ender, person);
    resetAt = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 500));
    going = false;
    await Promise.all([...guessing, ...asking]);
    await ender.end();
    expect([late, await left(person)]).toEqual([[], []]);
    return "no session of before, no sign-in after";
  },
);

attack(
  {
    id: "OT-after-change",
    title:
      "use what was mailed to an address that the account has left: links, and letters that were asked for and not yet written",
    expected: "RF403, RF403, RF403, no letter",
  },
  async () => {
    const { server, database } = ground;
    const person = await ground.somebody();
    const wanted = `${uuidv7()}@example.com`;
    const browser = newToken();
    const payload = { browser: sha256(sha256(browser)).toString("hex") };
    const [link, forgotten, unlock] = [
      await ground.ticket("magic-link", { person, payload }),
      await ground.ticket("password-reset", { person }),
      await ground.ticket("unlock", { person }),
    ];
    await server.stranger().post("/auth/magic-link", { email: person.email });
    const wish = { payload: { change: uuidv7(), email: wanted }, person };
    for (const half of ["email-change-old", "email-change-new"]) {
      const token = await ground.ticket(half, wish);
      expect((await server.stranger().post("/auth/email/redeem", { token })).status).toBe(200);
    }
    await ground.superuser().query("select kernel.grant_wishes()");
    const seen = [
      await ground.auth("select kernel.redeem_magic_link($1, $2, $3, $4, $5, $6, $7)", [
        sha256(link),
        sha256(browser),
        sha256("code"),
        sha256(newToken()),
        ...hands,
      ]),
      await ground.auth("select kernel.password_reset_context($1)", [sha256(forgotten)]),
      await ground.auth("select kernel.redeem_unlock($1, $2, $3, $4)", [sha256(unlock), ...hands]),
    ];
    for (const address of [person.email, wanted]) {
      const letters = (await lettersTo(database, address)).filter(
        ({ purpose }) => purpose !== "email-changed",
      );
      expect(letters).toEqual([]);
    }
    return `${seen.join(", ")}, no letter`;
  },
);

attack(
  {
    id: "OT-unlock-twice",
    title: "open a lock by one link 20 times at once, while somebody keeps guessing",
    expected: "once; the guesses count from then on",
  },
  async () => {
    const person = await ground.somebody();
    const lock = "insert into kernel.sign_in_lock (account, tries) values (kernel.account_digest($1), 150)";
    await ground.superuser().query(lock, [person.email]);
    const token = await ground.ticket("unlock", { person });
    const guess = (at: number): Promise<unknown> =>
      ground.auth("select kernel.sign_in($1, $2, $3, null, $4, 'a guesser', null, null, $5)", [
        person.email,
        Buffer.alloc(32, 9),
        sha256(newToken()),
        `198.51.100.${at}`,
        sha256(newToken()),
      ]);
    const [answers] = await Promise.all([
      Promise.all(
        Array.from({ length: 20 }, () => ground.server.stranger().post("/auth/unlock/redeem", { token })),
      ),
      Promise.all(Array.from({ length: 40 }, (_, at) => guess(at))),
    ]);
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(19);
    const { rows } = await ground
      .superuser()
      .query("select tries from kernel.sign_in_lock where account = kernel.account_digest($1)", [
        person.email,
      ]);
    expect(rows[0]?.tries ?? 0).toBeLessThanOrEqual(40);
    return "once; the guesses count from then on";
  },
);
