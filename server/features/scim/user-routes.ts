import { Type } from "@sinclair/typebox";
import { nothing, protocolRoute, type ProtocolRoute } from "../../http/index.ts";
import { type Asking, matchOf, noted } from "./act.ts";
import { choiceQuery, listQuery, listResponse, type Wish, wishFrom } from "./list.ts";
import { type Document, limits } from "./names.ts";
import { projected, projectionOf, shows } from "./projection.ts";
import { scim } from "./refusal.ts";
import { shownUser, type UserRow } from "./user.ts";
import { createUser, deleteUser, findUser, listUsers, modifyUser, replaceUser } from "./users.ts";

/** What every SCIM door has in common: the one permission that a directory's key holds, and bounded bodies. */
export const door = {
  dialect: scim,
  needs: ["member.provision"],
  answer: Type.Any(),
  bodyMaxBytes: limits.bodyBytes,
} as const;

/** Users of the directory whose key asks. */
export function userRoutes(base: () => string): ProtocolRoute[] {
  const shown = (row: UserRow, wish: Wish): Document =>
    projected(shownUser(row, base()), projectionOf(wish.attributes, wish.excludedAttributes));
  const list = async (asking: Asking, wish: Wish): Promise<Document> => {
    const projection = projectionOf(wish.attributes, wish.excludedAttributes);
    const { page, total, rows } = await listUsers(asking.scope, wish, shows(projection, "groups"));
    return listResponse(
      total,
      page,
      rows.map((row) => projected(shownUser(row, base()), projection)),
    );
  };
  return [
    protocolRoute({
      ...door,
      method: "GET",
      path: "/scim/v2/Users",
      summary: "SCIM: users that this directory provisioned",
      query: listQuery,
      handle: ({ scope, query }) => noted("GET Users", { scope }, () => list({ scope, match: null }, query)),
    }),
    protocolRoute({
      ...door,
      method: "POST",
      path: "/scim/v2/Users/.search",
      operation: "searchScimUsers",
      summary: "SCIM: the same list, asked for in a body",
      body: Type.Any(),
      handle: ({ scope, body }) =>
        noted("POST Users/.search", { scope }, () => list({ scope, match: null }, wishFrom(body))),
    }),
    protocolRoute({
      ...door,
      method: "POST",
      path: "/scim/v2/Users",
      summary: "SCIM: provision a user",
      query: choiceQuery,
      body: Type.Any(),
      status: 201,
      handle: ({ scope, body, query, respond }) =>
        noted("POST Users", { scope }, async () => {
          const row = await createUser({ scope, match: null }, body);
          respond.etag(row.version);
          respond.location(`/scim/v2/Users/${row.id}`);
          return shown(row, query);
        }),
    }),
    protocolRoute({
      ...door,
      method: "GET",
      path: "/scim/v2/Users/:id",
      summary: "SCIM: one user",
      query: choiceQuery,
      handle: async ({ scope, params, query, respond }) => {
        const row = await findUser(scope, params.id);
        respond.etag(row.version);
        return shown(row, query);
      },
    }),
    ...(["PUT", "PATCH"] as const).map((method) =>
      protocolRoute({
        ...door,
        method,
        path: "/scim/v2/Users/:id",
        summary: method === "PUT" ? "SCIM: replace a user" : "SCIM: change a user",
        query: choiceQuery,
        body: Type.Any(),
        conditions: ["If-Match"],
        handle: ({ scope, params, query, body, request, respond }) =>
          noted(`${method} Users/${params.id}`, { scope }, async () => {
            const change = method === "PUT" ? replaceUser : modifyUser;
            const row = await change({ scope, match: matchOf(request) }, params.id, body);
            respond.etag(row.version);
            return shown(row, query);
          }),
      }),
    ),
    protocolRoute({
      ...door,
      method: "DELETE",
      path: "/scim/v2/Users/:id",
      summary: "SCIM: end a user's access and forget them",
      answer: nothing,
      conditions: ["If-Match"],
      handle: ({ scope, params, request }) =>
        noted(`DELETE Users/${params.id}`, { scope }, () =>
          deleteUser({ scope, match: matchOf(request) }, params.id),
        ),
    }),
  ];
}
