import {
  type Cancellation,
  DatabaseError,
  type Pool,
  type Result,
  type Statement,
  type Transaction,
} from "../../foundation/database/index.ts";
import { createPassBook, mintPass, type Pass, type PassBook, passFrom, spentCode } from "./passes.ts";
import type { Caller, Entered, PersonScope, TenantScope, Whose } from "./scope.ts";
import { createSightings, type Sightings } from "./sightings.ts";

/** The pools of the doors that serve requests. */
export interface DoorPools {
  readonly api: Pool;
  readonly auth: Pool;
}

/** What the doors get: authority for one request at a time, never a connection. */
export interface Tenancy {
  /** `look` says what the request looks at, for the organization's trail; called for the platform's staff only. */
  scopeFor(
    caller: Caller,
    needs: readonly string[],
    signal: Cancellation,
    look?: () => string,
  ): TenantScope & Endable;
  personScope(caller: Caller, signal: Cancellation): PersonScope & Endable;
  /** Whose a credential is, for counting: it judges nothing and gives no authority. */
  whose(caller: Caller, signal: Cancellation): Promise<Whose | null>;
  readonly sightings: Sightings;
}

interface Endable {
  /** From now on the scope refuses everything: a handler that kept it cannot go on with it. */
  end(): void;
}

const enterText = "select * from kernel.enter($1, $2, $3, $4, $5, $6)";
const enterToLookText = "select * from kernel.enter($1, $2, $3, $4, $5, $6, $7)";
const whoseText = "select * from kernel.whose($1, $2)";
const writeLookText = "select kernel.write_look($1, $2, $3, $4, $5, $6, $7)";

/** SQLSTATE of an entry by the platform's staff that the organization's trail does not hold yet. */
const unwrittenCode = "RF428";

/**
 * Opens the only way to tenant rows: each use of a scope is judged by PostgreSQL again, so that a revoke holds from the
 * next one on. It raises RF401, RF403 or RF404.
 *
 * Entering and the first statement travel together. What only reads, and comes again, presents a pass instead.
 */
export function openTenancy({ api, auth }: DoorPools): Tenancy {
  const sightings = createSightings(auth);
  const shared = { pool: api, sightings, passes: createPassBook() };
  return {
    sightings,
    scopeFor: (caller, needs, signal, look = () => "") =>
      new EnteringScope(shared, caller, needs, signal, look),
    personScope: (caller, signal) => new OwnScope(auth, caller, signal),
    whose: (caller, signal) => whoseIs(api, caller, signal),
  };
}

async function whoseIs(
  api: Pool,
  { tokenHash, organization }: Caller,
  signal: Cancellation,
): Promise<Whose | null> {
  const [found] = await api.batch([{ text: whoseText, values: [tokenHash, organization] }], { signal });
  const row = found?.rows[0];
  if (row === undefined || row["person_id"] === null) return null;
  const tenantId = row["tenant_id"];
  return { personId: String(row["person_id"]), tenantId: tenantId === null ? null : String(tenantId) };
}

/** What the scopes of one process have in common. */
interface Shared {
  readonly pool: Pool;
  readonly sightings: Sightings;
  readonly passes: PassBook;
}

/** A class, since one is made for each request: its methods are made once. */
class EnteringScope implements TenantScope, Endable {
  entered: Entered | null = null;
  #ended = false;
  readonly #shared: Shared;
  readonly #caller: Caller;
  readonly #needs: readonly string[];
  readonly #limits: { readonly signal: Cancellation };
  readonly #look: () => string;
  /** What is looked at, once the database has asked for it. */
  #what: string | null = null;

  constructor(
    shared: Shared,
    caller: Caller,
    needs: readonly string[],
    signal: Cancellation,
    look: () => string,
  ) {
    this.#shared = shared;
    this.#caller = caller;
    this.#needs = needs;
    this.#limits = { signal };
    this.#look = look;
  }

  async run(statement: Statement): Promise<Result> {
    return only(await this.batch([statement]));
  }

