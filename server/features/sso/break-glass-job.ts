import { job, type Job } from "../../jobs/index.ts";
import type { KeyProvider } from "../../kernel/vault/index.ts";
import { breakGlassLetter } from "./break-glass-letter.ts";
import { tellOwners } from "./tell-owners.ts";

/** Tells every owner of an organization that somebody got in without single sign-on, which it demands. */
export function breakGlassJob({ keys }: { readonly keys: KeyProvider }): Job {
  return job({
    kind: "sso.break-glass",
    requires: null,
    needs: ["outbox.send"],
    tries: 8,
    run: ({ scope, payload }) =>
      scope.tx(async (t) => {
        const { rows } = await t.run({
          text: "select o.organization from kernel.owners_to_tell() o limit 1",
          values: [],
        });
        const use = {
          organization: String(rows[0]?.["organization"]),
          who: String(payload["email"]),
          at: String(payload["at"]),
          ip: typeof payload["ip"] === "string" ? payload["ip"] : null,
        };
        await tellOwners(t, keys, breakGlassLetter(use));
      }),
  });
}
