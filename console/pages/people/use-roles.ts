import { useQuery } from "@tanstack/react-query";
import { fetchRoles, type Permission, type Role, type Roles } from "../../api/members.ts";
import { useHere } from "../../frame/here.tsx";

/** The organization's roles; empty until they are known. */
export function useRoles(): readonly Role[] {
  return useCatalogue()?.items ?? [];
}

/** Every permission with a sentence for people; empty until they are known. */
export function usePermissions(): readonly Permission[] {
  return useCatalogue()?.permissions ?? [];
}

function useCatalogue(): Roles | undefined {
  const { slug } = useHere();
  return useQuery({
    queryKey: [slug, "roles"],
    queryFn: () => fetchRoles(slug),
    staleTime: 60_000,
  }).data;
}
