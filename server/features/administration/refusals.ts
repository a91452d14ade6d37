import type { Pool } from "../../foundation/database/index.ts";

/** One request that was turned away and stands in no organization's trail. */
export interface Refusal {
  readonly at: string;
  readonly reason: string;
  /** Which door, or which step of a sign-in. */
  readonly door: string;
  /** Whose account it was tried with; null where nobody has it. What was typed is kept nowhere. */
  readonly email: string | null;
  readonly ip: string | null;
  readonly device: string | null;
  readonly requestId: string | null;
  /** Whose connection's door it came to, and which one. */
  readonly organization: string | null;
  readonly connectionId: string | null;
  /** How often the same came within an hour. */
  readonly times: number;
}

/** The latest of them, the newest first. Through the operator's own door, which no request of the product uses. */
export async function refusals(
  ops: Pool,
  { address, limit }: { readonly address: string | null; readonly limit: number },
): Promise<Refusal[]> {
  const [found] = await ops.batch([
    {
      text: `select at, reason, door, email, host(ip) as ip, device, request_id as "requestId", organization, connection_id as "connectionId", times from kernel.refusals($1::inet, $2)`,
      values: [address, limit],
    },
  ]);
  // The statement names exactly the fields.
  return (found?.rows ?? []) as unknown as Refusal[];
}
