import { Type } from "@sinclair/typebox";
import { DatabaseError, type Pool } from "../../../foundation/database/index.ts";
import { sha256 } from "../../../foundation/ids/index.ts";
import { log } from "../../../foundation/log/index.ts";
import { type Asked, hands, nothing, type OpenRoute, openRoute, type Respond } from "../../../http/index.ts";
import { browserCookie } from "../begin.ts";
import { connectionId, type SsoOptions } from "../inputs.ts";
import { land, refuseUniformly, turnedAway } from "../land.ts";
import { openProof, withHandedKeys } from "../sealed.ts";
import { ssoClient } from "../sso-client.ts";
import { reasonOf, SsoRefusal } from "../sso-refusal.ts";
import { type Arrival, exchangeCode } from "./exchange-code.ts";
import type { Providers } from "./provider.ts";
import type { Claims } from "./read-claims.ts";

const wanted = "oidc-state";
// No longer than an address may be, and one that comes twice is let in: what is wrong with an answer is judged here, and refused in one way.
const text = Type.String({ maxLength: 16_384 });
const valueField = Type.Optional(Type.Union([text, Type.Array(text, { maxItems: 4096 })]));

/** Where OpenID providers send people back to. A parameter that comes twice is refused before anything is looked at. */
export function callbackRoute(options: SsoOptions, providers: Providers): OpenRoute {
  return openRoute({
    method: "GET",
    path: "/auth/oidc/:connection/callback",
    openBecause:
      "whoever comes back from their provider is not signed in yet; state, cookie and code are the proof",
    summary: "Where an OpenID provider sends people back to",
    params: connectionId,
    // Providers add parameters of their own, such as session_state; those are left alone.
    query: Type.Object(
      { state: valueField, code: valueField, iss: valueField, error: valueField },
      { additionalProperties: true },
    ),
    answer: nothing,
    handle: async ({ params, query, request, respond }) => {
      try {
        await arrive(options, providers, params.connection, query, request, respond);
      } catch (error) {
        if (!isUnusable(error)) throw error;
        // A state that this browser did not begin here, or that was used: anybody can send it.
        await options.auth.batch([turnedAway(wanted, params.connection, unusable(error), request)]);
        refuseUniformly(request, respond);
      }
    },
  });
}

type Query = Readonly<Record<string, unknown>>;

async function arrive(
  options: SsoOptions,
  providers: Providers,
  connection: string,
  query: Query,
  request: Asked,
  respond: Respond,
): Promise<void> {
  const { auth } = options;
  const state = typeof query["state"] === "string" ? query["state"] : "";
  const browser = request.cookie(browserCookie) ?? "";
  if (state === "" || browser === "") throw new SsoRefusal("no sign-in was begun");
  const payload = await take(auth, connection, state, browser);
  try {
    const answer = answerOf(query);
    const { proof, claims } = await verified(options, providers, {
      connection,
      state,
      browser,
      answer,
      payload,
    });
    const returnTo = typeof payload["returnTo"] === "string" ? payload["returnTo"] : undefined;
    await land(auth, { connection, wanted, state, proof, claims, returnTo }, request, respond);
  } catch (error) {
    if (error instanceof DatabaseError) throw error;
    await note(auth, connection, state, error, request);
    refuseUniformly(request, respond);
  }
}

/** Uses the ticket up before the provider is asked: of fifty that come with one code, one asks. */
async function take(auth: Pool, connection: string, state: string, browser: string): Promise<Claims> {
  const [taken] = await auth.batch([
    {
      text: "select kernel.sso_take($1, $2, $3, $4) as payload",
      values: [connection, wanted, sha256(state), sha256(browser)],
    },
  ]);
  // kernel.sso_begin stored an object.
  return taken?.rows[0]?.["payload"] as Claims;
}

type Begun = Pick<Arrival, "state" | "browser" | "answer" | "payload"> & { readonly connection: string };

async function verified(options: SsoOptions, providers: Providers, begun: Begun) {
  const { auth, keys, publicUrl, ssoKey } = options;
  const client = await ssoClient(auth, begun.connection);
  if (client === null || client.kind !== "oidc") throw new SsoRefusal("the connection is not enabled");
  return withHandedKeys(keys, client.tenantId, client.keys, async (vault) => ({
    claims: await exchangeCode({ ...begun, client, publicUrl: publicUrl(), ssoKey }, vault, providers),
    proof: await openProof(vault, client),
  }));
}

/** The answer's parameters; a list would be one that came twice. */
function answerOf(query: Query): Record<string, string> {
  const answer: Record<string, string> = {};
  for (const [name, value] of Object.entries(query)) {
    if (typeof value !== "string") throw new SsoRefusal("a parameter came twice");
    answer[name] = value;
  }
  return answer;
}

async function note(
  auth: Pool,
  connection: string,
  state: string,
  error: unknown,
  request: Asked,
): Promise<void> {
  const reason = reasonOf(error);
  log.event("sso-refused", { requestId: request.id, connectionId: connection, reason });
  await auth.batch([
    {
      text: "select kernel.sso_refuse($1, $2, $3, $4, $5, $6, $7)",
      values: [connection, wanted, sha256(state), reason, ...hands(request)],
    },
  ]);
}

function unusable(error: unknown): string {
  return error instanceof SsoRefusal ? error.message : "used already, or not begun in this browser";
}

function isUnusable(error: unknown): boolean {
  return error instanceof SsoRefusal || (error instanceof DatabaseError && error.code === "RF403");
}
