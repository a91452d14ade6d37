import type { Query } from "../../api/send.ts";

export const sorts = ["createdAt", "-createdAt", "name", "-name", "updatedAt", "-updatedAt"] as const;
export type Sort = (typeof sorts)[number];

/** What a list of records shows; all of it lives in the address. */
export interface RecordsSearch {
  readonly q?: string;
  readonly stage?: string;
  readonly ownerId?: string;
  readonly accountId?: string;
  readonly source?: string;
  readonly tag?: string;
  readonly archived?: boolean;
  readonly sort?: Sort;
  /** The record in the side panel. */
  readonly open?: string;
  /** Whether the form for a new record is open. */
  readonly fresh?: boolean;
  readonly edit?: boolean;
}

const texts = ["q", "stage", "ownerId", "accountId", "source", "tag", "open"] as const;
const switches = ["archived", "fresh", "edit"] as const;

/** Reads an address; what it does not know it leaves out, so that an old or mangled link still opens the list. */
export function recordsSearch(raw: Record<string, unknown>): RecordsSearch {
  const search: Record<string, unknown> = {};
  for (const name of texts) {
    const value = raw[name];
    if ((typeof value === "string" && value !== "") || typeof value === "number")
      search[name] = String(value);
  }
  for (const name of switches) if (raw[name] === true) search[name] = true;
  const sort = sorts.find((known) => known === raw["sort"]);
  return sort === undefined ? search : { ...search, sort };
}

/** The part of the address that the server filters by. */
export function filterQuery({ q, stage, ownerId, accountId, source, tag, archived }: RecordsSearch): Query {
  return { q, stage, ownerId, accountId, source, tag, archived: archived === true ? true : undefined };
}

/** How many filters are set, beside the search box. */
export function filterCount({ stage, ownerId, accountId, source, tag, archived }: RecordsSearch): number {
  return [stage, ownerId, accountId, source, tag, archived].filter((value) => value !== undefined).length;
}

/** The sort after pressing a column's head: up, down, then the default again. */
export function nextSort(
  column: "name" | "createdAt" | "updatedAt",
  now: Sort | undefined,
): Sort | undefined {
  if (now === column) return `-${column}`;
  return now === `-${column}` ? undefined : column;
}

/** Whether a change of the address is a step that "back" should undo: opening something, not typing a search. */
export function isStep(change: Partial<Record<keyof RecordsSearch, unknown>>): boolean {
  return !("q" in change) && !("sort" in change);
}
