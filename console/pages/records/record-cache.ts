import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { Page } from "../../api/page.ts";
import type { AnyRecord, Kind } from "../../api/records.ts";

type Lists = InfiniteData<Page<AnyRecord>, string | undefined>;

/** Shows a record everywhere as given, at once: in every loaded list and in the panel. */
export function showRecord(queryClient: QueryClient, slug: string, kind: Kind, record: AnyRecord): void {
  queryClient.setQueryData([slug, kind, "one", record.id], record);
  queryClient.setQueriesData<Lists>({ queryKey: [slug, kind, "list"] }, (lists) =>
    withRows(lists, (rows) => rows.map((row) => (row.id === record.id ? record : row))),
  );
}

/** Takes records out of every loaded list, without waiting for the server. */
export function hideRecords(
  queryClient: QueryClient,
  slug: string,
  kind: Kind,
  ids: readonly string[],
): void {
  queryClient.setQueriesData<Lists>({ queryKey: [slug, kind, "list"] }, (lists) =>
    withRows(lists, (rows) => rows.filter((row) => !ids.includes(row.id))),
  );
}

/** Asks the server again for everything that shows these records. */
export async function refreshRecords(queryClient: QueryClient, slug: string, kind: Kind): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: [slug, kind] });
}

function withRows(
  lists: Lists | undefined,
  change: (rows: readonly AnyRecord[]) => readonly AnyRecord[],
): Lists | undefined {
  if (lists === undefined) return undefined;
  return { ...lists, pages: lists.pages.map((page) => ({ ...page, items: change(page.items) })) };
}
