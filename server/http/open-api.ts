import type { TSchema } from "@sinclair/typebox";
import { problems } from "../../contract/problem.ts";
import { statusOf, streamedBy } from "./act.ts";
import { acceptedBy } from "./admit.ts";
import { answerSchema, closedSchema } from "./closed-schema.ts";
import { mountsOf, paramsSchema } from "./mount.ts";
import type { ConditionHeader, Route } from "./route.ts";

interface Meta {
  readonly title: string;
  readonly version: string;
  readonly publicUrl: string;
}

type Json = Record<string, unknown>;

/**
 * The API as an OpenAPI 3.1 document, from the declarations alone. Tenant routes stand under `/v1`, where an API key
 * names the organization; the console reaches the same ones under `/o/{organization}/v1`.
 */
export function openApi(routes: readonly Route[], { title, version, publicUrl }: Meta): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const url = mountsOf(route)[0]?.url ?? route.path;
    const path = url.replace(/:([A-Za-z]+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, url) };
  }
  return {
    openapi: "3.1.0",
    info: { title, version },
    servers: [{ url: publicUrl }],
    paths,
    components: {
      schemas: { Problem: problemSchema },
      responses: { Problem: problemResponse },
      securitySchemes: {
        key: { type: "http", scheme: "bearer", description: "An API key" },
        session: { type: "apiKey", in: "cookie", name: "__Host-sid", description: "The console's session" },
      },
    },
  };
}

/** The name of an operation, which the client's functions have too: `GET /contacts/:id` is `getContactsById`. */
export function operationIdOf({ method, path, operation }: Route): string {
  if (operation !== undefined) return operation;
  const words = path
    .split(/[/.-]/)
    .filter((part) => part !== "")
    .map((part) => (part.startsWith(":") ? `By${capital(part.slice(1))}` : capital(part)));
  return method.toLowerCase() + words.join("");
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

function operationOf(route: Route, url: string): Json {
  const tag = route.path.split("/").find((part) => part !== "" && part !== "auth") ?? "server";
  return {
    operationId: operationIdOf(route),
    ...(route.summary === undefined ? {} : { summary: route.summary }),
    tags: [tag],
    ...authorityOf(route),
    parameters: [
      ...parametersOf(paramsSchema(route, url), "path"),
      ...headersOf(route),
      ...parametersOf(route.query, "query"),
    ],
    ...bodyOf(route),
    responses: responsesOf(route),
  };
}

function authorityOf(route: Route): Json {
  switch (route.kind) {
    case "tenant":
      return {
        security: [{ key: [] }, { session: [] }],
        "x-needs": route.needs,
        ...(route.needs.some((need) => /[.](?:export|reveal)$/.test(need)) ? { "x-audited-read": true } : {}),
      };
    case "person":
      return { security: [{ session: [] }, { key: [] }] };
    case "protocol":
      return { security: [{ key: [] }], "x-needs": route.needs };
    case "open":
      return { security: [], "x-open-because": route.openBecause };
  }
}

function parametersOf(schema: TSchema | undefined, where: "path" | "query"): Json[] {
  if (schema === undefined) return [];
  const properties: Record<string, TSchema> = schema["properties"] ?? {};
  const required: readonly string[] = schema["required"] ?? [];
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === "path" || required.includes(name),
    ...(property.description === undefined ? {} : { description: property.description }),
    schema: closedSchema(property),
  }));
}

const conditions = {
  "If-Match": named("If-Match", "The version that is changed, as sent in ETag"),
  "Idempotency-Key": named("Idempotency-Key", "Makes a repeated request safe"),
} as const satisfies Record<ConditionHeader, Json>;

function headersOf(route: Route): Json[] {
  const declared = (route.conditions ?? []).map((header) => conditions[header]);
  if (route.method === "GET" || route.kind === "protocol") return declared;
  return [named("X-CSRF-Token", "From GET /auth/csrf; needed with a cookie, not with a key"), ...declared];
}

function named(name: string, description: string): Json {
  return { name, in: "header", required: false, description, schema: { type: "string" } };
}

function bodyOf(route: Route): Json {
  const accepts = acceptedBy(route);
  if (accepts === "nothing") return {};
  if (route.kind === "protocol" && route.body !== undefined) {
    const schema = closedSchema(route.body);
    return {
      requestBody: { required: true, content: { [route.dialect.mediaTypes[0]]: { schema } } },
    };
  }
  if (accepts !== "json") {
    const content = accepts.map((type) => [type, { schema: { type: "string", format: "binary" } }]);
    return { requestBody: { required: true, content: Object.fromEntries(content) } };
  }
  if (route.body === undefined) return {};
  return {
    requestBody: { required: true, content: { "application/json": { schema: closedSchema(route.body) } } },
  };
}

function responsesOf(route: Route): Json {
  const status = statusOf(route);
  const description = status === 204 ? "Done" : "The answer";
  const content = { content: contentOf(route) };
  return {
    [status]: { description, ...(status === 204 ? {} : content) },
    default: { $ref: "#/components/responses/Problem" },
  };
}

function contentOf(route: Route): Json {
  if (route.kind === "protocol")
    return { [route.dialect.mediaTypes[0]]: { schema: answerSchema(route.answer) } };
  if (route.stream !== true || route.method !== "GET")
    return { "application/json": { schema: answerSchema(route.answer) } };
  return Object.fromEntries(streamedBy(route).map((type) => [type, { schema: { type: "string" } }]));
}

const problemSchema = {
  type: "object",
  description: "RFC 9457. The last part of `type` is the stable key; its page says what to do.",
  required: ["type", "title", "status", "instance"],
  properties: {
    type: {
      type: "string",
      format: "uri",
      description: `Ends in one of: ${Object.keys(problems).join(", ")}`,
    },
    title: { type: "string" },
    status: { type: "integer", enum: [...new Set(Object.values(problems).map(({ status }) => status))] },
    detail: { type: "string" },
    instance: { type: "string", description: "urn:request:<id>" },
    errors: {
      type: "array",
      items: {
        type: "object",
        required: ["pointer", "detail"],
        properties: { pointer: { type: "string" }, detail: { type: "string" } },
      },
    },
    retryAfterSeconds: { type: "integer" },
  },
};

const problemResponse = {
  description: "Why not",
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};
