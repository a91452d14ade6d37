import { fastify } from "fastify";
import { expect, test } from "vitest";
import { unifySchemas } from "./unify-schemas.ts";

test("equal schemas of inputs become one, others stay apart, and each door keeps to its own", async () => {
  const app = fastify({ ajv: { customOptions: { removeAdditional: false, coerceTypes: false } } });
  const given: unknown[] = [];
  app.addHook("onRoute", unifySchemas());
  app.addHook("onRoute", ({ schema }) => void given.push(schema?.querystring));
  for (const [url, field] of [
    ["/first", "a"],
    ["/second", "a"],
    ["/third", "b"],
  ] as const) {
    const querystring = {
      type: "object",
      properties: { [field]: { type: "string" } },
      additionalProperties: false,
    };
    app.route({ method: "GET", url, exposeHeadRoute: false, schema: { querystring }, handler: () => "yes" });
  }
  const statuses = async (...urls: readonly string[]): Promise<number[]> =>
    Promise.all(urls.map(async (url) => (await app.inject(url)).statusCode));
  expect(await statuses("/first?a=1", "/second?a=1", "/third?b=1")).toEqual([200, 200, 200]);
  expect(await statuses("/first?b=1", "/second?b=1", "/third?a=1")).toEqual([400, 400, 400]);
  expect(given.length).toBe(3);
  expect(given[1]).toBe(given[0]);
  expect(given[2]).not.toBe(given[0]);
  await app.close();
});
