import type { TSchema } from "@sinclair/typebox";
import { Problem } from "../foundation/problem/index.ts";
import { unstorable } from "./screen-input.ts";

const pairsMax = 100;

type Query = Record<string, unknown>;

/** Stand for a query that cannot be read; parsing runs where nothing may be thrown yet. */
const unreadable: Query = Object.freeze({});
const unstorableText: Query = Object.freeze({});

/** Splits a query string; a name that comes twice has a list of values. */
export function parseQuery(text: string): Query {
  const query: Query = Object.create(null);
  if (text === "") return query;
  const pairs = text.split("&");
  if (pairs.length > pairsMax) return unreadable;
  for (const pair of pairs) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const name = decoded(at < 0 ? pair : pair.slice(0, at));
    const value = decoded(at < 0 ? "" : pair.slice(at + 1));
    if (name === null || value === null) return unreadable;
    if (unstorable.test(value) || unstorable.test(name)) return unstorableText;
    add(query, name, value);
  }
  return query;
}

/** Refuses what `parseQuery` could not read. */
export function refuseUnreadable(query: unknown): void {
  if (query === unreadable) throw new Problem("bad-request", { detail: "The query string cannot be read." });
  if (query === unstorableText) {
    throw new Problem("not-valid", {
      detail: "The query string holds a NUL character, which cannot be stored.",
    });
  }
}

function add(query: Query, name: string, value: string): void {
  const before = query[name];
  if (before === undefined) query[name] = value;
  else if (Array.isArray(before)) before.push(value);
  else query[name] = [before, value];
}

function decoded(text: string): string | null {
  const spaced = text.includes("+") ? text.replaceAll("+", " ") : text;
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return null;
  }
}

/** Turns the text of a query into the declared types, or leaves it for the validator to refuse. */
export type Coercion = (query: Query) => void;

/** Prepares the coercion of a query schema once; null where everything is text anyway. Bodies are never coerced. */
export function coercionOf(schema: TSchema): Coercion | null {
  const steps: [name: string, coerce: (value: unknown) => unknown][] = [];
  const properties: Record<string, TSchema> = schema["properties"] ?? {};
  for (const [name, property] of Object.entries(properties)) {
    const coerce = coercionOfValue(property);
    if (coerce !== null) steps.push([name, coerce]);
  }
  if (steps.length === 0) return null;
  return (query) => {
    for (const [name, coerce] of steps) {
      if (query[name] !== undefined) query[name] = coerce(query[name]);
    }
  };
}

function coercionOfValue(schema: TSchema): ((value: unknown) => unknown) | null {
  switch (schema["type"]) {
    case "integer":
    case "number":
      return toNumber;
    case "boolean":
      return toBoolean;
    case "array": {
      const item = coercionOfValue(schema["items"] ?? {}) ?? ((value: unknown) => value);
      return (value) => (Array.isArray(value) ? value.map(item) : [item(value)]);
    }
    default:
      return null;
  }
}

function toNumber(value: unknown): unknown {
  if (typeof value !== "string" || !/^-?\d{1,15}(?:\.\d{1,15})?$/.test(value)) return value;
  return Number(value);
}

function toBoolean(value: unknown): unknown {
  return value === "true" ? true : value === "false" ? false : value;
}
