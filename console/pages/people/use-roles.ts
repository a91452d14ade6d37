import { useQuery } from "@tanstack/react-query";
import { fetchRoles, type Role } from "../../api/members.ts";
import { useHere } from "../../frame/here.tsx";

/** The organization's roles; empty until they are known. */
export function useRoles(): readonly Role[] {
  const { slug } = useHere();
  const { data } = useQuery({
    queryKey: [slug, "roles"],
    queryFn: () => fetchRoles(slug),
    staleTime: 60_000,
  });
  return data?.items ?? none;
}

const none: readonly Role[] = [];
