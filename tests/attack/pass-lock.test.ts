import type { Client } from "pg";
import { expect } from "vitest";
import { enter, type Member } from "../installed-database.ts";
import { proves } from "../proves.ts";
import { attack } from "./attack.ts";
import { attackGround, outcome, tried } from "./attack-ground.ts";
import {
  digestOf,
  endSessionsBut,
  genuinePass,
  present,
  presentation,
  presenting,
  secondSession,
  set,
  setting,
} from "./pass-ground.ts";

// A revoke returns when nothing can answer any more: what has presented a pass holds the lock for which it waits.

proves("ISO-7");

const ground = attackGround();
const theirRows = "select * from app.contact";
const slowRows = "select c.id from app.contact c, generate_series(1, 600000) group by c.id";

interface Held {
  readonly who: Member;
  readonly phone: string;
  readonly thief: Client;
  readonly pass: Buffer;
}

async function held(): Promise<Held> {
  const who = await ground.db.member(ground.acme, "member");
  const thief = await ground.connect();
  const pass = await genuinePass(thief, { token: who.token, slug: "acme" });
  return { who, phone: await secondSession(ground, who), thief, pass };
}

/** Ends the session while this reads: "answered, then the end" says that the end waited. */
async function endedMeanwhile(thief: Client, phone: string): Promise<string> {
  const order: string[] = [];
  const reading = outcome(thief, slowRows).then((seen) => order.push(seen));
  await new Promise((resolve) => setTimeout(resolve, 100));
  // Only the transaction's end gives the lock back.
  const over = reading.then(() => thief.query("commit"));
  await endSessionsBut(ground, phone).then(() => order.push("ended"));
  await over;
  return order.join(", then ");
}

attack(
  {
    id: "P-lockless",
    title: "be reading by a pass while the session ends, presented, or with a setting written by hand",
    expected: "the end waits for the answer; by hand RF410, 42501",
  },
  async () => {
    const { who, phone, thief, pass } = await held();
    for (const text of [pass.toString("hex"), `${pass.toString("hex")}|pass`, `${digestOf(pass)}|pass`])
      expect(["RF410", "42501"]).toContain(await setting(thief, text, () => tried(thief, theirRows)));
    const copied = await presenting(thief, who.token, pass, () => presentation(thief));
    expect(await setting(thief, copied, () => tried(thief, theirRows))).toBe("RF410");
    await thief.query("begin");
    await present(thief, who.token, pass);
    const seen = await endedMeanwhile(thief, phone);
    expect(seen).toBe("9 rows, then ended");
    return seen;
  },
);

attack(
  {
    id: "P-stubborn",
    title: "hold a presentation open, with all timeouts off, so that the session cannot end",
    expected: "ended within seconds, and the transaction with it",
  },
  async () => {
    const { who, phone, thief, pass } = await held();
    await thief.query("begin");
    await thief.query(
      "set local idle_in_transaction_session_timeout = 0; set local statement_timeout = 0; set local lock_timeout = 0",
    );
    await present(thief, who.token, pass);
    const startedAt = performance.now();
    await endSessionsBut(ground, phone);
    expect(performance.now() - startedAt).toBeLessThan(8000);
    const seen = await outcome(thief, theirRows).catch(() => "57P01");
    expect(seen).toBe("57P01");
    return "ended";
  },
);

attack(
  {
    id: "P-savepoint",
    title: "give the lock back with a savepoint and write the copied binding by hand, of a pass and of enter",
    expected: "only rows from before the end, then RF410, 42501",
  },
  async () => {
    const seen: string[] = [];
    for (const binds of ["present", "enter"]) {
      const { who, phone, thief, pass } = await held();
      await thief.query("begin");
      await thief.query("savepoint before");
      if (binds === "present") await present(thief, who.token, pass);
      else await enter(thief, who.token, "acme", ["contact.read"]);
      const copied = await presentation(thief);
      await thief.query("rollback to savepoint before");
      await set(thief, copied);
      seen.push(await tried(thief, theirRows));
      const reading = outcome(thief, slowRows);
      await new Promise((resolve) => setTimeout(resolve, 100));
      const startedAt = performance.now();
      await endSessionsBut(ground, phone);
      seen.push(performance.now() - startedAt < 500 ? "at once" : "waited", await reading);
      seen.push(await outcome(thief, theirRows));
      await thief.query("rollback");
    }
    expect(seen).toEqual(["9 rows", "at once", "9 rows", "RF410", "9 rows", "at once", "9 rows", "42501"]);
    return "rows from before";
  },
);
