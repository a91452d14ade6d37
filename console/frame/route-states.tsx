import { IconMapPinOff } from "@tabler/icons-react";
import { Link, useRouter, type ErrorComponentProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { EmptyState } from "../parts/empty-state.tsx";
import { ProblemState } from "../parts/problem-state.tsx";

/** An address that leads nowhere, or nowhere for this person: the same words for both, as the server does. */
export function Nowhere(): ReactNode {
  return (
    <EmptyState
      icon={<IconMapPinOff size={22} />}
      title="There is nothing here"
      acts={<Link to="/">To your first page</Link>}
    >
      Either this address does not exist, or it belongs to an organization that you are not a member of.
    </EmptyState>
  );
}

/** A screen that failed while it was loading or drawing. */
export function RouteProblem({ error, reset }: ErrorComponentProps): ReactNode {
  const router = useRouter();
  return (
    <ProblemState
      error={error}
      retry={() => {
        reset();
        void router.invalidate();
      }}
    />
  );
}
