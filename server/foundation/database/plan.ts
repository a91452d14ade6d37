import { sha256 } from "../ids/index.ts";
import { DatabaseError } from "./database-error.ts";
import { controlsTransaction, rollsBackToSavepoint } from "./transaction-words.ts";

/** What the process knows about a statement text: its name on every connection and its ready-made messages. */
export interface Plan {
  readonly text: string;
  /** Empty: parsed anew each time. */
  readonly name: string;
  readonly parse: Buffer;
  /** How its Bind message starts: unnamed portal, statement name. */
  readonly bindHead: Buffer;
  readonly controlsTransaction: boolean;
  readonly rollsBackToSavepoint: boolean;
}

const plansMax = 4000;
const keptTextLengthMax = 20_000;
const textLengthMax = 10_000_000;
const plans = new Map<string, Plan>();

/** The plan under which this text is prepared; kept, up to a bound, so that a text is hashed once. */
export function planOf(text: string): Plan {
  const known = plans.get(text);
  if (known !== undefined) return known;
  const plan = makePlan(text, sha256(text).toString("base64url", 0, 16));
  if (plans.size >= plansMax) plans.clear();
  if (text.length <= keptTextLengthMax) plans.set(text, plan);
  return plan;
}

/** The same statement without a name. */
export function unnamed(plan: Plan): Plan {
  return makePlan(plan.text, "");
}

function makePlan(text: string, name: string): Plan {
  // A NUL ends the text early on the wire, and the server would read the rest as messages.
  if (text.includes("\0")) throw new DatabaseError("22021", "a statement contains a NUL character");
  if (text.length > textLengthMax) throw new DatabaseError("54000", "a statement is too long");
  return {
    text,
    name,
    parse: parseMessage(name, text),
    bindHead: Buffer.from(`\0${name}\0`),
    controlsTransaction: controlsTransaction(text),
    rollsBackToSavepoint: rollsBackToSavepoint(text),
  };
}

/** Parse: name, text, no parameter types given (the server infers them). */
function parseMessage(name: string, text: string): Buffer {
  const body = Buffer.from(`${name}\0${text}\0\0\0`);
  const message = Buffer.allocUnsafe(body.length + 5);
  message.write("P", 0, "latin1");
  message.writeInt32BE(body.length + 4, 1);
  body.copy(message, 5);
  return message;
}
