import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { CompactSign, type CryptoKey, exportJWK, generateKeyPair, type JWK } from "jose";
import { newToken } from "../server/foundation/ids/index.ts";

type Claims = Record<string, unknown>;

/** What a token endpoint is asked, as it came. */
export interface TokenRequest {
  readonly form: URLSearchParams;
  readonly authorization: string | undefined;
}

/** How this provider leaves the straight way; what is not set is as it should be. */
export interface Tricks {
  discovery?: ((metadata: Claims) => Claims) | undefined;
  header?: ((header: Claims) => Claims) | undefined;
  claims?: ((claims: Claims) => Claims) | undefined;
  /** In place of signing. */
  token?: ((header: Claims, claims: Claims) => Promise<string> | string) | undefined;
  response?: ((body: Claims, request: TokenRequest) => Claims) | undefined;
  userinfo?: ((claims: Claims) => Claims) | undefined;
  /** Answers a request itself; true when it did. */
  answer?: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
}

/** An OpenID provider of a test's own, which does what it is told: honest until tricks are set. */
export interface HostileProvider {
  readonly issuer: string;
  readonly tricks: Tricks;
  /** Whoever signs in there. */
  person: Claims;
  readonly requests: string[];
  readonly tokenRequests: TokenRequest[];
  readonly jwks: JWK[];
  /** Signs the person in: the answer that the browser brings back, as the query of the callback. */
  authorize(location: string, extra?: Claims): URLSearchParams;
  sign(claims: Claims, header?: Claims): Promise<string>;
  rotate(kid: string): Promise<void>;
  stop(): Promise<void>;
}

interface Grant {
  readonly nonce: string;
  readonly clientId: string;
  readonly challenge: string;
  readonly extra: Claims;
}

/** Starts one on loopback. */
export async function hostileProvider(path = ""): Promise<HostileProvider> {
  const tricks: Tricks = {};
  const grants = new Map<string, Grant>();
  const jwks: JWK[] = [];
  let key = await newKey("one", jwks);
  const sign = (claims: Claims, header: Claims = {}): Promise<string> =>
    new CompactSign(Buffer.from(JSON.stringify(claims)))
      .setProtectedHeader({ alg: "RS256", kid: key.kid, ...header })
      .sign(key.privateKey, { crit: { x: true } });
  const requests: string[] = [];
  const tokenRequests: TokenRequest[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (tricks.answer?.(request, response) === true) return;
    void handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}${path}`;

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const route = (request.url ?? "").replace(/\?.*$/, "").slice(path.length);
    if (route === "/.well-known/openid-configuration") send(response, 200, discovery());
    else if (route === "/jwks") send(response, 200, { keys: jwks });
    else if (route === "/token") await token(request, response);
    else if (route === "/me") send(response, 200, tricks.userinfo?.(userinfoOf()) ?? userinfoOf());
    else send(response, 404, {});
  };
  const discovery = (): Claims => {
    const metadata = {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      userinfo_endpoint: `${issuer}/me`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
      code_challenge_methods_supported: ["S256"],
      authorization_response_iss_parameter_supported: true,
    };
    return tricks.discovery?.(metadata) ?? metadata;
  };
  const userinfoOf = (): Claims => ({ ...provider.person });
  const token = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const asked: TokenRequest = {
      form: new URLSearchParams(Buffer.concat(chunks).toString("utf8")),
      authorization: request.headers.authorization,
    };
    tokenRequests.push(asked);
    const grant = grants.get(asked.form.get("code") ?? "");
    if (grant === undefined) return send(response, 400, { error: "invalid_grant" });
    const now = Math.floor(Date.now() / 1000);
    const honest = {
      iss: issuer,
      aud: grant.clientId,
      iat: now,
      exp: now + 300,
      nonce: grant.nonce,
      auth_time: now,
    };
    const claims = { ...honest, ...provider.person, ...grant.extra };
    const [header, told] = [tricks.header?.({}) ?? {}, tricks.claims?.(claims) ?? claims];
    const idToken = tricks.token === undefined ? await sign(told, header) : await tricks.token(header, told);
    const body = { access_token: newToken(), token_type: "Bearer", expires_in: 60, id_token: idToken };
    const answer = tricks.response?.(body, asked) ?? body;
    send(response, "error" in answer ? 401 : 200, answer);
  };

  const provider: HostileProvider = {
    issuer,
    tricks,
    person: { sub: "subject-1", email: "ada@corp.example", email_verified: true, name: "Ada" },
    requests,
    tokenRequests,
    jwks,
    authorize: (location, extra = {}) => {
      const asked = new URL(location).searchParams;
      const code = newToken();
      grants.set(code, {
        nonce: asked.get("nonce") ?? "",
        clientId: asked.get("client_id") ?? "",
        challenge: asked.get("code_challenge") ?? "",
        extra,
      });
      return new URLSearchParams({ code, state: asked.get("state") ?? "", iss: issuer });
    },
    sign,
    rotate: async (kid) => {
      jwks.length = 0;
      key = await newKey(kid, jwks);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return provider;
}

async function newKey(
  kid: string,
  jwks: JWK[],
): Promise<{ readonly privateKey: CryptoKey; readonly kid: string }> {
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  jwks.push({ ...(await exportJWK(publicKey)), kid, use: "sig", alg: "RS256" });
  return { privateKey, kid };
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
