import "./state.css";
import { Button } from "@mantine/core";
import { IconAlertTriangle, IconLock, IconPlugConnectedX } from "@tabler/icons-react";
import { lazy, Suspense, type ReactNode } from "react";
import { asProblem, type ProblemError } from "../api/problem-error.ts";
import { useIsHere } from "../frame/here.tsx";
import { CopyButton } from "./copy-button.tsx";

const WayIn = lazy(() => import("../frame/way-in.tsx"));

/** Refusals that have a way in beside them; the address and the role of somebody are not theirs to change. */
const openable: ReadonlySet<string> = new Set([
  "second-factor-needed",
  "single-sign-on-needed",
  "sign-in-again",
  "another-way-needed",
]);

/** Why a screen could not be shown: in words, with the code and the request id to copy, and a way to try again. */
export function ProblemState({
  error,
  retry,
}: {
  readonly error: unknown;
  readonly retry?: () => void;
}): ReactNode {
  const problem = asProblem(error);
  return (
    <div className="rf-state" role="alert">
      <span className="rf-state__icon" aria-hidden>
        {iconOf(problem)}
      </span>
      <h2 className="rf-state__title">{problem.message}</h2>
      {problem.detail !== undefined && <p className="rf-state__body">{problem.detail}</p>}
      <TheWayIn problem={problem} />
      {retry !== undefined && problem.key !== "not-allowed" && (
        <div className="rf-state__acts">
          <Button variant="default" onClick={retry}>
            Try again
          </Button>
        </div>
      )}
      <ProblemCode problem={problem} />
    </div>
  );
}

/** What to do about an organization that does not let this session in; nothing for other problems, and outside of organizations. */
export function TheWayIn({ problem }: { readonly problem: ProblemError }): ReactNode {
  const inside = useIsHere();
  if (!inside || !openable.has(problem.key)) return null;
  return (
    <Suspense fallback={null}>
      <WayIn problem={problem} />
    </Suspense>
  );
}

/** The problem's stable code and request id, to hand to whoever runs the system. */
export function ProblemCode({ problem }: { readonly problem: ProblemError }): ReactNode {
  const text = problem.requestId === undefined ? problem.key : `${problem.key} · ${problem.requestId}`;
  return (
    <span className="rf-state__code">
      {text}
      <CopyButton text={text} what="the code and request id" />
    </span>
  );
}

function iconOf(problem: ProblemError): ReactNode {
  if (problem.key === "no-connection") return <IconPlugConnectedX size={22} />;
  return problem.status === 403 ? <IconLock size={22} /> : <IconAlertTriangle size={22} />;
}
