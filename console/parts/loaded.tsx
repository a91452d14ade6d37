import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { Bones } from "./bones.tsx";
import { FormProblem } from "./form-problem.tsx";

interface Props<T> {
  readonly query: {
    readonly data: T | undefined;
    readonly error: unknown;
    readonly refetch: () => Promise<unknown>;
  };
  /** How many lines to expect. */
  readonly lines?: number;
  readonly children: (data: T) => ReactNode;
}

/** What a query brought to a part of a screen; until then its shape, and where it failed why. What was there before a failure stays. */
export function Loaded<T>({ query: { data, error, refetch }, lines = 3, children }: Props<T>): ReactNode {
  if (data === undefined && error === null) return <Bones lines={lines} />;
  return (
    <>
      <FormProblem error={error} />
      {data === undefined ? (
        <Button variant="default" size="compact-sm" mb="sm" onClick={() => void refetch()}>
          Try again
        </Button>
      ) : (
        children(data)
      )}
    </>
  );
}
