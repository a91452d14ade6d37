import { Type } from "@sinclair/typebox";
import { type PersonRoute, personRoute } from "../../http/index.ts";
import { uuid } from "./inputs.ts";

/** The way in for somebody who is signed in, and whom an organization of theirs lets in by a second factor or its provider only. */
export function entranceRoute(): PersonRoute {
  return personRoute({
    method: "GET",
    path: "/auth/entrances/:organization",
    summary: "What one can do to get into an organization that demands more than this session has",
    params: Type.Object({ organization: Type.String({ pattern: "^[a-z0-9][a-z0-9-]{1,47}$" }) }),
    answer: Type.Object({
      /** A factor of one's own, to be shown by `POST /auth/prove`. */
      hasSecondFactor: Type.Boolean(),
      /** This session is the word of the organization's provider: no factor is added from it. */
      byProvider: Type.Boolean(),
      /** The organization's providers that may speak for one, the one used last first. */
      connections: Type.Array(Type.Object({ id: uuid, name: Type.String() })),
    }),
    handle: async ({ scope, params }) => {
      const { rows } = await scope.run({
        text: "select kernel.entrance($1, $2) as told",
        values: [scope.caller.tokenHash, params.organization],
      });
      // kernel.entrance raises, or builds just this object.
      return rows[0]?.["told"] as never;
    },
  });
}
