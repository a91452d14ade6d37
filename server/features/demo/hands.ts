import type { Administration } from "../../foundation/database/index.ts";
import { uuidv7 } from "../../foundation/ids/index.ts";

/** The connection that writes the demo: as the migration role, which alone may become the owners of the tables. */
export interface Workshop {
  readonly db: Administration;
  /** Of the installation's role names. */
  readonly prefix: string;
}

/** Somebody of an organization, with a session: what the audit trail names. */
export interface Hands {
  readonly tenantId: string;
  readonly memberId: string;
  readonly personId: string;
  readonly credentialId: string;
  readonly email: string;
  readonly ip: string;
  readonly device: string;
}

/** One bound transaction of the demo. `request` is on every audit row that it writes, so that they can be dated. */
export interface Acting {
  readonly request: string;
  query(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** From the next statement on: the owner of the kernel's tables, or of the organizations'. */
  become(owner: "kernel" | "owner"): Promise<void>;
}

/** Runs `work` as the owner of the kernel's tables, unbound, in one transaction. */
export async function asKernel<T>(shop: Workshop, work: (t: Acting) => Promise<T>): Promise<T> {
  return transaction(shop, work, async () => undefined);
}

/**
 * Runs `work` bound to these hands, as `kernel.enter` would bind a request of theirs; policies, stamps and audit
 * triggers do what they always do. It starts as the owner of the organizations' tables.
 */
export async function asHands<T>(
  shop: Workshop,
  hands: Hands,
  needs: readonly string[],
  work: (t: Acting) => Promise<T>,
): Promise<T> {
  return transaction(shop, work, async (t) => {
    await t.query("select kernel.bind('credential', $1, $2, $3, $4, $5::text[], $6, $7, $8, $9)", [
      hands.tenantId,
      hands.memberId,
      hands.personId,
      hands.credentialId,
      needs,
      t.request,
      hands.ip,
      hands.email,
      hands.device,
    ]);
    await t.become("owner");
  });
}

async function transaction<T>(
  { db, prefix }: Workshop,
  work: (t: Acting) => Promise<T>,
  first: (t: Acting) => Promise<void>,
): Promise<T> {
  const t: Acting = {
    request: uuidv7(),
    query: (text, values) => db.query(text, values),
    become: (owner) => db.script(`set local role ${prefix}_${owner}`),
  };
  await db.script("begin");
  try {
    await db.script("set local synchronous_commit = off");
    await t.become("kernel");
    await first(t);
    const result = await work(t);
    await db.script("commit");
    return result;
  } catch (error) {
    await db.script("rollback").catch(() => undefined);
    throw error;
  }
}
