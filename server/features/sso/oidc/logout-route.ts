import type { Readable } from "node:stream";
import { Type } from "@sinclair/typebox";
import { DatabaseError } from "../../../foundation/database/index.ts";
import { log } from "../../../foundation/log/index.ts";
import { Problem } from "../../../foundation/problem/index.ts";
import { type Asked, hands, type OpenRoute, openRoute } from "../../../http/index.ts";
import { fieldOf } from "../form.ts";
import { connectionId, type SsoOptions } from "../inputs.ts";
import { turnedAway } from "../land.ts";
import { openProof, withHandedKeys } from "../sealed.ts";
import { type SsoClient, ssoClient } from "../sso-client.ts";
import { reasonOf, SsoRefusal } from "../sso-refusal.ts";
import { settingsOf } from "./depart.ts";
import type { Providers } from "./provider.ts";
import { demandOurs, type LogoutWord, readLogoutToken } from "./read-logout-token.ts";

/** Where an OpenID provider says that somebody has signed out there (Back-Channel Logout 1.0). */
export function logoutRoute(options: SsoOptions, providers: Providers): OpenRoute {
  return openRoute({
    method: "POST",
    path: "/auth/oidc/:connection/backchannel-logout",
    openBecause: "the provider has no account here; what it signed is the proof",
    crossSiteBecause: "a provider's server calls it, and no browser; cookies are not looked at",
    summary: "End the sessions of somebody who signed out at their OpenID provider",
    params: connectionId,
    stream: true,
    accepts: ["application/x-www-form-urlencoded"],
    bodyMaxBytes: 16 * 1024,
    answer: Type.Object({}),
    handle: async ({ params, body, request }) => {
      try {
        await logOut(options, providers, params.connection, body, request);
      } catch (error) {
        if (error instanceof DatabaseError && error.code !== "RF403") throw error;
        const reason = reasonOf(error);
        log.event("sso-refused", { requestId: request.id, connectionId: params.connection, reason });
        await options.auth.batch([turnedAway("oidc-logout", params.connection, reason, request)]);
        // Section 2.8: 400 for whatever was wrong, and the same for a connection that there is none of. It is held against no
        // address, since many organizations share their provider's.
        throw new Problem("logout-token-refused");
      }
      // Whether anybody was signed in here is nobody's business.
      return {};
    },
  });
}

async function logOut(
  options: SsoOptions,
  providers: Providers,
  connection: string,
  body: Readable,
  request: Asked,
): Promise<void> {
  const token = await fieldOf(body, "logout_token");
  const client = await ssoClient(options.auth, connection);
  if (client === null || client.kind !== "oidc") throw new SsoRefusal("the connection is not enabled");
  const settings = settingsOf(client.settings);
  demandOurs(settings, token);
  const keys = await providers.keysOf(client.id, client.version, settings);
  await end(options, client, await readLogoutToken(settings, keys, token), request);
}

async function end(
  { auth, keys }: SsoOptions,
  client: SsoClient,
  { token, subject, session, rememberUntil }: LogoutWord,
  request: Asked,
): Promise<void> {
  const proof = await withHandedKeys(keys, client.tenantId, client.keys, (vault) => openProof(vault, client));
  const [ended] = await auth.batch([
    {
      text: "select kernel.sso_log_out($1, $2, $3, $4, $5, $6, $7, $8, $9) as ended",
      values: [client.id, proof, token, rememberUntil.toISOString(), subject, session, ...hands(request)],
    },
  ]);
  if (ended?.rows[0]?.["ended"] === null) throw new SsoRefusal("the token was used before");
}
