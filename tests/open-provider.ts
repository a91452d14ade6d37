import { createServer, type IncomingMessage, request } from "node:http";
import { request as secureRequest } from "node:https";
import OpenIdProvider from "oidc-provider";
import type { Handle, Microsoft } from "./microsoft.ts";

/** A certified OpenID provider in this process, with its own sign-in pages. */
export interface OpenProvider {
  readonly issuer: string;
  /** Walks the browser's way from the authorization endpoint, through sign-in and consent, to the callback's query. */
  signIn(location: string, account: string): Promise<URLSearchParams>;
  /** Signs out at the provider itself, in the browser that has signed in last; what it sends to clients has been answered then. */
  signOut(): Promise<void>;
  stop(): Promise<void>;
}

export interface OpenProviderOptions {
  /** The callbacks of the connections, once they are known. */
  readonly clients: () => readonly Readonly<Record<string, unknown>>[];
  readonly accounts: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** What the provider sends to clients on its own, such as logout tokens; without it, it sends nothing. */
  readonly send?: (url: string, form: string) => Promise<Response>;
  /** Where it is found; without it, at an address of its own on loopback. */
  readonly at?: (handle: Handle) => Promise<Place>;
  /** More of its configuration. */
  readonly configuration?: Readonly<Record<string, unknown>>;
}

interface Place {
  readonly issuer: string;
  stop(): Promise<void>;
}

/** A directory of Microsoft's. */
export function directory(of: Microsoft, path: string): (handle: Handle) => Promise<Place> {
  return async (handle) => {
    of.answers.set(path, handle);
    return { issuer: `https://${of.host}${path}`, stop: async () => void of.answers.delete(path) };
  };
}

async function onLoopback(handle: Handle): Promise<Place> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    issuer: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Starts one; clients are read when the first request comes. */
export async function openProvider(options: OpenProviderOptions): Promise<OpenProvider> {
  const { clients, accounts, send, at = onLoopback } = options;
  let cookies = new Map<string, string>();
  let handler: ReturnType<OpenIdProvider["callback"]> | undefined;
  const { issuer, stop } = await at((incoming, response) => {
    handler ??= new OpenIdProvider(issuer, configuration()).callback();
    handler(incoming, response);
  });
  const configuration = (): Record<string, unknown> => ({
    clients: clients(),
    cookies: { keys: ["a key of the test"] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    pkce: { required: () => true },
    clientBasedCORS: () => false,
    features: { backchannelLogout: { enabled: send !== undefined } },
    fetch: (url: string | URL, { body }: { readonly body: unknown }) =>
      send?.(String(url), String(body)) ?? Promise.reject(new Error("this provider sends nothing")),
    findAccount: (_: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, ...accounts[id] }),
    }),
    ...options.configuration,
  });
  return {
    issuer,
    signIn: (location, account) => {
      cookies = new Map();
      return walk(issuer, location, account, cookies);
    },
    signOut: async () => {
      const asked = await fetched(`${issuer}/session/end`, null, cookies);
      const xsrf = /name="xsrf" value="([^"]+)"/.exec(asked.text)?.[1] ?? "";
      const form = new URLSearchParams({ xsrf, logout: "yes" }).toString();
      const { status, text } = await fetched(`${issuer}/session/end/confirm`, form, cookies);
      if (status >= 400) throw new Error(`${status} ${text.slice(0, 300)}`);
    },
    stop,
  };
}

async function walk(
  issuer: string,
  location: string,
  account: string,
  cookies: Map<string, string>,
): Promise<URLSearchParams> {
  let [at, form] = [location, null as string | null];
  for (let step = 0; step < 20; step += 1) {
    const { status, headers, text } = await fetched(at, form, cookies);
    form = null;
    const next = headers.location;
    if (next !== undefined) {
      if (!new URL(next, issuer).href.startsWith(issuer)) return new URL(next).searchParams;
      at = new URL(next, issuer).href;
      continue;
    }
    const prompt = /name="prompt" value="([a-z]+)"/.exec(text)?.[1];
    if (prompt === undefined) throw new Error(`${status} ${text.slice(0, 300)}`);
    at = new URL(/action="([^"]+)"/.exec(text)?.[1] ?? at, issuer).href;
    form = new URLSearchParams({ prompt, login: account, password: "any" }).toString();
  }
  throw new Error("the provider leads nowhere");
}

interface Page {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

function fetched(url: string, form: string | null, cookies: Map<string, string>): Promise<Page> {
  return new Promise((resolve, reject) => {
    const headers = {
      cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
      ...(form === null ? {} : { "content-type": "application/x-www-form-urlencoded" }),
    };
    const open = url.startsWith("https:") ? secureRequest : request;
    const outgoing = open(url, { method: form === null ? "GET" : "POST", headers }, (incoming) => {
      for (const line of incoming.headers["set-cookie"] ?? []) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        cookies.set(name, value);
      }
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text: Buffer.concat(chunks).toString("utf8"),
        }),
      );
    });
    outgoing.on("error", reject);
    outgoing.end(form ?? undefined);
  });
}
