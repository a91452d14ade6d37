import { Agent, request } from "node:http";

/** An answer, whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  /** The body as JSON; null when there is none. Tests look into it freely. */
  readonly json: Json;
}

// Tests assert on what comes back, so its shape is what they claim it to be.
// eslint-disable-next-line typescript/no-explicit-any
export type Json = any;

export interface Sending {
  readonly body?: unknown;
  /** Sent as it is, in place of `body`. */
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The version for If-Match. */
  readonly version?: number;
}

/** What a browser or a program does, and nothing more: cookies, the CSRF token, a key. */
export interface Client {
  get(path: string, sending?: Sending): Promise<Answer>;
  post(path: string, body?: unknown, sending?: Sending): Promise<Answer>;
  patch(path: string, body: unknown, sending?: Sending): Promise<Answer>;
  delete(path: string, sending?: Sending): Promise<Answer>;
  /** One request as written: no CSRF token is added to it. */
  send(method: string, path: string, sending?: Sending): Promise<Answer>;
  /** Asks for the CSRF token of this browser. */
  csrf(): Promise<string>;
  readonly cookies: Map<string, string>;
}

interface Options {
  readonly origin: string;
  readonly session?: string;
  readonly key?: string;
  /** The address it comes from, through a proxy that is believed. */
  readonly ip?: string;
  /** What the program calls itself. */
  readonly device?: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 128 });

/** A client with a cookie jar of its own; with a key it sends that and no cookie. */
export function client({ origin, session, key, ip, device }: Options): Client {
  const cookies = new Map<string, string>();
  if (session !== undefined) cookies.set("__Host-sid", session);
  let token: string | null = null;
  const send = async (method: string, path: string, sending: Sending = {}): Promise<Answer> => {
    const answer = await exchange(origin, method, path, sending, {
      ...(ip === undefined ? {} : { "x-forwarded-for": ip }),
      ...(device === undefined ? {} : { "user-agent": device }),
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(cookies.size > 0 && key === undefined
        ? { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") }
        : {}),
    });
    if (keepCookies(cookies, answer)) token = null;
    return answer;
  };
  const csrf = async (): Promise<string> => {
    const { json } = await send("GET", "/auth/csrf");
    return String(json.token);
  };
  const unsafe = async (method: string, path: string, sending: Sending): Promise<Answer> => {
    if (key !== undefined) return send(method, path, sending);
    token ??= await csrf();
    const proof = { "x-csrf-token": token, "sec-fetch-site": "same-origin" };
    return send(method, path, { ...sending, headers: { ...proof, ...sending.headers } });
  };
  return {
    cookies,
    csrf,
    send,
    get: (path, sending) => send("GET", path, sending),
    post: (path, body, sending) =>
      unsafe("POST", path, body === undefined ? { ...sending } : { ...sending, body }),
    patch: (path, body, sending) => unsafe("PATCH", path, { ...sending, body }),
    delete: (path, sending) => unsafe("DELETE", path, { ...sending }),
  };
}

/** Keeps what the server set; true when the session changed. */
function keepCookies(cookies: Map<string, string>, { headers }: Answer): boolean {
  const before = cookies.get("__Host-sid");
  for (const line of [headers["set-cookie"] ?? []].flat()) {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (/max-age=0/i.test(line)) cookies.delete(name);
    else cookies.set(name, value);
  }
  return cookies.get("__Host-sid") !== before;
}

function exchange(
  origin: string,
  method: string,
  path: string,
  { body, raw, headers, version }: Sending,
  own: Readonly<Record<string, string>>,
): Promise<Answer> {
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const all: Record<string, string> = {
    ...own,
    ...(payload === undefined
      ? {}
      : { "content-type": "application/json", "content-length": String(Buffer.byteLength(payload)) }),
    ...(version === undefined ? {} : { "if-match": `"v${version}"` }),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(`${origin}${path}`, { method, agent, headers: all }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json: parsed(text) });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(payload);
  });
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
