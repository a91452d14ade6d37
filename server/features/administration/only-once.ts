import type { Transaction } from "../../foundation/database/index.ts";
import { sha256 } from "../../foundation/ids/index.ts";

/** What a try with an Idempotency-Key came to. */
export interface Once {
  readonly id: string;
  /** True when an earlier try with this key made the thing, and nothing was made now. */
  readonly replayed: boolean;
}

/**
 * Makes a thing once for each Idempotency-Key, in the transaction of the work; without a key, each time.
 *
 * The same key with another body is refused by the database (`idempotency-mismatch`).
 */
export async function onlyOnce(
  t: Transaction,
  key: string | null,
  body: unknown,
  make: () => Promise<string>,
): Promise<Once> {
  if (key === null) return { id: await make(), replayed: false };
  const { rows } = await t.run({
    text: "select (kernel.claim_idempotency($1, $2)).resource_id as id",
    values: [key, sha256(JSON.stringify(body))],
  });
  const earlier = rows[0]?.["id"];
  if (typeof earlier === "string") return { id: earlier, replayed: true };
  const id = await make();
  await t.run({ text: "select kernel.settle_idempotency($1, 201::smallint, $2)", values: [key, id] });
  return { id, replayed: false };
}