  async batch(statements: readonly Statement[]): Promise<Result[]> {
    const pass = this.#shared.passes.find(this.#caller, this.#needs);
    if (pass === null || pass === "wanted")
      return this.#written(() => this.#enterAndRun(statements, pass === "wanted"));
    try {
      return await this.#presentAndRun(pass, statements);
    } catch (error) {
      if (!(error instanceof DatabaseError && error.code === spentCode)) throw error;
    }
    // Nothing was answered yet and nothing was written, so the same is asked again, and judged as if it were the first.
    this.#shared.passes.drop(this.#caller, this.#needs);
    return this.#written(() => this.#enterAndRun(statements, false));
  }

  async tx<T>(work: (t: Transaction, who: Entered) => Promise<T>): Promise<T> {
    return this.#written(() =>
      this.#shared.pool.tx([this.#enter()], (t, [first]) => work(t, this.#learn(first)), this.#limits),
    );
  }

  end(): void {
    this.#ended = true;
  }

  /**
   * Where the organization's trail must hold first what is looked at, it is written there in a transaction of its own, which
   * nothing that follows takes back, and then asked again.
   */
  async #written<T>(enterAndWork: () => Promise<T>): Promise<T> {
    try {
      return await enterAndWork();
    } catch (error) {
      if (!(error instanceof DatabaseError && error.code === unwrittenCode)) throw error;
    }
    this.#what = this.#look();
    await this.#shared.pool.batch([{ text: writeLookText, values: this.#asked(this.#what) }], this.#limits);
    return enterAndWork();
  }

  async #presentAndRun({ present, entered }: Pass, statements: readonly Statement[]): Promise<Result[]> {
    this.#demandOpen();
    const results = await this.#shared.pool.batch([present, ...statements], this.#limits);
    this.entered ??= entered;
    this.#shared.sightings.saw(this.#caller);
    results.shift();
    return results;
  }

  async #enterAndRun(statements: readonly Statement[], wantsPass: boolean): Promise<Result[]> {
    const all = [this.#enter(), ...statements];
    if (wantsPass) all.push(mintPass);
    const [first, ...rest] = await this.#shared.pool.batch(all, this.#limits);
    this.#learn(first);
    if (!wantsPass) return rest;
    const minted = rest.pop();
    const pass = passFrom(minted);
    if (pass !== null) this.#shared.passes.keep(this.#caller, this.#needs, pass, enteredFrom(minted));
    return rest;
  }

  #demandOpen(): void {
    if (this.#ended) throw new Error("this scope's request is over");
  }

  #enter(): Statement {
    this.#demandOpen();
    if (this.#what !== null) return { text: enterToLookText, values: this.#asked(this.#what) };
    return { text: enterText, values: this.#asked() };
  }

  #asked(...what: readonly string[]): readonly unknown[] {
    const { tokenHash, organization, requestId, ip, device } = this.#caller;
    return [tokenHash, organization, this.#needs, requestId, ip, device, ...what];
  }

  #learn(result: Result | undefined): Entered {
    this.entered ??= enteredFrom(result);
    this.#shared.sightings.saw(this.#caller);
    return this.entered;
  }
}

/** The same for what a person does outside of any organization; the statements themselves judge the caller. */
class OwnScope implements PersonScope, Endable {
  readonly caller: Caller;
  #ended = false;
  readonly #pool: Pool;
  readonly #limits: { readonly signal: Cancellation };

  constructor(pool: Pool, caller: Caller, signal: Cancellation) {
    this.caller = caller;
    this.#pool = pool;
    this.#limits = { signal };
  }

  async run(statement: Statement): Promise<Result> {
    return only(await this.batch([statement]));
  }

  async batch(statements: readonly Statement[]): Promise<Result[]> {
    if (this.#ended) throw new Error("this scope's request is over");
    // No sighting: an organization's idle limit counts what is done in organizations.
    return this.#pool.batch(statements, this.#limits);
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

/** The columns of kernel.enter and kernel.mint_pass, which are text or uuid, all of them. */
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
