import type { FastifyReply, FastifyRequest } from "fastify";
import { Problem } from "../foundation/problem/index.ts";
import type { Charge, Decision } from "../kernel/limits/index.ts";
import { Exchange } from "./exchange.ts";
import type { Floor } from "./floor.ts";
import { refuseAmbiguous } from "./headers.ts";
import { limitHeaders } from "./limits.ts";
import { refuseUnreadable } from "./query.ts";

type Done = (error?: Error) => void;
export type Door = (request: FastifyRequest, reply: FastifyReply, done: Done) => void;

/** Answered without a limit, so that a busy address never has its healthy server restarted. */
const unlimited = new Set(["/livez", "/readyz"]);

/**
 * The first stage, for whatever arrives: the client's address found and turned away if it is blocked, security headers
 * on, its limit charged, and only then a look at the shape of the request. Nothing here costs more than a few microseconds, so that a flood is shed
 * before credentials, bodies or the database are touched.
 */
export function doorOf(floor: Floor): Door {
  const inspect: Next = (request, reply) => {
    refuseAmbiguous(request.raw);
    refuseUnreadable(request.query);
    if (request.is404) throw floor.nowhere(request, reply);
  };
  return (request, reply, done) => {
    const { raw } = request;
    const client = floor.clientOf(raw);
    const free = raw.url !== undefined && unlimited.has(raw.url);
    if (!free && floor.blockade.turnsAway(request, reply, client)) return;
    for (const [name, value] of floor.headers) reply.header(name, value);
    reply.header("x-request-id", request.id);
    const exchange = new Exchange(request, reply, client, floor.csrf);
    request.exchange = exchange;
    floor.busy.add(raw.socket);
    reply.raw.on("close", () => {
      floor.busy.delete(raw.socket);
      if (reply.raw.writableFinished) return;
      exchange.abandonment.abort();
      floor.report(request, reply);
    });
    charge(floor, request, reply, free ? [] : client.charges, inspect, done);
  };
}

type Next = (request: FastifyRequest, reply: FastifyReply) => void;

/** Charges buckets and goes on with `next`, or refuses with 429; at once where the limiter answers at once. */
export function charge(
  floor: Floor,
  request: FastifyRequest,
  reply: FastifyReply,
  charges: readonly Charge[],
  next: Next,
  done: Done,
): void {
  let fault: Error | undefined;
  try {
    const decision = charges.length === 0 ? null : floor.limiter.check(charges);
    if (decision instanceof Promise) {
      void chargeLater(decision, floor, request, reply, charges, next, done);
      return;
    }
    if (decision !== null) heed(decision, charges, floor, request, reply);
    next(request, reply);
  } catch (thrown) {
    fault = asError(thrown);
  }
  done(fault);
}

async function chargeLater(
  decision: Promise<Decision>,
  floor: Floor,
  request: FastifyRequest,
  reply: FastifyReply,
  charges: readonly Charge[],
  next: Next,
  done: Done,
): Promise<void> {
  let fault: Error | undefined;
  try {
    heed(await decision, charges, floor, request, reply);
    next(request, reply);
  } catch (thrown) {
    fault = asError(thrown);
  }
  done(fault);
}

function heed(
  decision: Decision,
  charges: readonly Charge[],
  { log }: Floor,
  { exchange }: FastifyRequest,
  reply: FastifyReply,
): void {
  exchange.charges = exchange.charges === null ? charges : [...exchange.charges, ...charges];
  const [policy, left] = limitHeaders(exchange.charges, decision);
  reply.header("ratelimit-policy", policy);
  reply.header("ratelimit", left);
  if (decision.allowed) return;
  log.event("limit-reached", { requestId: exchange.id, limit: decision.bucket });
  throw new Problem("too-many-requests", { retryAfterSeconds: decision.retryAfterSeconds });
}

/** The framework takes only errors. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error("something else was thrown", { cause: thrown });
}
