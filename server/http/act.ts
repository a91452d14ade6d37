import type { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Problem } from "../foundation/problem/index.ts";
import type { Caller, TenantScope } from "../kernel/tenancy/index.ts";
import { Abandonment } from "./abandonment.ts";
import type { Exchange } from "./exchange.ts";
import type { Floor } from "./floor.ts";
import { greet } from "./greet.ts";
import { looksThrough } from "./look.ts";
import type { OpenRoute, PersonRoute, ProtocolRoute, Route, TenantRoute } from "./route.ts";
import type { SmallPage } from "./small-pages.ts";
import { attachment, emptyStream, Streaming } from "./streaming.ts";

type Handler = (request: Request, reply: FastifyReply) => Promise<unknown>;
type Request = FastifyRequest<RouteShape>;

/** What the framework is told about every route; the declared schemas say the rest. */
export interface RouteShape {
  Params: Record<string, string | undefined>;
  Querystring: Record<string, unknown>;
}

/** The status with which a route answers when all goes well. */
export function statusOf(route: Route): number {
  return route.answer["type"] === "void" ? 204 : (route.status ?? 200);
}

/** The media types of the streams that a route answers with. */
export function streamedBy(route: Route): readonly string[] {
  return route.answers ?? ["text/csv"];
}

/**
 * The stages in which a route's handler acts and its answer is made ready. A scope is ended before the answer leaves,
 * or together with the stream that the handler answered with.
 */
export function handlerOf(route: Route, floor: Floor): Handler {
  switch (route.kind) {
    case "tenant":
      return tenantHandler(route, floor);
    case "person":
      return personHandler(route, floor);
    case "open":
      return openHandler(route, floor);
    case "protocol":
      return tenantHandler(route, floor);
  }
}

function tenantHandler(route: TenantRoute | ProtocolRoute, floor: Floor): Handler {
  const lookAt = looksThrough(route);
  return async (request, reply) => {
    const { exchange, params, query } = request;
    const slug = params["organization"] ?? null;
    const caller = callerOf(exchange, slug);
    // An upload that breaks off fails by its own stream; what was stored of it must still be cleared away.
    const signal =
      route.stream === true && route.method === "POST" ? new Abandonment() : exchange.abandonment;
    const scope = floor.kernel.scopeFor(caller, route.needs, signal, () => lookAt(params, query));
    let value: unknown;
    try {
      const body = bodyOf(request, route);
      value = await route.handle({ scope, params, query, body, request: exchange, respond: exchange });
      demandEntered(scope, request);
    } catch (thrown) {
      scope.end();
      throw thrown;
    }
    endWith(scope, value);
    return answer(value, route, request, reply, floor);
  };
}

function personHandler(route: PersonRoute, floor: Floor): Handler {
  return async (request, reply) => {
    const { exchange, params, query } = request;
    const scope = floor.kernel.personScope(callerOf(exchange, null), exchange.abandonment);
    let value: unknown;
    try {
      const body = bodyOf(request, route);
      value = await route.handle({ scope, params, query, body, request: exchange, respond: exchange });
    } catch (thrown) {
      scope.end();
      throw thrown;
    }
    endWith(scope, value);
    return answer(value, route, request, reply, floor);
  };
}

function openHandler(route: OpenRoute, floor: Floor): Handler {
  return async (request, reply) => {
    const { exchange, params, query } = request;
    const body = bodyOf(request, route);
    const value = await route.handle({ params, query, body, request: exchange, respond: exchange });
    if (exchange.started !== null) await greet(exchange, exchange.started, floor);
    return answer(value, route, request, reply, floor);
  };
}

function callerOf(exchange: Exchange, organization: string | null): Caller {
  const caller = exchange.caller(organization);
  // Admission refuses a guarded route without a credential; should it ever not, this fails closed.
  if (caller === null) throw new Problem("not-signed-in");
  return caller;
}

function bodyOf({ body }: Request, route: Route): unknown {
  return route.stream === true ? (body ?? emptyStream()) : body;
}

/** A tenant handler that never entered has shown nobody's credential to the database: nothing of it leaves. */
function demandEntered({ entered }: TenantScope, request: Request): void {
  if (entered === null)
    throw new Error(`${request.routeOptions.url}: the handler answered without using its scope`);
}

function endWith(scope: { end(): void }, value: unknown): void {
  if (value instanceof Streaming) whenOver(value.stream, () => scope.end());
  else scope.end();
}

function whenOver(flow: Readable, then: () => void): void {
  if (flow.closed) then();
  else flow.once("close", then);
}

function answer(
  value: unknown,
  route: Route,
  request: Request,
  reply: FastifyReply,
  { isClosing }: Floor,
): unknown {
  if (isClosing()) reply.header("connection", "close");
  const status = statusOf(route);
  if (request.exchange.redirectTo !== null) return reply.code(303).send();
  if (request.exchange.shownPage !== null) return show(request.exchange.shownPage, reply);
  if (value instanceof Streaming) return flowing(value, route, reply);
  if (status === 204 || (route.kind === "protocol" && value === undefined)) return reply.code(204).send();
  if (value === undefined)
    throw new TypeError(`${request.routeOptions.url}: the handler answered with nothing`);
  const { tag } = request.exchange;
  if (tag !== null && isHeld(request.headers["if-none-match"], tag)) return reply.code(304).send();
  reply.code(status);
  if (route.kind === "protocol")
    reply.header("content-type", `${route.dialect.mediaTypes[0]}; charset=utf-8`);
  return value;
}

function show({ html, policy }: SmallPage, reply: FastifyReply): unknown {
  reply.code(200).header("content-security-policy", policy).type("text/html; charset=utf-8");
  return reply.send(html);
}

function flowing(
  { stream: body, contentType, fileName }: Streaming,
  route: Route,
  reply: FastifyReply,
): unknown {
  const [type = ""] = contentType.split(";");
  if (!streamedBy(route).includes(type))
    throw new Error(`${route.path}: a stream of ${type} is not declared`);
  reply.code(statusOf(route)).header("content-type", contentType);
  if (fileName !== null) reply.header("content-disposition", attachment(fileName));
  return reply.send(body);
}

/** Whether the client holds this version already (RFC 9110 section 13.1.2: weak comparison). */
function isHeld(noneMatch: string | undefined, tag: string): boolean {
  return noneMatch?.split(",").some((held) => held.trim().replace(/^W\//, "") === tag) === true;
}
