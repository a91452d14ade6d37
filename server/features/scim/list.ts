import { Type } from "@sinclair/typebox";
import { sql, type Statement } from "../../foundation/database/index.ts";
import { type Column, columnAt, type Columns, conditionOf, parseFilter, unreadable } from "./filter/index.ts";
import { type Document, limits, listSchema } from "./names.ts";
import { demandObject } from "./read-value.ts";
import { ScimRefusal } from "./refusal.ts";

const text = Type.Optional(Type.String({ maxLength: 4096 }));

/** What chooses attributes; whatever else a client adds is left unread, as RFC 7644 section 3.4.2 allows. */
export const choiceQuery = Type.Object(
  { attributes: text, excludedAttributes: text },
  { additionalProperties: true },
);

/** The parameters of a list. */
export const listQuery = Type.Object(
  {
    attributes: text,
    excludedAttributes: text,
    filter: text,
    sortBy: text,
    sortOrder: text,
    startIndex: text,
    count: text,
  },
  { additionalProperties: true },
);

export interface Wish {
  readonly attributes?: string;
  readonly excludedAttributes?: string;
  readonly filter?: string;
  readonly sortBy?: string;
  readonly sortOrder?: string;
  readonly startIndex?: string;
  readonly count?: string;
}

/** The same wish, as the body of a POST to `/.search` (RFC 7644 section 3.4.3). */
export function wishFrom(body: unknown): Wish {
  const given = demandObject(body);
  const names = (name: string): string | undefined => {
    const value = given[name];
    if (value === undefined) return undefined;
    const texts = Array.isArray(value) ? value : [value];
    if (!texts.every((one) => typeof one === "string" || typeof one === "number"))
      throw new ScimRefusal("invalidSyntax", `"${name}" is not what it should be.`);
    return texts.join(",").slice(0, 4097);
  };
  const wish: Record<string, string> = {};
  for (const name of Object.keys(listQuery.properties)) {
    const value = names(name);
    if (value !== undefined) wish[name] = value;
  }
  return wish;
}

/** A list's condition, order and page in SQL. */
export interface Page {
  readonly condition: Statement;
  readonly order: Statement;
  readonly offset: number;
  readonly count: number;
}

/** Reads filter, order and page; what exceeds the bounds is brought back into them, as RFC 7644 section 3.4.2.4 has it. */
export function pageOf(wish: Wish, columns: Columns): Page {
  const startIndex = Math.max(1, wholeNumber(wish.startIndex, 1, "startIndex"));
  const count = Math.min(limits.pageMax, Math.max(0, wholeNumber(wish.count, limits.pageDefault, "count")));
  return {
    condition: wish.filter === undefined ? sql`true` : conditionOf(parseFilter(wish.filter), columns),
    order: orderOf(wish, columns),
    offset: startIndex - 1,
    count,
  };
}

function orderOf({ sortBy, sortOrder }: Wish, columns: Columns): Statement {
  if (sortBy === undefined) return sql`id`;
  const column = columnAt(columns, sortBy);
  if (column.kind === "many") throw unreadable("it sorts by an attribute with several values");
  const descending = sortOrder?.toLowerCase() === "descending";
  return sql`${sortKey(column)} ${descending ? sql`desc` : sql`asc`} nulls last, id`;
}

function sortKey(column: Exclude<Column, { kind: "many" }>): Statement {
  if (column.kind === "key") return column.key;
  return column.kind === "text" ? sql`lower(${column.at}) collate "C"` : column.at;
}

function wholeNumber(value: string | undefined, otherwise: number, name: string): number {
  if (value === undefined) return otherwise;
  if (!/^-?\d{1,9}$/.test(value)) throw new ScimRefusal("invalidValue", `"${name}" is a whole number.`);
  return Number(value);
}

/** A page of resources, as a ListResponse. */
export function listResponse(total: number, { offset }: Page, resources: readonly Document[]): Document {
  return {
    schemas: [listSchema],
    totalResults: total,
    startIndex: offset + 1,
    itemsPerPage: resources.length,
    Resources: resources,
  };
}
