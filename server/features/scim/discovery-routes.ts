import { Problem } from "../../foundation/problem/index.ts";
import { type ProtocolRoute, protocolRoute } from "../../http/index.ts";
import type { TenantScope } from "../../kernel/tenancy/index.ts";
import { type Document, listSchema } from "./names.ts";
import { resourceTypes, schemaDocuments, serviceProviderConfig } from "./schema-documents.ts";
import { door } from "./user-routes.ts";

/** What a directory asks before it begins: what is there, and what can be done with it (RFC 7644 section 4). */
export function discoveryRoutes(base: () => string): ProtocolRoute[] {
  return [
    protocolRoute({
      ...door,
      method: "GET",
      path: "/scim/v2/ServiceProviderConfig",
      summary: "SCIM: what this server can do",
      handle: ({ scope }) => asKnown(scope, serviceProviderConfig(base())),
    }),
    ...collection("ResourceTypes", "kinds of resource", () => resourceTypes(base())),
    ...collection("Schemas", "attributes of each kind", () => schemaDocuments(base())),
  ];
}

function collection(name: string, what: string, documents: () => readonly Document[]): ProtocolRoute[] {
  return [
    protocolRoute({
      ...door,
      method: "GET",
      path: `/scim/v2/${name}`,
      summary: `SCIM: ${what}`,
      handle: ({ scope }) => {
        const all = documents();
        return asKnown(scope, {
          schemas: [listSchema],
          totalResults: all.length,
          startIndex: 1,
          itemsPerPage: all.length,
          Resources: all,
        });
      },
    }),
    protocolRoute({
      ...door,
      method: "GET",
      path: `/scim/v2/${name}/:name`,
      summary: `SCIM: ${what}, one of them`,
      handle: async ({ scope, params }) => {
        const wanted = params["name"].toLowerCase();
        const found = documents().find((one) => String(one["id"]).toLowerCase() === wanted);
        await asKnown(scope, {});
        if (found === undefined) throw new Problem("not-found");
        return found;
      },
    }),
  ];
}

/** The same for every organization, and told to whoever holds a live key. */
async function asKnown(scope: TenantScope, document: Document): Promise<Document> {
  const { rows } = await scope.run({ text: "select kernel.scim_bound() as connection", values: [] });
  if (rows[0]?.["connection"] === null) throw new Problem("not-allowed");
  return document;
}
