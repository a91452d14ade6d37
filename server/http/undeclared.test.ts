import { Readable } from "node:stream";
import { Type } from "@sinclair/typebox";
import { expect, test } from "vitest";
import { bearer, trialServer } from "../../tests/trial-server.ts";
import { route, streaming } from "./index.ts";

// What a route does beyond its declaration fails, so that the API's document, written from declarations, stays true.

const needs = ["contact.read"] as const;
const reading = (header: "ifMatch" | "idempotencyKey", declared: boolean) =>
  route({
    method: "GET",
    path: declared ? `/declared/${header}` : `/undeclared/${header}`,
    needs,
    conditions: declared ? ["If-Match", "Idempotency-Key"] : [],
    answer: Type.Object({}),
    handle: async ({ scope, request }) => {
      await scope.run({ text: "select", values: [] });
      request[header]();
      return {};
    },
  });
const streams = (path: `/${string}`, answers: readonly string[]) =>
  route({
    method: "GET",
    path,
    needs,
    stream: true,
    answers,
    answer: Type.String(),
    handle: async ({ scope }) => {
      await scope.run({ text: "select", values: [] });
      return streaming(Readable.from(["{}\n"]), "application/jsonl; charset=utf-8");
    },
  });

test.each([
  ["/declared/ifMatch", 200],
  ["/undeclared/ifMatch", 500],
  ["/declared/idempotencyKey", 200],
  ["/undeclared/idempotencyKey", 500],
  ["/lines", 200],
  ["/mistaken", 500],
])("%s answers %i", async (path, status) => {
  const { server } = await trialServer([
    ...(["ifMatch", "idempotencyKey"] as const).flatMap((header) => [
      reading(header, true),
      reading(header, false),
    ]),
    streams("/lines", ["application/jsonl"]),
    streams("/mistaken", ["text/csv"]),
  ]);
  const headers = { authorization: bearer, "if-match": '"v1"', "idempotency-key": "once" };
  const { statusCode, body } = await server.inject({ method: "GET", url: `/v1${path}`, headers });
  expect(statusCode).toBe(status);
  if (status === 500) expect(body).toContain("our-fault");
  await server.close();
});
