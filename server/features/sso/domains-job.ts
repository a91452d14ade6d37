import type { TextRecords } from "../../foundation/egress/index.ts";
import { log } from "../../foundation/log/index.ts";
import { job, type Job, type JobScope } from "../../jobs/index.ts";
import { isThere } from "./domain-record.ts";
import { reasonOf } from "./sso-refusal.ts";

/** How many name servers are waited for at once. */
const atOnce = 5;

/** Looks each day whether the records of verified domains are still there; what follows of it, the database decides. */
export function domainsJob({ textRecords }: { readonly textRecords: TextRecords }): Job {
  return job({
    kind: "sso.domains",
    requires: null,
    needs: ["outbox.send"],
    tries: 8,
    every: "1 day",
    run: async ({ scope, signal }) => {
      const { rows } = await scope.run({ text: "select * from kernel.domains_due()", values: [] });
      const waiting = [...rows];
      const look = async (): Promise<void> => {
        for (let row = waiting.shift(); row !== undefined && !signal.aborted; row = waiting.shift())
          await lookFor(scope, row, textRecords);
      };
      await Promise.all(Array.from({ length: atOnce }, look));
      signal.throwIfAborted();
      await scope.run({ text: "select kernel.look_at_domains_again()", values: [] });
    },
  });
}

async function lookFor(
  scope: JobScope,
  row: Readonly<Record<string, unknown>>,
  textRecords: TextRecords,
): Promise<void> {
  const domain = { name: String(row["name"]), token: String(row["token"]) };
  // No transaction is open while somebody else's name server takes its time. No answer says neither yes nor no.
  const there = await isThere(domain, textRecords).catch((error: unknown) => {
    log.event("domain-unanswered", { domainId: String(row["id"]), reason: reasonOf(error) });
    return null;
  });
  await scope.run({ text: "select kernel.resettle_domain($1, $2)", values: [row["id"], there] });
}
