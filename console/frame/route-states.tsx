import { IconMapPinOff } from "@tabler/icons-react";
import { Link, useRouter, type ErrorComponentProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ProblemError } from "../api/problem-error.ts";
import { EmptyState } from "../parts/empty-state.tsx";
import { ProblemState } from "../parts/problem-state.tsx";

/** An address that leads nowhere, or nowhere for this person: the same words for both, as the server does. */
export function Nowhere(): ReactNode {
  return (
    <main>
      <NowhereInside />
    </main>
  );
}

/** The same inside of an organization's frame, which has a main part already. */
export function NowhereInside(): ReactNode {
  const back = <Link to="/">To your first page</Link>;
  return (
    <EmptyState level={1} icon={<IconMapPinOff size={22} />} title="There is nothing here" acts={back}>
      Either this address does not exist, or it belongs to an organization that you are not a member of.
    </EmptyState>
  );
}

/** A screen that failed while it was loading or drawing. */
export function RouteProblem({ error, reset }: ErrorComponentProps): ReactNode {
  const router = useRouter();
  if (isMissingPart(error))
    return <ProblemState error={missingPart} retry={() => window.location.reload()} />;
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

const missingPart = new ProblemError("no-connection", "This part of the console could not be loaded", {
  detail: "The connection is gone, or a newer version is there. Load the page again.",
});

/** What browsers say when a script is not there: the server is away, or has been updated since the page was opened. */
function isMissingPart(error: unknown): boolean {
  return (
    error instanceof Error && /dynamically imported module|module script|preload CSS/iu.test(error.message)
  );
}
