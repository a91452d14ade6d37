import type { Transaction } from "../../foundation/database/index.ts";
import { uuidv7 } from "../../foundation/ids/index.ts";
import { job, type Job } from "../../jobs/index.ts";
import { withTenantVault } from "../../kernel/tenancy/index.ts";
import type { KeyProvider } from "../../kernel/vault/index.ts";
import { breakGlassLetter, type BreakGlassUse } from "./break-glass-letter.ts";

/** Tells every owner of an organization that somebody got in without single sign-on, which it demands. */
export function breakGlassJob({ keys }: { readonly keys: KeyProvider }): Job {
  return job({
    kind: "sso.break-glass",
    requires: null,
    needs: ["outbox.send"],
    tries: 8,
    run: ({ scope, payload }) => scope.tx((t) => tellOwners(t, keys, payload)),
  });
}

async function tellOwners(
  t: Transaction,
  keys: KeyProvider,
  payload: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { rows } = await t.run({
    text: "select kernel.bound_tenant() as tenant, o.email, o.organization from kernel.owners_to_tell() o",
    values: [],
  });
  for (const row of rows) {
    const tenantId = String(row["tenant"]);
    const use: BreakGlassUse = {
      organization: String(row["organization"]),
      who: String(payload["email"]),
      at: String(payload["at"]),
      ip: typeof payload["ip"] === "string" ? payload["ip"] : null,
    };
    const { subject, body } = breakGlassLetter(use);
    const mailId = uuidv7();
    const where = { table: "mail", column: "body", rowId: mailId };
    const sealed = await withTenantVault(t, keys, tenantId, (vault) => vault.seal(tenantId, where, body));
    await t.run({
      text: "select kernel.tell_owner($1, $2, $3, $4)",
      values: [mailId, row["email"], subject, sealed],
    });
  }
}
