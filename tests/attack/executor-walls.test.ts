import { afterAll, beforeAll, expect } from "vitest";
import { openPool, sql, type Pool } from "../../server/foundation/database/index.ts";
import { sha256, uuidv7 } from "../../server/foundation/ids/index.ts";
import { openTenancy, type Tenancy } from "../../server/kernel/tenancy/index.ts";
import type { Organization } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { attackGround, canary, codeOf, summed } from "./attack-ground.ts";

// The rows of section B that the executor and the scopes answer for; tests/integration/executor*.test.ts has them in full.

proves("ISO-1", "ISO-2");

const ground = attackGround();
let pool: Pool;
let auth: Pool;
let tenancy: Tenancy;
const limits = { statementTimeoutMs: 20_000, transactionTimeoutMs: 20_000 };

beforeAll(() => {
  // One connection: whatever one request left behind, the next would find.
  pool = openPool({
    connectionString: ground.db.dsnFor("api"),
    max: 1,
    applicationName: "attack",
    ...limits,
  });
  auth = openPool({
    connectionString: ground.db.dsnFor("auth"),
    max: 1,
    applicationName: "attack",
    ...limits,
  });
  tenancy = openTenancy({ api: pool, auth });
});
afterAll(async () => {
  await Promise.all([pool.close(), auth.close()]);
});

function scopeOf({ owner, slug }: Organization, needs = ["contact.read"]): ReturnType<Tenancy["scopeFor"]> {
  const caller = {
    tokenHash: sha256(owner.token),
    organization: slug,
    requestId: uuidv7(),
    ip: "203.0.113.9",
    device: "attack",
  };
  return tenancy.scopeFor(caller, needs, new AbortController().signal);
}

const notes = sql`select notes from app.contact`;

attack(
  {
    id: "B8",
    title: "go on with the handle of a transaction whose backend died",
    expected: "refused, 0 rows",
  },
  async () => {
    const superuser = await ground.superuser();
    const stolen: { run?: () => Promise<unknown> } = {};
    const broken = scopeOf(ground.rival).tx(async (t) => {
      stolen.run = () => t.run(notes);
      const pid = (await t.run(sql`select pg_backend_pid() as pid`)).rows[0]?.["pid"];
      await superuser.query("select pg_terminate_backend($1::int, 5000)", [pid]);
      return t.run(notes);
    });
    await expect(broken).rejects.toThrow();
    const late: unknown[] = [];
    await scopeOf(ground.acme).tx(async () => {
      late.push(await stolen.run?.().catch(() => "refused"));
    });
    expect(late).toEqual(["refused"]);
    return "refused";
  },
);

attack(
  {
    id: "B9",
    title: "leave a transaction open, or end it, with an injected word",
    expected: "refused; the next is unbound",
  },
  async () => {
    for (const word of ["commit", "begin", "/**/ rollback", "savepoint x; commit"]) {
      const attempt = scopeOf(ground.rival).batch([{ text: word, values: [] }, notes]);
      await expect(attempt, word).rejects.toThrow();
    }
    const seen = await pool.batch([notes]).then(() => "rows", codeOf);
    expect(seen).toBe("42501");
    return `refused, ${seen}`;
  },
);

attack(
  { id: "B10", title: "use a scope or a transaction after its request is over", expected: "refused" },
  async () => {
    const scope = scopeOf(ground.rival);
    const kept: { run?: () => Promise<unknown> } = {};
    await scope.tx(async (t) => {
      kept.run = () => t.run(notes);
    });
    await expect(kept.run?.()).rejects.toThrow();
    scope.end();
    await expect(scope.run(notes)).rejects.toThrow();
    await expect((async () => scope.tx((t) => t.run(notes)))()).rejects.toThrow();
    return "refused";
  },
);

attack(
  {
    id: "B11",
    title: "interleave 400 requests of two organizations on one connection",
    expected: "each its own rows",
  },
  async () => {
    const all = await Promise.all(
      Array.from({ length: 400 }, async (_, at) => {
        const mine = at % 2 === 0 ? ground.acme : ground.rival;
        const { rows } = await scopeOf(mine).run(notes);
        return (
          rows.every((row) => (row["notes"] === canary) === (mine === ground.rival)) && rows.length === 9
        );
      }),
    );
    expect(all.every(Boolean)).toBe(true);
    return "own rows only";
  },
);

attack(
  {
    id: "B13",
    title: "fail inside a bound transaction, then read on the same connection",
    expected: "42501",
  },
  async () => {
    const seen: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      await scopeOf(ground.rival)
        .batch([notes, sql`select 1 / ${0}::int`])
        .catch(codeOf);
      seen.push(await pool.batch([notes]).then(() => "rows", codeOf));
    }
    expect(summed(seen)).toBe("42501");
    return summed(seen);
  },
);
