import type { TSchema } from "@sinclair/typebox";
import { uuidv7 } from "../../server/foundation/ids/index.ts";
import type { Route } from "../../server/http/index.ts";
import type { Sending } from "../client.ts";

/** A well-formed request for a declared door: what its schemas demand, and nothing more. */
export interface DoorRequest {
  readonly method: string;
  readonly path: string;
  readonly sending: Sending;
}

/** Makes one from the declaration; `id` goes wherever the address has a parameter that is an id. */
export function requestFor(route: Route, prefix: string, id: string = uuidv7()): DoorRequest {
  const path = route.path.replace(/:([A-Za-z]+)/g, (_, name: string) => parameter(route, name, id));
  const query = required(route.query).map(
    ([name, schema]) => `${name}=${encodeURIComponent(String(sample(schema)))}`,
  );
  return {
    method: route.method,
    path: `${prefix}${path}${query.length === 0 ? "" : `?${query.join("&")}`}`,
    sending: sendingFor(route),
  };
}

function sendingFor(route: Route): Sending {
  const headers = { "if-match": '"v1"', "sec-fetch-site": "same-origin" };
  if (route.method === "GET") return { headers };
  if (route.stream === true)
    return {
      headers: { ...headers, "content-type": route.accepts?.[0] ?? "text/csv" },
      raw: "First name\r\nAda\r\n",
    };
  return route.body === undefined ? { headers } : { headers, body: sample(route.body) };
}

function parameter(route: Route, name: string, id: string): string {
  const declared: TSchema | undefined = route.params?.["properties"]?.[name];
  return declared === undefined || declared["format"] === "uuid" ? id : String(sample(declared));
}

function required(schema: TSchema | undefined): [string, TSchema][] {
  const names: readonly string[] = schema?.["required"] ?? [];
  const properties: Record<string, TSchema> = schema?.["properties"] ?? {};
  return Object.entries(properties).filter(([name]) => names.includes(name));
}

/** Texts of which one fits each pattern that a declaration uses. */
const candidates = ["viewer", "EUR", "contact.read", "acme", "x", "a".repeat(43), "2026-01-01", "123456"];

/** The smallest value that a schema takes. */
export function sample(schema: TSchema): unknown {
  if (schema["const"] !== undefined) return schema["const"];
  if (Array.isArray(schema["enum"])) return schema["enum"][0];
  if (Array.isArray(schema["anyOf"])) return sample(schema["anyOf"][0]);
  switch (schema["type"]) {
    case "object":
      return sampleObject(schema);
    case "array":
      return Array.from({ length: schema["minItems"] ?? 0 }, () => sample(schema["items"]));
    case "integer":
    case "number":
      return schema["minimum"] ?? 1;
    case "boolean":
      return false;
    case "null":
      return null;
    default:
      return sampleText(schema);
  }
}

function sampleObject(schema: TSchema): Record<string, unknown> {
  const properties: Record<string, TSchema> = schema["properties"] ?? {};
  const given = required(schema);
  const [first] = Object.entries(properties);
  const named =
    given.length === 0 && (schema["minProperties"] ?? 0) > 0 && first !== undefined ? [first] : given;
  return Object.fromEntries(named.map(([name, inner]) => [name, sample(inner)]));
}

function sampleText({ format, pattern, minLength, maxLength, examples }: TSchema): string {
  // What is judged by more than its schema says what fits.
  if (Array.isArray(examples)) return String(examples[0]);
  if (format === "uuid") return uuidv7();
  if (format === "email") return `somebody-${uuidv7()}@example.com`;
  if (format === "date-time") return "2999-01-01T00:00:00Z";
  if (format === "date") return "2026-01-01";
  // Where there is room, another one each time: some things are called by names that no two share.
  if (pattern === undefined && maxLength === 100) return `x ${uuidv7()}`;
  if (pattern === undefined) return "x".repeat(Math.max(minLength ?? 1, 1));
  const fitting = candidates.find((text) => new RegExp(pattern, "u").test(text));
  if (fitting === undefined) throw new Error(`no candidate fits ${String(pattern)}; add one`);
  return fitting;
}
