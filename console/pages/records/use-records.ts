import {
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
  type QueryClient,
} from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { fetchMembers, type Member } from "../../api/members.ts";
import { fetchFields } from "../../api/organization.ts";
import type { Page } from "../../api/page.ts";
import { countRecords, fetchRecord, fetchRecords, type AnyRecord, type Kind } from "../../api/records.ts";
import { useHere } from "../../frame/here.tsx";
import { filterQuery, type RecordsSearch } from "./records-search.ts";
import type { FieldSpec, RecordSpec } from "./record-spec.ts";

const pageSize = 100;

/** The records under the filters of the address, page after page, and their exact number. */
export function useRecords(kind: Kind, search: RecordsSearch) {
  const { slug } = useHere();
  const filters = filterQuery(search);
  const sort = search.sort ?? (search.q === undefined ? "-createdAt" : undefined);
  const list = useInfiniteQuery({
    queryKey: [slug, kind, "list", filters, sort],
    queryFn: ({ pageParam, signal }) =>
      fetchRecords<Kind>(slug, kind, { ...filters, sort, limit: pageSize, after: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  });
  const count = useQuery({
    queryKey: [slug, kind, "count", filters],
    queryFn: ({ signal }) => countRecords(slug, kind, filters, signal),
    placeholderData: keepPreviousData,
  });
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const { hasNextPage, isFetching, fetchNextPage } = list;
  const more = useCallback(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  return { list, rows, more, total: count.data?.count };
}

/** One record; taken from the loaded list at first, so that the panel opens without a pause. */
export function useRecord(kind: Kind, id: string) {
  const { slug } = useHere();
  const queryClient = useQueryClient();
  return useQuery<AnyRecord>({
    queryKey: [slug, kind, "one", id],
    queryFn: () => fetchRecord(slug, kind, id),
    placeholderData: () => listed(queryClient, slug, kind, id),
  });
}

/** The members by id, for owner names and choices; an empty list where the person may not see members. */
export function useMembers(): readonly Member[] {
  const { slug, may } = useHere();
  const { data } = useQuery({
    queryKey: [slug, "members"],
    queryFn: () => fetchMembers(slug),
    enabled: may("member.read"),
    staleTime: 60_000,
  });
  return data?.items ?? nobody;
}

/** All fields of a kind of record: the declared ones and the organization's own. */
export function useFields(spec: RecordSpec): readonly FieldSpec[] {
  const { slug, may } = useHere();
  const { data } = useQuery({
    queryKey: [slug, "fields"],
    queryFn: () => fetchFields(slug),
    enabled: may("own_field.read"),
    staleTime: 60_000,
  });
  return useMemo(() => {
    const own = (data?.items ?? []).filter((field) => field.of === spec.resource);
    return [
      ...spec.fields,
      ...own.map((field): FieldSpec => ({
        key: `custom.${field.key}`,
        label: field.label,
        kind: field.type,
        group: "Own fields",
        options: field.options,
      })),
    ];
  }, [data, spec]);
}

const nobody: readonly Member[] = [];

function listed(queryClient: QueryClient, slug: string, kind: Kind, id: string): AnyRecord | undefined {
  const lists = queryClient.getQueriesData<{ pages?: readonly Page<AnyRecord>[] }>({
    queryKey: [slug, kind, "list"],
  });
  for (const [, data] of lists) {
    const found = data?.pages?.flatMap((page) => page.items).find((record) => record.id === id);
    if (found !== undefined) return found;
  }
  return undefined;
}
