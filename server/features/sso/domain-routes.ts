import { Type } from "@sinclair/typebox";
import { newToken } from "../../foundation/ids/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import { nothing, route, type TenantRoute } from "../../http/index.ts";
import { domainName } from "./domain-name.ts";
import { isThere, recordOf } from "./domain-record.ts";
import { type SsoOptions, strict, uuid, when } from "./inputs.ts";

interface Domain {
  readonly id: string;
  readonly name: string;
  readonly token: string;
  readonly verifiedAt: string | null;
  readonly checkedAt: string | null;
  readonly missingSince: string | null;
  readonly verifiedUntil: string | null;
  readonly createdAt: string;
}

const shownDomain = Type.Object({
  id: uuid,
  name: Type.String(),
  verifiedAt: when,
  checkedAt: when,
  /** Since when its record is gone, and until when the domain counts all the same; null while the record is there. */
  missingSince: when,
  verifiedUntil: when,
  createdAt: Type.String(),
  /** The record that shows that the domain is the organization's own. */
  record: Type.Object({ name: Type.String(), type: Type.Literal("TXT"), value: Type.String() }),
});

const readDomains = { text: "select kernel.domains() as domains", values: [] };

/** The organization's domains. One counts once its DNS says so, and until seven days after it no longer does. */
export function domainRoutes({ textRecords }: SsoOptions): TenantRoute[] {
  return [
    route({
      method: "GET",
      path: "/domains",
      summary: "The organization's domains",
      needs: ["security.read"],
      answer: Type.Object({ items: Type.Array(shownDomain) }),
      handle: async ({ scope }) => ({ items: domainsIn(await scope.run(readDomains)).map(shown) }),
    }),
    route({
      method: "POST",
      path: "/domains",
      summary: "Add a domain; it counts once its TXT record was found",
      needs: ["security.read", "security.change"],
      body: Type.Object({ name: Type.String({ maxLength: 253, pattern: "[.]" }) }, strict),
      status: 201,
      answer: shownDomain,
      handle: ({ scope, body }) =>
        scope.tx(async (t) => {
          const added = await t.run({
            text: "select kernel.add_domain($1, $2) as id",
            values: [demandDomain(body.name), newToken()],
          });
          return shown(domainOf(domainsIn(await t.run(readDomains)), String(added.rows[0]?.["id"])));
        }),
    }),
    route({
      method: "POST",
      path: "/domains/:id/check",
      summary: "Look for the domain's TXT record now",
      needs: ["security.read", "security.change"],
      limit: "send",
      answer: shownDomain,
      handle: async ({ scope, params }) => {
        const domain = domainOf(domainsIn(await scope.run(readDomains)), params.id);
        // No transaction is open while somebody else's name server takes its time.
        const there = await asked(domain, textRecords);
        const [settled, all] = await scope.batch([
          { text: "select kernel.settle_domain($1, $2) as said", values: [params.id, there] },
          readDomains,
        ]);
        demandOwn(settled);
        return shown(domainOf(domainsIn(all), params.id));
      },
    }),
    route({
      method: "DELETE",
      path: "/domains/:id",
      summary: "End a domain; identity providers speak for its addresses no longer",
      needs: ["security.change"],
      answer: nothing,
      status: 204,
      handle: async ({ scope, params }) => {
        await scope.run({ text: "select kernel.end_domain($1)", values: [params.id] });
      },
    }),
  ];
}

function demandDomain(given: string): string {
  const name = domainName(given);
  if (name !== null) return name;
  throw new Problem("not-valid", {
    errors: [{ pointer: "/name", detail: "Not a domain, such as example.com." }],
  });
}

async function asked(domain: Domain, textRecords: SsoOptions["textRecords"]): Promise<boolean> {
  try {
    return await isThere(domain, textRecords);
  } catch (cause) {
    throw new Problem("wrong-state", {
      detail: "The domain's name servers did not answer. Try again.",
      cause,
    });
  }
}

/** The database has written down that the other organization's record is looked for; so this is no fault of its transaction. */
function demandOwn(settled: Rows): void {
  if (settled?.rows[0]?.["said"] !== "contested") return;
  throw new Problem("wrong-state", {
    detail:
      "Another organization has shown that this domain is its own. " +
      "Its record is looked for now; once that is gone for a day, check again.",
  });
}

function shown(domain: Domain) {
  const { token: _, ...rest } = domain;
  return { ...rest, record: recordOf(domain) };
}

type Rows = { readonly rows: readonly Record<string, unknown>[] } | undefined;

function domainsIn(result: Rows): Domain[] {
  // kernel.domains builds just these objects.
  return (result?.rows[0]?.["domains"] ?? []) as Domain[];
}

function domainOf(domains: readonly Domain[], id: string): Domain {
  const found = domains.find((domain) => domain.id === id);
  if (found === undefined) throw new Problem("not-found");
  return found;
}
