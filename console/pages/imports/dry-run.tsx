import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { importErrorsPath, type ImportReport } from "../../api/imports.ts";
import { useHere } from "../../frame/here.tsx";
import type { StepProps } from "./import-page.tsx";
import { ImportMapping } from "./import-mapping.tsx";
import { Tally } from "./tally.tsx";
import { useState } from "react";

/** What would happen: nothing has been written yet, and the mapping can still be changed. */
export function DryRun(props: StepProps): ReactNode {
  const { one, busy, onAct } = props;
  const { slug } = useHere();
  const [again, setAgain] = useState(false);
  if (again) return <ImportMapping {...props} />;
  const report = one.report ?? {};
  const refused = report.fail ?? one.failed;
  return (
    <>
      <p className="rf-lead">This is a dry run. Nothing has been written.</p>
      <Tally
        counts={[
          ["Would be added", report.create ?? one.created],
          ["Would be updated", report.update ?? one.updated],
          ["Would be left as is", report.skip ?? one.skipped],
          ["Would be refused", refused],
        ]}
      />
      <Reasons report={report} />
      {refused > 0 && (
        <p>
          <a href={importErrorsPath(slug, one.id)} download>
            Download the refused rows with their reasons
          </a>
        </p>
      )}
      <div className="rf-import__foot">
        <Button variant="default" onClick={() => onAct("cancel")}>
          Cancel the import
        </Button>
        <Button variant="default" onClick={() => setAgain(true)}>
          Change the mapping
        </Button>
        <Button loading={busy} onClick={() => onAct("start")}>
          Start the import
        </Button>
      </div>
    </>
  );
}

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
