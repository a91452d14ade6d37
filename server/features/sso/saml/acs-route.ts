import type { Readable } from "node:stream";
import { DatabaseError, type Pool, type Statement } from "../../../foundation/database/index.ts";
import { sha256 } from "../../../foundation/ids/index.ts";
import { log } from "../../../foundation/log/index.ts";
import { type Asked, hands, nothing, type OpenRoute, openRoute, type Respond } from "../../../http/index.ts";
import { postedCookie } from "../begin.ts";
import { connectionId, type SsoOptions } from "../inputs.ts";
import { land, refuseUniformly, turnedAway } from "../land.ts";
import { type SsoClient, ssoClient } from "../sso-client.ts";
import { SsoRefusal } from "../sso-refusal.ts";
import { requestIdOf, stateIn } from "./depart.ts";
import { formBytesMax, readForm } from "./form.ts";
import { claimsOf, judge, type Judged } from "./judge.ts";
import { offer } from "./offer.ts";
import { readResponse, type ReadResponse } from "./read-response.ts";
import { Refused } from "./refused.ts";

const wanted = "saml-request";
/** How much older than the request a sign-in at the provider may be that was to be fresh. */
const freshSeconds = 60;

/** Where SAML providers have browsers post their responses. */
export function acsRoute(options: SsoOptions): OpenRoute {
  return openRoute({
    method: "POST",
    path: "/auth/saml/:connection/acs",
    openBecause:
      "whoever comes back from their provider is not signed in yet; the signed response is the proof",
    crossSiteBecause:
      "the provider's page posts the response (SAML bindings 3.5); it must answer a request of this browser",
    summary: "Where a SAML provider sends people back to",
    limit: "sign-in",
    params: connectionId,
    stream: true,
    accepts: ["application/x-www-form-urlencoded"],
    bodyMaxBytes: formBytesMax,
    answer: nothing,
    handle: async ({ params, body, request, respond }) => {
      try {
        await arrive(options, params.connection, body, request, respond);
      } catch (error) {
        const reason = reasonFor(error);
        if (reason === null) throw error;
        // Nothing that this browser began here: anybody can send it.
        log.event("sso-refused", { requestId: request.id, connectionId: params.connection, reason });
        await options.auth.batch([turnedAway(wanted, params.connection, reason, request)]);
        refuseUniformly(request, respond);
      }
    },
  });
}

async function arrive(
  options: SsoOptions,
  connection: string,
  body: Readable,
  request: Asked,
  respond: Respond,
): Promise<void> {
  const response = readResponse(await readForm(body));
  if (response.inResponseTo === null) {
    const client = await enabled(options.auth, connection);
    await offer(options, client, await judge(options, client, response, null), request, respond);
    return;
  }
  const [state, browser] = [stateIn(response.inResponseTo), request.cookie(postedCookie)];
  if (state === null || browser === null) throw new SsoRefusal("no sign-in was begun");
  await answered(options, { connection, state, browser, response }, request, respond);
}

interface Arrival {
  readonly connection: string;
  readonly state: string;
  readonly browser: string;
  readonly response: ReadResponse;
}

/** The ticket is used up before the response is looked at: of fifty that bring the same response, one is looked at. */
async function answered(
  options: SsoOptions,
  { connection, state, browser, response }: Arrival,
  request: Asked,
  respond: Respond,
): Promise<void> {
  const { auth } = options;
  const begun = await take(auth, connection, state, browser);
  try {
    const client = await known(auth, connection);
    const judged = await judge(options, client, response, requestIdOf(state));
    demandSame(begun, judged);
    const { identity, proof } = judged;
    const landing = {
      connection,
      wanted,
      state,
      proof,
      claims: claimsOf(identity),
      first: [used(connection, judged)],
    } as const;
    await land(auth, { ...landing, returnTo: begun.returnTo }, request, respond);
  } catch (error) {
    const reason = reasonFor(error);
    if (reason === null) throw error;
    await note(auth, connection, state, reason, request);
    refuseUniformly(request, respond);
  }
}

interface Begun {
  readonly issuer: string;
  readonly fresh: boolean;
  readonly at: Date;
  readonly returnTo: string | undefined;
}

async function take(auth: Pool, connection: string, state: string, browser: string): Promise<Begun> {
  const [taken] = await auth.batch([
    {
      text: "select kernel.sso_take($1, $2, $3, $4) as payload",
      values: [connection, wanted, sha256(state), sha256(browser)],
    },
  ]);
  // kernel.sso_begin stored what `depart` gave it.
  const payload = taken?.rows[0]?.["payload"] as Readonly<Record<string, unknown>>;
  return {
    issuer: String(payload["issuer"]),
    fresh: payload["fresh"] === true,
    at: new Date(String(payload["at"])),
    returnTo: typeof payload["returnTo"] === "string" ? payload["returnTo"] : undefined,
  };
}

function demandSame({ issuer, fresh, at }: Begun, { identity }: Judged): void {
  if (issuer !== identity.issuer) throw new SsoRefusal("the connection was changed meanwhile");
  // A provider that overlooks ForceAuthn would let somebody else's open browser prove a presence.
  if (fresh && identity.authenticatedAt.getTime() < at.getTime() - freshSeconds * 1000)
    throw new SsoRefusal("the provider did not ask anew");
}

/** Marks the assertion as used; raises when it was. */
function used(connection: string, { identity, proof }: Judged): Statement {
  return {
    text: "select kernel.saml_use($1, $2, $3, $4)",
    values: [connection, proof, identity.assertionId, identity.rememberUntil.toISOString()],
  };
}

async function known(auth: Pool, connection: string): Promise<SsoClient> {
  const client = await ssoClient(auth, connection);
  if (client === null || client.kind !== "saml") throw new SsoRefusal("the connection is not enabled");
  return client;
}

async function enabled(auth: Pool, connection: string): Promise<SsoClient> {
  const client = await known(auth, connection);
  if (client.state !== "enabled") throw new SsoRefusal("the connection is not enabled");
  return client;
}

/** What goes into the trail or the log, or null for a fault of ours. */
function reasonFor(error: unknown): string | null {
  if (error instanceof Refused) return `${error.reason}: ${error.message}`;
  if (error instanceof SsoRefusal) return error.message;
  if (error instanceof DatabaseError && error.code === "RF403")
    return "used already, or not begun in this browser";
  return null;
}

async function note(
  auth: Pool,
  connection: string,
  state: string,
  reason: string,
  request: Asked,
): Promise<void> {
  log.event("sso-refused", { requestId: request.id, connectionId: connection, reason });
  await auth.batch([
    {
      text: "select kernel.sso_refuse($1, $2, $3, $4, $5, $6, $7)",
      values: [connection, wanted, sha256(state), reason, ...hands(request)],
    },
  ]);
}
