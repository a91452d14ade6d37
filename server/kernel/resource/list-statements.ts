import { Problem } from "../../foundation/problem/index.ts";
import type { Statement } from "../../foundation/database/index.ts";
import { searchable, tokenArguments } from "./ddl.ts";
import { columnOf, type Resource } from "./resource.ts";
import { tokenRange } from "./token-range.ts";

/** Which page of a list is wanted. `after` is the cursor of the page before. */
export interface ListWish {
  readonly limit: number;
  readonly after: string | null;
  readonly sort: SortName;
  /** What to search for; the result is then in the order of the match and `sort` does not count. */
  readonly q: string | null;
  readonly tag: string | null;
  readonly filters: Readonly<Record<string, string>>;
  readonly archived: boolean;
}

export type SortName = "createdAt" | "-createdAt" | "name" | "-name" | "updatedAt" | "-updatedAt";
export const sortNames: readonly SortName[] = [
  "createdAt",
  "-createdAt",
  "name",
  "-name",
  "updatedAt",
  "-updatedAt",
];

/** Collects conditions and their values, numbering the placeholders. */
class Conditions {
  readonly texts: string[] = [];
  readonly values: unknown[] = [];

  put(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  get where(): string {
    return this.texts.join(" and ");
  }
}

const sortColumns = { createdAt: null, name: "r.sort_name", updatedAt: "r.updated_at" } as const;

/** How many records a filter may leave for them to be sorted; with more, the order's own index is walked instead. */
const fewMax = 2000;

/**
 * A page of a list. The shape of each statement says which index is read, since the planner has no statistics here and
 * would take the largest organization for one of average size.
 */
export function listOf(resource: Resource, shown: string, wish: ListWish): Statement {
  if (wish.q !== null) return searchList(resource, shown, wish);
  const column = sortColumnOf(wish);
  if (column === null && !wish.archived)
    return wish.tag === null ? orderedList(resource, shown, wish) : taggedList(resource, shown, wish);
  const isNarrowed = wish.archived || wish.tag !== null || Object.keys(wish.filters).length > 0;
  return isNarrowed ? narrowedList(resource, shown, wish) : orderedList(resource, shown, wish);
}

function sortColumnOf({ sort }: ListWish): (typeof sortColumns)[keyof typeof sortColumns] {
  // sortNames has nothing else after the sign.
  return sortColumns[sort.replace("-", "") as keyof typeof sortColumns];
}

function isArchived({ archived }: ListWish): string {
  return `r.archived_at is ${archived ? "not null" : "null"}`;
}

function filtersOf(resource: Resource, { filters }: ListWish, conditions: Conditions): string[] {
  return Object.entries(filters).flatMap(([name, value]) => {
    if (resource.fields[name]?.canFilter !== true) return [];
    const column = `r.${columnOf(name)}`;
    return [value === "none" ? `${column} is null` : `${column} = ${conditions.put(value)}`];
  });
}

function tagToken(tag: string): string {
  return `#${tag.toLowerCase()}`;
}

/** Whether a record has the tag: a scalar query, which the planner asks of one record and never turns into a join. */
function hasTag(resource: Resource, token: string, id: string): string {
  return `(select true from ${resource.relation}_token t where t.token = ${token} and t.record_id = ${id})`;
}

interface Order {
  readonly by: string;
  readonly key: string;
  /** What follows the cursor; empty on the first page. */
  readonly after: readonly string[];
}

function orderOf(wish: ListWish, conditions: Conditions): Order {
  const column = sortColumnOf(wish);
  const [sign, direction] = wish.sort.startsWith("-") ? ["<", "desc"] : [">", "asc"];
  const cursor = parseCursor(wish.after);
  if (column === null) {
    const after = cursor === null ? [] : [`r.id ${sign} ${conditions.put(cursor[1])}`];
    return { by: `r.id ${direction}`, key: "", after };
  }
  const isTime = column === "r.updated_at";
  const place =
    cursor === null
      ? null
      : `(${conditions.put(cursor[0])}${isTime ? "::timestamptz" : ""}, ${conditions.put(cursor[1])}::uuid)`;
  return {
    by: `${column} ${direction}, r.id ${direction}`,
    key: `, ${column}${isTime ? "::text" : ""} as "sortKey"`,
    after: place === null ? [] : [`(${column}, r.id) ${sign} ${place}`],
  };
}

/** Read off an index in its order, up to the end of the page. */
function orderedList(resource: Resource, shown: string, wish: ListWish): Statement {
  const conditions = new Conditions();
  conditions.texts.push(isArchived(wish), ...filtersOf(resource, wish, conditions));
  const { by, key, after } = orderOf(wish, conditions);
  conditions.texts.push(...after);
  return {
    text: `select ${shown}${key} from ${resource.relation} r where ${conditions.where} order by ${by} limit ${wish.limit + 1}`,
    values: conditions.values,
  };
}

/** The tokens of one tag lie in the order of their records' ids. */
function taggedList(resource: Resource, shown: string, wish: ListWish): Statement {
  const conditions = new Conditions();
  const token = conditions.put(tagToken(wish.tag ?? ""));
  conditions.texts.push(isArchived(wish), ...filtersOf(resource, wish, conditions));
  const { by, after } = orderOf(wish, conditions);
  const tokens = [`k.token = ${token}`, ...after.map((text) => text.replace("r.id", "k.record_id"))];
  return {
    text: `select ${shown} from ${resource.relation}_token k ${recordOf(resource, conditions.texts)}
where ${tokens.join(" and ")} order by ${by.replace("r.id", "k.record_id")} limit ${wish.limit + 1}`,
    values: conditions.values,
  };
}

/** Looks up the record of one token after another: OFFSET keeps the planner from reading all records to join them. */
function recordOf(resource: Resource, conditions: readonly string[]): string {
  return `cross join lateral (select r.* from ${resource.relation} r where r.id = k.record_id and ${conditions.join(" and ")} offset 0) r`;
}

/**
 * Filtered in another order than the filter's index has. Few are sorted; many lie so close in the order's index that
 * walking it finds a page soon. Which of the two it is, is counted first, up to the limit; the other is then not run.
 * A CASE keeps the index of the filter out of it, and the planner from expecting that next to nothing fits.
 */
function narrowedList(resource: Resource, shown: string, wish: ListWish): Statement {
  const conditions = new Conditions();
  const { relation } = resource;
  const live = isArchived(wish);
  const filters = filtersOf(resource, wish, conditions);
  const token = wish.tag === null ? null : conditions.put(tagToken(wish.tag));
  const { by, key, after } = orderOf(wish, conditions);
  const tag = token === null ? [] : [hasTag(resource, token, "r.id")];
  // Of the archive, only the order by id has an index to walk: the one of all records.
  const walksAll = wish.archived && key === "";
  const walked = [...(walksAll ? [] : [live]), ...after];
  const judged = [...(walksAll ? [live] : []), ...filters, ...tag];
  const page = `order by ${by} limit ${wish.limit + 1}`;
  return {
    text: `with few as materialized (${narrow(resource, [live, ...filters], token)} limit ${fewMax + 1})
select ${shown}${key} from (
  (select r.* from few k ${recordOf(resource, [live, ...filters, ...after])} where (select count(*) from few) <= ${fewMax} ${page})
  union all
  (select r.* from ${relation} r where (select count(*) from few) > ${fewMax}
     and ${[...walked, `case when ${judged.join(" and ") || "true"} then true else false end`].join(" and ")} ${page})
) r ${page}`,
    values: conditions.values,
  };
}

/** The ids that a filter leaves, off the filter's own index. */
function narrow(resource: Resource, filters: readonly string[], token: string | null): string {
  return token === null
    ? `select r.id as record_id from ${resource.relation} r where ${filters.join(" and ")}`
    : `select k.record_id from ${resource.relation}_token k where k.token = ${token}`;
}

/**
 * A range scan over search tokens. A record that has several matching tokens is shown at the first of them only, which is
 * worked out again from its own columns: no second index is needed for that.
 */
function searchList(resource: Resource, shown: string, wish: ListWish): Statement {
  const conditions = new Conditions();
  conditions.texts.push(isArchived(wish), ...filtersOf(resource, wish, conditions));
  const [low, high] = tokenRange(wish.q ?? "");
  if (!searchable(resource) || low === "") conditions.texts.push("false");
  const [from, to] = [conditions.put(low), conditions.put(high)];
  const tokens = [`k.token >= ${from} and k.token < ${to}`];
  const cursor = parseCursor(wish.after);
  if (cursor !== null) {
    tokens.push(
      `(k.token, k.record_id) > (${conditions.put(cursor[0])}, ${conditions.put(cursor[1])}::uuid)`,
    );
  }
  if (wish.tag !== null) tokens.push(hasTag(resource, conditions.put(tagToken(wish.tag)), "k.record_id"));
  conditions.texts.push(
    `k.token = (select min(own collate "C") from unnest(kernel.search_tokens(${tokenArguments(resource, "r")})) own where own collate "C" >= ${from} and own collate "C" < ${to})`,
  );
  return {
    text: `select ${shown}, k.token as "sortKey" from ${resource.relation}_token k ${recordOf(resource, conditions.texts)}
where ${tokens.join(" and ")} order by k.token, k.record_id limit ${wish.limit + 1}`,
    values: conditions.values,
  };
}

/** How many there are, and not which: a search counts each record once, however many of its tokens fit. */
export function countOf(resource: Resource, wish: ListWish): Statement {
  const conditions = new Conditions();
  conditions.texts.push(isArchived(wish), ...filtersOf(resource, wish, conditions));
  const having = (condition: string): string =>
    `r.id in (select k.record_id from ${resource.relation}_token k where ${condition})`;
  if (wish.tag !== null) conditions.texts.push(having(`k.token = ${conditions.put(tagToken(wish.tag))}`));
  if (wish.q !== null) {
    const [low, high] = tokenRange(wish.q);
    conditions.texts.push(having(`k.token >= ${conditions.put(low)} and k.token < ${conditions.put(high)}`));
  }
  return {
    text: `select count(*)::integer as count from ${resource.relation} r where ${conditions.where}`,
    values: conditions.values,
  };
}

/** The cursor that follows a row of a list. */
export function cursorAfter(row: Record<string, unknown>, wish: ListWish): string {
  const key = wish.q === null && wish.sort.endsWith("createdAt") ? "" : sortKeyOf(row);
  return Buffer.from(JSON.stringify([key, row["id"]])).toString("base64url");
}

function sortKeyOf({ sortKey }: Readonly<Record<string, unknown>>): string {
  return typeof sortKey === "string" ? sortKey : "";
}

/**
 * What a cursor says: it names a place in the list, never a right. Anything else than what we gave out is refused, since
 * starting from the beginning would have a program that pages through all of it do so for ever.
 */
function parseCursor(after: string | null): readonly [string, string] | null {
  if (after === null) return null;
  const [key, id] = cursorParts(after);
  if (typeof key === "string" && typeof id === "string" && /^[0-9a-f-]{36}$/.test(id)) return [key, id];
  throw new Problem("not-valid", {
    errors: [{ pointer: "after", detail: "is no cursor that a list of this kind gave out" }],
  });
}

function cursorParts(after: string): unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(after, "base64url").toString("utf8"));
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}
