import type { Client } from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { newToken, sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import { vouchFor } from "../../server/features/identity/factors/factor-proof.ts";
import { enter, type Member } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { attackGround, codeOf, outcome, summed, valueOf } from "./attack-ground.ts";
import {
  guarded,
  type Guarded,
  macOf,
  rightTry,
  someLetters,
  somewhere,
  stepNow,
  together,
  tryFactor,
  waiting,
  waitingMany,
  wordFor,
} from "./second-factor-ground.ts";
import { everythingTold } from "./everything-told.ts";

// Whoever holds the password of the door that signs people in, and everything that passes through it but the installation's
// secret, tries to get past the second factor; and every way in which codes could be used twice or guessed at leisure.

proves("IAM-8");

const ground = attackGround(false);
let auth: Client;
let superuser: Client;
beforeAll(async () => {
  auth = await ground.connect("auth");
  superuser = await ground.superuser();
});

const another = (): Promise<Guarded> => guarded(ground, auth);
const sessionsOf = async ({ personId }: Member): Promise<number> =>
  Number(
    await valueOf(
      superuser,
      "select count(*)::integer from kernel.credential where person_id = $1 and kind = 'session' and ended_at is null",
      [personId],
    ),
  );

attack(
  {
    id: "SF-forged",
    title: "finish a sign-in with the password of rf_auth and a made-up proof",
    expected: "wrong, and no session",
  },
  async () => {
    const who = await another();
    const pending = await waiting(auth, who);
    const number = stepNow();
    const anchor = sha256(pending);
    const forged = [
      { mac: null },
      { mac: Buffer.alloc(32) },
      { mac: sha256("guess") },
      // Made with a key of one's own, which is not the row's.
      {
        mac: vouchFor(Buffer.alloc(32, 1), {
          person: who.personId,
          use: "second-factor",
          method: "totp",
          anchor,
          factor: who.factor,
          number,
        }),
      },
    ];
    const seen: string[] = [];
    for (const { mac } of forged)
      seen.push(await tryFactor(auth, pending, { factor: who.factor, number, mac }));
    expect(await sessionsOf(who)).toBe(1);
    return summed(seen);
  },
);

attack(
  {
    id: "SF-rebound",
    title:
      "use a genuine proof for another sign-in, step, factor, person or purpose, or one's own factor for somebody else",
    expected: "wrong for each",
  },
  async () => {
    const [who, other] = [await another(), await another()];
    const [pending, second] = [await waiting(auth, who), await waiting(auth, who)];
    const number = stepNow();
    const right = rightTry(who, pending, number);
    const seen = [
      await tryFactor(auth, second, right),
      await tryFactor(auth, pending, { ...right, number: number + 1 }),
      await tryFactor(auth, pending, { ...right, factor: other.factor }),
      await tryFactor(auth, await waiting(auth, other), right),
      // Whoever made the other's factor chose its key, and so can vouch for it at anybody's sign-in.
      await tryFactor(auth, second, {
        factor: other.factor,
        number,
        mac: macOf(other, "second-factor", sha256(second), number),
      }),
      await tryFactor(auth, second, {
        factor: who.factor,
        number,
        mac: macOf(who, "proof", sha256(second), number),
      }),
      await tryFactor(auth, second, {
        factor: who.factor,
        number,
        mac: macOf(who, "enrolment", sha256(second), number),
      }),
    ];
    // It is the proof that is bound, and not that it would be wrong anyway.
    expect(await tryFactor(auth, pending, right)).toBe("signed in");
    return summed(seen);
  },
);

attack(
  {
    id: "SF-own-key",
    title:
      "enrol a factor with a key of one's own for somebody whose sign-in waits, or without a fresh proof",
    expected: "RF401 and RF403",
  },
  async () => {
    const who = await another();
    const pending = await waiting(auth, who);
    const enrol = (token: string): Promise<string> =>
      outcome(auth, "select kernel.begin_totp($1, $2, 'sealed', $3::bytea, sha256($3::bytea))", [
        sha256(token),
        uuidv7(),
        Buffer.alloc(64, 1),
      ]);
    const early = await enrol(pending);
    await superuser.query(
      "update kernel.credential set second_factor_at = now() - interval '11 min' where person_id = $1",
      [who.personId],
    );
    return `${early}, ${await enrol(who.token)}`;
  },
);

attack(
  {
    id: "SF-inside",
    title: "call what mints sessions, judges factors or opens tables, as rf_auth",
    expected: "42501 for each",
  },
  async () => {
    const who = await another();
    const calls: [string, unknown[]][] = [
      ["select kernel.mint_session($1, $2, null, 'x')", [who.personId, sha256("x")]],
      ["select kernel.first_factor_passed($1, 'passkey', $2, null, null, 'x')", [who.personId, sha256("x")]],
      ["select kernel.judge_factor($1, 'proof', 'totp', 'x', null, 1, null, null)", [who.personId]],
      ["select kernel.renew_session(null, null, null, null)", []],
      ["select kernel.factor_added(null, null, null, null, null, null, null, null, null, null)", []],
      ["select kernel.end_other_sessions($1, null, 'x')", [who.personId]],
      ["select kernel.replace_backup_codes($1, null)", [who.personId]],
      ["select * from kernel.factor", []],
      ["select * from kernel.backup_code", []],
      ["update kernel.factor_tally set failures = 0", []],
      ["select kernel.reset_factors($1, '{}')", [who.memberId]],
    ];
    const seen: string[] = [];
    for (const [text, values] of calls) seen.push(await outcome(auth, text, values));
    return summed(seen);
  },
);

attack(
  {
    id: "SF-plans",
    title: "have the keys of a factor printed with the plans that compare with them, as rf_auth",
    expected: "plans, and no key in them",
  },
  async () => {
    const who = await another();
    const pending = await waiting(auth, who);
    const { rows } = await superuser.query<{ pad: Buffer }>(
      "select f.inner_pad as pad from kernel.factor f where f.id = $1",
      [who.factor],
    );
    const hex = (bytes: Buffer): string => `'\\x${bytes.toString("hex")}'`;
    const call = `select kernel.pass_second_factor(${hex(sha256(pending))}, 'totp', '${who.factor}', ${stepNow()}, 'wrong', null, 'x', '${someLetters()}', null, null, 'x')`;
    for (const mode of ["auto", "force_custom_plan", "force_generic_plan"]) {
      const told = await everythingTold(ground.db, "auth", [
        `set plan_cache_mode = ${mode}`,
        "set client_min_messages = log",
        "set debug_print_plan = on",
        call,
      ]);
      expect(told.includes("inner_pad")).toBe(true);
      for (const { pad } of rows) {
        const some = pad.subarray(0, 12);
        expect(told.includes(some.toString("hex"))).toBe(false);
        expect(told.includes([...some].map((byte) => (byte > 127 ? byte - 256 : byte)).join(""))).toBe(false);
      }
    }
    return "plans without the keys";
  },
  60_000,
);

describe("a pending sign-in", () => {
  test("is no session to kernel.enter as the API's own role, for any need", async () => {
    const who = await another();
    const pending = await waiting(auth, who);
    const api = await ground.connect("api");
    for (const needs of [[], ["contact.read"], ["organization.read"], ["key.create"]]) {
      await api.query("begin");
      const refusal = await enter(api, pending, "acme", needs).then(() => "in", codeOf);
      await api.query("rollback");
      expect([needs, refusal]).toEqual([needs, "RF401"]);
    }
    expect(await outcome(api, "select kernel.present($1, $2)", [sha256(pending), sha256("pass")])).not.toBe(
      "1 row",
    );
  });

  test("is taken by no function of rf_auth but those of the second factor", async () => {
    const who = await another();
    const { rows } = await superuser.query<{ name: string; args: string[]; types: string[] }>(
      `select p.oid::regprocedure::text as name, p.proargnames[1:p.pronargs] as args,
              array(select format_type(t, null) from unnest(p.proargtypes::oid[]) with ordinality u (t, i) order by i) as types
         from pg_proc p where p.pronamespace = 'kernel'::regnamespace and 'token_hash' = any (p.proargnames[1:p.pronargs])
          and has_function_privilege('rf_auth', p.oid, 'execute') order by 1`,
    );
    expect(rows.length).toBeGreaterThan(12);
    const known: Record<string, unknown> = {
      number: 1,
      method: "password",
      wanted: "passkey-proof",
      waiting: false,
    };
    for (const { name, args, types } of rows) {
      // Its own functions, what only writes refusals down, and one that is given the hash of a token to be made.
      if (
        /^kernel[.](pass_second_factor|pass_remembered|remembering|record_refusal|service_token)[(]/.test(
          name,
        )
      )
        continue;
      const pending = await waiting(auth, who);
      const values = args.map((arg, at) =>
        arg === "token_hash" ? sha256(pending) : types[at] === "text[]" ? null : (known[arg] ?? null),
      );
      const places = types.map((type, at) => `$${at + 1}::${type}`).join(", ");
      const call = `select ${name.slice(0, name.indexOf("("))}(${places}) as answer`;
      const seen = await auth.query(call, values).then(({ rows: [row] }) => row?.answer ?? null, codeOf);
      // What only ends a session, or writes down that it was refused, finds none to end.
      const told = Array.isArray(seen) && seen.length === 0 ? null : seen;
      expect(["RF401", "RF403", null, false, "", "(unknown,)"], `${name}: ${JSON.stringify(seen)}`).toContain(
        told,
      );
    }
    expect(await sessionsOf(who)).toBe(1);
  });

  test("lives ten minutes, and dies with its person's factors", async () => {
    const who = await another();
    const pending = await waiting(auth, who);
    await superuser.query(
      "update kernel.credential set expires_at = now() - interval '1 second' where digest = sha256($1)",
      [sha256(pending)],
    );
    expect(await tryFactor(auth, pending, rightTry(who, pending))).toBe("nothing waits");
    const fresh = await waiting(auth, who);
    const lifetime = await valueOf(
      superuser,
      "select expires_at - created_at = interval '10 min' from kernel.credential where digest = sha256($1)",
      [sha256(fresh)],
    );
    expect(lifetime).toBe(true);
    await auth.query("select kernel.remove_factor($1, $2, $3, $4, $5, $6)", [
      sha256(who.token),
      who.factor,
      someLetters(),
      ...somewhere,
    ]);
    expect(await tryFactor(auth, fresh, rightTry(who, fresh))).toBe("nothing waits");
  });
});

describe("a code", () => {
  test("is taken by one of fifty sign-ins that show it at the same time", async () => {
    const who = await another();
    const pendings = await waitingMany(auth, who, 50);
    const number = stepNow();
    const seen = await together(ground, pendings, (client, pending) =>
      tryFactor(client, pending, rightTry(who, pending, number)),
    );
    expect(seen.filter((word) => word === "signed in")).toHaveLength(1);
  });

  test("fifty times at once for one sign-in makes one session", async () => {
    const who = await another();
    const pending = await waiting(auth, who);
    const right = rightTry(who, pending);
    const fifty = Array.from({ length: 50 }, () => pending);
    const seen = await together(ground, fifty, (client, same) => tryFactor(client, same, right));
    expect(seen.filter((word) => word === "signed in")).toHaveLength(1);
    expect(seen.filter((word) => word === "nothing waits")).toHaveLength(49);
  });

  test("a backup code fifty times at once is used up by one", async () => {
    const who = await another();
    const pendings = await waitingMany(auth, who, 50);
    const code = who.backupCodes[0] ?? "";
    const seen = await together(ground, pendings, (client, pending) =>
      tryFactor(client, pending, { method: "backup-code", code }),
    );
    expect(seen.filter((word) => word === "signed in")).toHaveLength(1);
    // The nine that came first after it were counted; then the account was locked.
    expect(new Set(seen)).toEqual(new Set(["signed in", "wrong", "locked"]));
  });

  test.each([
    ["long past", -4],
    ["not yet", 3],
    ["a day ahead", 2880],
  ])("is of a step near now, whatever the server says: %s", async (_, steps) => {
    const who = await another();
    await superuser.query("update kernel.factor set last_step = 0 where id = $1", [who.factor]);
    const pending = await waiting(auth, who);
    // The clock of the database decides, so that a proof is nothing to be kept for later.
    const now = Number(await valueOf(auth, "select floor(extract(epoch from clock_timestamp()) / 30)"));
    expect(await tryFactor(auth, pending, rightTry(who, pending, now + steps))).toBe("wrong");
  });
});

describe("guessing", () => {
  test("ends with the fifth wrong code of a sign-in: the right one comes too late (ZITADEL CVE-2025-64102)", async () => {
    const who = await another();
    const pending = await waiting(auth, who);
    const seen: string[] = [];
    for (let tries = 0; tries < 5; tries += 1) seen.push(await tryFactor(auth, pending, {}));
    expect(seen).toEqual(Array.from({ length: 5 }, () => "wrong"));
    expect(await tryFactor(auth, pending, rightTry(who, pending))).toBe("nothing waits");
    const fresh = await waiting(auth, who);
    expect(await tryFactor(auth, fresh, rightTry(who, fresh))).toBe("signed in");
  });

  test("two hundred at once are counted as they come, and none is right afterwards (ZITADEL CVE-2023-47111, Logto 9de40208e2)", async () => {
    const who = await another();
    const pendings = await waitingMany(auth, who, 40);
    const tries = Array.from({ length: 200 }, (_, at) => pendings[at % 40] ?? "");
    const seen = await together(ground, tries, (client, pending) => tryFactor(client, pending, {}));
    // Ten were looked at; all the rest found the lock.
    expect(seen.filter((word) => word === "wrong")).toHaveLength(9);
    expect(seen.filter((word) => word === "locked")).toHaveLength(191);
    const tally = await valueOf(superuser, "select failures from kernel.factor_tally where person_id = $1", [
      who.personId,
    ]);
    // A number that is added to, and no text that is joined ('10' + 1 was once '101').
    expect(tally).toBe(10);
    const pending = await waiting(auth, who);
    expect(await tryFactor(auth, pending, rightTry(who, pending))).toBe("locked");
    expect(await tryFactor(auth, pending, { method: "backup-code", code: who.backupCodes[0] ?? "" })).toBe(
      "locked",
    );
  });

  test("is counted over all factors and sessions of a person; a quarter of an hour later codes are looked at again", async () => {
    const who = await another();
    const prove = async (token: string, method: string, secret: Buffer | null): Promise<string> =>
      wordFor(
        await valueOf(auth, "select kernel.prove($1, $2, null, null, null, $3, $4, $5, $6, $7, $8)", [
          sha256(token),
          method,
          secret,
          sha256(newToken()),
          someLetters(),
          ...somewhere,
        ]),
      );
    const seen: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      const pending = await waiting(auth, who);
      seen.push(
        await tryFactor(auth, pending, {}),
        await tryFactor(auth, pending, { method: "backup-code", code: "A".repeat(24) }),
        await prove(who.token, "totp", null),
        await prove(who.token, "password", sha256("wrong")),
        await prove(who.token, "backup-code", sha256("wrong")),
      );
    }
    expect(seen).toEqual([...Array.from({ length: 9 }, () => "wrong"), "locked"]);
    // Not even the right password proves anything now.
    expect(await prove(who.token, "password", who.derived)).toBe("locked");
    const { rows } = await superuser.query(
      `select locked_until - now() between interval '14 min' and interval '15 min' as quarter,
              (select count(*)::integer from kernel.person_mail m where m.to_address = $2 and m.purpose = 'factors-locked') as letters,
              (select count(*)::integer from kernel.audit_event e where e.actor_id = $1 and e.action = 'factors-locked' and e.severity = 'critical') as events
         from kernel.factor_tally where person_id = $1`,
      [who.personId, who.email],
    );
    expect(rows).toEqual([{ quarter: true, letters: 1, events: 1 }]);
    await superuser.query(
      "update kernel.factor_tally set locked_until = now() - interval '1 second' where person_id = $1",
      [who.personId],
    );
    const pending = await waiting(auth, who);
    expect(await tryFactor(auth, pending, {})).toBe("wrong");
    expect(await tryFactor(auth, pending, rightTry(who, pending))).toBe("signed in");
    expect(
      await valueOf(superuser, "select failures from kernel.factor_tally where person_id = $1", [
        who.personId,
      ]),
    ).toBe(0);
  });
});
