import type { FastifyInstance, RouteOptions } from "fastify";

/** One address that the server knows, with all that it takes there. */
export interface Served {
  readonly url: string;
  /** Empty for an address that is known in order to be refused. */
  readonly methods: readonly string[];
  /** The schemas of the parameters that declare one. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly bodyBytesMax: number;
  /** Whether secrets can be guessed there. */
  readonly guessable: boolean;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Known only to be refused in the right words. */
    refused?: boolean;
  }
}

const bodied = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/**
 * Watches which addresses the server is given, whoever gives them: the answer is what it serves, and not what some list
 * says that it serves. Call it before the first route is there.
 */
export function watchServed(app: FastifyInstance): () => readonly Served[] {
  const seen = new Map<string, Served>();
  app.addHook("onRoute", (route) => void seen.set(route.url, added(seen.get(route.url), route)));
  return () => [...seen.values()];
}

function added(before: Served | undefined, route: RouteOptions): Served {
  const known = before ?? { url: route.url, methods: [], params: {}, bodyBytesMax: 0, guessable: false };
  if (route.config?.refused === true) return known;
  const methods = [route.method].flat().filter((method) => !known.methods.includes(method));
  const takesBody = methods.some((method) => bodied.has(method));
  return {
    url: route.url,
    methods: [...known.methods, ...methods],
    params: { ...known.params, ...propertiesOf(route.schema?.params) },
    bodyBytesMax: Math.max(known.bodyBytesMax, takesBody ? (route.bodyLimit ?? 0) : 0),
    guessable: known.guessable || route.config?.guessable === true,
  };
}

function propertiesOf(schema: unknown): Readonly<Record<string, unknown>> {
  if (typeof schema !== "object" || schema === null || !("properties" in schema)) return {};
  return Object.fromEntries(Object.entries(Object(schema.properties)));
}
