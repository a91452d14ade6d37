import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { asProblem } from "../../api/problem-error.ts";
import { Bones } from "../../parts/bones.tsx";
import { ProblemState } from "../../parts/problem-state.tsx";
import { Door } from "./door.tsx";
import { hashToken } from "./hash-token.ts";
import { useHashToken } from "./use-hash-token.ts";

interface Props<T> {
  /** What the link is for, in the cache and in words. */
  readonly name: string;
  readonly title: string;
  /** Where the token stands, if not in the fragment alone. */
  readonly read?: () => string;
  readonly lookUp: (token: string) => Promise<T>;
  /** What to show for a link that is used up, ran out or was cut short; the server may have said more. */
  readonly lost: (detail: string | undefined) => ReactNode;
  readonly children: (found: T, token: string) => ReactNode;
}

/** The screen behind a one-time link: what it is for, before anything of it is used up. */
export function LinkLookup<T>({
  name,
  title,
  read = hashToken,
  lookUp,
  lost,
  children,
}: Props<T>): ReactNode {
  const token = useHashToken(read);
  const { data, error, refetch } = useQuery({
    queryKey: [name, token],
    queryFn: () => lookUp(token),
    enabled: token !== "",
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (token === "") return lost(undefined);
  if (error !== null) {
    const { status, detail } = asProblem(error);
    // Without an answer, or with one about too many or a fault of ours, the link may be as good as ever.
    if (status >= 400 && status < 429) return lost(detail);
    return (
      <Door title={title}>
        <ProblemState error={error} retry={() => void refetch()} />
      </Door>
    );
  }
  if (data === undefined) {
    return (
      <Door title={title} lead="Looking up what this link is for.">
        <Bones lines={3} />
      </Door>
    );
  }
  return children(data, token);
}
