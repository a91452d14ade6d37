import type { RouteOptions } from "fastify";

const inputs = ["params", "querystring", "body"] as const;

/**
 * Makes equal schemas of inputs one and the same object. What checks inputs is compiled once for each object, and that is
 * most of a start: the same door stands at two addresses, and most queries are empty.
 */
export function unifySchemas(): (route: RouteOptions) => void {
  const known = new Map<string, unknown>();
  return ({ schema }) => {
    if (schema === undefined) return;
    for (const input of inputs) {
      if (schema[input] === undefined) continue;
      const text = JSON.stringify(schema[input]);
      if (!known.has(text)) known.set(text, schema[input]);
      schema[input] = known.get(text);
    }
  };
}
