import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPool, type Pool, type Statement } from "../../server/foundation/database/index.ts";
import { newToken, sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import { boundAs, enter, type Member } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { attackGround, codeOf, outcome, valueOf } from "./attack-ground.ts";

// A revoke holds from the moment in which it returns: 64 clients ask on with what is being ended.

proves("ISO-7", "IAM-6");

const ground = attackGround();
const clients = 64;
let pool: Pool;

/** Two transactions that age while the other attacks run: one that has done nothing, one that is bound. */
interface Aged {
  readonly startedAt: number;
  readonly early: Client;
  readonly long: Client;
  readonly token: string;
}
let aged: Aged;

beforeAll(async () => {
  const { token } = await ground.db.member(ground.acme, "member");
  const [early, long] = [await ground.connect(), await ground.connect()];
  for (const client of [early, long]) await client.query("set idle_in_transaction_session_timeout = 0");
  await early.query("begin");
  await long.query("begin");
  await enter(long, token, "acme", ["contact.read"]);
  expect(await outcome(long, "select * from app.contact")).toBe("9 rows");
  aged = { startedAt: performance.now(), early, long, token };
});

beforeAll(() => {
  const limits = { statementTimeoutMs: 20_000, transactionTimeoutMs: 20_000 };
  pool = openPool({
    connectionString: ground.db.dsnFor("api"),
    max: clients,
    applicationName: "attack",
    ...limits,
  });
});
afterAll(() => pool.close());

const entering = (token: string, slug: string | null): Statement => ({
  text: "select kernel.enter($1, $2, '{contact.read}', null, null, null)",
  values: [sha256(token), slug],
});
const reading: Statement = {
  text: "select clock_timestamp()::text as at, count(*) from app.contact",
  values: [],
};

interface Answered {
  readonly startedAt: number;
  /** When PostgreSQL made the answer, by its own clock; null for a refusal. */
  readonly madeAt: string | null;
}

/**
 * Has all clients ask over and over, and answers with what `among` did: it begins when each is in the middle of it, and
 * once it has returned each has begun to ask anew before they stop.
 */
async function hammered<T>(ask: (at: number) => Promise<void>, among: () => Promise<T>): Promise<T> {
  const asked = Array.from({ length: clients }, () => 0);
  const going = { on: true };
  const asking = asked.map(async (_, at) => {
    while (going.on) {
      await ask(at);
      asked[at] = (asked[at] ?? 0) + 1;
    }
  });
  // Of two that end from now on, the second began from now on too.
  const twiceMore = async (): Promise<void> => {
    const from = [...asked];
    while (!asked.every((count, at) => count >= (from[at] ?? 0) + 2)) await pause(5);
  };
  try {
    await twiceMore();
    const done = await among();
    await twiceMore();
    return done;
  } finally {
    going.on = false;
    await Promise.all(asking);
  }
}

/** Asks with this token from all clients; `revoke` runs in the middle. */
async function hammer(
  token: string,
  slug: string | null,
  revoke: () => Promise<unknown>,
): Promise<{ answers: Answered[]; revokedAt: number; returnedAt: string }> {
  const answers: Answered[] = [];
  const ask = async (): Promise<void> => {
    const startedAt = performance.now();
    const at = await pool
      .batch([entering(token, slug), reading])
      .then(([, row]) => String(row?.rows[0]?.["at"]), codeOf);
    answers.push({ startedAt, madeAt: at.startsWith("20") ? at : null });
  };
  const superuser = await ground.superuser();
  const ended = await hammered(ask, async () => {
    await revoke();
    const revokedAt = performance.now();
    return { revokedAt, returnedAt: String(await valueOf(superuser, "select clock_timestamp()::text")) };
  });
  await superuser.end();
  return { answers, ...ended };
}

async function rounds(count: number, round: () => ReturnType<typeof hammer>): Promise<string> {
  let before = 0;
  let late = 0;
  let refused = 0;
  for (let at = 0; at < count; at += 1) {
    const { answers, revokedAt, returnedAt } = await round();
    before += answers.filter(({ madeAt }) => madeAt !== null).length;
    refused += answers.filter(({ madeAt }) => madeAt === null).length;
    // Made after the revoke had returned, or asked for after it.
    late += answers.filter(
      ({ madeAt, startedAt }) => madeAt !== null && (madeAt > returnedAt || startedAt > revokedAt),
    ).length;
  }
  expect(before).toBeGreaterThan(clients);
  expect(refused).toBeGreaterThan(clients);
  expect(late).toBe(0);
  return "0 answers after";
}

async function signIn(member: Member): Promise<string> {
  const auth = await ground.connect("auth");
  const token = newToken();
  await auth.query("select kernel.sign_in($1, $2, $3, null, null, 'a phone', null, null)", [
    member.email,
    member.derived,
    sha256(token),
  ]);
  await auth.end();
  return token;
}

async function endSessions(token: string): Promise<void> {
  const auth = await ground.connect("auth");
  await auth.query("select kernel.end_session($1, null, null, null, null)", [sha256(token)]);
  await auth.end();
}

attack(
  {
    id: "ISO-7a",
    title: "ask on with a session while another of the person's sessions ends it, 64 clients",
    expected: "0 answers after",
  },
  () =>
    rounds(5, async () => {
      const member = await ground.db.member(ground.acme, "member");
      const phone = await signIn(member);
      return hammer(member.token, "acme", () => endSessions(phone));
    }),
  120_000,
);

async function asAdmin(needs: readonly string[], text: string, values: unknown[]): Promise<void> {
  const api = await ground.connect();
  await boundAs(api, { token: ground.acme.owner.token, slug: "acme", needs }, () => api.query(text, values));
  await api.end();
}

attack(
  {
    id: "ISO-7b",
    title: "ask on with an API key while it is ended, 64 clients",
    expected: "0 answers after",
  },
  () =>
    rounds(5, async () => {
      const member = await ground.db.member(ground.acme, "member");
      const key = await ground.db.key(ground.acme, member);
      const superuser = await ground.superuser();
      const id = await valueOf(superuser, "select id from kernel.credential where digest = sha256($1)", [
        sha256(key),
      ]);
      return hammer(key, null, () => asAdmin(["key.end"], "select kernel.end_key($1)", [id]));
    }),
  120_000,
);

attack(
  { id: "ISO-7c", title: "ask on as a member who is being removed, 64 clients", expected: "0 answers after" },
  () =>
    rounds(5, async () => {
      const member = await ground.db.member(ground.acme, "member");
      return hammer(member.token, "acme", () =>
        asAdmin(["member.change"], "select kernel.end_membership($1)", [member.memberId]),
      );
    }),
  120_000,
);

/** A family of tokens, as the doors make one: an access token and a refresh token that the session stands behind. */
async function tokensOf(
  member: Member,
  organization: string | null,
): Promise<[access: string, refresh: string]> {
  const auth = await ground.connect("auth");
  const pair = [newToken(), newToken()] as const;
  await auth.query("select kernel.issue_tokens($1, $2, $3, $4, null, null, 'a program')", [
    sha256(member.token),
    organization,
    ...pair.map((token) => sha256(token)),
  ]);
  await auth.end();
  return [...pair];
}

attack(
  {
    id: "ISO-7f",
    title: "ask on with an access token while the session behind it is ended, 64 clients",
    expected: "0 answers after",
  },
  () =>
    rounds(5, async () => {
      const member = await ground.db.member(ground.acme, "member");
      const phone = await signIn(member);
      const [access] = await tokensOf(member, null);
      return hammer(access, "acme", () => endSessions(phone));
    }),
  120_000,
);

attack(
  {
    id: "ISO-7g",
    title: "ask on with an access token of an organization whose member is being removed, 64 clients",
    expected: "0 answers after",
  },
  () =>
    rounds(5, async () => {
      const member = await ground.db.member(ground.acme, "member");
      const [access] = await tokensOf(member, "acme");
      return hammer(access, null, () =>
        asAdmin(["member.change"], "select kernel.end_membership($1)", [member.memberId]),
      );
    }),
  120_000,
);

attack(
  {
    id: "ISO-7h",
    title: "change tokens of many families for new ones while the session behind them is ended, 64 clients",
    expected: "0 changes and 0 living tokens after",
  },
  async () => {
    const auth = openPool({
      connectionString: ground.db.dsnFor("auth"),
      max: clients,
      applicationName: "attack",
      statementTimeoutMs: 20_000,
      transactionTimeoutMs: 20_000,
    });
    const superuser = await ground.superuser();
    let before = 0;
    for (let round = 0; round < 5; round += 1) {
      const member = await ground.db.member(ground.acme, "member");
      const phone = await signIn(member);
      const families = await Promise.all(Array.from({ length: 8 }, () => tokensOf(member, null)));
      const heads = families.map(([, refresh]) => refresh);
      const changedAt: number[] = [];
      const change = async (at: number): Promise<void> => {
        const mine = at % heads.length;
        const next = newToken();
        const startedAt = performance.now();
        const changed = await auth
          .batch([
            {
              text: "select kernel.rotate_refresh($1, $2, $3, 'sealed', '127.0.0.1', 'a program') as yes",
              values: [sha256(heads[mine] ?? ""), sha256(newToken()), sha256(next)],
            },
          ])
          .then(
            ([result]) => result?.rows[0]?.["yes"] === true,
            () => false,
          );
        if (!changed) return;
        heads[mine] = next;
        changedAt.push(startedAt);
      };
      const revokedAt = await hammered(change, () => endSessions(phone).then(() => performance.now()));
      const late = changedAt.filter((startedAt) => startedAt > revokedAt).length;
      before += changedAt.length - late;
      const left = await valueOf(
        superuser,
        "select count(*)::int from kernel.credential where person_id = $1 and kind in ('access', 'refresh') and ended_at is null",
        [member.personId],
      );
      expect([late, left]).toEqual([0, 0]);
    }
    await auth.close();
    expect(before).toBeGreaterThan(clients);
    return "0 changes and 0 living tokens after";
  },
  120_000,
);

attack(
  {
    id: "ISO-7d",
    title: "hold a bound transaction open, with all timeouts off, so that the revoke cannot happen",
    expected: "revoked within seconds, the transaction ended",
  },
  async () => {
    const member = await ground.db.member(ground.acme, "member");
    const phone = await signIn(member);
    const thief = await ground.connect();
    await thief.query(
      "set idle_in_transaction_session_timeout = 0; set statement_timeout = 0; set lock_timeout = 0",
    );
    await thief.query("begin");
    await enter(thief, member.token, "acme", ["contact.read"]);
    expect(await outcome(thief, "select * from app.contact")).toBe("9 rows");
    const startedAt = performance.now();
    await endSessions(phone);
    expect(performance.now() - startedAt).toBeLessThan(8000);
    const seen = await outcome(thief, "select * from app.contact").catch(() => "ended");
    expect(["ended", "57P01"]).toContain(seen);
    return "ended";
  },
);

attack(
  {
    id: "ISO-7e",
    title: "keep a statement running across the revoke, with all timeouts off",
    expected: "ended before it answers",
  },
  async () => {
    const member = await ground.db.member(ground.acme, "member");
    const phone = await signIn(member);
    const thief = await ground.connect();
    await thief.query("set statement_timeout = 0");
    await thief.query("begin");
    await enter(thief, member.token, "acme", ["contact.read"]);
    const endless = thief
      .query("select count(*) from app.contact c, generate_series(1, 100000000000) i")
      .then(() => "answered", codeOf);
    await endSessions(phone);
    const seen = await endless;
    expect(seen).toBe("57P01");
    return seen;
  },
);

describe("what is ended stays ended", () => {
  test("tokens that a session asked for at the last moment do not outlive it", async () => {
    const member = await ground.db.member(ground.acme, "member");
    const phone = await signIn(member);
    const making = await ground.connect("auth");
    const token = newToken();
    await making.query("begin");
    await making.query("select kernel.issue_tokens($1, null, $2, $3, null, null, 'a program')", [
      sha256(member.token),
      sha256(token),
      sha256(newToken()),
    ]);
    const ending = endSessions(phone);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await making.query("commit");
    await ending;
    const superuser = await ground.superuser();
    const left = await valueOf(
      superuser,
      "select count(*)::int from kernel.credential where person_id = $1 and kind in ('access', 'refresh') and ended_at is null",
      [member.personId],
    );
    expect(left).toBe(0);
  });

  test("a key that a removed member made at the last moment does not come back with them", async () => {
    const member = await ground.db.member(ground.acme, "member");
    const making = await ground.connect();
    const token = newToken();
    await making.query("begin");
    await enter(making, member.token, "acme", ["key.create"]);
    await making.query("select kernel.create_key('late', $1, 'x', null, null)", [sha256(token)]);
    const ending = asAdmin(["member.change"], "select kernel.end_membership($1)", [member.memberId]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await making.query("commit");
    await ending;
    const superuser = await ground.superuser();
    const left = await valueOf(
      superuser,
      "select count(*)::int from kernel.credential where digest = sha256($1) and ended_at is null",
      [sha256(token)],
    );
    expect(left).toBe(0);
  });

  test("two sessions that end each other at once do not wait for ever", async () => {
    const member = await ground.db.member(ground.acme, "member");
    const phone = await signIn(member);
    const auth = [await ground.connect("auth"), await ground.connect("auth")] as const;
    const end = (client: (typeof auth)[0], token: string): Promise<string> =>
      client
        .query("select kernel.end_session($1, null, $2, null, null)", [sha256(token), uuidv7()])
        .then(() => "ended", codeOf);
    const seen = await Promise.all([end(auth[0], phone), end(auth[1], member.token)]);
    expect(seen).toContain("ended");
    for (const one of seen) expect(["ended", "RF401", "40P01"]).toContain(one);
  });
});

// The last, since it takes time.
attack(
  { id: "N-aged", title: "enter in an aged transaction, or work on with an aged binding", expected: "42501" },
  async () => {
    const { early, long, token } = aged;
    await pause(Math.max(0, aged.startedAt + 2300 - performance.now()));
    const entered = await enter(early, token, "acme", ["contact.read"]).then(() => "entered", codeOf);
    expect(entered).toBe("42501");
    await pause(Math.max(0, aged.startedAt + 15_300 - performance.now()));
    const read = await outcome(long, "select * from app.contact");
    expect(read).toBe("42501");
    return "42501";
  },
  60_000,
);
