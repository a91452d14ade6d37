import type { ReactNode } from "react";
import type { ImportReport } from "../../api/imports.ts";
import { useHere } from "../../frame/here.tsx";

/** Why rows are refused or changed, most frequent first. */
export function Reasons({ report }: { readonly report: ImportReport }): ReactNode {
  const { formats } = useHere();
  const problems = report.problems ?? [];
  if (problems.length === 0) return null;
  return (
    <ul className="rf-card" style={{ marginBottom: 16 }}>
      {problems.map((problem) => (
        <li key={problem.reason} className="rf-card__row">
          <span className="rf-grow">{problem.reason}</span>
          <span className="rf-num rf-dim">{formats.number(problem.count)} rows</span>
        </li>
      ))}
    </ul>
  );
}
