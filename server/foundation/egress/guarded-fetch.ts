import type { LookupAddress } from "node:dns";
import { type ClientRequest, type IncomingMessage, request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { type AddressGuard, addressGuard } from "./address-guard.ts";
import { EgressRefusal } from "./egress-refusal.ts";
import { type Lookup, pinnedAddress, systemLookup } from "./resolve.ts";

export interface EgressOptions {
  /** Networks beside the public internet that may be called; plain HTTP too where it is this machine. */
  readonly allowed: readonly string[];
  readonly lookup?: Lookup;
  readonly bytesMax?: number;
  readonly msMax?: number;
}

export interface Outgoing {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | null;
  readonly signal?: AbortSignal | undefined;
}

/** The only way out over HTTP; resolves with the whole answer, or rejects with EgressRefusal. */
export type GuardedFetch = (url: string, outgoing?: Outgoing) => Promise<Response>;

interface Limits {
  readonly bytesMax: number;
  readonly signal: AbortSignal;
}

/**
 * A fetch that a stranger may choose the address of (server-side request forgery): HTTPS, to an address that was judged and
 * then pinned, no credentials in the URL, no redirect followed, no compression, at most 1 MiB within 5 seconds.
 */
export function guardedFetch({
  allowed,
  lookup = systemLookup,
  bytesMax = 2 ** 20,
  msMax = 5000,
}: EgressOptions): GuardedFetch {
  const guard = addressGuard(allowed);
  return async (address, outgoing = {}) => {
    const url = readUrl(address);
    const timeout = AbortSignal.timeout(msMax);
    const signal = outgoing.signal === undefined ? timeout : AbortSignal.any([timeout, outgoing.signal]);
    const pinned = await within(signal, pinnedAddress(url.hostname, guard, lookup));
    demandSafe(url, pinned, guard);
    return exchange(url, pinned, outgoing, { bytesMax, signal });
  };
}

function readUrl(address: string): URL {
  const url = URL.parse(address);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw new EgressRefusal("not an address for HTTPS");
  }
  if (url.username !== "" || url.password !== "") throw new EgressRefusal("an address with credentials");
  return url;
}

function demandSafe(url: URL, { address }: LookupAddress, guard: AddressGuard): void {
  if (url.protocol === "http:" && !guard.mayGoPlainly(address)) throw new EgressRefusal("not over HTTPS");
}

/** Name resolution cannot be called off; it is left behind. */
function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(new EgressRefusal("it took too long")), { once: true });
    work.then(resolve, reject);
  });
}

function exchange(url: URL, pinned: LookupAddress, outgoing: Outgoing, limits: Limits): Promise<Response> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => reject(asRefusal(cause, limits.signal));
    const request = opened(url, pinned, outgoing, limits.signal);
    request.on("error", fail);
    request.on("response", (incoming) => {
      collected(incoming, limits.bytesMax)
        .then((body) => answerOf(incoming, body))
        .then(resolve, (cause: unknown) => {
          request.destroy();
          fail(cause);
        });
    });
    request.end(outgoing.body ?? undefined);
  });
}

function opened(url: URL, pinned: LookupAddress, outgoing: Outgoing, signal: AbortSignal): ClientRequest {
  const open = url.protocol === "https:" ? secureRequest : plainRequest;
  const { body } = outgoing;
  return open(url, {
    method: outgoing.method ?? "GET",
    headers: {
      ...outgoing.headers,
      "accept-encoding": "identity",
      ...(typeof body === "string" ? { "content-length": String(Buffer.byteLength(body)) } : {}),
    },
    // A connection of its own: a shared one might lead to an address that was judged for somebody else.
    agent: false,
    signal,
    lookup: (_name, options, done) => {
      if (options.all === true) done(null, [pinned]);
      else done(null, pinned.address, pinned.family);
    },
  });
}

async function collected(incoming: IncomingMessage, bytesMax: number): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > bytesMax) throw new EgressRefusal("the answer is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function answerOf(incoming: IncomingMessage, body: Buffer<ArrayBuffer>): Response {
  const status = incoming.statusCode ?? 0;
  // A redirect leads to an address that nobody has judged; a switch of protocols leads out of HTTP.
  if (status < 200 || (status >= 300 && status < 400)) throw new EgressRefusal("it answered with a redirect");
  const headers = new Headers();
  for (let at = 0; at + 1 < incoming.rawHeaders.length; at += 2) {
    headers.append(incoming.rawHeaders[at] ?? "", incoming.rawHeaders[at + 1] ?? "");
  }
  return new Response(status === 204 || status === 205 ? null : body, { status, headers });
}

function asRefusal(cause: unknown, signal: AbortSignal): EgressRefusal {
  if (cause instanceof EgressRefusal) return cause;
  return new EgressRefusal(signal.aborted ? "it took too long" : "it could not be reached", { cause });
}
