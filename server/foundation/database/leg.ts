import { DatabaseError } from "./database-error.ts";
import type { Encoded } from "./encode-value.ts";
import { encodeValue } from "./encode-value.ts";
import { planOf, type Plan } from "./plan.ts";
import type { Prepared } from "./prepared-names.ts";
import type { Row, RowShape } from "./row-shape.ts";
import type { Statement } from "./sql.ts";

/** One Execute of a flight, with what the server answered to it. */
export interface Leg {
  /** Null: goes on reading the portal that the leg before left open. */
  readonly plan: Plan | null;
  readonly values: readonly Encoded[];
  /** BEGIN, COMMIT and ROLLBACK, which only the executor itself may send. */
  readonly control: boolean;
  /** 0: all rows. */
  readonly rowLimit: number;
  withoutName: boolean;
  prepared: Prepared | null;
  parses: boolean;
  describes: boolean;
  shape: RowShape | null | undefined;
  rows: Row[];
  count: number;
  tag: string;
  /** The portal has more rows than the limit let through. */
  suspended: boolean;
}

const parametersMax = 65_535;

/** A leg for a statement; values are encoded here, so that a bad one is refused before anything is sent. */
export function legOf(statement: Statement, rowLimit = 0): Leg {
  const plan = planOf(statement.text);
  if (plan.controlsTransaction) {
    throw new DatabaseError("2D000", "a statement may not begin or end a transaction; use tx");
  }
  if (statement.values.length > parametersMax) throw new DatabaseError("54000", "too many parameters");
  return newLeg(plan, statement.values.map(encodeValue), false, rowLimit);
}

/** A leg for BEGIN, COMMIT or ROLLBACK. */
export function controlLeg(text: "begin" | "commit" | "rollback"): Leg {
  return newLeg(planOf(text), [], true, 0);
}

/** The next rows of a suspended portal. */
export function legAfter(leg: Leg): Leg {
  return { ...newLeg(null, [], false, leg.rowLimit), shape: leg.shape };
}

/** The same leg once more, unanswered, and without a name. */
export function legAgain(leg: Leg): Leg {
  return { ...newLeg(leg.plan, leg.values, leg.control, leg.rowLimit), withoutName: true };
}

function newLeg(plan: Plan | null, values: readonly Encoded[], control: boolean, rowLimit: number): Leg {
  return {
    plan,
    values,
    control,
    rowLimit,
    withoutName: false,
    prepared: null,
    parses: false,
    describes: false,
    shape: undefined,
    rows: [],
    count: 0,
    tag: "",
    suspended: false,
  };
}
