import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { fetchSupportPolicy, type SupportPolicy } from "../../api/support.ts";
import { useHere } from "../../frame/here.tsx";

/** Whether anybody may come in without consent, and what a grant may name; asked again while it is in sight, since the installation may say otherwise. */
export function useSupportPolicy(): UseQueryResult<SupportPolicy> {
  const { slug } = useHere();
  return useQuery({
    queryKey: [slug, "support-policy"],
    queryFn: () => fetchSupportPolicy(slug),
    refetchInterval: 20_000,
  });
}
