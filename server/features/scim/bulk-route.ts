import { Type } from "@sinclair/typebox";
import { protocolRoute, type ProtocolRoute } from "../../http/index.ts";
import { noted } from "./act.ts";
import { bulk } from "./bulk.ts";
import { door } from "./user-routes.ts";

/** Many changes in one request. */
export function bulkRoute(base: () => string): ProtocolRoute {
  return protocolRoute({
    ...door,
    method: "POST",
    path: "/scim/v2/Bulk",
    summary: "SCIM: many changes in one request",
    body: Type.Any(),
    limit: "bulk",
    handle: ({ scope, body }) => noted("POST Bulk", { scope }, () => bulk(scope, body, base())),
  });
}
