import { uuidv7 } from "../../foundation/ids/index.ts";
import { isoOf } from "./calendar.ts";
import { type Acting, asKernel, type Workshop } from "./hands.ts";
import { idAt } from "./id-at.ts";

/** When the audit rows of the demo are to have been written, noted as they are written. */
export interface Ledger {
  /** Notes one row: what this transaction did to this record. */
  note(t: Acting, record: string, at: number): void;
  /** Moves every noted row to its time, and makes each a request of its own. */
  settle(shop: Workshop, tenantId: string): Promise<void>;
}

/**
 * A ledger for one organization. What the rows say of whom and what is the triggers' work and is not touched; their ids
 * follow their times, since the trail is read in the order of its ids.
 */
export function openLedger(): Ledger {
  const rows: { request: string; record: string; at: string; id: string; own: string }[] = [];
  return {
    note: ({ request }, record, at) =>
      void rows.push({ request, record, at: isoOf(at), id: idAt(at), own: uuidv7() }),
    settle: async (shop, tenantId) => {
      await asKernel(shop, async (t) => {
        await t.query(settleText, [tenantId, JSON.stringify(rows)]);
      });
    },
  };
}

const settleText = `with p as materialized (
  select * from jsonb_to_recordset($2::jsonb) as r (request uuid, record uuid, at timestamptz, id uuid, own uuid))
update kernel.audit_event e set at = p.at, id = p.id, request_id = p.own
  from p where e.tenant_id = $1 and e.request_id = p.request and e.resource_id = p.record`;

/** Moves all audit rows of this transaction to one time, in the order in which they were written. */
export async function dateRequest(t: Acting, tenantId: string, at: number): Promise<void> {
  await t.become("kernel");
  await t.query(
    `update kernel.audit_event e set at = $3, id = (lpad(to_hex($4::bigint + w.place), 12, '0') || substr(replace(e.id::text, '-', ''), 13))::uuid
  from (select id, row_number() over (order by id) - 1 as place from kernel.audit_event where tenant_id = $1 and request_id = $2) w
 where e.tenant_id = $1 and e.id = w.id`,
    [tenantId, t.request, isoOf(at), Math.floor(at)],
  );
}
