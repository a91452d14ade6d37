import { useQuery } from "@tanstack/react-query";
import { fetchEntrance, type Entrance } from "../api/entrance.ts";

/** What is left to do for somebody who stands outside of an organization of theirs; undefined until it is known. */
export function useEntrance(organization: string): {
  readonly data: Entrance | undefined;
  readonly error: unknown;
} {
  return useQuery({ queryKey: ["entrance", organization], queryFn: () => fetchEntrance(organization) });
}
