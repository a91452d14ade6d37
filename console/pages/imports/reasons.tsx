import type { ReactNode } from "react";
import type { ImportReport } from "../../api/imports.ts";
import { useHere } from "../../frame/here.tsx";
import { Status } from "../../parts/status.tsx";

/** Why rows are refused or changed, most frequent first. */
export function Reasons({ report }: { readonly report: ImportReport }): ReactNode {
  const { formats } = useHere();
  const problems = report.problems ?? [];
  if (problems.length === 0) return null;
  return (
    <ul className="rf-card" style={{ marginBottom: 16 }}>
      {problems.map((problem) => (
        <li key={`${problem.severity}-${problem.reason}`} className="rf-card__row">
          <Status tone={problem.severity === "warning" ? "warn" : "bad"}>
            {problem.severity === "warning" ? "Changed" : "Refused"}
          </Status>
          <span className="rf-grow">{problem.reason}</span>
          {problem.row !== undefined && (
            <span className="rf-dim rf-small">first in row {formats.number(problem.row)}</span>
          )}
          <span className="rf-num rf-dim">
            {formats.number(problem.count)} {problem.count === 1 ? "time" : "times"}
          </span>
        </li>
      ))}
    </ul>
  );
}
