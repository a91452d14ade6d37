import { Type } from "@sinclair/typebox";
import { type OpenRoute, openRoute } from "../../../http/index.ts";
import { connectionId, type SsoOptions } from "../inputs.ts";
import { ssoClient } from "../sso-client.ts";
import { Problem } from "../../../foundation/problem/index.ts";

/** The public keys with which a client of private_key_jwt signs; the provider fetches them, so that a change needs nobody there. */
export function jwksRoute({ auth }: SsoOptions): OpenRoute {
  return openRoute({
    method: "GET",
    path: "/auth/oidc/:connection/jwks.json",
    openBecause: "public keys, which the provider fetches",
    summary: "The public keys of a connection's client",
    params: connectionId,
    answer: Type.Object({ keys: Type.Array(Type.Record(Type.String(), Type.Unknown())) }),
    handle: async ({ params }) => {
      const client = await ssoClient(auth, params.connection);
      const keys = client?.settings["publicKeys"];
      if (!Array.isArray(keys)) throw new Problem("not-found");
      return { keys: keys.map((key: object) => ({ ...key })) };
    },
  });
}
