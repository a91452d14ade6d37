import { DatabaseError, type Pool, type Statement } from "../../foundation/database/index.ts";
import { Problem } from "../../foundation/problem/index.ts";

/** One of the platform's staff. */
export interface Operator {
  readonly email: string;
  readonly name: string;
  /** The platform's own organization, whose member they are. */
  readonly organization: string;
  readonly addedAt: string;
  /** Without a second factor an operator comes in nowhere. */
  readonly secondFactor: boolean;
  readonly liveGrants: number;
}

/** Everybody who may be let in by a grant. Through the operator's own door, which no request of the product uses. */
export async function operators(ops: Pool): Promise<Operator[]> {
  const [found] = await ops.batch([
    {
      text: `select email, name, organization, added_at as "addedAt", second_factor as "secondFactor", live_grants as "liveGrants" from kernel.operators()`,
      values: [],
    },
  ]);
  // The statement names exactly the fields.
  return (found?.rows ?? []) as unknown as Operator[];
}

/**
 * Makes a member of the platform's own organization an operator, for as long as they are one. Refuses an address that fits nobody, and whoever
 * belongs to no organization, or to several of which none is named.
 */
export async function addOperator(ops: Pool, email: string, organization: string | null): Promise<void> {
  const values = [email, organization];
  await settled(
    ops,
    { text: "select kernel.add_operator($1, $2)", values },
    `Nobody has the address ${email}.`,
  );
}

/** Ends being an operator, together with every grant they have; refuses an address that no operator has. */
export async function removeOperator(ops: Pool, email: string): Promise<void> {
  const text = "select kernel.remove_operator($1)";
  await settled(ops, { text, values: [email] }, `No operator has the address ${email}.`);
}

async function settled(ops: Pool, statement: Statement, missing: string): Promise<void> {
  await ops.batch([statement]).catch((cause: unknown) => {
    if (!(cause instanceof DatabaseError)) throw cause;
    if (cause.code === "RF404") throw new Problem("not-found", { detail: missing, cause });
    if (cause.code === "RF409") throw new Problem("wrong-state", { detail: cause.message, cause });
    throw cause;
  });
}
