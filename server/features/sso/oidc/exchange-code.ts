import { authorizationCodeGrant, type Configuration, fetchUserInfo, ResponseBodyError } from "openid-client";
import { sha256 } from "../../../foundation/ids/index.ts";
import type { Vault } from "../../../kernel/vault/index.ts";
import { secretOf } from "../sealed.ts";
import type { SsoClient } from "../sso-client.ts";
import { SsoRefusal } from "../sso-refusal.ts";
import { redirectUri, secretsOf, settingsOf } from "./depart.ts";
import type { Providers } from "./provider.ts";
import { type Asserted, type Claims, readClaims } from "./read-claims.ts";

/** An answer that came back to a connection's callback, with the ticket that it took. */
export interface Arrival {
  readonly client: SsoClient;
  readonly publicUrl: string;
  readonly ssoKey: Buffer;
  readonly browser: string;
  readonly state: string;
  readonly answer: Readonly<Record<string, string>>;
  readonly payload: Claims;
}

const tokenBytesMax = 8192;
const freshSeconds = 60;

/** Trades the code for a token that says who came, or rejects with why not. Nothing of it is believed before it is checked. */
export async function exchangeCode(arrival: Arrival, vault: Vault, providers: Providers): Promise<Asserted> {
  const { client } = arrival;
  demandSame(arrival);
  const secrets = [client.secret, client.formerSecret].filter((sealed) => sealed !== null);
  if (secrets.length === 0) throw new SsoRefusal("the connection has no secret");
  for (const [at, sealed] of secrets.entries()) {
    try {
      return await vault.use(client.tenantId, secretOf(client.id), sealed, (secret) =>
        providers.withClient(
          { connection: client.id, version: client.version, settings: settingsOf(client.settings), secret },
          (configuration) => ask(arrival, configuration),
        ),
      );
    } catch (error) {
      // A new secret that the provider does not know yet, or an old one that it knows no more; the code is still good.
      if (at + 1 === secrets.length || !isUnknownClient(error)) throw error;
    }
  }
  throw new SsoRefusal("no secret was taken");
}

/** The connection must be what it was when the browser left, and the cookie the one that it left with. */
function demandSame({ client, payload, ssoKey, browser, state }: Arrival): void {
  const settings = settingsOf(client.settings);
  if (payload["issuer"] !== settings.issuer || payload["clientId"] !== settings.clientId) {
    throw new SsoRefusal("the connection was changed meanwhile");
  }
  const { nonce } = secretsOf(ssoKey, browser, state);
  if (payload["nonce"] !== sha256(nonce).toString("hex")) throw new SsoRefusal("another browser's sign-in");
}

async function ask(arrival: Arrival, configuration: Configuration): Promise<Asserted> {
  const { client, publicUrl, ssoKey, browser, state, answer, payload } = arrival;
  const { verifier, nonce } = secretsOf(ssoKey, browser, state);
  const url = new URL(redirectUri(publicUrl, client.id));
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
  const tokens = await authorizationCodeGrant(configuration, url, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
    ...(payload["fresh"] === true ? { maxAge: freshSeconds } : {}),
  });
  const claims = tokens.claims();
  if (claims === undefined || tokens.id_token === undefined) throw new SsoRefusal("there is no id token");
  demandIdToken(tokens.id_token);
  const settings = settingsOf(client.settings);
  const more = await userinfoOf(configuration, claims, tokens.access_token);
  return readClaims(settings, claims, more);
}

/** A token of another purpose, signed by the same provider, is no id token (RFC 8725 section 3.11). */
function demandIdToken(token: string): void {
  if (token.length > tokenBytesMax) throw new SsoRefusal("the token is too large");
  const header: unknown = JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString("utf8"));
  const typ: unknown =
    typeof header === "object" && header !== null && "typ" in header ? header.typ : undefined;
  if (typ !== undefined && (typeof typ !== "string" || typ.toLowerCase() !== "jwt")) {
    throw new SsoRefusal("the token is of another type");
  }
}

/** Asked only where the token leaves the address out, as the specification has it by default. */
async function userinfoOf(
  configuration: Configuration,
  claims: Claims,
  accessToken: string,
): Promise<Claims | null> {
  const endpoint = configuration.serverMetadata().userinfo_endpoint;
  if (claims["email"] !== undefined || endpoint === undefined) return null;
  return { ...(await fetchUserInfo(configuration, accessToken, String(claims["sub"]))) };
}

function isUnknownClient(error: unknown): boolean {
  return error instanceof ResponseBodyError && error.error === "invalid_client";
}
