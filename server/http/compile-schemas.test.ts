import { fastify, type FastifyInstance } from "fastify";
import { expect, test } from "vitest";
import { compileOnce } from "./compile-schemas.ts";

function door(field: string): object {
  return { type: "object", properties: { [field]: { type: "string" } }, additionalProperties: false };
}

async function serving(
  doors: Readonly<Record<string, string>>,
): Promise<{ app: FastifyInstance; given: unknown[] }> {
  const app = fastify();
  const given: unknown[] = [];
  await compileOnce(app);
  app.addHook("onRoute", ({ schema }) => void given.push(schema?.querystring));
  for (const [url, field] of Object.entries(doors)) {
    const schema = { querystring: door(field), response: { 200: door(field) } };
    app.route({ method: "GET", url, exposeHeadRoute: false, schema, handler: () => ({ a: 1, b: 2 }) });
  }
  return { app, given };
}

async function answers(app: FastifyInstance, ...urls: readonly string[]): Promise<unknown[]> {
  const got = await Promise.all(urls.map((url) => app.inject(url)));
  return got.map(({ statusCode, body }) => (statusCode === 200 ? body : statusCode));
}

test("equal schemas become one, others stay apart, and each door keeps to its own", async () => {
  const { app, given } = await serving({ "/first": "a", "/second": "a", "/third": "b" });
  expect(await answers(app, "/first?a=1", "/second?a=1", "/third?b=1")).toEqual([
    '{"a":"1"}',
    '{"a":"1"}',
    '{"b":"2"}',
  ]);
  expect(await answers(app, "/first?b=1", "/second?b=1", "/third?a=1")).toEqual([400, 400, 400]);
  expect(given.length).toBe(3);
  expect(given[1]).toBe(given[0]);
  expect(given[2]).not.toBe(given[0]);
  await app.close();
});

test("a second server of the process keeps to its own doors too", async () => {
  const [one, two] = [await serving({ "/door": "a" }), await serving({ "/door": "b" })];
  expect(await answers(one.app, "/door?a=1", "/door?b=1")).toEqual(['{"a":"1"}', 400]);
  expect(await answers(two.app, "/door?a=1", "/door?b=1")).toEqual([400, '{"b":"2"}']);
  await Promise.all([one.app.close(), two.app.close()]);
});
