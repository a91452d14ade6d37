import { MutationCache, QueryCache, QueryClient, queryOptions } from "@tanstack/react-query";
import { fetchMe } from "../api/auth.ts";
import { asProblem, isProblem } from "../api/problem-error.ts";

/** Who is signed in. Asked again every 20 seconds while the page is visible: a revoked session must show itself. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => fetchMe(signal),
  staleTime: 10_000,
});

/** The page's store of answers; `onSignedOut` runs whenever any door says that the session is gone. */
export function newQueryClient(onSignedOut: () => void): QueryClient {
  const onError = (error: unknown): void => {
    if (isProblem(error, "not-signed-in")) onSignedOut();
  };
  const queryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({
      onError: (error) => {
        onError(error);
        // Whoever saves once more does it knowing, and so on top of what is there now.
        if (isProblem(error, "version-conflict")) void queryClient.invalidateQueries();
      },
    }),
    defaultOptions: {
      queries: { staleTime: 15_000, retry: worthAnotherTry, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
  });
  return queryClient;
}

function worthAnotherTry(failures: number, error: unknown): boolean {
  const { key } = asProblem(error);
  return failures < 2 && (key === "no-connection" || key === "busy");
}
