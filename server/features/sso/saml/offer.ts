import type { Readable } from "node:stream";
import { newToken, sha256 } from "../../../foundation/ids/index.ts";
import { DatabaseError } from "../../../foundation/database/index.ts";
import { type Asked, hands, nothing, type OpenRoute, openRoute, type Respond } from "../../../http/index.ts";
import { browserCookie, browserOf } from "../begin.ts";
import { connectionId, type SsoOptions } from "../inputs.ts";
import { enter, refuseUniformly, turnedAway } from "../land.ts";
import type { SsoClient } from "../sso-client.ts";
import { escaped } from "./authn-request.ts";
import { claimsOf, type Judged } from "./judge.ts";

const tokenShape = /^[A-Za-z0-9_-]{43}$/;

/**
 * Where the provider began: anybody can have a browser post a response of their own, so the person is asked first whether
 * they want to be signed in as this one (login CSRF; ASVS 7.6.2). Until then there is a ticket, and no session.
 */
export async function offer(
  { auth }: SsoOptions,
  client: SsoClient,
  { identity, proof }: Judged,
  request: Asked,
  respond: Respond,
): Promise<void> {
  const [browser, token] = [browserOf(request, respond), newToken()];
  const [made] = await auth.batch([
    {
      text: "select kernel.saml_offer($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10) as offered",
      values: [
        client.id,
        proof,
        identity.assertionId,
        identity.rememberUntil.toISOString(),
        sha256(token),
        sha256(browser),
        JSON.stringify(claimsOf(identity)),
        ...hands(request),
      ],
    },
  ]);
  if (made?.rows[0]?.["offered"] !== true) refuseUniformly(request, respond);
  else respond.page("Sign in?", question(client, identity.email ?? identity.subject, token));
}

function question({ id, organization }: SsoClient, who: string, token: string): string {
  return (
    `<h1>Sign in as ${escaped(who)}?</h1>` +
    `<p>The identity provider of the organization <strong>${escaped(organization)}</strong> sent you here. ` +
    `Go on only if you came from there and this is you.</p>` +
    `<form method="post" action="/auth/saml/${id}/accept"><input type="hidden" name="token" value="${token}">` +
    `<button type="submit">Sign in</button></form><p><a href="/sign-in">Do not sign in</a></p>`
  );
}

/** Where the question is answered with yes. */
export function acceptRoute({ auth }: SsoOptions): OpenRoute {
  return openRoute({
    method: "POST",
    path: "/auth/saml/:connection/accept",
    openBecause:
      "whoever was sent here by their provider is not signed in yet; the ticket in the page is the proof",
    crossSiteBecause:
      "a page without script cannot send a header; the ticket is of use only with this browser's cookie, which no other site's form brings along",
    summary: "Go on signing in, where the provider began",
    limit: "sign-in",
    params: connectionId,
    stream: true,
    accepts: ["application/x-www-form-urlencoded"],
    bodyMaxBytes: 1024,
    answer: nothing,
    handle: async ({ params, body, request, respond }) => {
      const [ticket, browser] = [await tokenIn(body), request.cookie(browserCookie)];
      const site = request.header("sec-fetch-site");
      const refuse = async (reason: string): Promise<void> => {
        await auth.batch([turnedAway("saml-accept", params.connection, reason, request)]);
        refuseUniformly(request, respond);
      };
      if (ticket === null || browser === null || (site !== null && site !== "same-origin"))
        return refuse("no question of ours was answered");
      const token = newToken();
      const accept = {
        text: "select kernel.saml_accept($1, $2, $3, $4, $5, $6, $7) as verdict",
        values: [params.connection, sha256(ticket), sha256(browser), sha256(token), ...hands(request)],
      };
      try {
        const [judged] = await auth.batch([accept]);
        enter(judged?.rows[0]?.["verdict"], { token, tested: null, returnTo: undefined }, request, respond);
      } catch (error) {
        if (!(error instanceof DatabaseError) || error.code !== "RF403") throw error;
        await refuse("used already, or not asked in this browser");
      }
    },
  });
}

async function tokenIn(body: Readable): Promise<string | null> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(Buffer.from(part));
  const token = new URLSearchParams(Buffer.concat(parts).toString("latin1")).get("token");
  return token !== null && tokenShape.test(token) ? token : null;
}
