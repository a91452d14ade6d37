import { Readable } from "node:stream";
import { Type } from "@sinclair/typebox";
import {
  listQuery,
  type Need,
  need,
  readNeeds,
  type Route,
  route,
  streaming,
  wishOf,
} from "../../../http/index.ts";
import { type ListWish, type Resource, statementsOf } from "../../../kernel/resource/index.ts";
import type { TenantScope } from "../../../kernel/tenancy/index.ts";
import { account, contact } from "../../crm/index.ts";
import { byteOrderMark, csvLine } from "../csv/index.ts";
import { customTargets } from "../run/load-import.ts";
import { exportColumns, type Manner } from "./export-columns.ts";

/** Each page enters anew and stands in the audit trail, so it is large; a revoke stops the export at the next one. */
const rowsPerPage = 2_000;

/** The doors by which contacts and accounts leave as a file. */
export function exportRoutes(): Route[] {
  return [exportRoute(contact, "contact"), exportRoute(account, "account")];
}

function exportRoute(resource: Resource, kind: "contact" | "account"): Route {
  return route({
    method: "GET",
    path: `/${resource.many}/export.csv`,
    summary: `All ${resource.many} that fit the search and the filters of the list, as a CSV file that can be imported again`,
    operation: `export_${resource.many}`,
    needs: [
      ...readNeeds(resource),
      need(resource, "export"),
      ...(["own_field.read", "member.read"] satisfies Need[]),
    ],
    limit: "export",
    stream: true,
    query: listQuery(resource),
    answer: Type.Any(),
    handle: async ({ scope, query }) => {
      // Whoever may not is told so with a status, before the first byte.
      const manner = await mannerOf(scope, kind);
      const lines = exported(scope, resource, kind, wishOf(resource, query), manner);
      return streaming(Readable.from(lines), "text/csv; charset=utf-8", `${resource.many}.csv`);
    },
  });
}

async function mannerOf(scope: TenantScope, kind: "contact" | "account"): Promise<Manner> {
  const [own, members] = await scope.batch([
    {
      text: "select of, key, label, type, options from app.own_field where archived_at is null order by label, key limit 500",
      values: [],
    },
    { text: "select id, email from kernel.members limit 20000", values: [] },
  ]);
  return {
    locale: scope.entered?.locale ?? "en",
    timeZone: scope.entered?.timeZone ?? "UTC",
    owners: new Map((members?.rows ?? []).map(({ id, email }) => [String(id), String(email)])),
    custom: customTargets(own?.rows ?? [], kind),
  };
}

/** The file, a page of records at a time. */
async function* exported(
  scope: TenantScope,
  resource: Resource,
  kind: "contact" | "account",
  wish: ListWish,
  manner: Manner,
): AsyncGenerator<string, void> {
  const statements = statementsOf(resource);
  const columns = exportColumns(kind, manner.custom);
  yield byteOrderMark + csvLine(columns.map(({ header }) => header));
  for (let page: ListWish | null = { ...wish, limit: rowsPerPage }; page !== null;) {
    const { rows } = await scope.run(statements.list(page));
    const shown = rows.slice(0, rowsPerPage);
    yield shown.map((row) => csvLine(columns.map(({ cell }) => cell(row, manner)))).join("");
    const last = shown.at(-1);
    page =
      rows.length > rowsPerPage && last !== undefined
        ? { ...page, after: statements.cursorAfter(last, page) }
        : null;
  }
}
