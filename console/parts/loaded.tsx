import type { ReactNode } from "react";
import { Bones } from "./bones.tsx";
import { FormProblem } from "./form-problem.tsx";
import { ProblemState } from "./problem-state.tsx";

interface Props<T> {
  readonly query: { readonly data: T | undefined; readonly error: unknown; refetch(): Promise<unknown> };
  /** How many lines to expect. */
  readonly lines?: number;
  readonly children: (data: T) => ReactNode;
}

/** What a query brought; until then its shape, and where it failed why. What was there before a failure stays. */
export function Loaded<T>({ query: { data, error, refetch }, lines = 3, children }: Props<T>): ReactNode {
  if (data !== undefined) {
    return (
      <>
        <FormProblem error={error} />
        {children(data)}
      </>
    );
  }
  return error === null ? (
    <Bones lines={lines} />
  ) : (
    <ProblemState error={error} retry={() => void refetch()} />
  );
}
