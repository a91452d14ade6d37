import type { FastifyReply, FastifyRequest } from "fastify";
import type { Socket } from "node:net";
import { hmacSha256 } from "../foundation/ids/index.ts";
import { Problem } from "../foundation/problem/index.ts";
import type { Charge, Decision } from "../kernel/limits/index.ts";
import { networksOf } from "./client-address.ts";
import { Exchange } from "./exchange.ts";
import type { Floor } from "./floor.ts";
import { refuseAmbiguous } from "./headers.ts";
import { addressCharges, limitHeaders } from "./limits.ts";
import { refuseUnreadable } from "./query.ts";

type Done = (error?: Error) => void;
export type Door = (request: FastifyRequest, reply: FastifyReply, done: Done) => void;

/** Answered without a limit, so that a busy address never has its healthy server restarted. */
const unlimited = new Set(["/livez", "/readyz"]);

/**
 * The first stage, for whatever arrives: security headers on, the client's address found, its limit charged, and only
 * then a look at the shape of the request. Nothing here costs more than a few microseconds, so that a flood is shed
 * before credentials, bodies or the database are touched.
 */
export function doorOf(floor: Floor): Door {
  const keysOf = networkKeys(floor.addressKey);
  return (request, reply, done) => {
    for (const [name, value] of floor.headers) reply.header(name, value);
    reply.header("x-request-id", request.id);
    const { socket } = request.raw;
    const forwarded = request.headers["x-forwarded-for"];
    const ip = floor.addressOf(
      socket.remoteAddress ?? "",
      Array.isArray(forwarded) ? forwarded.join() : forwarded,
    );
    const exchange = new Exchange(request, reply, ip, keysOf(socket, ip), floor.csrf);
    request.exchange = exchange;
    reply.raw.once("close", () => {
      if (reply.raw.writableFinished) return;
      exchange.abandon();
      floor.report(request, reply);
    });
    const enter = (): void => {
      refuseAmbiguous(request.raw);
      refuseUnreadable(request.query);
      if (request.is404) throw new Problem("not-found");
    };
    if (unlimited.has(request.raw.url ?? "")) finish(done, enter);
    else charge(floor, exchange, reply, addressCharges(floor.rates, exchange.networkKeys), enter, done);
  };
}

/** Charges buckets and goes on with `next`, or refuses with 429; at once where the limiter answers at once. */
export function charge(
  floor: Floor,
  exchange: Exchange,
  reply: FastifyReply,
  charges: Charge[],
  next: () => void,
  done: Done,
): void {
  const proceed = (decision: Decision): void =>
    finish(done, () => {
      exchange.charges = exchange.charges.concat(charges);
      const [policy, left] = limitHeaders(exchange.charges, decision);
      reply.header("ratelimit-policy", policy);
      reply.header("ratelimit", left);
      if (!decision.allowed) refuse(floor, exchange, decision);
      next();
    });
  const decision = floor.limiter.check(charges);
  if (decision instanceof Promise) decision.then(proceed, done);
  else proceed(decision);
}

function refuse(floor: Floor, { id }: Exchange, { bucket, retryAfterSeconds }: Decision): never {
  floor.log.event("limit-reached", { requestId: id, limit: bucket });
  throw new Problem("too-many-requests", { retryAfterSeconds });
}

function finish(done: Done, work: () => void): void {
  try {
    work();
  } catch (thrown) {
    done(asError(thrown));
    return;
  }
  done();
}

/** The framework takes only errors. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error("something else was thrown", { cause: thrown });
}

/** Digests of a client's networks; kept with the connection, since most serve one client for many requests. */
function networkKeys(key: Buffer): (socket: Socket, ip: string) => readonly string[] {
  const bySocket = new WeakMap<Socket, { readonly ip: string; readonly keys: readonly string[] }>();
  return (socket, ip) => {
    const before = bySocket.get(socket);
    if (before?.ip === ip) return before.keys;
    const keys = networksOf(ip).map((network) => hmacSha256(key, network).toString("base64url", 0, 12));
    bySocket.set(socket, { ip, keys });
    return keys;
  };
}
