import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  clockTolerance,
  Configuration,
  customFetch,
  type CustomFetch,
  discovery,
  enableNonRepudiationChecks,
  getJwksCache,
  None,
  PrivateKeyJwt,
  type ServerMetadata,
  setJwksCache,
} from "openid-client";
import { createRemoteJWKSet, customFetch as jwksFetch, type JWTVerifyGetKey } from "jose";
import { monotonicMs } from "../../../foundation/clock/index.ts";
import type { GuardedFetch } from "../../../foundation/egress/index.ts";
import { signingKey } from "./client-key.ts";
import type { OidcSettings } from "./settings.ts";
import { SsoRefusal } from "../sso-refusal.ts";

type Jwks = NonNullable<ReturnType<typeof getJwksCache>>;

/** What discovery said of one connection's provider, and its keys. Nothing secret is kept. */
interface Known {
  readonly metadata: ServerMetadata;
  readonly until: number;
  jwks: Jwks | null;
  /** Finds the published key of a token that comes without having been asked for. */
  readonly keys: JWTVerifyGetKey;
}

export interface Providers {
  /** A client without a secret, for what the browser carries. Rejects with SsoRefusal when the provider is not the one that was named. */
  publicClient(connection: string, version: number, settings: OidcSettings): Promise<Configuration>;
  /** The provider's published keys, for what it signs and sends by itself. */
  keysOf(connection: string, version: number, settings: OidcSettings): Promise<JWTVerifyGetKey>;
  /** For the time of `work`: a client that shows this secret and checks every signature. */
  withClient<T>(
    asked: {
      readonly connection: string;
      readonly version: number;
      readonly settings: OidcSettings;
      readonly secret: Buffer;
    },
    work: (client: Configuration) => Promise<T>,
  ): Promise<T>;
}

const knownMax = 500;
const knownMs = 600_000;

/** Clients of all connections' providers. Metadata is asked for again every ten minutes, and after each change of settings. */
export function createProviders(send: GuardedFetch): Providers {
  const known = new Map<string, Known>();
  const egress = egressOf(send);
  const find = async (connection: string, version: number, settings: OidcSettings): Promise<Known> => {
    const key = `${connection}:${version}`;
    const found = known.get(key);
    if (found !== undefined && found.until > monotonicMs()) return found;
    const metadata = await discovered(settings, egress);
    const fresh = { metadata, until: monotonicMs() + knownMs, jwks: null, keys: keysIn(metadata, send) };
    known.delete(key);
    if (known.size >= knownMax) known.delete(known.keys().next().value ?? "");
    known.set(key, fresh);
    return fresh;
  };
  return {
    publicClient: async (connection, version, settings) => {
      const { metadata } = await find(connection, version, settings);
      const client = new Configuration(metadata, settings.clientId, undefined, None());
      if (isPlain(settings)) allowInsecureRequests(client);
      return client;
    },
    keysOf: async (connection, version, settings) => (await find(connection, version, settings)).keys,
    withClient: async ({ connection, version, settings, secret }, work) => {
      const provider = await find(connection, version, settings);
      const client = new Configuration(
        provider.metadata,
        settings.clientId,
        { id_token_signed_response_alg: settings.idTokenAlg ?? "RS256", [clockTolerance]: 60 },
        await authOf(settings, secret),
      );
      prepare(client, settings, egress);
      if (provider.jwks !== null) setJwksCache(client, provider.jwks);
      try {
        return await work(client);
      } finally {
        provider.jwks = getJwksCache(client) ?? null;
      }
    },
  };
}

async function discovered(settings: OidcSettings, egress: CustomFetch): Promise<ServerMetadata> {
  const client = await discovery(new URL(settings.issuer), settings.clientId, undefined, None(), {
    [customFetch]: egress,
    timeout: 5,
    execute: isPlain(settings) ? [allowInsecureRequests] : [],
  });
  const metadata: ServerMetadata = structuredClone({ ...client.serverMetadata() });
  // The library compares addresses, which forgives a slash or a capital; tokens are compared by the byte.
  if (metadata.issuer !== settings.issuer) throw new SsoRefusal("discovery names another issuer");
  return metadata;
}

/** Asked for once, again for a key that is not among them, and at most twice a minute. */
function keysIn({ jwks_uri }: ServerMetadata, send: GuardedFetch): JWTVerifyGetKey {
  if (jwks_uri === undefined) throw new SsoRefusal("the provider publishes no keys");
  return createRemoteJWKSet(new URL(jwks_uri), {
    cacheMaxAge: knownMs,
    [jwksFetch]: (url, { headers, signal }) => send(url, { headers: Object.fromEntries(headers), signal }),
  });
}

function prepare(client: Configuration, settings: OidcSettings, egress: CustomFetch): void {
  client[customFetch] = egress;
  client.timeout = 5;
  // Over TLS the specification would let the signature go unchecked; what names a person is checked.
  enableNonRepudiationChecks(client);
  // The guard lets plain HTTP go nowhere but to this machine, and only where the operator allowed it.
  if (isPlain(settings)) allowInsecureRequests(client);
}

const isPlain = ({ issuer }: OidcSettings): boolean => issuer.startsWith("http:");

async function authOf({ tokenAuth }: OidcSettings, secret: Buffer): Promise<ClientAuth> {
  switch (tokenAuth) {
    case "client_secret_basic":
      return ClientSecretBasic(secret.toString("utf8"));
    case "client_secret_post":
      return ClientSecretPost(secret.toString("utf8"));
    case "private_key_jwt":
      return PrivateKeyJwt(await signingKey(secret));
  }
}

function egressOf(send: GuardedFetch): CustomFetch {
  return (url, { method, headers, body, signal }) =>
    send(url, { method, headers, body: bodyText(body), signal });
}

/** The library sends forms and nothing else. */
function bodyText(body: unknown): string | null {
  if (body === undefined || body === null) return null;
  if (typeof body === "string" || body instanceof URLSearchParams) return body.toString();
  throw new TypeError("a provider is sent forms only");
}
