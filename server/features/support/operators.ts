import { DatabaseError, type Pool } from "../../foundation/database/index.ts";
import { Problem } from "../../foundation/problem/index.ts";

/** One of the platform's staff. */
export interface Operator {
  readonly email: string;
  readonly name: string;
  readonly addedAt: string;
  /** Without a second factor an operator comes in nowhere. */
  readonly secondFactor: boolean;
  readonly liveGrants: number;
}

export type OperatorChange = "add" | "remove";

const changes: Readonly<Record<OperatorChange, string>> = {
  add: "select kernel.add_operator($1)",
  remove: "select kernel.remove_operator($1)",
};

/** Everybody who may be let in by a grant. Through the operator's own door, which no request of the product uses. */
export async function operators(ops: Pool): Promise<Operator[]> {
  const [found] = await ops.batch([
    {
      text: `select email, name, added_at as "addedAt", second_factor as "secondFactor", live_grants as "liveGrants" from kernel.operators()`,
      values: [],
    },
  ]);
  // The statement names exactly the fields.
  return (found?.rows ?? []) as unknown as Operator[];
}

/** Makes somebody an operator, or ends that together with every grant they have; refuses an address that fits nobody. */
export async function setOperator(ops: Pool, change: OperatorChange, email: string): Promise<void> {
  await ops.batch([{ text: changes[change], values: [email] }]).catch((error: unknown) => {
    if (!(error instanceof DatabaseError) || error.code !== "RF404") throw error;
    const whose = change === "add" ? "Nobody has the address" : "No operator has the address";
    throw new Problem("not-found", { detail: `${whose} ${email}.`, cause: error });
  });
}
