import { type Token, tokensOf, unreadable } from "./token.ts";

export type Operator = "eq" | "ne" | "co" | "sw" | "ew" | "gt" | "ge" | "lt" | "le";
export type Value = string | number | boolean | null;

/** A filter as RFC 7644 section 3.4.2.2 describes it, read. */
export type Filter =
  | { readonly kind: "and" | "or"; readonly parts: readonly Filter[] }
  | { readonly kind: "not"; readonly inner: Filter }
  | { readonly kind: "present"; readonly path: string }
  | { readonly kind: "compare"; readonly path: string; readonly operator: Operator; readonly value: Value }
  | { readonly kind: "within"; readonly path: string; readonly inner: Filter };

const depthMax = 10;
const operators: ReadonlySet<string> = new Set(["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]);

/** Reads a filter; `and` binds closer than `or`. Refuses what is malformed, too long or too deep. */
export function parseFilter(text: string): Filter {
  const source = reader(tokensOf(text));
  const filter = anyOf(source, 0);
  if (!source.atEnd()) throw unreadable("something is left over at its end");
  return filter;
}

interface Source {
  peek(): Token | undefined;
  next(): Token;
  atEnd(): boolean;
  /** Takes the next token if it is this bracket or keyword. */
  takes(what: "(" | ")" | "[" | "]" | "and" | "or" | "not"): boolean;
}

function reader(tokens: readonly Token[]): Source {
  let at = 0;
  const peek = (): Token | undefined => tokens[at];
  return {
    peek,
    atEnd: () => at >= tokens.length,
    next() {
      const token = tokens[at];
      if (token === undefined) throw unreadable("it breaks off");
      at += 1;
      return token;
    },
    takes(what) {
      const token = peek();
      const here = token?.kind === "word" ? token.text.toLowerCase() === what : token?.kind === what;
      if (here) at += 1;
      return here;
    },
  };
}

function anyOf(source: Source, depth: number): Filter {
  if (depth > depthMax) throw unreadable("it is nested too deeply");
  return joined("or", source, () => joined("and", source, () => term(source, depth)));
}

function joined(kind: "and" | "or", source: Source, part: () => Filter): Filter {
  const first = part();
  if (!source.takes(kind)) return first;
  const parts = [first, part()];
  while (source.takes(kind)) parts.push(part());
  return { kind, parts };
}

function term(source: Source, depth: number): Filter {
  if (source.takes("(")) return closed(source, ")", depth);
  const token = source.peek();
  if (token?.kind === "word" && token.text.toLowerCase() === "not") return negation(source, depth);
  return comparison(source, depth);
}

function negation(source: Source, depth: number): Filter {
  source.next();
  if (!source.takes("(")) throw unreadable("not wants brackets");
  return { kind: "not", inner: closed(source, ")", depth) };
}

function closed(source: Source, bracket: ")" | "]", depth: number): Filter {
  const inner = anyOf(source, depth + 1);
  if (!source.takes(bracket)) throw unreadable(`a ${bracket} is missing`);
  return inner;
}

function comparison(source: Source, depth: number): Filter {
  const path = word(source, "the name of an attribute");
  if (source.takes("[")) return { kind: "within", path, inner: closed(source, "]", depth) };
  const operator = word(source, "an operator").toLowerCase();
  if (operator === "pr") return { kind: "present", path };
  if (!isOperator(operator)) throw unreadable(`"${operator.slice(0, 20)}" is no operator`);
  return { kind: "compare", path, operator, value: valueOf(source.next()) };
}

function word(source: Source, what: string): string {
  const token = source.next();
  if (token.kind !== "word") throw unreadable(`${what} is missing`);
  return token.text;
}

function isOperator(text: string): text is Operator {
  return operators.has(text);
}

function valueOf(token: Token): Value {
  if (token.kind === "text") return token.text;
  if (token.kind !== "word") throw unreadable("a value is missing");
  const text = token.text.toLowerCase();
  if (text === "true" || text === "false") return text === "true";
  if (text === "null") return null;
  if (/^-?\d{1,15}(?:\.\d{1,15})?$/.test(text)) return Number(text);
  throw unreadable("a text stands in double quotes");
}
