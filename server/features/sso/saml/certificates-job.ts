import type { Transaction } from "../../../foundation/database/index.ts";
import { job, type Job } from "../../../jobs/index.ts";
import type { KeyProvider } from "../../../kernel/vault/index.ts";
import { tellOwners } from "../tell-owners.ts";
import { certificateLetter } from "./certificate-letter.ts";

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
    const letter = certificateLetter({
      connection: String(row["name"]),
      organization: String(row["organization"]),
      fingerprint: String(row["fingerprint"]),
      endsAt: String(row["ends_at"]),
      others: Number(row["certificates"]) - 1,
    });
    await tellOwners(t, keys, letter);
  }
}
