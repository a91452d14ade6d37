import { Type } from "@sinclair/typebox";
import { DatabaseError } from "../../foundation/database/index.ts";
import { newToken, sha256 } from "../../foundation/ids/index.ts";
import { log } from "../../foundation/log/index.ts";
import { type Asked, nothing, type OpenRoute, openRoute, type Respond } from "../../http/index.ts";
import { browserOf, returnPath, type SsoKind } from "./begin.ts";
import { domainName } from "./domain-name.ts";
import { connectionId, type SsoOptions, strict, uuid } from "./inputs.ts";
import { refuseUniformly } from "./land.ts";
import { type SsoClient, ssoClient } from "./sso-client.ts";
import { reasonOf, SsoRefusal } from "./sso-refusal.ts";

export type SsoKinds = Readonly<Partial<Record<SsoClient["kind"], SsoKind>>>;

/** Finding one's provider, and going there. */
export function signInRoutes(options: SsoOptions, kinds: SsoKinds): OpenRoute[] {
  return [discover(options), depart(options, kinds)];
}

function discover({ auth }: SsoOptions): OpenRoute {
  return openRoute({
    method: "POST",
    path: "/auth/discover",
    openBecause:
      "whoever looks for their provider is not signed in yet; it tells of the domain and not of the person",
    summary: "Where people of an address's domain sign in",
    limit: "sign-in",
    body: Type.Object({ email: Type.String({ format: "email", maxLength: 320 }) }, strict),
    answer: Type.Object({
      connections: Type.Array(
        Type.Object({ id: uuid, name: Type.String(), kind: Type.String(), organization: Type.String() }),
      ),
    }),
    handle: async ({ body }) => {
      // What stands before the @ goes no further: the same work, and the same answer, for everybody of a domain.
      const domain = domainName(body.email.slice(body.email.lastIndexOf("@") + 1)) ?? "";
      const [found] = await auth.batch([
        { text: "select kernel.sso_discover($1) as connections", values: [domain] },
      ]);
      return { connections: (found?.rows[0]?.["connections"] ?? []) as never };
    },
  });
}

function depart(options: SsoOptions, kinds: SsoKinds): OpenRoute {
  return openRoute({
    method: "GET",
    path: "/auth/sso/:connection",
    openBecause: "whoever goes to their provider is not signed in yet",
    summary: "Go to the provider of a connection",
    params: connectionId,
    query: Type.Object({
      returnTo: Type.Optional(Type.String({ maxLength: 500 })),
      fresh: Type.Optional(Type.Literal("1")),
    }),
    answer: nothing,
    handle: async ({ params, query, request, respond }) => {
      if (!isOwnAct(request)) {
        // Another site sends this browser: it could sign it in as somebody of its own choice. A click of ours goes on.
        const to = query.returnTo === undefined ? {} : { to: query.returnTo };
        respond.redirect(`/sign-in?${new URLSearchParams({ sso: params.connection, ...to }).toString()}`);
        return;
      }
      try {
        const client = await ssoClient(options.auth, params.connection);
        const kind = client === null ? undefined : kinds[client.kind];
        if (client === null || client.state !== "enabled" || kind === undefined) {
          throw new SsoRefusal("the connection is not enabled");
        }
        const asked = { client, kind, fresh: query.fresh === "1", returnTo: query.returnTo };
        await send(options, asked, request, respond);
      } catch (error) {
        if (error instanceof DatabaseError && error.code !== "RF404") throw error;
        const reason = reasonOf(error);
        log.event("sso-refused", { requestId: request.id, connectionId: params.connection, reason });
        refuseUniformly(request, respond);
      }
    },
  });
}

/** Typed, bookmarked, or from a page of ours (login CSRF; an old browser that does not say is asked to click). */
function isOwnAct(request: Asked): boolean {
  const site = request.header("sec-fetch-site");
  return site === "none" || site === "same-origin";
}

interface Wish {
  readonly client: SsoClient;
  readonly kind: SsoKind;
  readonly fresh: boolean;
  readonly returnTo: string | undefined;
}

async function send(
  { auth }: SsoOptions,
  { client, kind, fresh, returnTo }: Wish,
  request: Asked,
  respond: Respond,
): Promise<void> {
  const [browser, state] = [browserOf(request, respond), newToken()];
  const { url, payload } = await kind.depart({ client, browser, state, fresh });
  const path = returnPath(returnTo, client.organization);
  const kept = path === null ? payload : { ...payload, returnTo: path };
  await auth.batch([
    {
      text: "select kernel.sso_begin($1, $2, $3, $4, $5::jsonb, 600)",
      values: [client.id, kind.wanted, sha256(state), sha256(browser), JSON.stringify(kept)],
    },
  ]);
  respond.redirect(url);
}
