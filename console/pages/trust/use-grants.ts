import { useInfiniteQuery, type UseInfiniteQueryResult } from "@tanstack/react-query";
import { fetchGrants, type SupportGrant } from "../../api/support.ts";
import { useHere } from "../../frame/here.tsx";

export interface Grants {
  /** Undefined until the first answer. */
  readonly items: readonly SupportGrant[] | undefined;
  readonly list: Pick<
    UseInfiniteQueryResult,
    "error" | "hasNextPage" | "isFetchingNextPage" | "fetchNextPage" | "refetch"
  >;
}

/** Everything under this key shows who of the platform's staff may come in. */
export const grantsKey = (slug: string): readonly string[] => [slug, "support-grants"];

/** Who may come in by the organization's consent, or without it; asked again while the page is in sight, since others ask and end. */
export function useGrants(emergency: boolean): Grants {
  const { slug } = useHere();
  const list = useInfiniteQuery({
    queryKey: [...grantsKey(slug), emergency],
    queryFn: ({ pageParam }) => fetchGrants(slug, emergency, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    staleTime: 0,
    refetchInterval: 20_000,
  });
  return { items: list.data?.pages.flatMap((page) => page.items), list };
}
