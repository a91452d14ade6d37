import { Type, type TSchema } from "@sinclair/typebox";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { handlerOf, type RouteShape, statusOf } from "./act.ts";
import { admissionTo } from "./admit.ts";
import { onceClaimed } from "./claim.ts";
import { answerSchema, closedSchema } from "./closed-schema.ts";
import type { Floor } from "./floor.ts";
import { coercionOf } from "./query.ts";
import type { Method, Route } from "./route.ts";

const bodyBytesMax = 64 * 1024;

/** One address under which a declared route is served. */
export interface Mounted {
  readonly method: Method;
  readonly url: string;
  readonly route: Route;
}

/** Where a route is served: a tenant's both for API keys and, with the organization in the address, for the console. */
export function mountsOf(route: Route): Mounted[] {
  const urls =
    route.kind === "tenant" ? [`/v1${route.path}`, `/o/:organization/v1${route.path}`] : [route.path];
  return urls.map((url) => ({ method: route.method, url, route }));
}

/** Has the server answer all routes. */
export function mountAll(app: FastifyInstance, mounted: readonly Mounted[], floor: Floor): void {
  for (const mount of mounted) mountOne(app, mount, floor);
  for (const { method, url } of shadowed(mounted)) {
    const handler = (request: FastifyRequest, reply: FastifyReply): never => {
      throw floor.nowhere(request, reply);
    };
    app.route({ method, url, config: { refused: true }, handler });
  }
}

/**
 * The methods that an address does not take and the one with a parameter in its place does: PATCH of `/contacts/count` would
 * be a change of the contact whose id is `count`, and 404.
 */
function shadowed(mounted: readonly Mounted[]): Pick<Mounted, "method" | "url">[] {
  const taken = new Map<string, { readonly parts: readonly string[]; readonly methods: Set<Method> }>();
  for (const { method, url } of mounted) {
    const { methods } = taken.get(url) ?? { methods: new Set<Method>() };
    taken.set(url, { parts: url.split("/"), methods: methods.add(method) });
  }
  return [...taken].flatMap(([url, { parts, methods }]) => {
    const others = [...taken.values()].filter(
      (other) => other.methods !== methods && covers(other.parts, parts),
    );
    const more = new Set(others.flatMap((other) => [...other.methods]));
    return [...more].filter((method) => !methods.has(method)).map((method) => ({ method, url }));
  });
}

/** Whether whatever is at an address, here in its parts, is at the one with parameters too. */
function covers(wide: readonly string[], narrow: readonly string[]): boolean {
  return (
    wide.length === narrow.length &&
    wide.every(
      (part, at) => part === narrow[at] || (part.startsWith(":") && narrow[at]?.startsWith(":") === false),
    )
  );
}

function mountOne(app: FastifyInstance, { method, url, route }: Mounted, floor: Floor): void {
  if (route.body !== undefined && route.stream === true)
    throw new Error(`${method} ${url}: a stream has no schema`);
  const query = closedSchema(route.query ?? Type.Object({}));
  const coerce = coercionOf(Type.Unsafe(query));
  const status = statusOf(route);
  app.route<RouteShape>({
    method,
    url,
    bodyLimit: route.bodyMaxBytes ?? bodyBytesMax,
    config: { guessable: route.limit === "sign-in", conditions: route.conditions ?? [] },
    schema: {
      params: paramsSchema(route, url),
      querystring: query,
      ...(route.body === undefined ? {} : { body: closedSchema(route.body) }),
      ...(status === 204 ? {} : { response: { [status]: answerSchema(route.answer) } }),
    },
    onRequest: onceClaimed(route, floor.isClaimed, admissionTo(route, floor)),
    ...(coerce === null
      ? {}
      : {
          preValidation: (request, _, next) => {
            coerce(request.query);
            next();
          },
        }),
    handler: handlerOf(route, floor),
  });
}

/** The schema of an address's parameters: declared ones, text for the rest, and a UUID for what is called an id. */
export function paramsSchema(route: Route, url: string): TSchema {
  const declared: Record<string, TSchema> = route.params?.["properties"] ?? {};
  const names = [...url.matchAll(/:([A-Za-z]+)/g)].map(([, name = ""]) => name);
  return Type.Object(Object.fromEntries(names.map((name) => [name, declared[name] ?? unlessDeclared(name)])));
}

function unlessDeclared(name: string): TSchema {
  if (name === "organization") return Type.String({ pattern: "^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$" });
  if (/^id$|Id$/.test(name)) return Type.String({ format: "uuid" });
  return Type.String({ minLength: 1, maxLength: 200 });
}
