import { createHook } from "node:async_hooks";
import type { Client } from "pg";
import { Connection } from "../server/foundation/database/connection.ts";
import type { Leg } from "../server/foundation/database/leg.ts";
import { derive, newRecipe, argon2idByDefault } from "../server/kernel/passwords/index.ts";

/** What the server in this process did for one request: counted, so that no busy machine changes it. */
export interface Work {
  /** The statements that were sent, in their order, a blank before each that travelled with the one before it. */
  readonly statements: readonly string[];
  /** Passwords that were hashed, each on a thread for some twenty milliseconds: nothing else takes nearly as long. */
  readonly hashes: number;
}

export interface CountedWork {
  /** Does what is asked, and counts until nothing of it is under way any more, also what was not waited for. */
  during<T>(
    ask: () => Promise<T>,
  ): Promise<{ readonly came: T; readonly work: Work; readonly sent: readonly Leg[] }>;
  stop(): void;
}

/** Watches the work of this process. Throws when hashes cannot be counted, as they might be in another version of their library. */
export async function countWork(): Promise<CountedWork> {
  let legs: Leg[] = [];
  let statements: string[] = [];
  let hashes = 0;
  const underWay = new Set<Promise<unknown>>();
  // The work that a native library gives to a thread has no name of its own; all of Node's has one.
  const hook = createHook({
    init: (_id, type) => {
      if (type === "undefined") hashes += 1;
    },
  }).enable();
  const fly = Connection.prototype.fly;
  Connection.prototype.fly = function counted(sent) {
    legs.push(...sent);
    statements.push(
      ...sent.map(({ plan }, at) => `${at === 0 ? "" : " "}${plan?.text ?? "more of the same"}`),
    );
    const flight = fly.call(this, sent);
    underWay.add(flight);
    void flight.catch(() => undefined).finally(() => underWay.delete(flight));
    return flight;
  };
  const settled = async (): Promise<void> => {
    do {
      await Promise.allSettled(underWay);
      await new Promise((resolve) => setImmediate(resolve));
    } while (underWay.size > 0);
  };
  const during: CountedWork["during"] = async (ask) => {
    await settled();
    [legs, statements, hashes] = [[], [], 0];
    const came = await ask();
    await settled();
    return { came, work: { statements, hashes }, sent: legs };
  };
  const { work } = await during(() => derive("a password", newRecipe(argon2idByDefault)));
  if (work.hashes !== 1) throw new Error(`one hash was counted as ${work.hashes}`);
  return {
    during,
    stop: () => {
      hook.disable();
      Connection.prototype.fly = fly;
    },
  };
}

/**
 * Which functions of the database these statements call, and how often, the ones that they call themselves included, and how many rows they write,
 * those that they take back included: found out by asking them again, in a transaction that is taken back.
 */
export async function functionsCalled(superuser: Client, sent: readonly Leg[]): Promise<string[]> {
  await superuser.query("select pg_stat_force_next_flush()");
  await superuser.query("begin");
  // Else a plan's first makings call functions too, to know what they will be asked.
  await superuser.query("set local plan_cache_mode = force_generic_plan");
  await superuser.query("set local track_functions = 'all'");
  await superuser.query("savepoint asked");
  for (const { plan, values } of sent) {
    const raised = await superuser.query(plan?.text ?? "select", [...values]).then(
      () => false,
      () => true,
    );
    if (!raised) continue;
    await superuser.query("rollback to savepoint asked");
    break;
  }
  const { rows } = await superuser.query(
    `select schemaname || '.' || funcname || ' ' || calls as called from pg_stat_xact_user_functions
     union all
     select 'rows into ' || relname || ' ' || n_tup_ins from pg_stat_xact_user_tables where n_tup_ins > 0 order by 1`,
  );
  await superuser.query("rollback");
  return rows.map(({ called }) => String(called));
}
