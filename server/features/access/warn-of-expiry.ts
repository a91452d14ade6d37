import { uuidv7 } from "../../foundation/ids/index.ts";
import { job, type Job, type JobScope } from "../../jobs/index.ts";
import { withTenantVault } from "../../kernel/tenancy/index.ts";
import type { KeyProvider } from "../../kernel/vault/index.ts";
import { mailBody } from "../administration/index.ts";
import { packLetter } from "../identity/index.ts";
import { expiryLetter, expirySubject } from "./expiry-letter.ts";

export interface WarningOptions {
  readonly keys: KeyProvider;
  readonly publicUrl: () => string;
}

const atOnce = 100;

/** Tells people of keys that end within two weeks: once for each key, in the trail and by a letter of the organization. */
export function warnOfExpiryJob(options: WarningOptions): Job {
  return job({
    kind: "keys.warn",
    requires: null,
    needs: ["key.read"],
    tries: 5,
    every: "6 hours",
    run: async ({ scope, signal }) => {
      const { rows } = await scope.run({
        text: `select id, name, hint, class, account, organization, person_name, slug,
  to_char(expires_at at time zone time_zone, 'YYYY-MM-DD') as day from kernel.keys_to_warn_of order by expires_at limit ${atOnce}`,
        values: [],
      });
      for (const row of rows) {
        if (signal.aborted) throw new Error("stopped; the next lease goes on");
        await warnOf(scope, row, options);
      }
    },
  });
}

/** Where the console renews a key of a class. */
const pages: Readonly<Record<string, string>> = { service: "service-accounts", scim: "security" };

async function warnOf(
  scope: JobScope,
  row: Readonly<Record<string, unknown>>,
  { keys, publicUrl }: WarningOptions,
): Promise<void> {
  const name = String(row["name"] ?? "");
  const keyClass = String(row["class"]);
  const letter = expiryLetter({
    class: keyClass,
    account: row["account"] === null ? null : String(row["account"]),
    organization: String(row["organization"]),
    person: String(row["person_name"]),
    name,
    hint: String(row["hint"]),
    day: String(row["day"]),
    link: `${publicUrl()}/o/${String(row["slug"])}/${pages[keyClass] ?? "keys"}`,
  });
  const mailId = uuidv7();
  await scope.tx(async (t) => {
    const bound = await t.run({ text: "select kernel.bound_tenant() as tenant", values: [] });
    const tenantId = String(bound.rows[0]?.["tenant"]);
    const sealed = await withTenantVault(t, keys, tenantId, (vault) =>
      vault.seal(tenantId, mailBody(mailId), packLetter(letter)),
    );
    await t.run({
      text: "select kernel.warn_of_key($1, $2, $3, $4)",
      values: [row["id"], mailId, expirySubject({ name, class: keyClass }), sealed],
    });
  });
}
