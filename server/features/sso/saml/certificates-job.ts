import type { Transaction } from "../../../foundation/database/index.ts";
import { uuidv7 } from "../../../foundation/ids/index.ts";
import { job, type Job } from "../../../jobs/index.ts";
import { withTenantVault } from "../../../kernel/tenancy/index.ts";
import type { KeyProvider } from "../../../kernel/vault/index.ts";
import { certificateLetter, type EndingCertificate } from "./certificate-letter.ts";

/** Tells the owners 30, 7 and 1 days before a pinned certificate ends: from that moment on, nobody gets in by it. */
export function certificatesJob({ keys }: { readonly keys: KeyProvider }): Job {
  return job({
    kind: "sso.certificates",
    requires: null,
    needs: ["outbox.send"],
    tries: 8,
    every: "1 day",
    run: ({ scope }) => scope.tx((t) => warn(t, keys)),
  });
}

async function warn(t: Transaction, keys: KeyProvider): Promise<void> {
  const { rows } = await t.run({ text: "select * from kernel.saml_certificates_ending()", values: [] });
  for (const row of rows) {
    const noted = await t.run({
      text: "select kernel.note_certificate_warning($1, $2, $3) as noted",
      values: [row["connection"], row["fingerprint"], row["days"]],
    });
    if (noted.rows[0]?.["noted"] !== true) continue;
    await tellOwners(t, keys, {
      connection: String(row["name"]),
      organization: String(row["organization"]),
      fingerprint: String(row["fingerprint"]),
      endsAt: String(row["ends_at"]),
      others: Number(row["certificates"]) - 1,
    });
  }
}

async function tellOwners(t: Transaction, keys: KeyProvider, ending: EndingCertificate): Promise<void> {
  const { rows } = await t.run({
    text: "select kernel.bound_tenant() as tenant, o.email from kernel.owners_to_tell() o",
    values: [],
  });
  const { subject, body } = certificateLetter(ending);
  for (const row of rows) {
    const [tenantId, mailId] = [String(row["tenant"]), uuidv7()];
    const where = { table: "mail", column: "body", rowId: mailId };
    const sealed = await withTenantVault(t, keys, tenantId, (vault) => vault.seal(tenantId, where, body));
    await t.run({
      text: "select kernel.tell_owner_of_certificate($1, $2, $3, $4)",
      values: [mailId, row["email"], subject, sealed],
    });
  }
}
