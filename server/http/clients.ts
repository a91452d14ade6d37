import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { hmacSha256 } from "../foundation/ids/index.ts";
import type { Charge } from "../kernel/limits/index.ts";
import { addressResolver, networksOf, rangeOf } from "./client-address.ts";
import { addressCharges, type Rates } from "./limits.ts";

/** Where a request comes from, and what it costs there. */
export interface Client {
  readonly ip: string;
  /** A keyed digest of the narrowest network: what the limiter knows instead of the address. */
  readonly networkKey: string;
  readonly charges: readonly Charge[];
  /** The `networkKey` where blocks apply; null for addresses that are never blocked, since everybody may be behind one. */
  readonly blockKey: string | null;
}

const remembered = Symbol("client");

type Remembering = Socket & {
  [remembered]?: { readonly forwarded: string | undefined; readonly client: Client };
};

export type ClientOf = (raw: Pick<IncomingMessage, "headers"> & { readonly socket: Socket }) => Client;

/** Loopback and the unknown address: a proxy on this machine that was not declared would answer for all its clients. */
const alwaysHeard = ["127.0.0.0/8", "::1", "0.0.0.0"];

/** Finds a request's client; remembered with the connection, since most connections serve one for many requests. */
export function clientFinder(
  trustedProxies: readonly string[],
  neverBlocked: readonly string[],
  key: Buffer,
  rates: Rates,
): ClientOf {
  const addressOf = addressResolver(trustedProxies);
  const isHeard = rangeOf([...alwaysHeard, ...trustedProxies, ...neverBlocked]);
  return ({ socket: connection, headers }) => {
    // A property costs less than a WeakMap, whose entries every collection of garbage has to look at.
    const socket: Remembering = connection;
    const header = headers["x-forwarded-for"];
    const forwarded = Array.isArray(header) ? header.join() : header;
    const before = socket[remembered];
    if (before !== undefined && before.forwarded === forwarded) return before.client;
    const ip = addressOf(socket.remoteAddress ?? "", forwarded);
    const keys = networksOf(ip).map((network) => hmacSha256(key, network).toString("base64url", 0, 12));
    const networkKey = keys[0] ?? "";
    const blockKey = isHeard(ip) ? null : networkKey;
    const client = { ip, networkKey, charges: addressCharges(rates, keys), blockKey };
    socket[remembered] = { forwarded, client };
    return client;
  };
}
