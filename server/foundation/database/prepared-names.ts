import { unnamed, type Plan } from "./plan.ts";
import type { RowShape } from "./row-shape.ts";

/** A statement on one connection. What was sent and what was answered are kept apart: an error may come in between. */
export interface Prepared {
  readonly plan: Plan;
  parseSent: boolean;
  parsed: boolean;
  describeSent: boolean;
  /** Null: it returns no rows. Undefined: not described yet. */
  shape: RowShape | null | undefined;
}

/** Each name costs the server memory, so a connection that has this many is replaced. */
export const namesPerConnectionMax = 500;

/** The names that one connection's server process knows. */
export class PreparedNames {
  readonly #known = new Map<string, Prepared>();

  get full(): boolean {
    return this.#known.size >= namesPerConnectionMax;
  }

  /** The statement for a plan: under its name, or without one when there is no room or another text has the name. */
  take(plan: Plan, withoutName: boolean): Prepared {
    const known = this.#known.get(plan.name);
    if (!withoutName && known !== undefined && known.plan.text === plan.text) return known;
    if (withoutName || known !== undefined || this.full) return newlyPrepared(unnamed(plan));
    const prepared = newlyPrepared(plan);
    this.#known.set(plan.name, prepared);
    return prepared;
  }

  /** After an error: what the server did not confirm does not exist, or is not described. */
  unlearn(prepared: Prepared): void {
    if (!prepared.parsed) {
      prepared.parseSent = false;
      if (this.#known.get(prepared.plan.name) === prepared) this.#known.delete(prepared.plan.name);
    }
    if (prepared.shape === undefined) prepared.describeSent = false;
  }
}

function newlyPrepared(plan: Plan): Prepared {
  return { plan, parseSent: false, parsed: false, describeSent: false, shape: undefined };
}
