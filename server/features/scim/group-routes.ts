import { Type } from "@sinclair/typebox";
import { nothing, protocolRoute, type ProtocolRoute } from "../../http/index.ts";
import { type Asking, matchOf, noted } from "./act.ts";
import { type GroupRow, shownGroup } from "./group.ts";
import { createGroup, deleteGroup, findGroup, listGroups, modifyGroup, replaceMembersOf } from "./groups.ts";
import { choiceQuery, listQuery, listResponse, type Wish, wishFrom } from "./list.ts";
import type { Document } from "./names.ts";
import { projected, projectionOf, shows } from "./projection.ts";
import { door } from "./user-routes.ts";

/** Groups of the directory whose key asks; which role a group gives is the organization's to say. */
export function groupRoutes(base: () => string): ProtocolRoute[] {
  const shown = (row: GroupRow, wish: Wish): Document =>
    projected(shownGroup(row, base()), projectionOf(wish.attributes, wish.excludedAttributes));
  const showsMembers = (wish: Wish): boolean =>
    shows(projectionOf(wish.attributes, wish.excludedAttributes), "members");
  const list = async ({ scope }: Asking, wish: Wish): Promise<Document> => {
    const { page, total, rows } = await listGroups(scope, wish, showsMembers(wish));
    return listResponse(
      total,
      page,
      rows.map((row) => shown(row, wish)),
    );
  };
  return [
    protocolRoute({
      ...door,
      method: "GET",
      path: "/scim/v2/Groups",
      summary: "SCIM: groups that this directory pushed",
      query: listQuery,
      handle: ({ scope, query }) => noted("GET Groups", { scope }, () => list({ scope, match: null }, query)),
    }),
    protocolRoute({
      ...door,
      method: "POST",
      path: "/scim/v2/Groups/.search",
      operation: "searchScimGroups",
      summary: "SCIM: the same list, asked for in a body",
      body: Type.Any(),
      handle: ({ scope, body }) =>
        noted("POST Groups/.search", { scope }, () => list({ scope, match: null }, wishFrom(body))),
    }),
    protocolRoute({
      ...door,
      method: "POST",
      path: "/scim/v2/Groups",
      summary: "SCIM: push a group",
      query: choiceQuery,
      body: Type.Any(),
      status: 201,
      handle: ({ scope, body, query, respond }) =>
        noted("POST Groups", { scope }, async () => {
          const row = await createGroup({ scope, match: null }, body);
          respond.etag(row.version);
          respond.location(`/scim/v2/Groups/${row.id}`);
          return shown(row, query);
        }),
    }),
    protocolRoute({
      ...door,
      method: "GET",
      path: "/scim/v2/Groups/:id",
      summary: "SCIM: one group",
      query: choiceQuery,
      handle: async ({ scope, params, query, respond }) => {
        const row = await findGroup(scope, params.id, showsMembers(query));
        respond.etag(row.version);
        return shown(row, query);
      },
    }),
    protocolRoute({
      ...door,
      method: "PUT",
      path: "/scim/v2/Groups/:id",
      summary: "SCIM: replace a group",
      query: choiceQuery,
      body: Type.Any(),
      conditions: ["If-Match"],
      handle: ({ scope, params, query, body, request, respond }) =>
        noted(`PUT Groups/${params.id}`, { scope }, async () => {
          const row = await replaceMembersOf({ scope, match: matchOf(request) }, params.id, body);
          respond.etag(row.version);
          return shown(row, query);
        }),
    }),
    protocolRoute({
      ...door,
      method: "PATCH",
      path: "/scim/v2/Groups/:id",
      summary: "SCIM: change a group; answers 204 unless attributes are asked for",
      query: choiceQuery,
      body: Type.Any(),
      conditions: ["If-Match"],
      handle: ({ scope, params, query, body, request, respond }) =>
        noted(`PATCH Groups/${params.id}`, { scope }, async () => {
          // RFC 7644 section 3.5.2: who names attributes gets them; nobody else pays for a thousand members.
          const asked = query.attributes !== undefined;
          const match = matchOf(request);
          const row = await modifyGroup({ scope, match }, params.id, body, asked && showsMembers(query));
          respond.etag(row.version);
          return asked ? shown(row, query) : undefined;
        }),
    }),
    protocolRoute({
      ...door,
      method: "DELETE",
      path: "/scim/v2/Groups/:id",
      summary: "SCIM: end a group",
      answer: nothing,
      conditions: ["If-Match"],
      handle: ({ scope, params, request }) =>
        noted(`DELETE Groups/${params.id}`, { scope }, () =>
          deleteGroup({ scope, match: matchOf(request) }, params.id),
        ),
    }),
  ];
}
