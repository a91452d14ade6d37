import type { Cancellation, Pool, Result, Statement, Transaction } from "../../foundation/database/index.ts";
import type { Caller, Entered, PersonScope, TenantScope } from "./scope.ts";
import { createSightings, type Sightings } from "./sightings.ts";

/** The pools of the doors that serve requests. */
export interface DoorPools {
  readonly api: Pool;
  readonly auth: Pool;
}

/** What the doors get: authority for one request at a time, never a connection. */
export interface Tenancy {
  scopeFor(caller: Caller, needs: readonly string[], signal: Cancellation): TenantScope & Endable;
  personScope(caller: Caller, signal: Cancellation): PersonScope & Endable;
  readonly sightings: Sightings;
}

interface Endable {
  /** From now on the scope refuses everything: a handler that kept it cannot go on with it. */
  end(): void;
}

const enterText = "select * from kernel.enter($1, $2, $3, $4, $5, $6)";

/**
 * Opens the only way to tenant rows: each use of a scope enters again, so that a revoke holds from the next one on.
 *
 * Entering and the first statement travel together; PostgreSQL judges, and raises RF401, RF403 or RF404.
 */
export function openTenancy({ api, auth }: DoorPools): Tenancy {
  const sightings = createSightings(auth);
  return {
    sightings,
    scopeFor: (caller, needs, signal) => tenantScope(api, caller, needs, signal, sightings),
    personScope: (caller, signal) => personScope(auth, caller, signal, sightings),
  };
}

function tenantScope(
  pool: Pool,
  caller: Caller,
  needs: readonly string[],
  signal: Cancellation,
  sightings: Sightings,
): TenantScope & Endable {
  let ended = false;
  let entered: Entered | null = null;
  const enter = (): Statement => {
    if (ended) throw new Error("this scope's request is over");
    const { tokenHash, organization, requestId, ip, device } = caller;
    return { text: enterText, values: [tokenHash, organization, needs, requestId, ip, device] };
  };
  const learn = (result: Result | undefined): Entered => {
    entered ??= enteredFrom(result);
    sightings.saw(caller);
    return entered;
  };
  const batch = async (statements: readonly Statement[]): Promise<Result[]> => {
    const [first, ...rest] = await pool.batch([enter(), ...statements], { signal });
    learn(first);
    return rest;
  };
  return {
    get entered() {
      return entered;
    },
    run: async (statement) => only(await batch([statement])),
    batch,
    tx: <T>(work: (t: Transaction, who: Entered) => Promise<T>): Promise<T> =>
      pool.tx([enter()], (t, [first]) => work(t, learn(first)), { signal }),
    end: () => {
      ended = true;
    },
  };
}

function personScope(
  pool: Pool,
  caller: Caller,
  signal: Cancellation,
  sightings: Sightings,
): PersonScope & Endable {
  let ended = false;
  const batch = async (statements: readonly Statement[]): Promise<Result[]> => {
    if (ended) throw new Error("this scope's request is over");
    const results = await pool.batch(statements, { signal });
    sightings.saw(caller);
    return results;
  };
  return {
    caller,
    batch,
    run: async (statement) => only(await batch([statement])),
    end: () => {
      ended = true;
    },
  };
}

function only(results: readonly Result[]): Result {
  const [result] = results;
  if (result === undefined) throw new Error("the database left out a result");
  return result;
}

function enteredFrom(result: Result | undefined): Entered {
  const row = result?.rows[0];
  if (row === undefined) throw new Error("enter answered nothing");
  const text = (name: string): string => String(row[name]);
  return {
    tenantId: text("tenant_id"),
    organization: text("slug"),
    personId: text("person_id"),
    memberId: text("member_id"),
    credentialId: text("credential_id"),
    email: text("email"),
    locale: text("locale"),
    timeZone: text("time_zone"),
    currency: text("currency"),
  };
}
