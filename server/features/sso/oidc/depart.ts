import { buildAuthorizationUrl, calculatePKCECodeChallenge } from "openid-client";
import { hmacSha256, sha256 } from "../../../foundation/ids/index.ts";
import type { Beginning, Departure, SsoKind } from "../begin.ts";
import type { SsoOptions } from "../inputs.ts";
import type { Providers } from "./provider.ts";
import type { OidcSettings } from "./settings.ts";

/** Nonce and PKCE verifier of one sign-in: they follow from the browser's cookie and the state, and are stored nowhere. */
export function secretsOf(
  key: Buffer,
  browser: string,
  state: string,
): { readonly verifier: string; readonly nonce: string } {
  const derived = (what: string): string =>
    hmacSha256(key, `${what}|${browser}|${state}`).toString("base64url");
  return { verifier: derived("verifier"), nonce: derived("nonce") };
}

/** The callback of one connection and of no other: an answer that arrives there was asked of its provider (RFC 9700 section 4.4.2). */
export function redirectUri(publicUrl: string, connection: string): string {
  return `${publicUrl}/auth/oidc/${connection}/callback`;
}

/** Sends browsers to OpenID providers: code flow with PKCE S256, state and nonce. */
export function oidcKind({ publicUrl, ssoKey }: SsoOptions, providers: Providers): SsoKind {
  return {
    wanted: "oidc-state",
    depart: async (beginning) => {
      const { client, state, browser, fresh } = beginning;
      const settings = settingsOf(client.settings);
      const configuration = await providers.publicClient(client.id, client.version, settings);
      const { verifier, nonce } = secretsOf(ssoKey, browser, state);
      const challenge = await calculatePKCECodeChallenge(verifier);
      const url = buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri(publicUrl(), client.id),
        scope: scopesOf(settings).join(" "),
        state,
        nonce,
        code_challenge: challenge,
        code_challenge_method: "S256",
        ...(fresh ? { max_age: "0", prompt: "login" } : {}),
      });
      return { url: url.href, payload: payloadOf(beginning, settings, nonce, challenge) };
    },
  };
}

/** What the answer is held against: a provider or a client that was changed meanwhile is another one. */
function payloadOf(
  { fresh }: Beginning,
  { issuer, clientId }: OidcSettings,
  nonce: string,
  challenge: string,
): Departure["payload"] {
  return { issuer, clientId, challenge, nonce: sha256(nonce).toString("hex"), fresh };
}

function scopesOf({ scopes }: OidcSettings): string[] {
  return [...new Set(["openid", ...(scopes ?? ["email", "profile"])])];
}

/** The settings of a connection of this kind; they were checked against the schema when they were stored. */
export function settingsOf(settings: Readonly<Record<string, unknown>>): OidcSettings {
  return settings as unknown as OidcSettings;
}
