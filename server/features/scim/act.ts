import { DatabaseError, sql, type Statement, type Transaction } from "../../foundation/database/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import { type Asked, explainFault } from "../../http/index.ts";
import type { TenantScope } from "../../kernel/tenancy/index.ts";
import { scimError } from "./refusal.ts";

/** Where an operation comes from: a request of its own, or one of many in a bulk. */
export interface Asking {
  readonly scope: TenantScope;
  /** `If-Match`, or the `version` of a bulk operation; null where none was sent. */
  readonly match: string | null;
}

/** Makes the lock of the connection the first thing that a change does; what an earlier one has left is done with it. */
export const begin = { text: "select kernel.scim_begin() as more", values: [] };

/** Whether a change has left people for the next transaction, as a column of what it reads. */
export const unsettled = sql`exists (select from kernel.scim_users u where u.due) as "unsettled"`;

/**
 * Settles, some at a time, whom a change of thousands has left. What is interrupted here is done by the next change that the
 * directory asks for.
 */
export async function settleAll(scope: TenantScope, step: Statement = begin): Promise<void> {
  for (let more = true; more;) {
    const { rows } = await scope.run(step);
    more = rows[0]?.["more"] === true;
  }
}

/** Refuses a change of another version than the one that was seen; weak tags count, since clients send back what they got. */
export function demandMatch(match: string | null, version: number): void {
  if (match === null || match.trim() === "*") return;
  const held = match.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  if (!held.includes(`"v${version}"`)) throw new Problem("version-conflict");
}

/** Does one thing, and has what was refused noted for the organization's administrators before it is refused. */
export async function noted<T>(
  operation: string,
  { scope }: { readonly scope: TenantScope },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    await note(scope, operation, thrown);
    throw thrown;
  }
}

/** Notes a refusal in a transaction of its own. Whoever is nobody here hears that first, whatever else is wrong with what they sent. */
export async function note(scope: TenantScope, operation: string, thrown: unknown): Promise<void> {
  const { status, detail } = scimError(explainFault(thrown, operation.split(" ")[0] ?? ""));
  const values = [operation, Number(status), reasonOf(thrown) ?? detail];
  await scope
    .run({ text: "select kernel.scim_report($1, $2, $3)", values })
    // Its own refusal would say less than the one that is on its way.
    .catch((failure: unknown) => {
      if (scope.entered === null || !(failure instanceof DatabaseError)) throw failure;
    });
}

/** Why the database said no, in the constant words of its functions: the directory hears only that, administrators are to mend it. */
function reasonOf(thrown: unknown): string | null {
  return thrown instanceof DatabaseError && thrown.code === "RF403" ? thrown.message : null;
}

/** The same inside the transaction of what went well but for this. */
export async function remark(
  t: Transaction,
  operation: string,
  status: number,
  detail: string,
): Promise<void> {
  await t.run({ text: "select kernel.scim_report($1, $2, $3)", values: [operation, status, detail] });
}

/** `If-Match` as it was sent. */
export function matchOf(request: Asked): string | null {
  return request.header("if-match");
}
