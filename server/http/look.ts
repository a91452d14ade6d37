import type { RouteBase } from "./route.ts";

type Look = (
  params: Readonly<Record<string, string | undefined>>,
  query: Readonly<Record<string, unknown>>,
) => string;

/** Parts of a query that say how much is shown, and not of what. */
const paging = new Set(["limit", "after", "sort"]);

/**
 * Says what requests of this door look at, for the trail of the organization in which one of the platform's staff asks: the declared
 * address, the names in its query and the record that the address names, such as `GET /contacts?q` and `GET /contacts/:id 0198…`.
 *
 * No value of a query is among it: what somebody searches for is personal data. `kernel.write_look` takes it apart again.
 */
export function looksThrough({ method, path }: Pick<RouteBase, "method" | "path">): Look {
  const door = `${method} ${path}`;
  const record = /:([A-Za-z]*[iI]d)\b/.exec(path)?.[1];
  return (params, query) => {
    const names = Object.keys(query).filter(
      (name) => query[name] !== undefined && query[name] !== "" && !paging.has(name),
    );
    const asked = names.length === 0 ? door : `${door}?${names.toSorted().join("&")}`;
    const id = record === undefined ? undefined : params[record];
    return id === undefined ? asked : `${asked} ${id.toLowerCase()}`;
  };
}
