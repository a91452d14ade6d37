import type { Transaction } from "../../foundation/database/index.ts";
import { uuidv7 } from "../../foundation/ids/index.ts";
import { withTenantVault } from "../../kernel/tenancy/index.ts";
import type { KeyProvider } from "../../kernel/vault/index.ts";
import { letterOf, oneLine, packLetter } from "../identity/index.ts";

/** A letter to an organization's owners. It has no link: nobody should follow one out of an alarm. */
export interface OwnersLetter {
  readonly purpose: "break-glass" | "certificate" | "domain";
  readonly subject: string;
  readonly paragraphs: readonly string[];
}

/** Puts a letter to each owner of the bound organization into its outbox, sealed with its key. */
export async function tellOwners(
  t: Transaction,
  keys: KeyProvider,
  { purpose, subject, paragraphs }: OwnersLetter,
): Promise<void> {
  const { rows } = await t.run({
    text: "select kernel.bound_tenant() as tenant, o.email from kernel.owners_to_tell() o",
    values: [],
  });
  const body = packLetter(letterOf({ paragraphs }));
  for (const row of rows) {
    const [tenantId, mailId] = [String(row["tenant"]), uuidv7()];
    const where = { table: "mail", column: "body", rowId: mailId };
    const sealed = await withTenantVault(t, keys, tenantId, (vault) => vault.seal(tenantId, where, body));
    await t.run({
      text: "select kernel.tell_owner($1, $2, $3, $4, $5)",
      values: [mailId, row["email"], oneLine(subject).slice(0, 250), purpose, sealed],
    });
  }
}
