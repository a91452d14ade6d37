import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "pg";
import { beforeAll, expect } from "vitest";
import { enter, type Member } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { attackGround, codeOf, outcome, summed, valueOf } from "./attack-ground.ts";
import {
  asOwner,
  digestOf,
  endSessionsBut,
  genuinePass,
  making,
  present,
  presentation,
  secondSession,
  set,
  shown,
} from "./pass-ground.ts";
import { less } from "./take-away.ts";

// The making of a pass that is never finished, or only after what it was judged by has changed; and one that is presented,
// or read under, too late.

proves("ISO-1", "ISO-6", "ISO-7");

const ground = attackGround();
const theirRows = "select * from app.contact";

/**
 * Two transactions that age while the other attacks run, in the organization that these leave alone: one that has done
 * nothing, one with a pass presented.
 */
interface Aged {
  readonly startedAt: number;
  readonly early: Client;
  readonly long: Client;
  readonly token: string;
  readonly pass: Buffer;
}
let aged: Aged;
beforeAll(async () => {
  const { slug, owner } = ground.rival;
  const { token } = owner;
  const [early, long] = [await ground.connect(), await ground.connect()];
  const pass = await genuinePass(early, { token, slug });
  for (const client of [early, long]) await client.query("set idle_in_transaction_session_timeout = 0");
  await early.query("begin");
  await long.query("begin");
  await present(long, token, pass);
  expect(await outcome(long, theirRows)).toBe("9 rows");
  aged = { startedAt: performance.now(), early, long, token, pass };
});

attack(
  {
    id: "P-held",
    title:
      "hold the making of a pass open, with all timeouts off, so that nobody can remove or demote its owner",
    expected: "done within seconds, the transaction ended, RF410",
  },
  async () => {
    const seen: string[] = [];
    for (const [needs, text] of [
      [["member.change"], "select kernel.change_roles($1, '{viewer}', null)"],
      [["member.change"], "select kernel.end_membership($1)"],
      [["organization.change"], 'select kernel.change_organization(\'{"name": "Another"}\', null)'],
    ] as const) {
      const member = await ground.db.member(ground.acme, "member");
      const { api, pass } = await making(ground, { token: member.token, slug: "acme" });
      await api.query(
        "set local idle_in_transaction_session_timeout = 0; set local statement_timeout = 0; set local lock_timeout = 0",
      );
      const startedAt = performance.now();
      await asOwner(ground, needs, text, text.includes("$1") ? [member.memberId] : []);
      expect(performance.now() - startedAt).toBeLessThan(8000);
      await api.query("commit").catch(() => undefined);
      seen.push(await shown(await ground.connect(), member.token, pass));
    }
    expect(seen).toEqual(["RF410", "RF410", "RF410"]);
    return "RF410";
  },
);

/** Holds the making of a pass open across the change, where nobody can end its transaction, and then commits it. */
async function unended(
  change: (who: Member, phone: string) => Promise<unknown>,
): Promise<{ api: Client; token: string; pass: Buffer }> {
  const superuser = await ground.superuser();
  const member = await ground.db.member(ground.acme, "member");
  const phone = await secondSession(ground, member);
  const { api, pass } = await making(ground, { token: member.token, slug: "acme" });
  const restore = await less("kernel.end_holders(bigint)", [
    "perform pg_terminate_backend",
    "return; perform pg_terminate_backend",
  ])(superuser);
  await change(member, phone).finally(restore);
  await api.query("commit");
  return { api, token: member.token, pass };
}

attack(
  {
    id: "P-unended",
    title:
      "hold the making of a pass open across the session's end, where the platform lets nobody end a transaction",
    expected: "RF410, though the pass is there",
  },
  async () => {
    const { api, token, pass } = await unended((_, phone) => endSessionsBut(ground, phone));
    const superuser = await ground.superuser();
    const row = "select count(*)::int from kernel.pass where digest = $1";
    expect(await valueOf(superuser, row, [digestOf(pass)])).toBe(1);
    const seen = await shown(api, token, pass);
    expect(seen).toBe("RF410");
    return seen;
  },
);

attack(
  {
    id: "P-unended-role",
    title: "the same across the loss of all permissions",
    expected: "RF410, though the pass is there",
  },
  async () => {
    const superuser = await ground.superuser();
    const { api, token, pass } = await unended(({ memberId }) =>
      superuser.query("update kernel.membership set permissions = '{}' where id = $1", [memberId]),
    );
    const row = "select count(*)::int from kernel.pass where digest = $1";
    expect(await valueOf(superuser, row, [digestOf(pass)])).toBe(1);
    const seen = await shown(api, token, pass);
    expect(seen).toBe("RF410");
    return seen;
  },
);

attack(
  {
    id: "P-unlocked",
    title:
      "give the locks of a making back, with a cursor that fails after a savepoint, be removed, and only then commit",
    expected: "RF410, though the pass is there",
  },
  async () => {
    const member = await ground.db.member(ground.acme, "member");
    const [api, superuser] = [await ground.connect(), await ground.superuser()];
    await api.query("begin");
    await api.query("savepoint before");
    await enter(api, member.token, "acme", ["contact.read"]);
    const copied = await presentation(api);
    // The binding is good in this transaction still; its credential's lock went with the savepoint.
    await api.query("rollback to savepoint before");
    await set(api, copied);
    await api.query(
      `declare c cursor for select (select m.pass from kernel.mint_pass() m where x = 1), 1 / x from (values (1), (0)) v (x)`,
    );
    const pass = await valueOf(api, "fetch from c");
    if (!Buffer.isBuffer(pass)) throw new Error("no pass was made");
    await api.query("savepoint before");
    expect(await outcome(api, "fetch from c")).toBe("22012");
    // What failed is a cursor of the whole transaction: its row stays, the locks that it took go.
    await api.query("rollback to savepoint before");
    await asOwner(ground, ["member.change"], "select kernel.end_membership($1)", [member.memberId]);
    await api.query("commit");
    const row = "select count(*)::int from kernel.pass where digest = $1";
    expect(await valueOf(superuser, row, [digestOf(pass)])).toBe(1);
    const seen = await shown(api, member.token, pass);
    expect(seen).toBe("RF410");
    return seen;
  },
);

// The last, since it takes time.
attack(
  {
    id: "P-late",
    title: "present in a transaction that is two seconds old, or read under a presentation of fifteen",
    expected: "42501, RF410",
  },
  async () => {
    const { startedAt, early, long, token, pass } = aged;
    const until = (ms: number): Promise<void> => pause(Math.max(0, startedAt + ms - performance.now()));
    await until(2300);
    const presented = await present(early, token, pass).then(() => "presented", codeOf);
    await until(15_300);
    const seen = [presented, await outcome(long, theirRows)];
    expect(seen).toEqual(["42501", "RF410"]);
    expect(await shown(await ground.connect(), token, pass)).toBe("9 rows");
    return summed(seen);
  },
);
