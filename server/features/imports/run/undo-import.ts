import type { JobContext } from "../../../jobs/index.ts";
import { accountColumns, contactColumns } from "./contact-row.ts";
import { loadImport } from "./load-import.ts";
import { restoreRows, type Table } from "./write-rows.ts";

interface Changed {
  readonly id: string;
  readonly version: number;
  readonly before: unknown;
}

/**
 * Takes an import back, the last batch first: what it made is erased, what it changed gets its values back. A record that
 * somebody changed since is left as it is, and counted as kept. Each batch is one transaction, so a crash can resume.
 */
export async function undoImport({ scope, payload, signal }: JobContext): Promise<void> {
  const id = String(payload["import"]);
  const loaded = await loadImport(scope, id);
  if (loaded.state !== "undoing") return;
  const table: Table =
    loaded.of === "contact" ? { name: "contact", columns: contactColumns } : { name: "account", columns: accountColumns };
  for (;;) {
    signal.throwIfAborted();
    const more = await scope.tx(async (t) => {
      const { rows } = await t.run({
        text: "select seq, made, changed from app.import_batch where import_id = $1 and phase = 'run' order by seq desc limit 1",
        values: [id],
      });
      const [batch] = rows;
      if (batch === undefined) return false;
      // Written by run-import.ts in these shapes.
      const made = batch["made"] as [string, string][];
      const changed = batch["changed"] as Changed[];
      const idsOf = (kind: string): string[] => made.filter(([name]) => name === kind).map(([, madeId]) => madeId);
      const restored = changed.length === 0 ? null : await t.run(restoreRows(table, changed));
      const [contacts, accounts] = await t.batch([
        { text: "select app.erase_contact(array(select id from app.contact where id = any ($1::uuid[]) and version = 1))", values: [idsOf("contact")] },
        {
          // An account that a contact outside this import names by now stays.
          text: `select app.erase_account(array(select a.id from app.account a where a.id = any ($1::uuid[]) and a.version = 1
            and not exists (select from app.contact c where c.account_id = a.id)))`,
          values: [idsOf("account")],
        },
      ]);
      const undone = (contacts?.rows.length ?? 0) + (accounts?.rows.length ?? 0);
      await t.batch([
        {
          text: `insert into app.import_batch (tenant_id, import_id, phase, seq, last_row, bytes_read, created, updated, skipped, failed)
values ((select kernel.bound('import.change')), $1, 'undo', $2, 0, 0, $3, $4, $5, 0)`,
          values: [id, batch["seq"], undone, restored?.rows.length ?? 0, made.length - undone + changed.length - (restored?.rows.length ?? 0)],
        },
        { text: "delete from app.import_batch where import_id = $1 and phase = 'run' and seq = $2", values: [id, batch["seq"]] },
      ]);
      return true;
    });
    if (!more) break;
  }
  await scope.run({ text: "update app.import set state = 'undone', finished_at = now() where id = $1 and state = 'undoing'", values: [id] });
}
