import type { Pool } from "../../foundation/database/index.ts";

/** One time that somebody of the staff asked to come in without an organization's consent, and what came of it. */
export interface Emergency {
  readonly id: string;
  readonly organization: string;
  readonly operator: string;
  readonly reason: string;
  readonly reference: string;
  readonly askedAt: string;
  readonly confirmedBy: string | null;
  readonly confirmedAt: string | null;
  readonly until: string | null;
  readonly firstUsedAt: string | null;
  readonly endedAt: string | null;
  readonly endedWhy: string | null;
}

/** Whether emergencies are allowed, and the latest 200 of them. Through the operator's own door, which no request of the product uses. */
export async function emergencies(
  ops: Pool,
): Promise<{ readonly allowed: boolean; readonly items: readonly Emergency[] }> {
  const [found] = await ops.batch([{ text: "select allowed, items from kernel.emergencies()", values: [] }]);
  const { allowed, items } = found?.rows[0] ?? {};
  // kernel.emergencies builds just these objects.
  return { allowed: allowed === true, items: (items ?? []) as readonly Emergency[] };
}

/** Switches emergency access on or off; off ends what is live or waits, and says how many that were. */
export async function allowEmergencies(ops: Pool, allowed: boolean): Promise<number> {
  const [found] = await ops.batch([
    { text: "select kernel.allow_emergencies($1) as ended", values: [allowed] },
  ]);
  return Number(found?.rows[0]?.["ended"]);
}
