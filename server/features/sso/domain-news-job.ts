import { job, type Job } from "../../jobs/index.ts";
import type { KeyProvider } from "../../kernel/vault/index.ts";
import { domainLetter, type DomainNews } from "./domain-letter.ts";
import { tellOwners } from "./tell-owners.ts";

export interface DomainNewsOptions {
  readonly keys: KeyProvider;
  readonly publicUrl: () => string;
}

/** Tells every owner of an organization what became of one of its domains. */
export function domainNewsJob({ keys, publicUrl }: DomainNewsOptions): Job {
  return job({
    kind: "sso.domain-news",
    requires: null,
    needs: ["outbox.send"],
    tries: 8,
    run: ({ scope, payload }) =>
      scope.tx(async (t) => {
        const { rows } = await t.run({ text: "select kernel.ways_by_sso() as ways", values: [] });
        // kernel.domain_news and kernel.ways_by_sso build just these objects.
        const news = { ...payload, ...(rows[0]?.["ways"] as object), publicUrl: publicUrl() } as DomainNews;
        await tellOwners(t, keys, domainLetter(news));
      }),
  });
}
