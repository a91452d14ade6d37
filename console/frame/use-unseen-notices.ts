import { queryOptions, useQuery } from "@tanstack/react-query";
import { fetchNotices } from "../api/notices.ts";

/** How many notices the person has not looked at. Asked for now and then, since nothing of it is urgent: what is goes by mail. */
export const unseenNotices = queryOptions({
  queryKey: ["notices", "unseen"],
  queryFn: async () => (await fetchNotices(1)).unseen,
  staleTime: 60_000,
  retry: false,
});

/** How many notices the person has not looked at; none until it is known. */
export function useUnseenNotices(): number {
  return useQuery({ ...unseenNotices, refetchInterval: 120_000 }).data ?? 0;
}
