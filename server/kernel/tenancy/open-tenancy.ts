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
    scopeFor: (caller, needs, signal) => new EnteringScope(api, caller, needs, signal, sightings),
    personScope: (caller, signal) => new OwnScope(auth, caller, signal, sightings),
  };
}

/** A class, since one is made for each request: its methods are made once. */
class EnteringScope implements TenantScope, Endable {
  entered: Entered | null = null;
  #ended = false;
  readonly #pool: Pool;
  readonly #caller: Caller;
  readonly #needs: readonly string[];
  readonly #limits: { readonly signal: Cancellation };
  readonly #sightings: Sightings;

  constructor(
    pool: Pool,
    caller: Caller,
    needs: readonly string[],
    signal: Cancellation,
    sightings: Sightings,
  ) {
    this.#pool = pool;
    this.#caller = caller;
    this.#needs = needs;
    this.#limits = { signal };
    this.#sightings = sightings;
  }

  async run(statement: Statement): Promise<Result> {
    return only(await this.batch([statement]));
  }

  async batch(statements: readonly Statement[]): Promise<Result[]> {
    const [first, ...rest] = await this.#pool.batch([this.#enter(), ...statements], this.#limits);
    this.#learn(first);
    return rest;
  }

  async tx<T>(work: (t: Transaction, who: Entered) => Promise<T>): Promise<T> {
    return this.#pool.tx([this.#enter()], (t, [first]) => work(t, this.#learn(first)), this.#limits);
  }

  end(): void {
    this.#ended = true;
  }

  #enter(): Statement {
    if (this.#ended) throw new Error("this scope's request is over");
    const { tokenHash, organization, requestId, ip, device } = this.#caller;
    return { text: enterText, values: [tokenHash, organization, this.#needs, requestId, ip, device] };
  }

  #learn(result: Result | undefined): Entered {
    this.entered ??= enteredFrom(result);
    this.#sightings.saw(this.#caller);
    return this.entered;
  }
}

/** The same for what a person does outside of any organization; the statements themselves judge the caller. */
class OwnScope implements PersonScope, Endable {
  readonly caller: Caller;
  #ended = false;
  readonly #pool: Pool;
  readonly #limits: { readonly signal: Cancellation };
  readonly #sightings: Sightings;

  constructor(pool: Pool, caller: Caller, signal: Cancellation, sightings: Sightings) {
    this.caller = caller;
    this.#pool = pool;
    this.#limits = { signal };
    this.#sightings = sightings;
  }

  async run(statement: Statement): Promise<Result> {
    return only(await this.batch([statement]));
  }

  async batch(statements: readonly Statement[]): Promise<Result[]> {
    if (this.#ended) throw new Error("this scope's request is over");
    const results = await this.#pool.batch(statements, this.#limits);
    this.#sightings.saw(this.caller);
    return results;
  }

  end(): void {
    this.#ended = true;
  }
}

function only(results: readonly Result[]): Result {
  const [result] = results;
  if (result === undefined) throw new Error("the database left out a result");
  return result;
}

/** The columns of kernel.enter, which are text or uuid, all of them. */
function enteredFrom(result: Result | undefined): Entered {
  const row = result?.rows[0];
  if (row === undefined) throw new Error("enter answered nothing");
  return {
    tenantId: String(row["tenant_id"]),
    organization: String(row["slug"]),
    personId: String(row["person_id"]),
    memberId: String(row["member_id"]),
    credentialId: String(row["credential_id"]),
    email: String(row["email"]),
    locale: String(row["locale"]),
    timeZone: String(row["time_zone"]),
    currency: String(row["currency"]),
  };
}
