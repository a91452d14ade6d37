import { sql, type Statement } from "../../../foundation/database/index.ts";
import type { Filter, Operator, Value } from "./parse.ts";
import { unreadable } from "./token.ts";

/** An attribute that can be asked for: what it is in SQL, written here and nowhere else. */
export type Column =
  | { readonly kind: "text" | "exact" | "boolean" | "time" | "id"; readonly at: Statement }
  /** A text whose lower-case form stands in a column of its own, under an index. */
  | { readonly kind: "key"; readonly at: Statement; readonly key: Statement }
  /** Several values: `any` says that one of them fulfils the condition; `columns` are of such a value. */
  | { readonly kind: "many"; readonly any: (condition: Statement) => Statement; readonly columns: Columns };

/** Attributes by their lower-case path; "" stands for the value itself where an attribute has several. */
export type Columns = ReadonlyMap<string, Column>;

/** The condition of a filter in SQL. Only names that `columns` holds come through, and every value is a parameter. */
export function conditionOf(filter: Filter, columns: Columns): Statement {
  switch (filter.kind) {
    case "and":
    case "or": {
      const parts = filter.parts.map((part) => conditionOf(part, columns));
      return sql`(${sql.join(parts, filter.kind === "and" ? " and " : " or ")})`;
    }
    case "not":
      return sql`coalesce(not ${conditionOf(filter.inner, columns)}, true)`;
    case "present":
      return present(columnAt(columns, filter.path));
    case "compare":
      return compared(columnAt(columns, filter.path), filter.operator, filter.value);
    case "within":
      return within(columnAt(columns, filter.path), filter.inner);
  }
}

function within(column: Column, inner: Filter): Statement {
  if (column.kind !== "many") throw unreadable("brackets follow an attribute with several values");
  return column.any(conditionOf(inner, column.columns));
}

/** The attribute of this name, in whatever case it is written and with or without its schema before it. */
export function columnAt(columns: Columns, path: string): Column {
  const plain = plainPath(path);
  const column = columns.get(plain);
  if (column !== undefined) return column;
  const [outer = "", inner] = plain.split(".");
  const several = columns.get(outer);
  const part = several?.kind === "many" && inner !== undefined ? several.columns.get(inner) : undefined;
  if (several?.kind !== "many" || part === undefined || part.kind === "many")
    throw unreadable("it asks for an attribute that cannot be asked for");
  return { kind: "many", any: several.any, columns: new Map([["", part]]) };
}

/** `urn:ietf:params:scim:schemas:core:2.0:User:userName` and `userName` are one. */
function plainPath(path: string): string {
  return path.replace(/^urn:ietf:params:scim:schemas:[a-z:]+:2\.0:(?:user|group):/i, "").toLowerCase();
}

function present(column: Column): Statement {
  if (column.kind === "many") return column.any(sql`true`);
  return sql`(${column.at}) is not null`;
}

function compared(column: Column, operator: Operator, value: Value): Statement {
  if (column.kind === "many") {
    const itself = column.columns.get("") ?? column.columns.get("value");
    if (itself === undefined) throw unreadable("it compares an attribute that has parts");
    if (operator === "ne") return sql`not ${column.any(compared(itself, "eq", value))}`;
    return column.any(compared(itself, operator, value));
  }
  if (value === null) return compareNull(column.at, operator);
  switch (column.kind) {
    case "boolean":
      return compareBoolean(column.at, operator, value);
    case "time":
      return compareTime(column.at, operator, value);
    case "id":
      return compareId(column.at, operator, value);
    case "key":
      if (operator === "eq") return sql`${column.key} = lower(${textOf(value)})`;
      return compareText(column.key, operator, sql`lower(${textOf(value)})`);
    case "exact":
      return compareText(column.at, operator, sql`${textOf(value)}::text`);
    case "text":
      return compareText(sql`lower(${column.at})`, operator, sql`lower(${textOf(value)})`);
  }
}

function compareNull(at: Statement, operator: Operator): Statement {
  if (operator === "eq") return sql`(${at}) is null`;
  if (operator === "ne") return sql`(${at}) is not null`;
  throw unreadable("null is compared with eq and ne only");
}

/** Directories send booleans as "True" and "False", too. */
function compareBoolean(at: Statement, operator: Operator, value: Value): Statement {
  const text = String(value).toLowerCase();
  if ((operator !== "eq" && operator !== "ne") || (text !== "true" && text !== "false"))
    throw unreadable("a yes or no is compared with true or false, by eq or ne");
  return (text === "true") === (operator === "eq") ? sql`(${at})` : sql`(not ${at})`;
}

const moment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

function compareTime(at: Statement, operator: Operator, value: Value): Statement {
  const sign = signs[operator];
  if (
    sign === undefined ||
    typeof value !== "string" ||
    !moment.test(value) ||
    Number.isNaN(Date.parse(value))
  )
    throw unreadable("a time is compared with one such as 2026-01-31T09:30:00Z");
  return sql`(${at}) ${sign} ${value}::timestamptz`;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function compareId(at: Statement, operator: Operator, value: Value): Statement {
  if (operator !== "eq" && operator !== "ne") throw unreadable("an id is compared by eq or ne");
  const equal = typeof value === "string" && uuid.test(value) ? sql`${at} = ${value}::uuid` : sql`false`;
  return operator === "eq" ? equal : sql`not (${equal})`;
}

const signs: Partial<Record<Operator, Statement>> = {
  eq: sql.raw("="),
  ne: sql.raw("<>"),
  gt: sql.raw(">"),
  ge: sql.raw(">="),
  lt: sql.raw("<"),
  le: sql.raw("<="),
};

function compareText(at: Statement, operator: Operator, value: Statement): Statement {
  switch (operator) {
    case "eq":
      return sql`${at} = ${value}`;
    case "ne":
      return sql`(${at}) is distinct from ${value}`;
    case "co":
      return sql`strpos(${at}, ${value}) > 0`;
    case "sw":
      return sql`starts_with(${at}, ${value})`;
    case "ew":
      return sql`right(${at}, length(${value})) = ${value}`;
    default:
      return sql`(${at}) collate "C" ${signs[operator] ?? sql.raw("=")} ${value}`;
  }
}

function textOf(value: Value): string {
  if (typeof value !== "string") throw unreadable("a text stands in double quotes");
  return value;
}
