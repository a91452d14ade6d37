import { walk, type Syntax } from "../syntax.ts";
import type { Node } from "oxc-parser";

/** A use of something global that only some rooms may touch. */
export interface Sight {
  /** `fetch`, `process.env`, `the time`, `Math.random` or `crypto`. */
  readonly what: string;
  readonly line: number;
}

type Meaning = (property: string | null) => string | null;

// Maps, not objects: an identifier may be called `valueOf`.
const members: ReadonlyMap<string, Meaning> = new Map([
  ["process", meaningOfProcess],
  ["Date", (property) => (property === "now" || property === null ? "the time" : null)],
  ["Math", (property) => (property === "random" || property === null ? "Math.random" : null)],
]);
const whole: ReadonlyMap<string, string> = new Map([
  ["fetch", "fetch"],
  ["crypto", "crypto"],
  ["performance", "the time"],
]);
const roots = new Set(["globalThis", "global", "window", "self"]);

/**
 * Finds uses of guarded globals in one file.
 *
 * It errs on the side of a finding: a local that takes the name of a guarded global counts as the global, and
 * `process`, `Date` or `Math` handed on as a value counts as a use of what it could be used for.
 */
export function guardedUses(syntax: Syntax): Sight[] {
  const sights: Sight[] = [];
  walk(syntax.program, (node, parent, field) => {
    if (node.type !== "Identifier" || parent === null || isOnlyAName(parent, field)) return;
    const what = meaning(node.name, parent, field);
    if (what !== null) sights.push({ what, line: syntax.lineAt(node.start) });
  });
  return sights;
}

/** `thing.fetch`, `{ fetch: … }`, `import { fetch as … }` and types name something without reaching the global. */
function isOnlyAName(parent: Node, field: string): boolean {
  if (
    parent.type.startsWith("TS") &&
    !["TSAsExpression", "TSNonNullExpression", "TSSatisfiesExpression"].includes(parent.type)
  )
    return true;
  if (parent.type === "MemberExpression" && field === "property" && !parent.computed) {
    return !(parent.object.type === "Identifier" && roots.has(parent.object.name));
  }
  if (parent.type === "Property") return field === "key" && !parent.computed && !parent.shorthand;
  if (parent.type === "MethodDefinition" || parent.type === "PropertyDefinition")
    return field === "key" && !parent.computed;
  if (parent.type === "ImportSpecifier") return field === "imported";
  return parent.type === "ExportSpecifier" && field === "exported";
}

function meaning(name: string, parent: Node, field: string): string | null {
  const member = members.get(name);
  if (member === undefined) return whole.get(name) ?? null;
  if (parent.type === "MemberExpression" && field === "object") {
    return member(parent.property.type === "Identifier" && !parent.computed ? parent.property.name : null);
  }
  if (name === "Date" && parent.type === "NewExpression" && field === "callee") {
    return parent.arguments.length === 0 ? "the time" : null;
  }
  if (parent.type === "BinaryExpression" || parent.type === "UnaryExpression") return null;
  return member(null);
}

function meaningOfProcess(property: string | null): string | null {
  if (property === "env" || property === null) return "process.env";
  return property === "hrtime" ? "the time" : null;
}
