import { ambiguousPath, plainTarget } from "./headers.ts";
import type { Rate, Rates } from "./limits.ts";
import type { Served } from "./served.ts";

/** One address, for whoever stands in front of the server; the first rule whose pattern fits the path decides. */
export interface EdgeRule {
  /** The address as it is declared. */
  readonly path: string;
  /** A regular expression for the path as it was sent, without lookarounds, for RE2 and PCRE alike. */
  readonly pattern: string;
  /** What the address takes, everything else is 405; empty where it is 404 all the same. */
  readonly methods: readonly string[];
  readonly bodyBytesMax: number;
  /** Whether secrets can be guessed there, so that `guessRate` holds too. */
  readonly guessable: boolean;
}

/** All that an edge needs to know in order to refuse what the server would refuse; what no rule fits is 404. */
export interface EdgeRules {
  readonly rules: readonly EdgeRule[];
  /** Paths, up to the question mark, that fit this are 400, whatever their case. */
  readonly contorted: string;
  /** Targets, question mark and all, that do not fit this are 400. */
  readonly wellFormed: string;
  readonly addressRate: Rate;
  readonly guessRate: Rate;
}

/** Writes down what is served, so that the first fit is what the server itself would choose. */
export function edgeRules(served: readonly Served[], rates: Rates): EdgeRules {
  const rules = new Map(served.map(ruleOf).map((rule) => [rule.path, rule]));
  return {
    rules: [...rules.values()].toSorted((a, b) => compare(rankOf(a.path), rankOf(b.path))),
    contorted: ambiguousPath.source.replaceAll("\\/", "/"),
    wellFormed: plainTarget,
    addressRate: rates.address,
    guessRate: rates.bursts["sign-in"],
  };
}

/** One rule for all assets, whose names change with each build: rules of this version let the next one's through. */
const assetsPath = "/assets/:file";
const assetPattern = "[A-Za-z0-9_-]+(?:[.][A-Za-z0-9]+)+";

function ruleOf({ url, methods, params, bodyBytesMax, guessable }: Served): EdgeRule {
  const path = url.startsWith("/assets/") ? assetsPath : url;
  const schemas = path === assetsPath ? { file: { pattern: `^${assetPattern}$` } } : params;
  const segments = path.split("/").map((segment) => segmentPattern(segment, schemas));
  return { path, pattern: `^${segments.join("/")}$`, methods, bodyBytesMax, guessable };
}

function segmentPattern(segment: string, schemas: Readonly<Record<string, unknown>>): string {
  if (segment === "*") return ".*";
  if (segment.startsWith(":")) return parameterPattern(schemas[segment.slice(1)]);
  if (!/^[A-Za-z0-9._-]*$/.test(segment)) throw new Error(`no pattern can be made for "${segment}"`);
  return segment.replaceAll(".", "[.]");
}

const anything = "[^/]+";
const uuid = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";

/** As narrow as the schema says it in terms that every edge understands; otherwise anything, and the server decides. */
function parameterPattern(schema: unknown): string {
  if (typeof schema !== "object" || schema === null) return anything;
  if ("format" in schema && schema.format === "uuid") return uuid;
  if (!("pattern" in schema) || typeof schema.pattern !== "string") return anything;
  const inner = /^\^([^|^$"'`\s]+)\$$/.exec(schema.pattern)?.[1];
  return inner === undefined || /\(\?[^:]/.test(inner) ? anything : inner;
}

/** Addresses in the router's own order: at each step a word wins over a parameter, and that over all the rest. */
function rankOf(path: string): readonly string[] {
  return path.split("/").map((segment) => {
    if (segment === "*") return "2";
    return segment.startsWith(":") ? "1" : `0${segment}`;
  });
}

function compare(one: readonly string[], other: readonly string[]): number {
  for (let at = 0; at < Math.max(one.length, other.length); at += 1) {
    const [a = "", b = ""] = [one[at], other[at]];
    if (a !== b) return a < b ? -1 : 1;
  }
  return 0;
}
